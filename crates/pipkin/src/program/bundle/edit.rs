//! What a bundle changes in files. In ELF files it is one text for another of its length:
//!
//! - In glibc's `libc.so.6`, the names of two variables, so that those that a launcher sets are for
//!   the programs of the bundle alone. Another libc would look for modules and locales at the place
//!   where they say, find those of this one, and fail, or worse:
//!
//!   | was | is |
//!   | --- | --- |
//!   | `GCONV_PATH` | `PIPK_GCONV` |
//!   | `LOCPATH` | `PIPKLOC` |
//!
//!   Only if each text is there once, with NUL on both sides, as string literals are; otherwise
//!   neither is changed, and they are set under their own names.
//! - In any file, a `DT_RPATH` without `$ORIGIN`, which becomes empty. The dynamic linker goes
//!   there before it goes where it is told to, and there the machine has its own libraries.
//!
//! In the settings of a virtual environment of Python, `pyvenv.cfg`, the line with `home` is left out:
//! it is the path of the folder with the interpreter, which finds its library from its own place then.
//!
//! Source: glibc `iconv/gconv_conf.c`, `locale/setlocale.c`, `elf/dl-load.c`; ld.so(8); CPython
//! `Modules/getpath.py`, `Lib/site.py`.

use std::collections::BTreeMap;
use std::path::Path;

use super::file::{self, Elf};
use crate::failure::Failure;

/// Variables of glibc, and what they are called in a bundle.
const RENAMED: [(&str, &str); 2] = [("GCONV_PATH", "PIPK_GCONV"), ("LOCPATH", "PIPKLOC")];

/// The library that reads them.
const LIBC: &str = "libc.so.6";

/// The settings of a virtual environment.
const ENVIRONMENT: &str = "pyvenv.cfg";

/// What is changed in the ELF files of a bundle.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edits {
    /// Whether variables have other names.
    is_renamed: bool,
}

impl Edits {
    /// What can be changed in these.
    pub(super) fn new(elves: &BTreeMap<&str, Elf<'_>>) -> Self {
        let mut libcs = elves.values().filter(|elf| is_libc(elf)).peekable();
        let has_libc = libcs.peek().is_some();
        let takes = |elf: &Elf<'_>| {
            let content = file::read(elf.source).unwrap_or_default();
            RENAMED.iter().all(|(from, _)| find_only(&content, from).is_some())
        };
        Self { is_renamed: has_libc && libcs.all(takes) }
    }

    /// What a variable of glibc is called instead, if it is.
    pub(super) fn renamed(self, name: &str) -> Option<&'static str> {
        let (_, to) = RENAMED.iter().find(|(from, _)| self.is_renamed && *from == name)?;
        Some(to)
    }

    /// Whether something is changed in a file.
    pub(super) fn concern(self, elf: &Elf<'_>) -> bool {
        self.is_renamed && is_libc(elf) || absolute_rpath(elf).is_some()
    }

    /// Changes it in its content.
    pub(super) fn apply(self, elf: &Elf<'_>, content: &mut [u8]) {
        if self.is_renamed && is_libc(elf) {
            RENAMED.iter().for_each(|(from, to)| replace(content, from, to));
        }
        if let Some(rpath) = absolute_rpath(elf) {
            let empty = format!("\0{}", &rpath[1..]);
            replace(content, rpath, &empty);
        }
    }
}

/// The content of the file at `path`, which comes from `source`, if that is the settings of a virtual
/// environment.
pub(super) fn environment(path: &str, source: &Path) -> Result<Option<Vec<u8>>, Failure> {
    if !path.ends_with(&format!("/{ENVIRONMENT}")) {
        return Ok(None);
    }
    let content = file::read(source)?;
    Ok(Some(
        content
            .split_inclusive(|byte| *byte == b'\n')
            .filter(is_not_home)
            .flatten()
            .copied()
            .collect(),
    ))
}

fn is_not_home(line: &&[u8]) -> bool {
    let key = line.split(|byte| *byte == b'=').next().unwrap_or_default();
    !key.trim_ascii().eq_ignore_ascii_case(b"home")
}

fn is_libc(elf: &Elf<'_>) -> bool {
    elf.soname.as_deref() == Some(LIBC)
}

fn absolute_rpath<'a>(elf: &'a Elf<'_>) -> Option<&'a str> {
    elf.rpath.as_deref().filter(|rpath| rpath.starts_with('/') && !rpath.contains('$'))
}

/// Puts `to` in the place of the only `from`, if it is that.
fn replace(content: &mut [u8], from: &str, to: &str) {
    if let Some(at) = find_only(content, from) {
        content[at..at + to.len()].copy_from_slice(to.as_bytes());
    }
}

/// Where `text` is, between NULs, if it is there only once.
fn find_only(content: &[u8], text: &str) -> Option<usize> {
    let text = format!("\0{text}\0");
    let mut found = (0..content.len().saturating_sub(text.len() - 1))
        .filter(|at| content[*at..].starts_with(text.as_bytes()));
    let at = found.next()?;
    found.next().is_none().then_some(at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(content: &[u8], from: &str, to: &str, expected: &[u8]) {
        let mut content = content.to_vec();
        replace(&mut content, from, to);
        assert_eq!(content, expected);
    }

    #[test]
    fn a_text_is_changed_where_it_is_alone() {
        check(b"a\0LOCPATH\0b", "LOCPATH", "PIPKLOC", b"a\0PIPKLOC\0b");
        for other in [&b"LOCPATH\0"[..], b"\0LOCPATH", b"\0xLOCPATH\0", b"\0LOCPATHx\0", b"", b"\0"]
        {
            check(other, "LOCPATH", "PIPKLOC", other);
        }
        let twice = b"\0LOCPATH\0LOCPATH\0";
        check(twice, "LOCPATH", "PIPKLOC", twice);
        check(b"\0/opt/x\0", "/opt/x", "\0opt/x", b"\0\0opt/x\0");
    }

    #[test]
    fn names_keep_their_length() {
        assert!(RENAMED.iter().all(|(from, to)| from.len() == to.len()));
    }
}
