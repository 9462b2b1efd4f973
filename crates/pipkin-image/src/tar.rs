//! Deterministic tar: one header per entry, one spelling per header.
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
//!    156      1  typeflag   '0', a file, '2', a symbolic link, '5', a folder, or 'x', pax records
//!                           of the next entry
//!    157    100  linkname   where a link leads
//!    257      8  magic      "ustar", NUL, "00"
//!    265     80  owner      empty: names and device numbers say nothing about a file of uid 0
//!    345    155  prefix     the start of a path over 100 bytes
//!    500     12             empty
//! ```
//!
//! The content follows, padded with zeros to whole blocks. A path that splits nowhere, or the target
//! of a link over 100 bytes, stands in pax records before the header. Folders need no entries: every
//! reader makes those that a file needs.
//!
//! [`Spelling::Golf`] leaves out all that a reader can guess, as `tar` had it before POSIX: sizes and
//! modes have no leading zeros, there is no owner, no time, no magic, no typeflag of a file, and no
//! padding behind the last one.
//!
//! Source: POSIX pax, ustar Interchange Format and pax Header Block; tar(5) of FreeBSD, Old-Style
//! Archive Format.

use std::io::{self, Read, Write};

use crate::{Error, Result, Spelling};

/// The unit of a tar: headers fill one, contents are padded to whole ones.
pub const BLOCK_BYTES: usize = 512;

const NAME_BYTES_MAX: usize = 100;
const LINKNAME_BYTES_MAX: usize = 100;
const PREFIX_BYTES_MAX: usize = 155;
const MODE_MAX: u32 = 0o7777;

/// The first size that eleven octal digits cannot spell.
const SIZE_OCTAL_END: u64 = 1 << 33;

/// The name that the header of pax records carries; readers of pax ignore it.
const PAX_NAME: &str = "pax";

/// The name of an entry, and the target of a link, whose true one is in the pax records before it.
const PAX_LONG_NAME: &str = "long-path";

/// The permissions of a link, which nothing reads, as `tar` and `ls` have them.
const LINK_MODE: u32 = 0o777;

/// What to put into an archive.
pub struct Entry<'a> {
    /// The path from the root; a leading `/` is dropped.
    pub path: &'a str,
    /// The permissions.
    pub mode: u32,
    /// What is there.
    pub body: Body<'a>,
}

/// What there is at a path.
pub enum Body<'a> {
    /// A file.
    File {
        /// The length of `data` in bytes.
        size: u64,
        /// The content.
        data: Box<dyn Read + 'a>,
    },
    /// A symbolic link, and where it leads.
    Link(&'a str),
    /// A folder.
    Folder,
}

impl<'a> Entry<'a> {
    /// A file of `size` bytes.
    pub fn file(path: &'a str, mode: u32, size: u64, data: impl Read + 'a) -> Self {
        Self { path, mode, body: Body::File { size, data: Box::new(data) } }
    }

    /// A symbolic link that leads to `target`.
    pub fn link(path: &'a str, target: &'a str) -> Self {
        Self { path, mode: LINK_MODE, body: Body::Link(target) }
    }

    /// A folder.
    pub fn folder(path: &'a str, mode: u32) -> Self {
        Self { path, mode, body: Body::Folder }
    }
}

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
    Ok(Header { prefix, name, mode, size, ..Header::file() }.block())
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

/// The target of the link `path`, which may lead anywhere, but must say where.
fn check_target<'a>(path: &str, target: &'a str) -> Result<&'a str> {
    let problem = match target {
        "" => "has an empty target",
        _ if target.contains('\0') => "has a NUL byte in its target",
        _ => return Ok(target),
    };
    Err(Error::Link { path: path.into(), problem })
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

/// The fields of a header that differ from one to the next.
struct Header<'a> {
    typeflag: u8,
    prefix: &'a str,
    name: &'a str,
    linkname: &'a str,
    mode: u32,
    size: u64,
}

impl Header<'_> {
    /// That of a file without a name.
    fn file() -> Self {
        Self { typeflag: b'0', prefix: "", name: "", linkname: "", mode: 0, size: 0 }
    }

    fn block(&self) -> [u8; BLOCK_BYTES] {
        let mut block = [0; BLOCK_BYTES];
        let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, self.name.as_bytes());
        put(100, format!("{:07o}", self.mode).as_bytes());
        put(108, b"0000000");
        put(116, b"0000000");
        put(124, &size_field(self.size));
        put(136, b"00000000000");
        put(148, b"        ");
        put(156, &[self.typeflag]);
        put(157, self.linkname.as_bytes());
        put(257, b"ustar\x0000");
        put(345, self.prefix.as_bytes());
        let sum: u32 = block.iter().copied().map(u32::from).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        block
    }

    /// The same with nothing but what is read, when it has what readers looked for before POSIX.
    fn golf(&self) -> [u8; BLOCK_BYTES] {
        if !self.prefix.is_empty() || self.typeflag == b'x' || self.size >= SIZE_OCTAL_END {
            return self.block();
        }
        let mut block = [0; BLOCK_BYTES];
        let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, self.name.as_bytes());
        put(100, format!("{:o}", self.mode).as_bytes());
        put(124, format!("{:o}", self.size).as_bytes());
        put(148, b"        ");
        put(156, &[if self.typeflag == b'0' { 0 } else { self.typeflag }]);
        put(157, self.linkname.as_bytes());
        let sum: u32 = block.iter().copied().map(u32::from).sum();
        block[148..156].fill(0);
        let sum = format!("{sum:o}");
        block[148..148 + sum.len()].copy_from_slice(sum.as_bytes());
        block
    }
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

