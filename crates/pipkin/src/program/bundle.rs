//! A bundle: a folder with a program and all that it needs, which runs on any Linux of its
//! architecture, wherever it lies.
//!
//! ```text
//! jq/
//!   jq                       -> rootfs/usr/bin/jq
//!   rootfs/usr/bin/jq        a launcher, with the recipe for this program behind it
//!   rootfs/usr/bin/.jq       the program
//!   rootfs/usr/lib/...       the rest of the closure, at its own paths; absolute links are relative here
//! ```
//!
//! The launcher loads the dynamic linker of the closure into its own process, and that loads the
//! program, from its path in the bundle, with the libraries of the bundle:
//!
//! ```text
//! ld-linux-x86-64.so.2 --inhibit-cache --library-path FOLDERS --argv0 NAME rootfs/usr/bin/.jq ARGS...
//! ```
//!
//! No other program is executed, so the process is what it was: `ps` and `/proc/PID/comm` have the name
//! by which it was started, its arguments are the user's, `/proc/self/exe` is the launcher, by which
//! programs find what lies beside them and start themselves again, and its exit status and signals
//! are its own. What is said to the dynamic linker is no variable of the environment, so nothing that the
//! program starts hears of it. How the launcher finds its place and where it loads what:
//! `pipkin-server/src/launcher.rs`. The recipe: `pipkin-format/src/launch.rs`.
//!
//! Every program of the closure that has an interpreter (`PT_INTERP`) gets a launcher, those that the first
//! one starts as well. A static program stays as it is. For a script, the file at the top is a
//! launcher that executes its interpreter's with the script, which stays at its path, for an argument;
//! the kernel would do the same, but look for the interpreter on the machine.
//!
//! Of the machine are: devices, `/tmp`, users, hosts, the time zone, configuration in `/etc`. Files that
//! were made for an image are left out, since nothing would read them. What has to be told where data of
//! the bundle is: see [`variables`]. What of files is changed, and why: see [`edit`].

mod edit;
mod file;
mod gconv;
mod link;
mod recipe;
mod variables;

use std::path::Path;

use pipkin_closure::{Body as Found, Closure};
use pipkin_elf::Program;

use self::edit::Edits;
use self::file::Elf;
use self::recipe::Recipes;
use super::resolve::resolve;
use crate::failure::Failure;

/// The folder that has the closure, in the bundle's. No program is called so.
const ROOT: &str = "rootfs";

/// Permissions: a launcher and what it loads lose what would make them run as somebody else.
const LAUNCHER_MODE: u32 = 0o755;
const LOADED_MODE: u32 = 0o644;
const LINK_MODE: u32 = 0o777;

/// A file, link or folder of a bundle.
#[derive(Debug)]
pub(crate) struct Entry<'a> {
    /// From the folder in which the bundle's is, with whose name it starts.
    pub(crate) path: String,
    /// Its permissions.
    pub(crate) mode: u32,
    pub(crate) body: Body<'a>,
}

/// What there is at a path.
#[derive(Debug)]
pub(crate) enum Body<'a> {
    /// A file like one that exists, of this length.
    File {
        source: &'a Path,
        bytes: u64,
    },
    /// A file with this content.
    Bytes(Vec<u8>),
    /// A symbolic link, and where it leads.
    Link(String),
    Folder,
}

/// The entries of the bundle `name` with the program of `closure`, which `launcher` starts.
///
/// # Errors
///
/// A file cannot be read, or the dynamic linker is of a kind that cannot be told where to look.
pub(crate) fn entries<'a>(
    closure: &'a Closure,
    name: &str,
    launcher: &Program,
) -> Result<Vec<Entry<'a>>, Failure> {
    let elves = file::read_all(closure)?;
    let edits = Edits::new(&elves);
    let recipes = Recipes::new(closure, &elves, edits);
    let mut entries = vec![top(closure, name, launcher, &recipes)?];
    for (path, found) in &closure.entries {
        let place = format!("{name}/{ROOT}{path}");
        let elf = elves.get(path.as_str());
        if let Some(elf) = elf.filter(|elf| elf.is_started(closure)) {
            let body = Body::Bytes(executable(launcher, recipes.program(path, elf)?)?);
            entries.push(Entry { path: place, mode: LAUNCHER_MODE, body });
            let path = format!("{name}/{ROOT}{}", beside(path));
            entries.push(Entry { path, mode: LOADED_MODE, body: elf.body(edits)? });
        } else if let Some((mode, body)) = kept(path, &found.body, elf, edits)? {
            entries.push(Entry { path: place, mode, body });
        }
    }
    for (path, text) in gconv::texts(closure)? {
        let path = format!("{name}/{ROOT}{path}");
        entries.push(Entry { path, mode: LOADED_MODE, body: Body::Bytes(text) });
    }
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(entries)
}

/// What is at the top, to be started: a link to the program, or the launcher of a script.
fn top(
    closure: &Closure,
    name: &str,
    launcher: &Program,
    recipes: &Recipes<'_>,
) -> Result<Entry<'static>, Failure> {
    let path = format!("{name}/{name}");
    if let [interpreter, arguments @ ..] = &closure.interpreter[..] {
        let recipe = recipes.script(name, interpreter, arguments)?;
        let body = Body::Bytes(executable(launcher, recipe)?);
        return Ok(Entry { path, mode: LAUNCHER_MODE, body });
    }
    Ok(Entry { path, mode: LINK_MODE, body: Body::Link(format!("{ROOT}{}", closure.program)) })
}

/// Where a program lies whose launcher has its path: in the same folder, since it may look for its
/// libraries from there.
fn beside(path: &str) -> String {
    let (folder, name) = path.rsplit_once('/').unwrap_or_default();
    format!("{folder}/.{name}")
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
                (None, Some(content)) => Body::Bytes(content),
                (None, None) => Body::File { source, bytes: *bytes },
            };
            Some((mode & 0o777, body))
        }
        Found::Made(_) => None,
        Found::Link(target) => Some((LINK_MODE, Body::Link(link::relative(path, target)))),
        Found::Folder(mode) => Some((*mode, Body::Folder)),
    })
}

/// The launcher with `recipe` behind it.
fn executable(launcher: &Program, recipe: Vec<u8>) -> Result<Vec<u8>, Failure> {
    let start = launcher.with_content(recipe.len() as u64);
    let start = start.map_err(|error| Failure::new(format!("cannot make a launcher: {error}")))?;
    Ok([start, recipe].concat())
}

/// The path of the file at `path`, which may have links in it, of the closure.
fn real_path(closure: &Closure, path: &str) -> Option<String> {
    let link = |path: &str| match &closure.entries.get(path)?.body {
        Found::Link(target) => Some(target.clone()),
        _ => None,
    };
    resolve(path, link)
}

#[cfg(test)]
mod tests;
