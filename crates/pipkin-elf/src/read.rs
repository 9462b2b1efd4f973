//! Reading a flat program: what a linker made of the server, checked for all that the executable
//! will rely on.

use crate::append::{HEADERS_BYTES, Program};
use crate::error::Error;
use crate::header::{
    E_PHENTSIZE, ET_DYN, FileHeader, Machine, PF_R, PF_W, PF_X, PT_LOAD, ProgramHeader,
};

/// The flat program in an ELF file: one segment from address 0, of which the first
/// [`HEADERS_BYTES`] are left free.
///
/// # Errors
///
/// [`Error`] says what the program is instead.
pub fn read(bytes: &[u8]) -> Result<Program, Error> {
    let (header, machine) = position_independent(bytes)?;
    let segment = only_segment(bytes, &header)?;
    check_entry(&header, &segment, HEADERS_BYTES, Error::NotOneSegment)?;
    let code = contents(bytes, &segment)?[HEADERS_BYTES..].to_vec();
    let e_entry = header.e_entry;
    Ok(Program { machine, base: None, e_entry, code, data: None, has_content: true, p_paddr: 0 })
}

/// The header of a position-independent file, and its machine.
pub(crate) fn position_independent(bytes: &[u8]) -> Result<(FileHeader, Machine), Error> {
    let header = FileHeader::parse(bytes).ok_or(Error::NotElf64)?;
    let e_machine = header.e_machine;
    let machine = Machine::from_e_machine(e_machine).ok_or(Error::Machine { e_machine })?;
    if header.e_type != ET_DYN {
        return Err(Error::NotPositionIndependent);
    }
    Ok((header, machine))
}

/// The segments to load; those without bytes do not count.
pub(crate) fn loads(bytes: &[u8], header: &FileHeader) -> Result<Vec<ProgramHeader>, Error> {
    let mut loads = Vec::new();
    for number in 0..u64::from(header.e_phnum) {
        let at = header.e_phoff.checked_add(number * E_PHENTSIZE as u64);
        let at = at.ok_or(Error::Truncated)?;
        let segment = ProgramHeader::parse(bytes, at).ok_or(Error::Truncated)?;
        if segment.p_type == PT_LOAD && segment.p_memsz != 0 {
            loads.push(segment);
        }
    }
    Ok(loads)
}

/// Whether `load` is code and constants from address 0, as the file has them.
pub(crate) fn is_flat(load: &ProgramHeader) -> bool {
    load.p_flags == PF_R | PF_X && load.p_vaddr == 0 && load.p_filesz == load.p_memsz
}

/// That there is room for the headers in `segment`, and the entry point behind it.
pub(crate) fn check_entry(
    header: &FileHeader,
    segment: &ProgramHeader,
    headers_bytes: usize,
    otherwise: Error,
) -> Result<(), Error> {
    let (e_entry, headers_bytes) = (header.e_entry, headers_bytes as u64);
    match segment.p_filesz {
        end if end < headers_bytes => Err(otherwise),
        end if (headers_bytes..end).contains(&e_entry) => Ok(()),
        _ => Err(Error::Entry { e_entry }),
    }
}

/// What the file has of a segment.
pub(crate) fn contents<'a>(bytes: &'a [u8], segment: &ProgramHeader) -> Result<&'a [u8], Error> {
    slice(bytes, segment.p_offset, segment.p_filesz)
}

/// `count` bytes from `at`.
pub(crate) fn slice(bytes: &[u8], at: u64, count: u64) -> Result<&[u8], Error> {
    let at = usize::try_from(at).map_err(|_| Error::Truncated)?;
    let count = usize::try_from(count).map_err(|_| Error::Truncated)?;
    bytes.get(at..).and_then(|rest| rest.get(..count)).ok_or(Error::Truncated)
}

fn only_segment(bytes: &[u8], header: &FileHeader) -> Result<ProgramHeader, Error> {
    let loads = loads(bytes, header)?;
    if loads.iter().any(|load| load.p_flags & PF_W != 0) {
        return Err(Error::Writable);
    }
    match loads[..] {
        [only] if is_flat(&only) => Ok(only),
        _ => Err(Error::NotOneSegment),
    }
}
