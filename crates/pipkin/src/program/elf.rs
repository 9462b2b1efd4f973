//! The ELF files of a closure, told from the rest by how they start.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// How an ELF file starts.
///
/// Source: gABI, ELF Identification.
pub(super) const MAGIC: &[u8] = b"\x7fELF";

/// The content of an ELF file; none of another, of which no more is read.
pub(super) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut file = File::open(path)?;
    let mut content = Vec::new();
    file.by_ref().take(MAGIC.len() as u64).read_to_end(&mut content)?;
    if content != MAGIC {
        return Ok(None);
    }
    file.read_to_end(&mut content)?;
    Ok(Some(content))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_starts_as_one() {
        let folder = tempfile::tempdir().unwrap();
        let read = |content: &[u8]| {
            let path = folder.path().join("file");
            std::fs::write(&path, content).unwrap();
            read(&path).unwrap()
        };
        assert_eq!(read(b"\x7fELF rest"), Some(b"\x7fELF rest".to_vec()));
        assert_eq!((read(b"\x7fEL"), read(b"#!/bin/sh"), read(b"")), (None, None, None));
    }
}