/// The pax record that gives a field of the next entry its value: `LENGTH KEYWORD=VALUE` and a
/// newline, where the length counts its own digits.
///
/// Source: POSIX pax, pax Extended Header.
fn record(keyword: &str, value: &str) -> String {
    let rest = format!(" {keyword}={value}\n");
    let mut length = rest.len();
    while length != rest.len() + length.to_string().len() {
        length = rest.len() + length.to_string().len();
    }
    format!("{length}{rest}")
}

/// A tar under construction; the entries stand in it in the order of the calls.
pub struct Archive<W: Write> {
    sink: W,
    spelling: Spelling,
    bytes: u64,
    /// Zeros that are to come before anything else does.
    owed: usize,
}

impl<W: Write> Archive<W> {
    /// An archive without an entry.
    pub fn new(sink: W) -> Archive<W> {
        Archive { sink, spelling: Spelling::Full, bytes: 0, owed: 0 }
    }

    /// The same, whose headers are spelled otherwise.
    #[must_use]
    pub fn spelled(self, spelling: Spelling) -> Archive<W> {
        Archive { spelling, ..self }
    }

    /// Nothing, after `entry` has been written with all of its data.
    ///
    /// # Errors
    ///
    /// Those of [`header`] but [`Error::PathLength`], since a long path gets a pax record;
    /// [`Error::Link`] for a target that no link has; [`Error::Short`] and [`Error::Long`] when the
    /// data is not `size` bytes; those of the data and of the sink.
    pub fn append(&mut self, entry: Entry<'_>) -> Result<()> {
        let path = entry.path.trim_start_matches('/');
        check(path, entry.mode)?;
        let (typeflag, target, size) = match entry.body {
            Body::File { size, .. } => (b'0', "", size),
            Body::Link(target) => (b'2', check_target(path, target)?, 0),
            Body::Folder => (b'5', "", 0),
        };
        let mut records = String::new();
        let (prefix, name) = split(path).unwrap_or_else(|| {
            records += &record("path", path);
            ("", PAX_LONG_NAME)
        });
        let linkname = if target.len() <= LINKNAME_BYTES_MAX {
            target
        } else {
            records += &record("linkpath", target);
            PAX_LONG_NAME
        };
        self.put_records(&records, entry.mode)?;
        let header = Header { typeflag, prefix, name, linkname, mode: entry.mode, size };
        self.put_header(&header)?;
        match entry.body {
            Body::File { size, mut data } => self.put_content(path, size, &mut data),
            Body::Link(_) | Body::Folder => Ok(()),
        }
    }

    /// Writes the pax records of the next entry, if there are any.
    fn put_records(&mut self, records: &str, mode: u32) -> Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        let size = records.len() as u64;
        self.put_header(&Header { typeflag: b'x', name: PAX_NAME, mode, size, ..Header::file() })?;
        self.put_content(PAX_NAME, size, &mut records.as_bytes())
    }

    fn put_header(&mut self, header: &Header<'_>) -> Result<()> {
        self.pad()?;
        self.put(&match self.spelling {
            Spelling::Full => header.block(),
            Spelling::Golf => header.golf(),
        })
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
        self.owed = padding(size);
        if self.spelling == Spelling::Full { self.pad() } else { Ok(()) }
    }

    /// Completes the last block of the content before.
    fn pad(&mut self) -> Result<()> {
        let owed = std::mem::take(&mut self.owed);
        self.put(&[0; BLOCK_BYTES][..owed])
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
        self.pad()?;
        self.put(&[0; 2 * BLOCK_BYTES])?;
        Ok(self.finish_open())
    }

    /// The sink and how many bytes it got, without the zero blocks, and in [`Spelling::Golf`] without the
    /// end of the last block. Docker, podman, containerd,
    /// skopeo and umoci take such a layer, which is a kilobyte less to unpack.
    pub fn finish_open(self) -> (W, u64) {
        (self.sink, self.bytes)
    }
}

#[cfg(test)]
mod tests;
