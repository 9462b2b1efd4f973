//! A program: a path comes in, the closure of what it needs comes out, and a tree of that.

pub(crate) mod bundle;
mod elf;
mod keep;
pub(crate) mod ledger;
mod lookup;
mod observe;
mod run;
mod strip;
mod trace;
mod trial;

use std::path::{Path, PathBuf};

use pipkin_closure::{Body as Found, Closure, Error, Kind, Left, PATH, Root, Settings, resolve};
use pipkin_image::Platform;

use crate::failure::Failure;
use crate::original::Original;
use crate::progress::Progress;
use crate::scratch::Scratch;
use crate::tree::{Body, Entry, Tree};
use crate::{flags, plan};

pub(crate) use run::stand_in;

/// A program with all that it needs.
#[derive(Debug)]
pub(crate) struct Complete {
    pub(crate) closure: Closure,
    /// The folder of files that were made for it, which the closure names.
    _made: Option<Scratch>,
}

impl Complete {
    /// Takes out what is among the paths that a build writes: otherwise each would have the image of the
    /// build before.
    pub(crate) fn leave(&mut self, written: &[PathBuf]) {
        let is_written = |entry: &pipkin_closure::Entry| match &entry.body {
            // A folder that is asked for has whatever is in it.
            Found::File { source, .. } if entry.reason.kind == Kind::Included => {
                source.canonicalize().is_ok_and(|source| written.contains(&source))
            }
            _ => false,
        };
        let Closure { entries, left, .. } = &mut self.closure;
        for (name, entry) in entries.extract_if(.., |_, entry| is_written(entry)) {
            let because = "this build writes it".into();
            left.push(Left { name, reason: entry.reason, because });
        }
    }
}

/// A program that is not yet read.
#[derive(Debug)]
pub(crate) struct Program {
    /// Where it is, as the root sees it.
    pub(crate) path: String,
    /// The folder in which `/` is.
    root: PathBuf,
}

impl Program {
    /// The program that the user calls `typed`: a path, or a name that is looked up as a shell
    /// does. With a root both are inside of it.
    ///
    /// # Errors
    ///
    /// There is none.
    pub(crate) fn find(typed: &Path, root: Option<&Path>) -> Result<Self, Failure> {
        match root {
            Some(root) => lookup::inside(typed, root),
            None => lookup::here(typed),
        }
    }

    /// The program that the user may mean by `typed`, when nobody says that it is one.
    ///
    /// # Errors
    ///
    /// There is nothing, or something that is neither a program nor anything else.
    pub(crate) fn guess(typed: &Path) -> Result<Self, Failure> {
        if typed.exists() {
            lookup::check_looks_like_one(typed)?;
        }
        lookup::here(typed)
    }

    /// The program at `path` inside of `root`, whether or not there is one.
    pub(crate) fn at(path: &str, root: &Path) -> Self {
        let path = resolve(path, |_| Ok(None)).unwrap_or_default();
        Self { path, root: root.into() }
    }

    /// The program of a name inside of `root`, where `path` is the variable of that name.
    ///
    /// # Errors
    ///
    /// There is none in these folders.
    pub(crate) fn named(name: &str, root: &Path, path: Option<&str>) -> Result<Self, Failure> {
        let folders = path.map_or(PATH.to_vec(), |path| path.split(':').collect());
        lookup::named(name, root, &folders)
    }

    /// What an image of it is called, unless somebody says.
    pub(crate) fn name(&self) -> String {
        self.path.rsplit('/').next().unwrap_or_default().into()
    }

    /// Where the file is, seen from outside of its root: links lead nowhere else.
    pub(crate) fn place(&self) -> PathBuf {
        let root = Root::new(&self.root);
        let found = root.find(&self.path);
        root.outside(found.as_ref().map_or(&self.path, |found| &found.path))
    }

    /// The program with everything that an image by `flags` is to have.
    ///
    /// # Errors
    ///
    /// Those of [`Program::closure`]; there is no room for what is made; it cannot be run here, where
    /// it is to be.
    pub(crate) fn complete(
        &self,
        flags: &flags::Build,
        progress: &Progress,
    ) -> Result<Complete, Failure> {
        let settings = self.settings(&flags.program.closure, plan::user(flags))?;
        if flags.program.trace.is_empty() && flags.program.verify.is_none() {
            self.gather(&settings, flags.program.strip)
        } else {
            observe::complete(self, flags, settings, progress)
        }
    }

    /// Everything that it needs, and what `flags` say.
    ///
    /// # Errors
    ///
    /// A file is missing or is not what it has to be; a list cannot be read.
    pub(crate) fn closure(
        &self,
        flags: &flags::Closure,
        user: (u32, u32),
    ) -> Result<Closure, Failure> {
        self.find_all(&self.settings(flags, user)?)
    }

