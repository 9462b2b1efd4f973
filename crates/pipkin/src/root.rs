//! The root filesystem: a tree as a folder, which a later build recognises, and as an archive, as which
//! bundles go, too.
//!
//! Every file and link in the folder has the time 0, as it has in a layer. So what is there can be
//! told from what somebody has put or changed there, without a marker that would be in the way.

use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;

use lzma_rust2::{XzOptions, XzWriter};
use pipkin_image::gzip::Gzip;
use pipkin_image::tar::Archive;
use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, utimensat};

use crate::progress::Progress;
use crate::tree::{Body, Tree};

/// Writes all of `tree` into `folder`, which is empty.
pub(crate) fn write(tree: &Tree<'_>, progress: &Progress, folder: &Path) -> io::Result<()> {
    let place = |path: &str| folder.join(path.trim_start_matches('/'));
    for entry in &tree.entries {
        let path = place(entry.path);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        match &entry.body {
            Body::Folder => {
                fs::create_dir_all(&path)?;
                continue;
            }
            Body::Link(target) => symlink(target, &path)?,
            file => {
                let mut sink = File::create_new(&path)?;
                io::copy(&mut progress.watch(file.reader()), &mut sink)?;
                sink.set_permissions(Permissions::from_mode(entry.mode))?;
            }
        }
        utimensat(CWD, &path, &BEGINNING, AtFlags::SYMLINK_NOFOLLOW)?;
    }
    // Only now, for what nobody may write to could not be filled.
    let folders = tree.entries.iter().filter(|entry| matches!(entry.body, Body::Folder));
    for folder in folders {
        fs::set_permissions(place(folder.path), Permissions::from_mode(folder.mode))?;
    }
    Ok(())
}

/// The level of xz, and how far back it looks at most. The standard library of Python, 60 MB, comes
/// out at 10.4 MB and takes 400 MB of memory; with the 8 MiB that the level has on its own it is
/// 12.2 MB, and no faster. A program that unpacks it needs this much memory.
const XZ_LEVEL: u32 = 6;
const XZ_WINDOW_BYTES_MAX: u64 = 32 << 20;
const XZ_WINDOW_BYTES_MIN: u64 = 1 << 16;

/// How an archive is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    None,
    Gzip,
    Xz,
}

impl Compression {
    /// What the name of `path` promises.
    pub(crate) fn of(path: &Path) -> Self {
        match path.extension().and_then(OsStr::to_str) {
            Some("gz" | "tgz") => Self::Gzip,
            Some("xz" | "txz") => Self::Xz,
            _ => Self::None,
        }
    }
}

/// Writes all of `tree` as a tar.
pub(crate) fn write_archive(
    tree: &Tree<'_>,
    compression: Compression,
    progress: &Progress,
    sink: &mut dyn Write,
) -> io::Result<()> {
    match compression {
        Compression::None => write_tar(tree, progress, sink).map(drop),
        Compression::Gzip => write_tar(tree, progress, Gzip::new(sink))?.finish().map(drop),
        Compression::Xz => {
            let mut options = XzOptions::with_preset(XZ_LEVEL);
            let window = tree.bytes().next_power_of_two();
            let window = window.clamp(XZ_WINDOW_BYTES_MIN, XZ_WINDOW_BYTES_MAX);
            options.lzma_options.dict_size = window as u32;
            write_tar(tree, progress, XzWriter::new(sink, options)?)?.finish().map(drop)
        }
    }
}

fn write_tar<W: Write>(tree: &Tree<'_>, progress: &Progress, sink: W) -> io::Result<W> {
    let mut archive = Archive::new(sink);
    tree.tar(progress).try_for_each(|entry| archive.append(entry))?;
    Ok(archive.finish()?.0)
}

/// The time 0, for last access and last change.
const BEGINNING: Timestamps = {
    let zero = Timespec { tv_sec: 0, tv_nsec: 0 };
    Timestamps { last_access: zero, last_modification: zero }
};

/// Whether `folder` is what an earlier build of `program` wrote, and nothing else.
pub(crate) fn is_ours(folder: &Path, program: &str) -> bool {
    let program = folder.join(program.trim_start_matches('/'));
    program.symlink_metadata().is_ok() && holds_nothing_else(folder).unwrap_or(false)
}

