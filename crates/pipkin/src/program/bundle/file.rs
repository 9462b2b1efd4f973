//! The ELF files of a closure, and what a bundle has to know of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use pipkin_closure::{Body as Found, Closure};
use pipkin_elf::{Architecture, Object};

use super::edit::Edits;
use super::{Body, Original};
use crate::failure::Failure;
use crate::program::elf;

/// Bytes of the shortest text that anybody asks for: the name of an option, or a path.
const LITERAL_BYTES_MIN: usize = 4;

/// An ELF file.
#[derive(Debug)]
pub(super) struct Elf<'a> {
    pub(super) source: &'a Path,
    bytes: u64,
    mode: u32,
    architecture: Architecture,
    /// The dynamic linker, of a program that needs one.
    pub(super) interpreter: Option<String>,
    pub(super) soname: Option<String>,
    pub(super) rpath: Option<String>,
}

/// The ELF files of `closure`, by their paths.
///
/// # Errors
///
/// One cannot be read.
pub(super) fn read_all(closure: &Closure) -> Result<BTreeMap<&str, Elf<'_>>, Failure> {
    let mut elves = BTreeMap::new();
    for (path, entry) in &closure.entries {
        let Found::File { source, mode, bytes } = &entry.body else { continue };
        let content = elf::read(source).map_err(|error| cannot_read(source, error))?;
        if let Some(content) = content {
            // What only starts like one is data.
            let Ok(object) = Object::read(&content) else { continue };
            let elf = Elf {
                source,
                bytes: *bytes,
                mode: *mode,
                architecture: object.architecture(),
                interpreter: object.interpreter().map(Into::into),
                soname: object.soname().map(Into::into),
                rpath: object.rpath().map(Into::into),
            };
            elves.insert(path.as_str(), elf);
        }
    }
    Ok(elves)
}

impl<'a> Elf<'a> {
    /// Whether it is a program that a launcher has to start. Some libraries have an interpreter, too, and
    /// say who they are when they are executed.
    pub(super) fn is_started(&self, closure: &Closure) -> bool {
        let is_program = self.mode & 0o111 != 0 && self.soname.is_none();
        is_program && self.interpreter.is_some() && self.architecture == closure.architecture
    }

    /// Its content in a bundle.
    pub(super) fn body(&self, edits: Edits) -> Result<Body<'a>, Failure> {
        if !edits.concern(self) {
            return Ok(Body::Original(Original::find(self.source, self.bytes)?));
        }
        let mut content = read(self.source)?;
        edits.apply(self, &mut content);
        Ok(Body::Bytes(content.into()))
    }

    /// The texts in its read-only data.
    pub(super) fn literals(&self) -> Result<Vec<String>, Failure> {
        let content = read(self.source)?;
        let object = Object::read(&content).map_err(|error| cannot_read(self.source, error))?;
        Ok(object.literals(LITERAL_BYTES_MIN).map(Into::into).collect())
    }
}

/// The ELF file at `path`, which may have links in it.
pub(super) fn at<'a, 'b>(
    elves: &'b BTreeMap<&str, Elf<'a>>,
    closure: &Closure,
    path: &str,
) -> Option<&'b Elf<'a>> {
    elves.get(closure.real_path(path)?.as_str())
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| cannot_read(path, error))
}

fn cannot_read(path: &Path, error: impl std::fmt::Display) -> Failure {
    Failure::new(format!("cannot read {}: {error}", path.display()))
}
