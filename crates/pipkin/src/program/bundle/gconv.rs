//! What glibc reads to know its modules for character sets, when it is told where they are: a text.
//! A closure has a cache in its place, which is used for the folder that is compiled in, and for no
//! other.
//!
//! Source: glibc `iconv/gconv_cache.c`, `iconv/gconv_conf.c`.

use std::fs;
use std::path::{Path, PathBuf};

use pipkin_closure::{Body as Found, Closure};

use super::file;
use crate::failure::Failure;

const CACHE: &str = "gconv-modules.cache";
const TEXT: &str = "gconv-modules";
/// The folder with the rest of it.
const TEXTS: &str = "gconv-modules.d";

/// The texts for the caches of `closure`, with their paths; they lie beside the caches.
///
/// # Errors
///
/// One cannot be read.
pub(super) fn texts(closure: &Closure) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let caches = closure.entries.iter().filter_map(|(path, entry)| {
        let Found::File { source, .. } = &entry.body else { return None };
        Some((format!("{}{TEXT}", path.strip_suffix(CACHE)?), source.parent()?))
    });
    let missing = caches.filter(|(path, _)| !closure.entries.contains_key(path));
    missing.map(|(path, source)| Ok((path, text(source)?))).collect()
}

/// All that `folder` says about modules.
fn text(folder: &Path) -> Result<Vec<u8>, Failure> {
    let more = fs::read_dir(folder.join(TEXTS)).into_iter().flatten().flatten();
    let more = more
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "conf"));
    let mut paths: Vec<PathBuf> = more.chain([folder.join(TEXT)]).collect();
    paths.retain(|path| path.is_file());
    paths.sort();
    let texts: Vec<Vec<u8>> =
        paths.iter().map(|path| file::read(path)).collect::<Result<_, _>>()?;
    Ok(texts.join(&b'\n'))
}
