//! Temporary folders, which go away with all that is in them: also with folders that nobody may
//! write to, as images have them.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use tempfile::{Builder, TempDir};

use crate::failure::Failure;

/// What all names of temporary files start with.
pub(crate) const PREFIX: &str = ".pipkin-";

/// What it takes to remove what is in a folder.
const ALL_OF_OWNER: u32 = 0o700;

/// A folder that is removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Scratch(TempDir);

impl Scratch {
    /// An empty folder where temporary files go.
    ///
    /// # Errors
    ///
    /// There is no room, or no place.
    pub(crate) fn new() -> Result<Self, Failure> {
        let folder = Builder::new().prefix(PREFIX).tempdir();
        folder.map(Self).map_err(Failure::temporary)
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Leaves the folder to whoever has moved it elsewhere.
    pub(crate) fn keep(mut self) {
        self.0.disable_cleanup(true);
    }
}

impl From<TempDir> for Scratch {
    fn from(folder: TempDir) -> Self {
        Self(folder)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let mut folders = vec![self.path().to_owned()];
        // What cannot be read or changed stays, as in any temporary folder of somebody else.
        while let Some(folder) = folders.pop() {
            let mode = folder.symlink_metadata().map_or(0, |found| found.permissions().mode());
            if mode & ALL_OF_OWNER != ALL_OF_OWNER {
                let _ = fs::set_permissions(&folder, Permissions::from_mode(mode | ALL_OF_OWNER));
            }
            let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
            // A link is none.
            let inside = entries.filter(|it| it.file_type().is_ok_and(|kind| kind.is_dir()));
            folders.extend(inside.map(|folder| folder.path()));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// Root removes anything: only for others this shows more than the permissions.
    #[test]
    fn what_nobody_may_write_to_is_removed() {
        let outside = tempfile::tempdir().unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o7777;
        fs::set_permissions(outside.path(), Permissions::from_mode(0o555)).unwrap();
        let scratch = Scratch::new().unwrap();
        let path = scratch.path().to_owned();
        fs::create_dir_all(path.join("a/b")).unwrap();
        fs::write(path.join("a/b/file"), "").unwrap();
        symlink(outside.path(), path.join("a/link")).unwrap();
        for folder in ["a/b", "a"] {
            fs::set_permissions(path.join(folder), Permissions::from_mode(0o000)).unwrap();
        }
        drop(scratch);
        assert!(!path.exists());
        assert_eq!(mode(outside.path()), 0o555);
    }

    #[test]
    fn what_was_moved_stays() {
        let outer = tempfile::tempdir().unwrap();
        let moved = outer.path().join("moved");
        let scratch = Scratch::new().unwrap();
        fs::create_dir(scratch.path().join("a")).unwrap();
        fs::rename(scratch.path(), &moved).unwrap();
        scratch.keep();
        assert!(moved.join("a").is_dir());
    }
}
