//! Deterministic tar: one header per file, one spelling per header.
//!
//! A header is a block of 512 bytes, numbers are octal text that ends with NUL:
//!
//! ```text
//! offset  bytes  field      here
//!      0    100  name       the path, or its end behind `prefix` and a `/`
//!    100      8  mode       the permissions
//!    108      8  uid        0
//!    116      8  gid        0
//!    124     12  size       from 8 GiB on: 0x80, then base 256, as GNU, Go and libarchive read it
//!    136     12  mtime      0
//!    148      8  chksum     the sum of all bytes, with this field as spaces
//!    156      1  typeflag   '0', a file, '5', a folder, or 'x', pax records of the next file
//!    157    100  linkname   empty
//!    257      8  magic      "ustar", NUL, "00"
//!    265     80  owner      empty: names and device numbers say nothing about a file of uid 0
//!    345    155  prefix     the start of a path over 100 bytes
//!    500     12             empty
//! ```
//!
//! The content follows, padded with zeros to whole blocks. Folders need no entries: every reader
//! makes those that a file needs.
//!
//! Source: POSIX pax, ustar Interchange Format and pax Header Block.

use std::io::{self, Read, Write};

use crate::{Error, Result};

/// The unit of a tar: headers fill one, contents are padded to whole ones.
pub const BLOCK_BYTES: usize = 512;

const NAME_BYTES_MAX: usize = 100;
const PREFIX_BYTES_MAX: usize = 155;
const MODE_MAX: u32 = 0o7777;

/// The first size that eleven octal digits cannot spell.
const SIZE_OCTAL_END: u64 = 1 << 33;

/// The name that the header of pax records carries; readers of pax ignore it.
const PAX_NAME: &[u8] = b"pax";

/// The name of a file whose true one is in the pax records before it.
const PAX_FILE_NAME: &[u8] = b"long-path";

/// The ustar header of the file `path` with the permissions `mode` and `size` bytes.
///
/// # Errors
///
/// [`Error::Path`] when the path is empty, absolute, ends with `/`, holds NUL or has a component
/// `.`, `..` or none; [`Error::PathLength`] when it splits nowhere into prefix and name, where
/// [`Archive::append`] writes pax records; [`Error::Mode`] for more than permissions.
///
/// Source: POSIX pax, ustar Interchange Format.
pub fn header(path: &str, mode: u32, size: u64) -> Result<[u8; BLOCK_BYTES]> {
    check(path, mode)?;
    let (prefix, name) = split(path).ok_or_else(|| Error::PathLength { path: path.into() })?;
    Ok(block(b'0', prefix.as_bytes(), name.as_bytes(), mode, size))
}

/// How many zeros follow a content of `size` bytes.
pub fn padding(size: u64) -> usize {
    let tail = (size % BLOCK_BYTES as u64) as usize;
    (BLOCK_BYTES - tail) % BLOCK_BYTES
}

fn check(path: &str, mode: u32) -> Result<()> {
    if let Some(problem) = path_problem(path) {
        return Err(Error::Path { path: path.into(), problem });
    }
    if mode > MODE_MAX {
        return Err(Error::Mode { path: path.into(), mode });
    }
    Ok(())
}

/// What keeps `path` out of an archive, whose paths are relative and name files.
fn path_problem(path: &str) -> Option<&'static str> {
    match path {
        "" => Some("is empty"),
        _ if path.starts_with('/') => Some("starts with `/`, and paths here are relative"),
        _ if path.ends_with('/') => Some("ends with `/`, which names a folder"),
        _ if path.contains('\0') => Some("holds a NUL byte"),
        _ if path.split('/').any(str::is_empty) => Some("has an empty component"),
        _ if path.split('/').any(|part| part == "." || part == "..") => {
            Some("has a component `.` or `..`")
        }
        _ => None,
    }
}

/// `path` as prefix and name, with the shortest prefix that leaves a name short enough.
fn split(path: &str) -> Option<(&str, &str)> {
    if path.len() <= NAME_BYTES_MAX {
        return Some(("", path));
    }
    let first = path.len() - NAME_BYTES_MAX - 1;
    let slash = first + path.as_bytes()[first..].iter().position(|&byte| byte == b'/')?;
    (slash <= PREFIX_BYTES_MAX).then(|| (&path[..slash], &path[slash + 1..]))
}

