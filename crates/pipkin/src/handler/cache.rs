//! Files in the folder that the user's programs may keep what they can make again.

use std::env;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::failure::Failure;

/// A file in a folder that is in use as long as somebody has locked it; how old it is tells when it
/// was used last.
pub(super) const LOCK: &str = "lock";

/// How long a folder is kept that nobody uses: what a source was compiled to, some 10 MB.
const UNUSED_MAX: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// `name` below pipkin's folder of the cache, which is made if need be.
///
/// Source: XDG Base Directory Specification.
pub(super) fn folder(name: &str) -> Result<PathBuf, Failure> {
    let folder = top()?.join("pipkin").join(name);
    fs::create_dir_all(&folder).map_err(|error| cannot_write(&folder, &error))?;
    // Cargo tells of paths as they are.
    folder.canonicalize().map_err(|error| cannot_write(&folder, &error))
}

fn top() -> Result<PathBuf, Failure> {
    let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || absolute("HOME").map(|home| home.join(".cache"));
    absolute("XDG_CACHE_HOME").or_else(home).ok_or_else(|| {
        Failure::new("cannot compile: there is no folder for what the compiler keeps")
            .help("set XDG_CACHE_HOME to a folder of yours")
    })
}

/// Removes the folders in `folder` that nobody has used for long. What cannot be removed stays.
pub(super) fn forget_unused(folder: &Path) {
    for entry in folder.read_dir().into_iter().flatten().flatten() {
        let Ok(lock) = fs::File::open(entry.path().join(LOCK)) else { continue };
        let used = lock.metadata().and_then(|found| found.modified());
        let age = used.ok().and_then(|used| used.elapsed().ok());
        if age.is_some_and(|age| age > UNUSED_MAX) && lock.try_lock().is_ok() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// What went wrong in the cache.
pub(super) fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!("cannot write {}: {error}", path.display()))
        .help("set XDG_CACHE_HOME to a folder of yours with room")
}

/// Puts a file at `path`; one that has these bytes already stays as old as it is, so that cargo
/// sees no change.
pub(super) fn put(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if fs::read(path).is_ok_and(|found| found == bytes) {
        return Ok(());
    }
    let write = || {
        let folder = path.parent().unwrap_or(Path::new("/"));
        fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(|error| cannot_write(path, &error))
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn a_file_that_stays_the_same_stays_as_old() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/file");
        put(&path, b"a").unwrap();
        let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
        fs::File::options().write(true).open(&path).unwrap().set_modified(old).unwrap();
        put(&path, b"a").unwrap();
        assert_eq!(path.metadata().unwrap().modified().unwrap(), old);
        put(&path, b"b").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"b");
    }

    #[test]
    fn what_nobody_has_used_for_long_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let make = |name: &str, age| {
            put(&folder.path().join(name).join("target/file"), b"").unwrap();
            let lock = fs::File::create(folder.path().join(name).join(LOCK)).unwrap();
            lock.set_modified(SystemTime::now() - age).unwrap();
            lock
        };
        make("new", Duration::ZERO);
        make("old", UNUSED_MAX * 2);
        let used = make("used", UNUSED_MAX * 2);
        used.lock().unwrap();
        forget_unused(folder.path());
        let there = |name: &str| folder.path().join(name).exists();
        assert_eq!((there("new"), there("old"), there("used")), (true, false, true));
    }
}
