//! Reading a flat program: what a linker made of the server, checked for all that the executable
//! will rely on.

use crate::append::{Program, headers_bytes};
use crate::architecture::Machine;
use crate::error::Error;
use crate::file::File;
use crate::header::{ET_DYN, FileHeader, PF_R, PF_W, PF_X, PT_GNU_STACK, ProgramHeader};

/// The flat program in an ELF file: one segment from address 0, of which the first
/// [`HEADERS_BYTES`](crate::HEADERS_BYTES) are left free, or those of one program header more when
/// one is there that says that the stack holds no code: the executable has it, too.
///
/// # Errors
///
/// [`Error`] says what the program is instead.
pub fn read(bytes: &[u8]) -> Result<Program, Error> {
    flat(bytes, true)
}

/// The flat program in an ELF file whose content is to be [a part of it](Program::minimise): as
/// [`read`], with room for one program header.
///
/// # Errors
///
/// [`Error`] says what the program is instead.
pub fn read_alone(bytes: &[u8]) -> Result<Program, Error> {
    flat(bytes, false)
}

fn flat(bytes: &[u8], has_content: bool) -> Result<Program, Error> {
    let file = File::read(bytes)?;
    let machine = position_independent(&file)?;
    let segment = only_segment(&file)?;
    let has_stack = file.segments(PT_GNU_STACK).any(|stack| stack.p_flags == PF_R | PF_W);
    let headers_bytes = headers_bytes(1 + usize::from(has_content) + usize::from(has_stack));
    check_entry(&file.header, &segment, headers_bytes, Error::NotOneSegment)?;
    Ok(Program {
        machine,
        base: None,
        e_entry: file.header.e_entry,
        code: file.contents(&segment)?[headers_bytes..].to_vec(),
        data: None,
        align: machine.page_bytes_max(),
        has_content,
        has_stack,
        p_paddr: 0,
    })
}

/// The machine of a position-independent file.
pub(crate) fn position_independent(file: &File<'_>) -> Result<Machine, Error> {
    let architecture = file.architecture();
    let machine = Machine::of(architecture).ok_or(Error::Architecture(architecture))?;
    if file.header.e_type == ET_DYN { Ok(machine) } else { Err(Error::NotPositionIndependent) }
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

fn only_segment(file: &File<'_>) -> Result<ProgramHeader, Error> {
    if file.loads().any(|load| load.p_flags & PF_W != 0) {
        return Err(Error::Writable);
    }
    let mut loads = file.loads();
    match (loads.next(), loads.next()) {
        (Some(only), None) if is_flat(only) => Ok(*only),
        _ => Err(Error::NotOneSegment),
    }
}
