//! `/etc/ld.so.cache`, glibc's list of the libraries in the folders that ld.so.conf names.
//!
//! ```text
//! offset  bytes  field
//!      0     20  magic and version     "glibc-ld.so.cache1.1"
//!     20      4  nlibs                 number of entries
//!     24      4  len_strings
//!     28      1  flags                 2: little endian, 3: big endian, 0: not said
//!     29      3
//!     32      4  extension_offset      of the names of hwcaps folders; 0: none
//!     36     12
//!     48         entries, by falling names
//!              4  flags                 the kind of library, by architecture
//!              4  key                   offset of the name, ends with NUL
//!              4  value                 offset of the path, ends with NUL
//!              4  osversion
//!              8  hwcap                 0, or what a processor must have
//! ```
//!
//! Offsets are from the start. An old cache may have another format before this one, which starts
//! at the next multiple of 8 then, and its offsets too.
//!
//! Source: glibc, `sysdeps/generic/dl-cache.h`; ldconfig(8).

use std::cmp::Ordering;

use memchr::memmem;
use pipkin_elf::Architecture;

const MAGIC: &[u8] = b"glibc-ld.so.cache1.1";
const HEADER_BYTES: usize = 48;
const ENTRY_BYTES: usize = 24;

/// A library in a cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cached {
    /// Its soname.
    pub(crate) name: String,
    pub(crate) path: String,
    /// Whether only some processors can run it.
    pub(crate) is_variant: bool,
    /// Its kind: word, calling convention and libc.
    pub(crate) flags: u32,
}

/// The libraries in the cache `bytes`, in its order; none when it is of another kind. What is
/// broken is left out.
pub(crate) fn read(bytes: &[u8], architecture: Architecture) -> Vec<Cached> {
    let Some(start) = memmem::find(bytes, MAGIC) else { return Vec::new() };
    let cache = Reader { bytes: &bytes[start..], is_big_endian: architecture.is_big_endian };
    let count = cache.word(20).unwrap_or(0) as usize;
    let entry = |number: usize| {
        let at = HEADER_BYTES + number * ENTRY_BYTES;
        Some(Cached {
            flags: cache.word(at)?,
            name: cache.text(cache.word(at + 4)?)?,
            path: cache.text(cache.word(at + 8)?)?,
            is_variant: (cache.word(at + 16)?, cache.word(at + 20)?) != (0, 0),
        })
    };
    // More cannot be there, whatever the header says.
    (0..count.min(bytes.len() / ENTRY_BYTES)).filter_map(entry).collect()
}

struct Reader<'a> {
    bytes: &'a [u8],
    is_big_endian: bool,
}

impl Reader<'_> {
    fn word(&self, at: usize) -> Option<u32> {
        let word = *self.bytes.get(at..)?.first_chunk()?;
        Some(if self.is_big_endian { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) })
    }

    fn text(&self, at: u32) -> Option<String> {
        let rest = self.bytes.get(at as usize..)?;
        let end = memchr::memchr(0, rest)?;
        String::from_utf8(rest[..end].into()).ok()
    }
}

/// A cache of `libraries`, in any order, for programs of `architecture`.
pub(crate) fn write(libraries: &[Cached], architecture: Architecture) -> Vec<u8> {
    let mut sorted: Vec<&Cached> = libraries.iter().collect();
    sorted.sort_by(|a, b| compare(&b.name, &a.name).then_with(|| b.path.cmp(&a.path)));
    let is_big_endian = architecture.is_big_endian;
    let word = |word: u32| if is_big_endian { word.to_be_bytes() } else { word.to_le_bytes() };
    let strings_at = HEADER_BYTES + sorted.len() * ENTRY_BYTES;
    let (mut entries, mut strings) = (Vec::new(), Vec::new());
    for library in &sorted {
        let name_at = strings_at + strings.len();
        let path_at = name_at + library.name.len() + 1;
        for field in [library.flags, name_at as u32, path_at as u32, 0, 0, 0] {
            entries.extend(word(field));
        }
        for text in [&library.name, &library.path] {
            strings.extend(text.as_bytes());
            strings.push(0);
        }
    }
    let mut cache = MAGIC.to_vec();
    cache.extend(word(sorted.len() as u32));
    cache.extend(word(strings.len() as u32));
    cache.extend([if is_big_endian { 3 } else { 2 }, 0, 0, 0]);
    cache.extend([0; 16]);
    [cache, entries, strings].concat()
}