fn holds_nothing_else(folder: &Path) -> io::Result<bool> {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let (metadata, kind) = (entry.metadata()?, entry.file_type()?);
            let is_written = kind.is_file() || kind.is_symlink();
            if kind.is_dir() {
                folders.push(entry.path());
            } else if !is_written || (metadata.mtime(), metadata.mtime_nsec()) != (0, 0) {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use pipkin_image::validate;

    use super::*;
    use crate::flags::Story;
    use crate::program::{self, tests};

    /// A folder with the root filesystem of the sample.
    fn written() -> tempfile::TempDir {
        let (_files, closure) = tests::sample();
        let tree = program::tree(&tests::amd64(), &closure).unwrap();
        let folder = tempfile::tempdir().unwrap();
        write(&tree, &progress(), folder.path()).unwrap();
        folder
    }

    fn progress() -> Progress {
        Progress::start(Story { quiet: true, verbose: false })
    }

    #[test]
    fn a_folder_has_what_the_tree_has() {
        let folder = written();
        let at = |path: &str| folder.path().join(path);
        let mode = |path: &str| at(path).metadata().unwrap().permissions().mode() & 0o7777;
        assert_eq!(fs::read_link(at("bin/a")).unwrap(), Path::new("../usr/bin/b"));
        assert_eq!(fs::read(at("bin/a")).unwrap(), b"program");
        assert_eq!((mode("usr/bin/b"), mode("usr/lib/ld.so")), (0o755, 0o555));
        assert_eq!((mode("tmp"), mode("etc/passwd")), (0o1777, 0o644));
        assert_eq!(at("bin/a").symlink_metadata().unwrap().mtime(), 0);
    }

    #[track_caller]
    fn check_ours(change: impl FnOnce(&Path), expected: bool) {
        let folder = written();
        change(folder.path());
        assert_eq!(is_ours(folder.path(), "/bin/a"), expected);
    }

    #[test]
    fn what_somebody_has_touched_is_not_ours() {
        check_ours(|_| {}, true);
        check_ours(|folder| fs::write(folder.join("mine"), "").unwrap(), false);
        check_ours(|folder| fs::write(folder.join("etc/passwd"), "root").unwrap(), false);
        check_ours(|folder| symlink("x", folder.join("tmp/mine")).unwrap(), false);
        check_ours(|folder| fs::remove_file(folder.join("usr/lib/ld.so")).unwrap(), true);
        // Another program's, perhaps somebody else's.
        check_ours(|folder| fs::remove_file(folder.join("bin/a")).unwrap(), false);
        check_ours(|folder| fs::create_dir(folder.join("empty")).unwrap(), true);
        let empty = tempfile::tempdir().unwrap();
        assert!(!is_ours(empty.path(), "/bin/a") && !is_ours(&empty.path().join("gone"), "/bin/a"));
    }

    #[test]
    fn names_of_archives() {
        let check = |name: &str, expected| assert_eq!(Compression::of(name.as_ref()), expected);
        check("a/b.tar", Compression::None);
        check("b.gz/a", Compression::None);
        check("b.tar.gz", Compression::Gzip);
        check("b.txz", Compression::Xz);
    }

    #[test]
    fn an_archive_has_what_the_tree_has() {
        let (_files, closure) = tests::sample();
        let tree = program::tree(&tests::amd64(), &closure).unwrap();
        let mut archive = Vec::new();
        write_archive(&tree, Compression::Xz, &progress(), &mut archive).unwrap();
        let mut tar = Vec::new();
        lzma_rust2::XzReader::new(&archive[..], false).read_to_end(&mut tar).unwrap();
        let found = validate::entries(&tar).unwrap();
        let shown: Vec<_> = found.iter().map(|found| (found.path.as_str(), found.mode)).collect();
        let expected = tree.entries.iter().map(|entry| (&entry.path[1..], entry.mode));
        assert_eq!(shown, expected.collect::<Vec<_>>());
        assert!(tar.ends_with(&[0; 1024]));
    }
}
