//! What is to be known of an ELF file, taken out of its bytes so that they need not be kept.

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
            asks: evidence::asks(imports, object.is_dynamic(), has_text),
            library_names: distinct(names),
            places: distinct(places),
        })
    }
}

fn distinct<'a>(texts: impl Iterator<Item = &'a &'a str>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for text in texts {
        if !all.iter().any(|known| known == text) {
            all.push((*text).into());
        }
    }
    all
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
    !stem.is_empty()
        && is_version
        && literal.bytes().all(is_usual)
        && (literal.starts_with('/') || !literal.contains('/'))
}

/// Whether `literal` is an absolute path, or says where OpenSSL or glibc are from.
fn is_place(literal: &str) -> bool {
    (literal.starts_with('/') && literal.len() > 1 && !literal.contains(['%', ':', ' ']))
        || literal.starts_with("OPENSSLDIR: ")
        || literal.starts_with("GNU C Library")
}

#[cfg(test)]
mod tests {
    use super::*;

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
        check("libz.so.x", false);
        check("libz.sofa", false);
        check("cannot open libz.so", false);
    }
}
