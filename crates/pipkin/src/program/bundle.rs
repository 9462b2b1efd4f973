//! A bundle: a folder with a program and all that it needs, which runs on any Linux of its
//! architecture, wherever it lies.
//!
//! ```text
//! jq/
//!   jq                       -> rootfs/usr/bin/jq
//!   rootfs/usr/bin/jq        a launcher, with the recipe for this program behind it
//!   rootfs/usr/bin/.jq       the program
//!   rootfs/usr/lib/...       the rest of the closure, at its own paths; links are relative here
//! ```
//!
//! The launcher loads the dynamic linker of the closure into its own process, and that loads the
//! program, from its path in the bundle, with the libraries of the bundle:
//!
//! ```text
//! ld-linux-x86-64.so.2 --inhibit-cache --library-path FOLDERS --argv0 NAME rootfs/usr/bin/.jq ARGS...
//! ```
//!
//! No other program is executed, so the process is what it was: `ps` and `/proc/PID/comm` have the
//! name by which it was started, its arguments are the user's, `/proc/self/exe` is the launcher, by
//! which programs find what lies beside them and start themselves again, and its exit status and
//! signals are its own. What is said to the dynamic linker is no variable of the environment, so
//! nothing that the program starts hears of it. How the launcher finds its place and loads what:
//! `pipkin-server/src/launcher.rs`. The recipe: `pipkin-format/src/launch.rs`.
//!
//! Every program of the closure that has an interpreter (`PT_INTERP`) gets a launcher, those that the
//! first one starts as well. A static program stays as it is. For a script, the file at the top is a
//! launcher that executes its interpreter's with the script, which stays at its path, for an argument;
//! the kernel would do the same, but look for the interpreter on the machine. So it does for scripts
//! that a program of the bundle starts.
//!
//! Of the machine are: devices, `/tmp`, users, hosts, the time zone, configuration in `/etc`. Files
//! that were made for an image are left out, since nothing would read them. What has to be told where
//! data of the bundle is: see [`variables`]. What of files is changed, and why: see [`edit`].

mod edit;
mod file;
mod gconv;
mod link;
mod recipe;
mod variables;

use pipkin_closure::{Body as Found, Closure};
use pipkin_image::Platform;

use self::edit::Edits;
use self::file::Elf;
use self::recipe::Recipes;
use super::{LINK_MODE, MADE_MODE};
use crate::failure::Failure;
use crate::original::Original;
use crate::stub;
use crate::tree::{Body, Entry, Tree};

/// The folder that has the closure, in the bundle's.
const ROOT: &str = "rootfs";

/// Permissions of a launcher. Nobody executes what it loads.
const LAUNCHER_MODE: u32 = 0o755;
const LOADED_MODE: u32 = MADE_MODE;

/// The permissions that a file keeps: not those to run as somebody else.
const KEPT_MODE: u32 = 0o777;

/// The bundle of the program of `closure`, by whose name it goes, for `platform`.
///
/// # Errors
///
/// A file cannot be read, or has changed meanwhile; there is no launcher for the architecture; the
/// dynamic linker is of a kind that cannot be told where to look.
pub(crate) fn tree<'a>(closure: &'a Closure, platform: &Platform) -> Result<Tree<'a>, Failure> {
    let name = file_name(&closure.program);
    if name == ROOT {
        return Err(Failure::new(format!("the bundle of {name} would have two of that name"))
            .help("build it by a link to it that has another name"));
    }
    let elves = file::read_all(closure)?;
    let edits = Edits::new(&elves);
    let recipes = Recipes::new(closure, &elves, edits);
    let mut entries = vec![top(closure, name, &recipes)?];
    let mut add = |path: &str, mode, body| {
        entries.push(Entry { path: format!("{name}/{ROOT}{path}").into(), mode, body });
    };
    for (path, found) in &closure.entries {
        let elf = elves.get(path.as_str());
        if let Some(elf) = elf.filter(|elf| elf.is_started(closure)) {
            let launcher = launcher(closure, recipes.program(path, elf)?)?;
            add(path, LAUNCHER_MODE, Body::Bytes(launcher.into()));
            add(&beside(closure, path), LOADED_MODE, elf.body(edits)?);
        } else if let Some((mode, body)) = kept(path, &found.body, elf, edits)? {
            add(path, mode, body);
        }
    }
    gconv::texts(closure)?
        .into_iter()
        .for_each(|(path, text)| add(&path, MADE_MODE, Body::Bytes(text.into())));
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Tree::new(platform.clone(), entries, 0))
}

/// What is at the top, to be started: a link to the program, or the launcher of a script.
fn top(closure: &Closure, name: &str, recipes: &Recipes<'_>) -> Result<Entry<'static>, Failure> {
    let path = format!("{name}/{name}");
    if let [interpreter, arguments @ ..] = &closure.interpreter[..] {
        let recipe = recipes.script(name, interpreter, arguments)?;
        let body = Body::Bytes(launcher(closure, recipe)?.into());
        return Ok(Entry { path: path.into(), mode: LAUNCHER_MODE, body });
    }
    let body = Body::Link(format!("{ROOT}{}", closure.program).into());
    Ok(Entry { path: path.into(), mode: LINK_MODE, body })
}

/// Where a program lies whose launcher has its path: in the same folder, since it may look for its
/// libraries from there.
fn beside(closure: &Closure, path: &str) -> String {
    let (folder, name) = path.rsplit_once('/').unwrap_or_default();
    let mut path = format!("{folder}/.{name}");
    while closure.entries.contains_key(&path) {
        path.insert(folder.len() + 1, '.');
    }
    path
}

/// What is at the path of something that is no program with a launcher; none for what nothing would
/// read.
fn kept<'a>(
    path: &str,
    found: &'a Found,
    elf: Option<&Elf<'a>>,
    edits: Edits,
) -> Result<Option<(u32, Body<'a>)>, Failure> {
    Ok(match found {
        Found::File { source, mode, bytes } => {
            let body = match (elf, edit::environment(path, source)?) {
                (Some(elf), _) => elf.body(edits)?,
                (None, Some(content)) => Body::Bytes(content.into()),
                (None, None) => Body::Original(Original::find(source.as_path(), *bytes)?),
            };
            Some((mode & KEPT_MODE, body))
        }
        Found::Made(_) => None,
        Found::Link(target) => Some((LINK_MODE, Body::Link(link::relative(path, target).into()))),
        Found::Folder(mode) => Some((*mode, Body::Folder)),
    })
}

/// The launcher for the programs of `closure`, with `recipe` behind it.
fn launcher(closure: &Closure, recipe: Vec<u8>) -> Result<Vec<u8>, Failure> {
    let platform = super::platform(closure, &[])?;
    let launcher = stub::launcher(&platform).map_err(|(message, help)| {
        Failure::new(message).help(format!("{help}; or make an image: -o type=docker"))
    })?;
    let start = launcher.with_content(recipe.len() as u64);
    let start = start.map_err(|error| Failure::new(format!("cannot make a launcher: {error}")))?;
    Ok([start, recipe].concat())
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests;
