//! The files of a folder.
//!
//! Names that start with a dot are left out, so that `.git` or `.env` is never published by
//! accident; `.well-known` at the top is kept, for it exists to be served (RFC 8615). Symbolic
//! links are followed as long as they stay inside the folder: what lies outside was not asked
//! for, and publishing it would be a leak. Files at the top that hold rules for the server are
//! read, not served.

use std::fs::{self, DirEntry, FileType, Metadata};
use std::io;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use crate::Error;
use crate::progress::Meter;

/// Files at the top that say how others are served.
const RULE_FILES: [&str; 2] = ["_headers", "_redirects"];

/// The names of all files to serve, relative to `folder` with `/` between the parts, sorted
/// bytewise, without those at the canonical paths `left_out`.
///
/// # Errors
///
/// The folder is missing or no folder, or something in it cannot be served.
pub(crate) fn walk(
    folder: &Path,
    left_out: &[PathBuf],
    meter: &Meter<'_>,
) -> Result<Vec<String>, Error> {
    let root = fs::canonicalize(folder).map_err(|source| Error::folder(folder, source))?;
    if !root.is_dir() {
        return Err(Error::NotAFolder { folder: folder.into() });
    }
    let (above, names) = (Vec::new(), Vec::new());
    let mut walk = Walk { root: root.clone(), left_out, above, names, meter };
    walk.folder(folder, "", root)?;
    walk.names.sort_unstable();
    Ok(walk.names)
}

struct Walk<'a> {
    /// The canonical path of the whole folder.
    root: PathBuf,
    left_out: &'a [PathBuf],
    /// The canonical paths of the folders that the walk is in. Meeting one of them again means
    /// that a link has led back.
    above: Vec<PathBuf>,
    names: Vec<String>,
    meter: &'a Meter<'a>,
}

impl Walk<'_> {
    /// Adds the files below `path`, whose names get `prefix` in front.
    fn folder(&mut self, path: &Path, prefix: &str, real: PathBuf) -> Result<(), Error> {
        if self.above.contains(&real) {
            return Err(Error::LinkLoop { link: path.into() });
        }
        let entries = entries(path).map_err(|source| Error::read(path, source))?;
        self.above.push(real);
        for entry in entries.iter().filter(|entry| is_visible(entry, prefix)) {
            self.entry(entry, prefix)?;
        }
        self.above.pop();
        Ok(())
    }

    fn entry(&mut self, entry: &DirEntry, prefix: &str) -> Result<(), Error> {
        let path = entry.path();
        let name = format!("{prefix}{}", name(entry)?);
        let (real, metadata) = self.resolve(entry)?;
        if self.left_out.contains(&real) {
            Ok(())
        } else if metadata.is_dir() {
            self.folder(&path, &format!("{name}/"), real)
        } else if metadata.is_file() && RULE_FILES.contains(&name.as_str()) {
            Ok(())
        } else if metadata.is_file() {
            self.names.push(name);
            self.meter.found(metadata.len())
        } else {
            Err(Error::NotAFile { path, kind: kind(metadata.file_type()) })
        }
    }

    /// The canonical path of an entry and what is there, links followed.
    fn resolve(&self, entry: &DirEntry) -> Result<(PathBuf, Metadata), Error> {
        let path = entry.path();
        let metadata = entry.metadata().map_err(|source| Error::read(&path, source))?;
        if !metadata.is_symlink() {
            let above = self.above.last().unwrap_or(&self.root);
            return Ok((above.join(entry.file_name()), metadata));
        }
        let target = fs::canonicalize(&path).map_err(|source| Error::link(&path, source))?;
        if !target.starts_with(&self.root) {
            return Err(Error::LinkOutside { link: path, target });
        }
        let metadata = fs::metadata(&target).map_err(|source| Error::read(&path, source))?;
        Ok((target, metadata))
    }
}

/// The entries of a folder, sorted so that the first error is the same on every file system.
fn entries(path: &Path) -> io::Result<Vec<DirEntry>> {
    let mut entries = fs::read_dir(path)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_cached_key(DirEntry::file_name);
    Ok(entries)
}

fn is_visible(entry: &DirEntry, prefix: &str) -> bool {
    let name = entry.file_name();
    !name.as_encoded_bytes().starts_with(b".") || (prefix.is_empty() && name == ".well-known")
}

/// The name of an entry. Control characters are refused, although a URL could encode them: they
/// are in names by mistake (macOS writes `Icon\r`), break every report, and servers in front
/// answer them differently.
fn name(entry: &DirEntry) -> Result<String, Error> {
    let name = entry.file_name().into_string();
    let name = name.map_err(|_| Error::NameNotUtf8 { path: entry.path() })?;
    if name.contains(char::is_control) {
        return Err(Error::NameHasControl { path: entry.path() });
    }
    Ok(name)
}

fn kind(file_type: FileType) -> &'static str {
    match file_type {
        t if t.is_fifo() => "a fifo",
        t if t.is_socket() => "a socket",
        t if t.is_block_device() => "a block device",
        t if t.is_char_device() => "a character device",
        _ => "a special file",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_named() {
        assert_eq!(kind(fs::metadata("/dev/null").unwrap().file_type()), "a character device");
    }
}
