//! Layers to a folder, as engines unpack them. Whatever stands in a layer, nothing is written outside
//! of the folder: names have no `..`, and links on the way to a name lead where they would lead when
//! the folder was `/`.
//!
//! Source: OCI image-spec, Image Layer Filesystem Changeset.

use std::collections::HashSet;
use std::fs::{self, File, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use pipkin_closure::{Root, resolve};
use pipkin_image::tar::padding;
use tar::{Archive, Entry, EntryType};

/// What removes another file, and what removes all that is in its folder.
const WHITEOUT: &str = ".wh.";
const OPAQUE: &str = ".wh..wh..opq";

/// The start of compressed layers.
const GZIP: &[u8] = b"\x1f\x8b";
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";

/// How much may come of a byte of a layer, and of any layer. Zeros come out at a thousand bytes for
/// one, and no program with all of its files at a tenth of that.
const BYTES_PER_BYTE_MAX: u64 = 100;
const BYTES_ALWAYS: u64 = 256 << 20;

/// What those who only look need of permissions.
const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// Why a layer cannot be unpacked.
#[derive(Debug)]
pub(super) enum Error {
    /// It cannot be read, or what it says cannot be.
    Layer(io::Error),
    /// The folder cannot be written to.
    Folder(io::Error),
}

/// Puts the layer of `bytes` that `reader` reads on top of what is in `root`.
pub(super) fn layer(mut reader: impl Read, bytes: u64, root: &Path) -> Result<(), Error> {
    let mut start = Vec::new();
    reader.by_ref().take(4).read_to_end(&mut start).map_err(Error::Layer)?;
    let whole = io::Cursor::new(start.clone()).chain(reader);
    let room = bytes.saturating_mul(BYTES_PER_BYTE_MAX).max(BYTES_ALWAYS);
    if start.starts_with(GZIP) {
        tar(Bounded { reader: MultiGzDecoder::new(whole), room }, root)
    } else if start.starts_with(ZSTD) {
        let reader = zstd::Decoder::new(whole).map_err(Error::Layer)?;
        tar(Bounded { reader, room }, root)
    } else {
        tar(whole, root)
    }
}

/// What is decompressed, as long as there is room for it.
struct Bounded<R> {
    reader: R,
    room: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        let room = self.room.checked_sub(count as u64);
        self.room = room.ok_or_else(|| {
            io::Error::other("far more comes out of it than any layer of files holds")
        })?;
        Ok(count)
    }
}

/// A tar with its last block completed, which engines do without, and `--golf` leaves out.
struct Whole<R> {
    reader: R,
    bytes: u64,
}

impl<R: Read> Read for Whole<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut count = self.reader.read(buffer)?;
        if count == 0 {
            count = padding(self.bytes).min(buffer.len());
            buffer[..count].fill(0);
        }
        self.bytes += count as u64;
        Ok(count)
    }
}

fn tar(reader: impl Read, root: &Path) -> Result<(), Error> {
    let mut archive = Archive::new(Whole { reader, bytes: 0 });
    let mut target = Target { root, added: HashSet::new() };
    for entry in archive.entries().map_err(Error::Layer)? {
        target.put(entry.map_err(Error::Layer)?).map_err(|error| match error {
            // Its name, and not our folder.
            Error::Folder(error) if error.kind() == io::ErrorKind::InvalidFilename => {
                Error::Layer(error)
            }
            other => other,
        })?;
    }
    Ok(())
}

fn wrong(why: String) -> Error {
    Error::Layer(io::Error::other(why))
}

/// The folder that a layer is unpacked to.
struct Target<'a> {
    root: &'a Path,
    /// What this layer has put there, and the folders above that.
    added: HashSet<PathBuf>,
}