    fn settings(&self, flags: &flags::Closure, user: (u32, u32)) -> Result<Settings, Failure> {
        Ok(Settings {
            root: self.root.clone(),
            include: keep::all(flags)?,
            exclude: flags.exclude.clone(),
            gconv: flags.gconv.clone(),
            tz: flags.tz.clone(),
            user,
            may_be_setuid: flags.allow_setuid,
            is_traced: false,
        })
    }

    /// Everything that it needs by `settings`, as it is to be in an image.
    fn gather(&self, settings: &Settings, is_stripped: bool) -> Result<Complete, Failure> {
        let mut closure = self.find_all(settings)?;
        let made = is_stripped.then(|| strip::strip(&mut closure)).transpose()?;
        Ok(Complete { closure, _made: made })
    }

    fn find_all(&self, settings: &Settings) -> Result<Closure, Failure> {
        let found = pipkin_closure::find(&self.path, settings);
        found.map_err(|error| self.failure(error, settings))
    }

    fn failure(&self, error: Error, settings: &Settings) -> Failure {
        let Error::Missing { path } = &error else { return error.into() };
        let asked = settings.include.iter().find(|include| include.path == *path);
        if let Some(asked) = asked {
            let has_root = self.root != Path::new("/");
            let help =
                if has_root { "a path is one inside of --root" } else { "check the spelling" };
            return Failure::new(format!("{error}, which {} asks for", asked.detail)).help(help);
        }
        match (*path == self.path).then(|| lookup::meant(&self.root, path)).flatten() {
            Some(meant) => Failure::new(error.to_string())
                .help(format!("a path is one inside of --root: {meant}")),
            None => error.into(),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let failure = match error {
            // By a flag.
            Error::Zone { .. } | Error::Charset { .. } => Self::usage(error.to_string()),
            _ => Self::new(error.to_string()),
        };
        match error.help() {
            Some(help) => failure.help(help),
            None => failure,
        }
    }
}

/// What the program of `closure` runs on.
///
/// # Errors
///
/// No engine has a name for that, or `wanted` is something else.
pub(crate) fn platform(closure: &Closure, wanted: &[Platform]) -> Result<Platform, Failure> {
    let (program, architecture) = (&closure.program, closure.architecture);
    let name = architecture.name().ok_or_else(|| {
        Failure::new(format!("{program} is for {architecture}, which no engine has a name for"))
            .help("give a program for an architecture of Linux")
    })?;
    let own: Platform = name.parse().map_err(|error| Failure::new(format!("{error}")))?;
    match wanted {
        [] => Ok(own),
        // It does not tell its variant as exactly.
        [platform] if platform.architecture() == own.architecture() => Ok(platform.clone()),
        [platform] => {
            Err(Failure::usage(format!("{program} is for {own}, and not for {platform}"))
                .help("leave --platform out, or give a root of that platform: --root DIR"))
        }
        _ => Err(Failure::usage(format!("{program} is for {own} alone, and several are given"))
            .help("leave --platform out")),
    }
}

/// The tree of a closure.
///
/// # Errors
///
/// A file has changed meanwhile, or would be below what is no folder.
pub(crate) fn tree<'a>(platform: &Platform, closure: &'a Closure) -> Result<Tree<'a>, Failure> {
    let entries = closure.entries.iter().map(|(path, found)| {
        check_above(closure, path)?;
        entry(path, &found.body)
    });
    let entries: Vec<Entry<'_>> = entries.collect::<Result<_, Failure>>()?;
    let file = closure.file();
    let program = entries.iter().position(|entry| entry.path == file);
    let program =
        program.ok_or_else(|| Failure::new(format!("there is no {file} in the image")))?;
    Ok(Tree::new(platform.clone(), entries, program))
}

/// The permissions of what is made here.
const MADE_MODE: u32 = 0o644;
const LINK_MODE: u32 = 0o777;

fn entry<'a>(path: &'a str, found: &'a Found) -> Result<Entry<'a>, Failure> {
    let (mode, body) = match found {
        Found::File { source, mode, bytes } => {
            (*mode, Body::Original(Original::find(source.as_path(), *bytes)?))
        }
        Found::Made(bytes) => (MADE_MODE, Body::Bytes(bytes.into())),
        Found::Link(target) => (LINK_MODE, Body::Link(target.into())),
        Found::Folder(mode) => (*mode, Body::Folder),
    };
    Ok(Entry { path: path.into(), mode, body })
}

/// That what is above `path` is a folder.
fn check_above(closure: &Closure, path: &str) -> Result<(), Failure> {
    let is_other =
        |above: &&str| closure.entries.get(*above).is_some_and(|entry| !is_folder(&entry.body));
    let mut above = path.match_indices('/').skip(1).map(|(slash, _)| &path[..slash]);
    match above.find(is_other) {
        None => Ok(()),
        Some(above) => {
            Err(Failure::new(format!("{path} would be below {above}, which is no folder"))
                .help("give what is included another place: --include PATH:DEST"))
        }
    }
}

fn is_folder(found: &Found) -> bool {
    matches!(found, Found::Folder(_))
}

#[cfg(test)]
pub(crate) mod tests;
