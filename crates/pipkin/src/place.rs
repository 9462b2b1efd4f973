//! Files and folders that appear whole, by a rename at the end, or not at all.
//!
//! Work goes to a temporary name beside the place, on the same filesystem; whatever ends it early
//! removes that again.

use std::fs::{self, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::Builder;

use crate::failure::Failure;
use crate::scratch::{PREFIX, Scratch};

/// The permissions of a file before the umask.
pub(crate) const FILE_MODE: u32 = 0o666;
/// The permissions of an executable or a folder before the umask.
pub(crate) const EXECUTABLE_MODE: u32 = 0o777;

/// Bytes written at once: an archive consists of blocks of 512.
const WRITE_BYTES: usize = 128 << 10;

/// Whether a file can be put at `path`.
pub(crate) fn check_file(path: &Path) -> Result<(), Failure> {
    check_parent(path)?;
    if path.is_dir() || path.as_os_str().as_bytes().ends_with(b"/") {
        return Err(taken(path, "is a folder"));
    }
    real(path).map(drop).map_err(|error| Failure::io(path, error))
}

/// The canonical path of a place, whose folder is there; a link is followed to where it leads. What
/// `/dev/stdout` leads to may have no path.
pub(crate) fn real(path: &Path) -> io::Result<PathBuf> {
    match path.file_name() {
        _ if is_device(path) => Ok(path.into()),
        Some(name) if !path.is_symlink() => Ok(parent(path).canonicalize()?.join(name)),
        _ => path.canonicalize(),
    }
}

/// Whether a folder can be put at `path`: nothing is there, or nothing is in it, or what is in it
/// is `ours`, by its path and the names in it.
pub(crate) fn check_folder(
    path: &Path,
    ours: impl Fn(&Path, &[String]) -> bool,
) -> Result<(), Failure> {
    check_parent(path)?;
    if !path.exists() && !path.is_symlink() {
        return Ok(());
    }
    if !path.is_dir() {
        return Err(taken(path, "is no folder"));
    }
    let entries = fs::read_dir(path).map_err(|error| Failure::io(path, error))?;
    let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let names: Vec<String> =
        names.collect::<io::Result<_>>().map_err(|error| Failure::io(path, error))?;
    if names.is_empty() || ours(path, &names) {
        Ok(())
    } else {
        Err(taken(path, "holds something else"))
    }
}

/// Whether a device, a pipe or a socket is there.
fn is_device(path: &Path) -> bool {
    path.exists() && !path.is_file() && !path.is_dir()
}

fn check_parent(path: &Path) -> Result<(), Failure> {
    let parent = parent(path);
    if parent.is_dir() {
        return Ok(());
    }
    let (path, parent) = (path.display(), parent.display());
    Err(Failure::new(format!("cannot write {path}: there is no folder {parent}"))
        .help(format!("mkdir -p {parent}")))
}

fn taken(path: &Path, why: &str) -> Failure {
    Failure::new(format!("cannot write {}: it {why}", path.display()))
        .help("give another path, or remove it first")
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Puts a file at `path` with what `fill` writes, and returns what it returns. A device or a fifo
/// that is there is written to, since to replace it is not what anyone wants.
pub(crate) fn write_file<T>(
    path: &Path,
    mode: u32,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<T>,
) -> Result<T, Failure> {
    let write = || {
        let path = &real(path)?;
        if is_device(path) {
            return fill(&mut fs::OpenOptions::new().write(true).open(path)?);
        }
        let mut file = temporary(mode).tempfile_in(parent(path))?;
        let mut sink = BufWriter::with_capacity(WRITE_BYTES, file.as_file_mut());
        let filled = fill(&mut sink)?;
        sink.flush()?;
        drop(sink);
        file.persist(path)?;
        Ok(filled)
    };
    write().map_err(|error| Failure::io(path, error))
}

/// Puts a folder at `path` with what `fill` writes into the folder it is given, and returns what
/// it returns.
pub(crate) fn write_folder<T>(
    path: &Path,
    fill: impl FnOnce(&Path) -> io::Result<T>,
) -> Result<T, Failure> {
    let write = || {
        let path = &real(path)?;
        let folder = Scratch::from(temporary(EXECUTABLE_MODE).tempdir_in(parent(path))?);
        let filled = fill(folder.path())?;
        replace(path, folder)?;
        Ok(filled)
    };
    write().map_err(|error| Failure::io(path, error))
}

/// Puts `folder` where another may be, which is moved away first and then removed.
fn replace(path: &Path, folder: Scratch) -> io::Result<()> {
    let old = Scratch::from(temporary(EXECUTABLE_MODE).tempdir_in(parent(path))?);
    let moved = old.path().join("old");
    let is_there = path.exists();
    if is_there {
        fs::rename(path, &moved)?;
    }
    if let Err(error) = fs::rename(folder.path(), path) {
        if is_there {
            fs::rename(&moved, path)?;
        }
        return Err(error);
    }
    folder.keep();
    Ok(())
}

fn temporary(mode: u32) -> Builder<'static, 'static> {
    let mut builder = Builder::new();
    builder.prefix(PREFIX).permissions(Permissions::from_mode(mode));
    builder
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::os::fd::AsRawFd as _;

    use super::*;

    #[test]
    fn a_folder_takes_no_place_of_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let failure = check_folder(&file, |_, _| true).unwrap_err().to_string();
        assert_eq!(
            failure.replace(&*folder.path().to_string_lossy(), "FOLDER"),
            "error: cannot write FOLDER/file: it is no folder\n help: give another path, or remove \
             it first"
        );
    }

    /// As `/dev/stdout` is, when another program reads it.
    #[test]
    fn a_pipe_is_written_to() {
        let (mut reader, writer) = io::pipe().unwrap();
        let path = PathBuf::from(format!("/proc/self/fd/{}", writer.as_raw_fd()));
        assert!(check_file(&path).is_ok());
        write_file(&path, FILE_MODE, |sink| sink.write_all(b"all")).unwrap();
        drop(writer);
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        assert_eq!(text, "all");
    }
}
