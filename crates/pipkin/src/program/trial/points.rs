//! What must be in a folder so that it can be a root: folders to mount on, and the files that engines
//! put into a container.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

const FOLDERS: &[&str] = &["dev", "proc", "sys", "etc"];
const FILES: &[&str] = &["etc/hosts", "etc/resolv.conf"];

/// What was put into a folder. It is taken away when this is dropped.
#[derive(Debug)]
pub(super) struct Points(Vec<PathBuf>);

impl Points {
    /// Puts into `root` what it lacks; files are copies of those of the host. Everyone may go into it,
    /// which is not so with every temporary folder.
    ///
    /// # Errors
    ///
    /// The folder cannot be written to.
    pub(super) fn make(root: &Path) -> Result<Self, Failure> {
        let everyone = Permissions::from_mode(0o755);
        fs::set_permissions(root, everyone).map_err(|error| Failure::io(root, error))?;
        let mut points = Self(Vec::new());
        for name in FOLDERS {
            points.make_one(root.join(name), |path| fs::create_dir(path))?;
        }
        // A link could lead to the host's own.
        let is_folder = fs::symlink_metadata(root.join("etc")).is_ok_and(|it| it.is_dir());
        for name in FILES.iter().filter(|_| is_folder) {
            let host = fs::read(Path::new("/").join(name)).unwrap_or_default();
            points.make_one(root.join(name), |path| fs::write(path, host))?;
        }
        Ok(points)
    }

    fn make_one(
        &mut self,
        path: PathBuf,
        make: impl FnOnce(&Path) -> io::Result<()>,
    ) -> Result<(), Failure> {
        if fs::symlink_metadata(&path).is_err() {
            make(&path).map_err(|error| Failure::io(&path, error))?;
            self.0.push(path);
        }
        Ok(())
    }
}

impl Drop for Points {
    fn drop(&mut self) {
        for path in self.0.iter().rev() {
            // Without mounts, devices are in a folder of ours. Nobody is to be told of what stays: the
            // whole root is of a temporary folder.
            let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::os::unix::fs::symlink;

    use super::*;

    fn names(folder: &Path) -> BTreeSet<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[track_caller]
    fn check(prepare: impl Fn(&Path), with: &[&str], without: &[&str]) {
        let root = tempfile::tempdir().unwrap();
        prepare(root.path());
        let points = Points::make(root.path()).unwrap();
        assert_eq!(names(root.path()), with.iter().map(ToString::to_string).collect());
        drop(points);
        assert_eq!(names(root.path()), without.iter().map(ToString::to_string).collect());
    }

    #[test]
    fn what_is_put_in_is_taken_away() {
        let all = &["dev", "etc", "proc", "sys"];
        check(|_| {}, all, &[]);
        check(|root| fs::create_dir(root.join("dev")).unwrap(), all, &["dev"]);
        check(|root| symlink("/nowhere", root.join("etc")).unwrap(), all, &["etc"]);
    }

    #[test]
    fn files_of_the_image_stay() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("etc")).unwrap();
        fs::write(root.path().join("etc/hosts"), "own").unwrap();
        let points = Points::make(root.path()).unwrap();
        let resolv = fs::read(root.path().join("etc/resolv.conf")).unwrap();
        assert_eq!(resolv, fs::read("/etc/resolv.conf").unwrap_or_default());
        drop(points);
        assert_eq!(fs::read(root.path().join("etc/hosts")).unwrap(), b"own");
        assert_eq!(names(&root.path().join("etc")), ["hosts".to_string()].into());
    }
}