/// The order of names in a cache, in which the loader searches by halves: digits count as
/// numbers, and are above all else.
///
/// Source: glibc, `_dl_cache_libcmp` in `elf/dl-cache.c`.
fn compare(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    loop {
        match (a.first(), b.first()) {
            (Some(x), Some(y)) if x.is_ascii_digit() && y.is_ascii_digit() => {
                let (x, y) = (number(&mut a), number(&mut b));
                if x != y {
                    return x.cmp(&y);
                }
            }
            (Some(x), Some(y)) if x == y => {
                (a, b) = (&a[1..], &b[1..]);
            }
            (Some(x), Some(y)) if x.is_ascii_digit() != y.is_ascii_digit() => {
                return x.is_ascii_digit().cmp(&y.is_ascii_digit());
            }
            (x, y) => return x.cmp(&y),
        }
    }
}

/// The number that `text` starts with, which it loses.
fn number(text: &mut &[u8]) -> u64 {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = text.split_at(digits);
    *text = rest;
    let digit = |sum: u64, byte: &u8| sum.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'));
    number.iter().fold(0, digit)
}

/// What the cache says of the libraries of an architecture: `FLAG_ELF_LIBC6` and the number of
/// its calling convention.
///
/// Source: glibc, `sysdeps/generic/ldconfig.h`.
pub(crate) fn flags(architecture: Architecture) -> u32 {
    const FLAG_ELF_LIBC6: u32 = 3;
    let convention = match architecture.name() {
        Some("amd64") => 0x0300,
        Some("s390x") => 0x0400,
        Some("ppc64le") => 0x0500,
        Some("arm") => 0x0900,
        Some("arm64") => 0x0a00,
        Some("riscv64") => 0x1000,
        Some("loong64") => 0x1200,
        _ => 0,
    };
    FLAG_ELF_LIBC6 | convention
}

#[cfg(test)]
mod tests {
    use super::*;

    const AMD64: Architecture = Architecture { e_machine: 62, is_64: true, is_big_endian: false };
    const S390X: Architecture = Architecture { e_machine: 22, is_64: true, is_big_endian: true };

    fn cached(name: &str, path: &str) -> Cached {
        Cached { name: name.into(), path: path.into(), is_variant: false, flags: 0x303 }
    }

    #[test]
    fn what_is_written_is_read() {
        let libraries = [
            cached("liba.so.9", "/opt/liba.so.9"),
            cached("libb.so", "/opt/libb.so"),
            cached("liba.so.10", "/opt/liba.so.10"),
        ];
        for architecture in [AMD64, S390X] {
            let bytes = write(&libraries, architecture);
            let names: Vec<_> =
                read(&bytes, architecture).into_iter().map(|lib| lib.path).collect();
            assert_eq!(names, ["/opt/libb.so", "/opt/liba.so.10", "/opt/liba.so.9"]);
            for end in 0..bytes.len() {
                let cut = read(&bytes[..end], architecture);
                assert!(cut.len() < libraries.len(), "cut at {end}");
            }
        }
        assert_eq!(read(b"ld.so-1.7.0", AMD64), []);
    }

    /// An old format before it, whose length is a multiple of 8.
    #[test]
    fn offsets_start_with_the_magic() {
        let libraries = [cached("liba.so.9", "/opt/liba.so.9")];
        let bytes = [b"ld.so-1.7.0\0\0\0\0\0".as_slice(), &write(&libraries, AMD64)].concat();
        assert_eq!(read(&bytes, AMD64), libraries);
    }

    #[test]
    fn numbers_are_compared_as_numbers() {
        let check = |a, b, expected| assert_eq!(compare(a, b), expected, "{a} {b}");
        check("libc.so.6", "libc.so.6", Ordering::Equal);
        check("libc.so.6", "libc.so.10", Ordering::Less);
        check("libc.so", "libc.so.6", Ordering::Less);
        check("libc1", "libca", Ordering::Greater);
        check("libx.so", "libc.so", Ordering::Greater);
    }

    /// The cache of this machine is in the order in which we would write it, and names files.
    #[test]
    fn the_cache_of_this_machine() {
        let Ok(bytes) = std::fs::read("/etc/ld.so.cache") else { return };
        let libraries = read(&bytes, AMD64);
        assert!(!libraries.is_empty());
        let plain: Vec<_> = libraries.into_iter().filter(|library| !library.is_variant).collect();
        let again = read(&write(&plain, AMD64), AMD64);
        let names = |all: &[Cached]| all.iter().map(|lib| lib.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&again), names(&plain));
    }
}
