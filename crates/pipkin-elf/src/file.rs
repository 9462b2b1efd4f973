//! Any file that a kernel or a dynamic linker loads, of either word and byte order.

use crate::architecture::Architecture;
use crate::error::Error;
use crate::header::{ET_DYN, ET_EXEC, PT_LOAD, ProgramHeader};
use crate::read::{contents, slice};
use crate::reader::{Encoding, Reader};

/// Bytes before the first number: magic, class, byte order, version, operating system.
const EI_NIDENT: usize = 16;

/// A program or library: its headers, and where to find more.
///
/// Source: gABI, "ELF Header"; elf(5).
#[derive(Clone, Debug)]
pub(crate) struct File<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) encoding: Encoding,
    pub(crate) e_machine: u16,
    pub(crate) segments: Vec<ProgramHeader>,
    sections: Table,
}

/// Where the headers of segments or sections are.
#[derive(Clone, Copy, Debug)]
struct Table {
    at: u64,
    entry_bytes: u16,
    count: u16,
}

impl<'a> File<'a> {
    /// The program or library in `bytes`, whose segments to load are all there.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, Error> {
        let encoding = identify(bytes)?;
        let mut reader = encoding.reader(&bytes[EI_NIDENT..]);
        let (e_type, e_machine) = kind(&mut reader).ok_or(Error::Truncated)?;
        if ![ET_EXEC, ET_DYN].contains(&e_type) {
            return Err(Error::NotProgram { e_type });
        }
        let (segments, sections) = tables(&mut reader).ok_or(Error::Truncated)?;
        let segments = program_headers(bytes, encoding, segments)?;
        let mut loads = segments.iter().filter(|segment| segment.p_type == PT_LOAD);
        loads.try_for_each(|load| contents(bytes, load).map(drop))?;
        Ok(Self { bytes, encoding, e_machine, segments, sections })
    }

    pub(crate) fn architecture(&self) -> Architecture {
        let Encoding { is_64, is_big_endian } = self.encoding;
        Architecture { e_machine: self.e_machine, is_64, is_big_endian }
    }

    /// What is loaded at `address` and behind it, as far as it comes from the file.
    pub(crate) fn loaded(&self, address: u64) -> Option<&'a [u8]> {
        let mut loads = self.segments.iter().filter(|segment| segment.p_type == PT_LOAD);
        loads.find_map(|load| {
            let at = address.checked_sub(load.p_vaddr).filter(|at| *at < load.p_filesz)?;
            slice(self.bytes, load.p_offset + at, load.p_filesz - at).ok()
        })
    }

    /// What the file has of the segments that are `wanted`, no byte twice.
    pub(crate) fn segments(&self, wanted: impl Fn(&ProgramHeader) -> bool) -> Vec<&'a [u8]> {
        let wanted = self.segments.iter().filter(|segment| wanted(segment));
        self.disjoint(wanted.map(|segment| (segment.p_offset, segment.p_filesz)).collect())
    }

    /// What the file has of the sections of type `wanted`, no byte twice.
    pub(crate) fn sections(&self, wanted: u32) -> Vec<&'a [u8]> {
        let Table { at, entry_bytes, count } = self.sections;
        let entry_bytes = usize::from(entry_bytes).max(1);
        let table = slice(self.bytes, at, u64::from(count) * entry_bytes as u64).unwrap_or(&[]);
        let headers = self.encoding.records(table, entry_bytes).filter_map(section);
        let wanted = headers.filter(|(sh_type, _)| *sh_type == wanted);
        self.disjoint(wanted.map(|(_, extent)| extent).collect())
    }

    /// What the file has from each offset on, of that length, less what another has already: however
    /// often headers say the same, a file is read once.
    fn disjoint(&self, mut extents: Vec<(u64, u64)>) -> Vec<&'a [u8]> {
        extents.sort_unstable();
        let mut end = 0;
        let clipped = extents.into_iter().filter_map(|(at, count)| {
            let from = at.max(end);
            end = at.checked_add(count)?.max(end);
            slice(self.bytes, from, end.checked_sub(from)?).ok()
        });
        clipped.collect()
    }
}

/// How a file with these first bytes writes numbers.
fn identify(bytes: &[u8]) -> Result<Encoding, Error> {
    if !bytes.starts_with(b"\x7fELF") {
        return Err(Error::NotElf);
    }
    let ident: &[u8; EI_NIDENT] = bytes.first_chunk().ok_or(Error::Truncated)?;
    match (ident[4], ident[5]) {
        (class @ (1 | 2), data @ (1 | 2)) => {
            Ok(Encoding { is_64: class == 2, is_big_endian: data == 2 })
        }
        (class, data) => Err(Error::Ident { class, data }),
    }
}

/// `e_type` and `e_machine`.
fn kind(header: &mut Reader<'_>) -> Option<(u16, u16)> {
    let kind = (header.half()?, header.half()?);
    header.word()?; // e_version
    header.address()?; // e_entry
    Some(kind)
}

/// The tables of segments and sections, which the header names behind the entry point.
fn tables(header: &mut Reader<'_>) -> Option<(Table, Table)> {
    let (e_phoff, e_shoff) = (header.address()?, header.address()?);
    header.word()?; // e_flags
    header.half()?; // e_ehsize
    let mut table = |at| Some(Table { at, entry_bytes: header.half()?, count: header.half()? });
    Some((table(e_phoff)?, table(e_shoff)?))
}

fn program_headers(
    bytes: &[u8],
    encoding: Encoding,
    table: Table,
) -> Result<Vec<ProgramHeader>, Error> {
    let Table { at, entry_bytes, count } = table;
    if count == 0 || usize::from(entry_bytes) != 8 + 6 * encoding.address_bytes() {
        return Err(Error::ProgramHeaders { e_phnum: count, e_phentsize: entry_bytes });
    }
    let table = slice(bytes, at, u64::from(count) * u64::from(entry_bytes))?;
    let headers = encoding.records(table, entry_bytes.into()).map(program_header);
    headers.collect::<Option<_>>().ok_or(Error::Truncated)
}

/// Source: gABI, "Program Header".
fn program_header(mut header: Reader<'_>) -> Option<ProgramHeader> {
    let is_64 = header.encoding.is_64;
    let p_type = header.word()?;
    let first = if is_64 { header.word()? } else { 0 };
    let [p_offset, p_vaddr, p_paddr] = [header.address()?, header.address()?, header.address()?];
    let (p_filesz, p_memsz) = (header.address()?, header.address()?);
    let p_flags = if is_64 { first } else { header.word()? };
    let p_align = header.address()?;
    Some(ProgramHeader { p_type, p_flags, p_offset, p_vaddr, p_paddr, p_filesz, p_memsz, p_align })
}

/// `sh_type`, and `sh_offset` with `sh_size`.
///
/// Source: gABI, "Section Header".
fn section(mut header: Reader<'_>) -> Option<(u32, (u64, u64))> {
    header.word()?; // sh_name
    let sh_type = header.word()?;
    header.address()?; // sh_flags
    header.address()?; // sh_addr
    Some((sh_type, (header.address()?, header.address()?)))
}
