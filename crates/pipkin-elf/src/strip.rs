//! A program without what nothing loads: sections, their names, symbols, debug data.
//!
//! It is cut behind the last byte that a program header covers, and says that it has no sections.
//! Nothing moves, so that every address and offset stays true.
//!
//! A flat program has headers, too, that say nothing to a kernel, and nobody else reads them:
//! `PT_NOTE`, with the notes, and `PT_PHDR`. Zeros take their place, which compress well: of 179
//! bytes of a hello by GNU ld, deflated, 132 are left. The file is no shorter, since code cannot move
//! within its page. `PT_GNU_STACK` stays, without which Linux before 5.8 makes all readable memory of
//! a program for x86-64 executable, and `PT_GNU_PROPERTY`, with which arm64 guards where code jumps
//! to.
//!
//! Source: gABI, "ELF Header" and "Special Sections"; Linux, `arch/x86/include/asm/elf.h`.

use crate::encoding::Encoding;
use crate::error::Error;
use crate::file::File;
use crate::header::{FileHeader, PF_R, PF_X, PT_LOAD, PT_NOTE, PT_NULL, ProgramHeader};
use crate::note::are_notes;
use crate::section::{SHF_ALLOC, SHT_LOUSER, SHT_NOBITS, SHT_PROGBITS, Section};

/// Where the program headers are.
const PT_PHDR: u32 = 6;
/// Whether the stack is executable.
const PT_GNU_STACK: u32 = 0x6474_e551;
/// What the code can do.
const PT_GNU_PROPERTY: u32 = 0x6474_e553;

/// Program headers of a flat program: so that no file has the same notes read any number of times.
const FLAT_E_PHNUM_MAX: usize = 8;

/// How the names of sections start that a compiler, linker or debugger makes for another.
const TOOLS: &[&[u8]] =
    &[b".comment", b".debug", b".zdebug", b".gdb_index", b".gnu", b".line", b".llvm", b".stab"];

/// The program or library in `bytes` without what nothing loads.
///
/// # Errors
///
/// As [`Object::read`](crate::Object::read) for what is no program or library;
/// [`Error::Payload`] for something that nothing loads, but that no compiler, linker or debugger makes
/// either: programs that unpack themselves, or that are an interpreter with a script, find there what
/// they read from their own file.
pub fn strip(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let file = File::read(bytes)?;
    if is_flat(&file) { cut(&File::read(&without_notes(&file))?) } else { cut(&file) }
}

/// The file up to where the last of headers and segments ends.
fn cut(file: &File<'_>) -> Result<Vec<u8>, Error> {
    let segments = file.segments.iter().filter(|segment| segment.p_type != PT_NULL);
    let ends = segments.map(|segment| end(file, segment.extent()));
    let kept_bytes = ends.fold(headers_end(file), usize::max);
    let sections = file.sections().unwrap_or_default();
    check_rest(file, kept_bytes, &sections)?;
    let mut out = file.bytes[..kept_bytes].to_vec();
    if !sections.is_empty() {
        forget_sections(file.encoding, &mut out);
    }
    Ok(out)
}

/// Where the ELF header and the program headers end.
fn headers_end(file: &File<'_>) -> usize {
    let FileHeader { e_phoff, e_phentsize, e_phnum, .. } = file.header;
    let table = (e_phoff, u64::from(e_phnum) * u64::from(e_phentsize));
    end(file, table).max(file.encoding.e_ehsize())
}

/// Where an extent ends within the file.
fn end(file: &File<'_>, (at, count): (u64, u64)) -> usize {
    usize::try_from(at.saturating_add(count))
        .map_or(file.bytes.len(), |end| end.min(file.bytes.len()))
}

/// That behind `from` there are only sections that tools made, and the table of all.
fn check_rest(file: &File<'_>, mut from: usize, sections: &[Section<'_>]) -> Result<(), Error> {
    let made = sections.iter().filter(|section| is_of_tools(section)).map(Section::extent);
    let FileHeader { e_shoff, e_shentsize, e_shnum, .. } = file.header;
    // Without sections it says nothing, or what somebody saw fit to put there.
    let table_bytes =
        if sections.is_empty() { 0 } else { u64::from(e_shentsize) * u64::from(e_shnum) };
    let mut extents: Vec<_> = made.chain([(e_shoff, table_bytes), (u64::MAX, 0)]).collect();
    extents.sort_unstable();
    for (at, count) in extents {
        let rest = file.bytes.get(from..end(file, (at, 0))).unwrap_or_default();
        if rest.iter().any(|byte| *byte != 0) {
            return Err(Error::Payload { at: from as u64, bytes: rest.len() as u64 });
        }
        from = from.max(end(file, (at, count)));
    }
    Ok(())
}

/// Whether a section is for linkers and debuggers, and of no use to the program itself.
///
/// Names without a dot are for applications: PyInstaller puts a whole Python into `pydata`.
fn is_of_tools(section: &Section<'_>) -> bool {
    match section.sh_type {
        _ if section.sh_flags & SHF_ALLOC != 0 => false,
        SHT_NOBITS | SHT_LOUSER.. => false,
        SHT_PROGBITS => TOOLS.iter().any(|start| section.name.starts_with(start)),
        _ => true,
    }
}

/// Zeros `e_shoff`, `e_shentsize`, `e_shnum` and `e_shstrndx`.
fn forget_sections(encoding: Encoding, out: &mut [u8]) {
    let (e_ehsize, address_bytes) = (encoding.e_ehsize(), encoding.address_bytes());
    out[24 + 2 * address_bytes..][..address_bytes].fill(0);
    out[e_ehsize - 6..e_ehsize].fill(0);
}

/// Whether it is one segment, code and constants, and nothing that another program would read.
fn is_flat(file: &File<'_>) -> bool {
    let others = [PT_NULL, PT_NOTE, PT_PHDR, PT_GNU_STACK, PT_GNU_PROPERTY];
    let mut rest = file.segments.iter().filter(|segment| !others.contains(&segment.p_type));
    let is_code = |load: &ProgramHeader| load.p_type == PT_LOAD && load.p_flags == PF_R | PF_X;
    let is_only = rest.next().is_some_and(is_code) && rest.next().is_none();
    is_only && file.segments.len() <= FLAT_E_PHNUM_MAX
}

/// The file with zeros for notes, their headers, and the header that says where headers are.
fn without_notes(file: &File<'_>) -> Vec<u8> {
    let mut out = file.bytes.to_vec();
    let mut zero = |extent: (u64, u64)| out[extent.0 as usize..end(file, extent)].fill(0);
    let FileHeader { e_phoff, e_phentsize, .. } = file.header;
    for (number, segment) in (0..).zip(&file.segments) {
        let are_notes = segment.p_type == PT_NOTE && are_unread(file, segment);
        if are_notes {
            zero(segment.extent());
        }
        if are_notes || segment.p_type == PT_PHDR {
            zero((e_phoff + number * u64::from(e_phentsize), e_phentsize.into()));
        }
    }
    out
}

/// Whether `notes` say nothing to a kernel, and are nothing but notes.
fn are_unread(file: &File<'_>, notes: &ProgramHeader) -> bool {
    let is_read = |property: &ProgramHeader| property.p_offset == notes.p_offset;
    !file.segments(PT_GNU_PROPERTY).any(is_read)
        && notes.p_offset >= headers_end(file) as u64
        && file.contents(notes).is_ok_and(|contents| are_notes(file.encoding.reader(contents)))
}
