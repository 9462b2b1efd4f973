//! Files in the folder that the user's programs may keep what they can make again.

use std::env;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::failure::Failure;

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