fn block(kind: u8, prefix: &[u8], name: &[u8], mode: u32, size: u64) -> [u8; BLOCK_BYTES] {
    let mut block = [0; BLOCK_BYTES];
    let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, name);
    put(100, format!("{mode:07o}").as_bytes());
    put(108, b"0000000");
    put(116, b"0000000");
    put(124, &size_field(size));
    put(136, b"00000000000");
    put(148, b"        ");
    put(156, &[kind]);
    put(257, b"ustar\x0000");
    put(345, prefix);
    let sum: u32 = block.iter().copied().map(u32::from).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

fn size_field(size: u64) -> [u8; 12] {
    let mut field = [0; 12];
    if size < SIZE_OCTAL_END {
        field[..11].copy_from_slice(format!("{size:011o}").as_bytes());
    } else {
        field[0] = 0x80;
        field[4..].copy_from_slice(&size.to_be_bytes());
    }
    field
}

/// The pax record that gives the file after it its path: `LENGTH path=PATH` and a newline, where
/// the length counts its own digits.
///
/// Source: POSIX pax, pax Extended Header.
fn path_record(path: &str) -> String {
    let rest = format!(" path={path}\n");
    let mut length = rest.len();
    while length != rest.len() + length.to_string().len() {
        length = rest.len() + length.to_string().len();
    }
    format!("{length}{rest}")
}

/// A tar under construction; the files stand in it in the order of the calls.
pub struct Archive<W: Write> {
    sink: W,
    bytes: u64,
}

impl<W: Write> Archive<W> {
    /// An archive without a file.
    pub fn new(sink: W) -> Archive<W> {
        Archive { sink, bytes: 0 }
    }

    /// Nothing, after the file `path` has been written with all of `data`, which is `size` bytes.
    ///
    /// # Errors
    ///
    /// Those of [`header`] but [`Error::PathLength`], since a long path gets a pax record;
    /// [`Error::Short`] and [`Error::Long`] when `data` is not `size` bytes; those of `data` and
    /// of the sink.
    pub fn append(&mut self, path: &str, mode: u32, size: u64, data: &mut dyn Read) -> Result<()> {
        check(path, mode)?;
        let block = match split(path) {
            Some((prefix, name)) => block(b'0', prefix.as_bytes(), name.as_bytes(), mode, size),
            None => self.append_pax(path, mode, size)?,
        };
        self.put(&block)?;
        self.put_content(path, size, data)
    }

    /// Nothing, after the folder `path` has been written, which is named without a `/` at its end.
    ///
    /// # Errors
    ///
    /// Those of [`header`], and those of the sink.
    pub fn append_folder(&mut self, path: &str, mode: u32) -> Result<()> {
        check(path, mode)?;
        let (prefix, name) = split(path).ok_or_else(|| Error::PathLength { path: path.into() })?;
        self.put(&block(b'5', prefix.as_bytes(), name.as_bytes(), mode, 0))
    }

    /// The header to write for `path` after its pax records, which this has written.
    fn append_pax(&mut self, path: &str, mode: u32, size: u64) -> Result<[u8; BLOCK_BYTES]> {
        let record = path_record(path);
        self.put(&block(b'x', b"", PAX_NAME, mode, record.len() as u64))?;
        self.put_content(path, record.len() as u64, &mut record.as_bytes())?;
        Ok(block(b'0', b"", PAX_FILE_NAME, mode, size))
    }

    fn put_content(&mut self, path: &str, size: u64, data: &mut dyn Read) -> Result<()> {
        let found = io::copy(&mut data.take(size), &mut self.sink)?;
        self.bytes += found;
        if found < size {
            return Err(Error::Short { path: path.into(), size, found });
        }
        if io::copy(&mut data.take(1), &mut io::sink())? > 0 {
            return Err(Error::Long { path: path.into(), size });
        }
        self.put(&[0; BLOCK_BYTES][..padding(size)])
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.sink.write_all(bytes)?;
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// The sink and how many bytes it got, after the two zero blocks that end an archive.
    ///
    /// # Errors
    ///
    /// Those of the sink.
    pub fn finish(mut self) -> Result<(W, u64)> {
        self.put(&[0; 2 * BLOCK_BYTES])?;
        Ok(self.finish_open())
    }

    /// The sink and how many bytes it got, without the zero blocks. Docker, podman, containerd,
    /// skopeo and umoci take such a layer, which is a kilobyte less to unpack.
    pub fn finish_open(self) -> (W, u64) {
        (self.sink, self.bytes)
    }
}

#[cfg(test)]
mod tests;
