//! What glibc reads to know its modules for character sets, when it is told where they are: a text. A
//! closure has a cache in its place, which is used for the folder that is compiled in, and for no other.
//!
//! Source: glibc `iconv/gconv_cache.c`, `iconv/gconv_conf.c`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use pipkin_closure::{Body as Found, Closure};

use super::file;
use crate::failure::Failure;

const TEXT: &str = "gconv-modules";
/// The folder with the rest of it.
const TEXTS: &str = "gconv-modules.d";

/// The texts that are not in `closure`, with their paths.
///
/// # Errors
///
/// One cannot be read.
pub(super) fn texts(closure: &Closure) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let folders: BTreeMap<&str, &Path> = closure.entries.iter().filter_map(module).collect();
    let folders = folders.into_iter().map(|(folder, source)| (format!("{folder}/{TEXT}"), source));
    let missing = folders.filter(|(path, _)| !closure.entries.contains_key(path));
    missing.map(|(path, source)| Ok((path, text(source)?))).collect()
}

/// The folder of a module, and from where it comes.
fn module<'a>(
    (path, entry): (&'a String, &'a pipkin_closure::Entry),
) -> Option<(&'a str, &'a Path)> {
    let Found::File { source, .. } = &entry.body else { return None };
    let folder = path.rsplit_once('/')?.0;
    (folder.ends_with("/gconv") && path.ends_with(".so")).then_some((folder, source.parent()?))
}

/// All that `folder` says about modules.
fn text(folder: &Path) -> Result<Vec<u8>, Failure> {
    let more = fs::read_dir(folder.join(TEXTS)).into_iter().flatten().flatten();
    let more = more.map(|entry| entry.path()).filter(|path| path.extension().is_some());
    let mut paths: Vec<PathBuf> = more.chain([folder.join(TEXT)]).collect();
    paths.retain(|path| path.is_file());
    paths.sort();
    let texts: Vec<Vec<u8>> =
        paths.iter().map(|path| file::read(path)).collect::<Result<_, _>>()?;
    Ok(texts.join(&b'\n'))
}
