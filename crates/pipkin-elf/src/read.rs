//! Reading a flat program: what a linker made of the server, checked for all that the executable
//! will rely on.

use std::fmt;

use crate::append::{HEADERS_BYTES, Program};
use crate::header::{ET_DYN, FileHeader, Machine, PF_R, PF_W, PF_X, PT_LOAD, ProgramHeader};

/// Why bytes are not a flat program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// There is no 64-bit little-endian ELF header.
    NotElf,
    /// It is for a machine that pipkin has no server for.
    Machine {
        /// The number in the header.
        e_machine: u16,
    },
    /// It is not position independent.
    NotPositionIndependent,
    /// A header or a segment lies outside the file.
    Truncated,
    /// A segment would be writable, so the program is not flat.
    Writable,
    /// There is not exactly one segment to load, readable and executable, from address 0.
    NotOneSegment,
    /// The entry point lies outside the code.
    Entry {
        /// Where it is.
        e_entry: u64,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotElf => f.write_str("not a 64-bit little-endian ELF file"),
            Self::Machine { e_machine } => {
                write!(f, "an ELF file for machine {e_machine}, which is neither x86-64 nor arm64")
            }
            Self::NotPositionIndependent => f.write_str("not a position-independent ELF file"),
            Self::Truncated => f.write_str("an ELF file that ends before its headers say"),
            Self::Writable => f.write_str("an ELF file with a writable segment"),
            Self::NotOneSegment => {
                f.write_str("not an ELF file with one segment, code and constants from address 0")
            }
            Self::Entry { e_entry } => {
                write!(f, "an ELF file whose entry point {e_entry:#x} lies outside its code")
            }
        }
    }
}

impl std::error::Error for Error {}

/// The flat program in an ELF file: one segment from address 0, of which the first
/// [`HEADERS_BYTES`] are left free.
///
/// # Errors
///
/// [`Error`] says what the program is instead.
pub fn read(bytes: &[u8]) -> Result<Program, Error> {
    let header = FileHeader::parse(bytes).ok_or(Error::NotElf)?;
    let e_machine = header.e_machine;
    let machine = Machine::from_e_machine(e_machine).ok_or(Error::Machine { e_machine })?;
    if header.e_type != ET_DYN {
        return Err(Error::NotPositionIndependent);
    }
    let segment = only_segment(bytes, &header)?;
    if segment.p_filesz < HEADERS_BYTES as u64 {
        return Err(Error::NotOneSegment);
    }
    if !(HEADERS_BYTES as u64..segment.p_filesz).contains(&header.e_entry) {
        return Err(Error::Entry { e_entry: header.e_entry });
    }
    let at = usize::try_from(segment.p_offset).map_err(|_| Error::Truncated)?;
    let count = usize::try_from(segment.p_filesz).map_err(|_| Error::Truncated)?;
    let image = bytes.get(at..).and_then(|rest| rest.get(..count)).ok_or(Error::Truncated)?;
    let code = image[HEADERS_BYTES..].to_vec();
    Ok(Program { machine, e_entry: header.e_entry, code })
}

/// The one segment to load; segments of other kinds and without bytes do not count.
fn only_segment(bytes: &[u8], header: &FileHeader) -> Result<ProgramHeader, Error> {
    let mut loads = Vec::new();
    for number in 0..u64::from(header.e_phnum) {
        let at = header.e_phoff.checked_add(number * crate::header::E_PHENTSIZE as u64);
        let at = at.ok_or(Error::Truncated)?;
        let segment = ProgramHeader::parse(bytes, at).ok_or(Error::Truncated)?;
        if segment.p_type == PT_LOAD && segment.p_memsz != 0 {
            loads.push(segment);
        }
    }
    if loads.iter().any(|load| load.p_flags & PF_W != 0) {
        return Err(Error::Writable);
    }
    match loads[..] {
        [only]
            if only.p_flags == PF_R | PF_X
                && only.p_vaddr == 0
                && only.p_filesz == only.p_memsz =>
        {
            Ok(only)
        }
        _ => Err(Error::NotOneSegment),
    }
}
