//! `pipkin why`: the way from a program to a file, with the reason for each step.
//!
//! Of an image the layers are unpacked and its program looked at again, as if it had never been
//! packed. So this works for images of anybody's making, and says what of them nobody needs.

mod image;
mod unpack;

use std::io::Write as _;
use std::path::Path;

use pipkin_closure::{Closure, Reason, Root};

use crate::failure::Failure;
use crate::flags::{self, Story, Why};
use crate::input::Input;
use crate::progress::Progress;
use crate::scratch::Scratch;
use image::Image;

/// The user whose name a passwd file would have, which is no question here.
const USER: (u32, u32) = (65532, 65532);

/// Prints why the file is there.
///
/// # Errors
///
/// It is not; or there is no such program or image.
pub(crate) fn why(flags: &Why) -> Result<(), Failure> {
    let progress = Progress::start(Story { quiet: false, verbose: false });
    let subject = Subject::find(flags, &progress);
    progress.clear();
    let subject = subject?;
    let path = path_in(&subject.closure, &flags.path)?;
    let Some(path) = path else { return Err(subject.without(&flags.path)) };
    let text = chain(&subject.closure, &path);
    std::io::stdout()
        .write_all(text.as_bytes())
        .map_err(|error| Failure::io(Path::new("stdout"), error))
}

/// A line for each step from the program to `path`.
fn chain(closure: &Closure, path: &str) -> String {
    let mut chain = closure.why(path).unwrap_or_default();
    chain.reverse();
    let line = |(path, reason): (&str, &Reason)| format!("{path}  {reason}\n");
    chain.into_iter().map(line).collect()
}

/// What is asked about.
struct Subject {
    closure: Closure,
    /// The unpacked layers of an image.
    root: Option<Scratch>,
}

impl Subject {
    fn find(flags: &Why, progress: &Progress) -> Result<Self, Failure> {
        let Some(image) = Image::find(&flags.input)? else {
            let root = flags.closure.root.as_deref();
            let program = match Input::find(&flags.input, None, root)? {
                Input::Program(program) => program,
                other => return Err(no_program(&flags.input, other.what())),
            };
            return Ok(Self { closure: program.closure(&flags.closure, USER)?, root: None });
        };
        if flags.closure.root.is_some() {
            return Err(Failure::usage("--root is for a program, and this is an image")
                .help("leave it out: the root of an image is in it"));
        }
        let root = Scratch::new()?;
        image.unpack(root.path(), progress)?;
        let program = image.program(root.path())?;
        let settings = flags::Closure {
            root: Some(root.path().into()),
            allow_setuid: true,
            ..flags.closure.clone()
        };
        Ok(Self { closure: program.closure(&settings, USER)?, root: Some(root) })
    }

    /// What to say of a path that nobody asks for.
    fn without(&self, path: &str) -> Failure {
        let (program, is_path) = (&self.closure.program, path.starts_with('/'));
        if let Some(left) = self.closure.left.iter().find(|left| is_end(&left.name, path)) {
            return Failure::new(format!(
                "{} is left out, {}: {}",
                left.name, left.reason, left.because
            ))
            .help("--include PATH takes it along all the same");
        }
        let Some(root) = &self.root else {
            return Failure::new(format!(
                "{program} does not need {path}, as far as reading tells"
            ))
            .help("--trace finds what it opens when it runs, --include takes along what you name");
        };
        if is_path && Root::new(root.path()).find(path).is_ok() {
            Failure::new(format!("nobody asks for {path}, as far as reading {program} tells")).help(
                "it may have been traced or included, or is of use to another program, or to none",
            )
        } else {
            Failure::new(format!("there is no {path} in the image, and {program} does not need it"))
                .help("give the path of a file as it is in the image, or the end of one")
        }
    }
}

/// The path of the closure that is meant by `typed`: it may have links in it, or be only the end of
/// a path.
fn path_in(closure: &Closure, typed: &str) -> Result<Option<String>, Failure> {
    if typed.is_empty() {
        return Err(Failure::usage("the path is empty").help("pipkin why INPUT PATH"));
    }
    if closure.entries.contains_key(typed) {
        return Ok(Some(typed.into()));
    }
    if typed.starts_with('/')
        && let Some(path) = closure.real_path(typed)
        && closure.entries.contains_key(&path)
    {
        return Ok(Some(path));
    }
    let ends: Vec<&String> = closure.entries.keys().filter(|path| is_end(path, typed)).collect();
    match ends[..] {
        [path] => Ok(Some(path.clone())),
        [] => in_folder(closure, typed),
        [..] => Err(Failure::usage(format!("{} paths end with {typed}", ends.len()))
            .help(format!("name one of them: {}", some(&ends)))),
    }
}

/// Nothing, if `typed` is not a folder of files that are kept.
fn in_folder(closure: &Closure, typed: &str) -> Result<Option<String>, Failure> {
    let folder = format!("{}/", typed.trim_end_matches('/'));
    let inside: Vec<&String> =
        closure.entries.keys().filter(|path| path.starts_with(&folder)).collect();
    if inside.is_empty() {
        return Ok(None);
    }
    Err(Failure::usage(format!("{typed} is a folder, and files have reasons"))
        .help(format!("name one of them: {}", some(&inside))))
}

/// As many as a line holds.
fn some(paths: &[&String]) -> String {
    const SHOWN_MAX: usize = 5;
    let shown: Vec<&str> = paths.iter().take(SHOWN_MAX).map(|path| path.as_str()).collect();
    let more = if paths.len() > SHOWN_MAX { ", ..." } else { "" };
    shown.join(", ") + more
}

/// Whether `path` is `end`, or ends with that after a slash.
fn is_end(path: &str, end: &str) -> bool {
    path.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

fn no_program(path: &Path, what: &str) -> Failure {
    Failure::usage(format!("pipkin why is for programs, and {} is a {what}", path.display()))
        .help("its image has one file, the server; name a program, or an image of one")
}

#[cfg(test)]
mod tests;
