//! The root filesystem as a folder: a tree is written, and recognised by a later build.
//!
//! Every file and link in it has the time 0, as it has in a layer. So what is there can be
//! told from what somebody has put or changed there, without a marker that would be in the way.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, utimensat};

use crate::progress::Progress;
use crate::tree::{Body, Tree};

/// Writes all of `tree` into `folder`, which is empty.
pub(crate) fn write(tree: &Tree<'_>, progress: &Progress, folder: &Path) -> io::Result<()> {
    let place = |path: &str| folder.join(path.trim_start_matches('/'));
    for entry in &tree.entries {
        let path = place(&entry.path);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        match &entry.body {
            Body::Folder => {
                fs::create_dir_all(&path)?;
                continue;
            }
            Body::Link(target) => symlink(&**target, &path)?,
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
        fs::set_permissions(place(&folder.path), Permissions::from_mode(folder.mode))?;
    }
    Ok(())
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
    let device = folder.metadata()?.dev();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let (metadata, kind) = (entry.metadata()?, entry.file_type()?);
            let is_written = kind.is_file() || kind.is_symlink();
            if metadata.dev() != device {
                // Somebody has mounted it.
                return Ok(false);
            } else if kind.is_dir() {
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
    use std::ffi::CStr;

    use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};

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
    fn what_somebody_has_mounted_is_not_ours() {
        if !rustix::process::geteuid().is_root() {
            return;
        }
        let folder = written();
        let tmp = folder.path().join("tmp");
        mount("none", &tmp, "tmpfs", MountFlags::empty(), None::<&CStr>).unwrap();
        let is_ours = is_ours(folder.path(), "/bin/a");
        unmount(&tmp, UnmountFlags::DETACH).unwrap();
        assert!(!is_ours);
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
}
