//! `--strip`: the ELF files of a closure without what nothing loads.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use pipkin_closure::{Body, Closure};
use pipkin_elf::Error;

use crate::failure::Failure;
use crate::original;
use crate::scratch::Scratch;

const MAGIC: &[u8] = b"\x7fELF";

/// Puts files of the folder that is returned in the place of those of `closure` that come out shorter.
/// What would not run without what nothing loads stays as it is, with a warning.
///
/// # Errors
///
/// A file cannot be read, or there is no room for those that are made.
pub(super) fn strip(closure: &mut Closure) -> Result<Scratch, Failure> {
    let folder = Scratch::new()?;
    for (number, (path, entry)) in closure.entries.iter_mut().enumerate() {
        let Body::File { source, bytes, .. } = &mut entry.body else { continue };
        let elf = elf(source).map_err(|error| cannot_read(path, &error))?;
        let Some(elf) = elf else { continue };
        if elf.len() as u64 != *bytes {
            return Err(original::changed(source));
        }
        match pipkin_elf::strip(&elf) {
            Ok(stripped) if stripped.len() < elf.len() => {
                let place = folder.path().join(number.to_string());
                fs::write(&place, &stripped).map_err(Failure::temporary)?;
                (*source, *bytes) = (place, stripped.len() as u64);
            }
            Err(error @ Error::Payload { .. }) => {
                closure.warnings.push(format!("{path} is not stripped: this is {error}"));
            }
            // Objects that are linked and not loaded have nothing to spare.
            Ok(_) | Err(_) => {}
        }
    }
    Ok(folder)
}

/// The content of an ELF file; none of another.
fn elf(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut file = fs::File::open(path)?;
    let mut content = Vec::new();
    file.by_ref().take(MAGIC.len() as u64).read_to_end(&mut content)?;
    if content != MAGIC {
        return Ok(None);
    }
    file.read_to_end(&mut content)?;
    Ok(Some(content))
}

fn cannot_read(path: &str, error: &io::Error) -> Failure {
    Failure::new(format!("cannot read {path}: {error}"))
}