impl Target<'_> {
    fn put(&mut self, mut entry: Entry<'_, impl Read>) -> Result<(), Error> {
        // No program that is looked at can name others.
        let Ok(path) = String::from_utf8(entry.path_bytes().into_owned()) else { return Ok(()) };
        let Some((folder, name)) = self.place(&path) else { return Ok(()) };
        fs::create_dir_all(&folder).map_err(|error| match error.kind() {
            io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
                wrong(format!("{path} is below a file"))
            }
            _ => Error::Folder(error),
        })?;
        if let Some(hidden) = name.strip_prefix(WHITEOUT) {
            return self.hide(&folder, &name, hidden).map_err(Error::Folder);
        }
        let path = folder.join(&name);
        let kind = entry.header().entry_type();
        let mode = entry.header().mode().map_err(Error::Layer)?;
        let link = entry.link_name_bytes().map(|link| String::from_utf8_lossy(&link).into_owned());
        match (kind, link) {
            (EntryType::Directory, _) => make_folder(&path, mode),
            (EntryType::Symlink, Some(target)) => {
                remove(&path).and_then(|()| symlink(target, &path)).map_err(Error::Folder)
            }
            (EntryType::Link, Some(other)) => self.link(&other, &path),
            _ if kind.is_file() => copy(&mut entry, &path, mode),
            // Devices and pipes are no files to look at.
            _ => return Ok(()),
        }?;
        let unknown = path.ancestors().take_while(|path| self.added.insert(path.to_path_buf()));
        unknown.for_each(drop);
        Ok(())
    }

    /// The folder and the name that a path of the layer means.
    fn place(&self, path: &str) -> Option<(PathBuf, String)> {
        let path = path.trim_end_matches('/');
        let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
        let inside = Root::new(self.root);
        // What is not there is no link.
        let link = |path: &str| {
            fs::read_link(inside.outside(path)).ok()?.into_os_string().into_string().ok()
        };
        let above = resolve(above, |path| Ok(link(path))).ok()?;
        let is_name = !matches!(name, "" | "." | "..");
        is_name.then(|| (inside.outside(&above), name.into()))
    }

    /// Removes what `name` says is no longer there.
    fn hide(&self, folder: &Path, name: &str, hidden: &str) -> io::Result<()> {
        if name == OPAQUE {
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                if !self.added.contains(&path) {
                    remove(&path)?;
                }
            }
            return Ok(());
        }
        let is_name = !matches!(hidden, "" | "." | "..") && !hidden.starts_with(WHITEOUT);
        if is_name { remove(&folder.join(hidden)) } else { Ok(()) }
    }

    /// Gives the file at `other` another name.
    fn link(&self, other: &str, path: &Path) -> Result<(), Error> {
        let there = self.place(other).map(|(folder, name)| folder.join(name));
        let there =
            there.filter(|there| there.symlink_metadata().is_ok_and(|there| !there.is_dir()));
        match there {
            None => Err(wrong(format!("there is no file {other} to link to"))),
            Some(there) if there == path => Ok(()),
            Some(there) => {
                remove(path).and_then(|()| fs::hard_link(there, path)).map_err(Error::Folder)
            }
        }
    }
}

fn make_folder(path: &Path, mode: u32) -> Result<(), Error> {
    let is_folder = path.symlink_metadata().is_ok_and(|there| there.is_dir());
    let made = if is_folder { Ok(()) } else { remove(path).and_then(|()| fs::create_dir(path)) };
    let permissions = Permissions::from_mode(mode & 0o777 | FOLDER_MODE);
    made.and_then(|()| fs::set_permissions(path, permissions)).map_err(Error::Folder)
}

fn copy(content: &mut impl Read, path: &Path, mode: u32) -> Result<(), Error> {
    let mut file = remove(path).and_then(|()| File::create_new(path)).map_err(Error::Folder)?;
    let mut buffer = vec![0; 64 << 10];
    loop {
        match content.read(&mut buffer).map_err(Error::Layer)? {
            0 => break,
            count => io::Write::write_all(&mut file, &buffer[..count]).map_err(Error::Folder)?,
        }
    }
    let permissions = Permissions::from_mode(mode & 0o777 | FILE_MODE);
    file.set_permissions(permissions).map_err(Error::Folder)
}

/// Removes what is at `path`, if anything is.
fn remove(path: &Path) -> io::Result<()> {
    match path.symlink_metadata() {
        Ok(there) if there.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests;
