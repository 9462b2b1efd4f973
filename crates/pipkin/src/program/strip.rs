//! `--strip`: the ELF files of a closure without what nothing loads.

use std::fs;
use std::io;

use pipkin_closure::{Body, Closure};
use pipkin_elf::Error;

use super::elf;
use crate::failure::Failure;
use crate::original;
use crate::scratch::Scratch;

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
        let elf = elf::read(source).map_err(|error| cannot_read(path, &error))?;
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

fn cannot_read(path: &str, error: &io::Error) -> Failure {
    Failure::new(format!("cannot read {path}: {error}"))
}
