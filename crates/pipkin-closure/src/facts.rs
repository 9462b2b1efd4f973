//! What is to be known of an ELF file, taken out of its bytes so that they need not be kept.

use std::collections::HashSet;

use memchr::memmem;
use pipkin_elf::{Architecture, Object};

use crate::evidence::{self, Ask};

/// Bytes of the shortest name of a library, `a.so`.
const LIBRARY_NAME_BYTES_MIN: usize = 4;

/// What an ELF file asks for.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) architecture: Architecture,
    /// Whether it may be loaded at any address: a library, or a program linked as one.
    pub(crate) is_dynamic: bool,
    pub(crate) interpreter: Option<String>,
    pub(crate) soname: Option<String>,
    pub(crate) needed: Vec<String>,
    pub(crate) rpath: Option<String>,
    pub(crate) runpath: Option<String>,
    pub(crate) is_without_defaults: bool,
    /// The texts of its dlopen notes.
    pub(crate) dlopen_notes: Vec<String>,
    /// What its imported functions and its literals ask for, each once.
    pub(crate) asks: Vec<Ask>,
    /// Names of libraries in the read-only data of a file that calls dlopen.
    pub(crate) library_names: Vec<String>,
    /// For a libc that is glibc 2, its minor version.
    pub(crate) glibc_minor: Option<u32>,
    /// Literals that tell where the parts of a libc, a TLS library or an interpreter are.
    pub(crate) places: Vec<String>,
}

impl Facts {
    /// The facts of the ELF file in `bytes`.
    ///
    /// # Errors
    ///
    /// It is not one, or it is broken.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, pipkin_elf::Error> {
        let object = Object::read(bytes)?;
        let text = |text: Option<&str>| text.map(String::from);
        let imports = object.imports();
        let literals: Vec<&str> = object.literals(LIBRARY_NAME_BYTES_MIN).collect();
        let calls_dlopen = imports.iter().any(|name| matches!(*name, "dlopen" | "dlmopen"));
        let names = literals.iter().filter(|literal| calls_dlopen && is_library_name(literal));
        let has_text = |text: &str| memmem::find(bytes, text.as_bytes()).is_some();
        let places = literals.iter().filter(|literal| is_place(literal));
        Ok(Self {
            architecture: object.architecture(),
            is_dynamic: object.is_dynamic(),
            interpreter: text(object.interpreter()),
            soname: text(object.soname()),
            needed: object.needed().iter().copied().map(String::from).collect(),
            rpath: text(object.rpath()),
            runpath: text(object.runpath()),
            is_without_defaults: object.is_without_defaults(),
            dlopen_notes: object.dlopen_notes().into_iter().map(String::from).collect(),
            asks: evidence::asks(imports, is_static(&object), has_text),
            library_names: distinct(names),
            glibc_minor: glibc_minor(bytes),
            places: distinct(places),
        })
    }
}

/// Whether it is a program that has all that it needs within. One that is position independent is
/// dynamic by its sections, but names no loader.
fn is_static(object: &Object<'_>) -> bool {
    object.interpreter().is_none()
        && object.soname().is_none()
        && object.needed().is_empty()
        && object.imports().is_empty()
}

/// The minor version in the banner of a glibc 2: `GNU C Library (...) stable release version 2.36.`
fn glibc_minor(bytes: &[u8]) -> Option<u32> {
    const BANNER: &[u8] = b"GNU C Library ";
    const VERSION: &[u8] = b" version 2.";
    const BANNER_BYTES_MAX: usize = 200;
    let banner = &bytes[memmem::find(bytes, BANNER)?..];
    let banner = &banner[..banner.len().min(BANNER_BYTES_MAX)];
    let digits = &banner[memmem::find(banner, VERSION)? + VERSION.len()..];
    let count = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&digits[..count]).ok()?.parse().ok()
}

/// Each text once, in the order in which they come up first.
fn distinct<'a>(texts: impl Iterator<Item = &'a &'a str>) -> Vec<String> {
    let mut seen = HashSet::new();
    texts.filter(|text| seen.insert(**text)).map(|text| (*text).into()).collect()
}

/// Whether `literal` is the name or the path of a library: `libz.so.1`, `/opt/x/y.so`.
fn is_library_name(literal: &str) -> bool {
    let name = literal.rsplit('/').next().unwrap_or(literal);
    let is_usual = |byte: u8| byte.is_ascii_alphanumeric() || b"+-._/".contains(&byte);
    let Some((stem, version)) = name.split_once(".so") else { return false };
    let is_version = version.is_empty()
        || version.strip_prefix('.').is_some_and(|version| {
            version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        });
    let is_stem = stem.starts_with(|c: char| c.is_ascii_alphanumeric());
    is_stem
        && is_version
        && literal.bytes().all(is_usual)
        && (literal.starts_with('/') || !literal.contains('/'))
}

/// Whether `literal` is an absolute path, or says where OpenSSL has its own.
fn is_place(literal: &str) -> bool {
    (literal.starts_with('/') && literal.len() > 1 && !literal.contains(['%', ':', ' ']))
        || literal.starts_with("OPENSSLDIR: ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_glibc() {
        let check = |text: &str, expected| assert_eq!(glibc_minor(text.as_bytes()), expected);
        check("x\0GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36.\nC", Some(36));
        check("GNU C Library (GNU libc) stable release version 2.9, by", Some(9));
        check("GNU C Library", None);
        check("musl libc version 2.36", None);
    }

    #[test]
    fn names_of_libraries() {
        let check = |literal: &str, expected| {
            assert_eq!(is_library_name(literal), expected, "{literal}");
        };
        check("libz.so.1", true);
        check("libfoo-1.2.so", true);
        check("a.so", true);
        check("/opt/x/libc++.so.1.0", true);
        check("lib%s.so", false);
        check("plugins/a.so", false);
        check(".so", false);
        check(".abi3.so", false);
        check("libz.so.x", false);
        check("libz.sofa", false);
        check("cannot open libz.so", false);
    }
}
