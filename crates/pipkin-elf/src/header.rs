//! The ELF header and the program header, under the names of the specification.
//!
//! They are read of any file, and written as pipkin writes them.
//!
//! Source: gABI, "ELF Header" and "Program Header"; elf(5).

use crate::encoding::{Encoding, Reader};

/// Bytes of an ELF header that pipkin writes.
pub(crate) const E_EHSIZE: usize = Encoding::OURS.e_ehsize();
/// Bytes of a program header that pipkin writes.
pub(crate) const E_PHENTSIZE: usize = Encoding::OURS.e_phentsize();

/// Bytes before the first number: magic, class, byte order, version, operating system.
pub(crate) const EI_NIDENT: usize = 16;
/// 64-bit, little-endian, version 1, no particular operating system.
pub(crate) const E_IDENT: [u8; EI_NIDENT] = *b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0";
/// A program for one address.
pub(crate) const ET_EXEC: u16 = 2;
/// A position-independent program, or a library.
pub(crate) const ET_DYN: u16 = 3;

/// Nothing: the header is not used.
pub(crate) const PT_NULL: u32 = 0;
/// A segment to be loaded.
pub(crate) const PT_LOAD: u32 = 1;
/// The dynamic section.
pub(crate) const PT_DYNAMIC: u32 = 2;
/// The path of the program that loads this one.
pub(crate) const PT_INTERP: u32 = 3;
/// Notes.
pub(crate) const PT_NOTE: u32 = 4;
/// What the stack may be used for.
pub(crate) const PT_GNU_STACK: u32 = 0x6474_e551;

pub(crate) const PF_X: u32 = 1;
pub(crate) const PF_W: u32 = 2;
pub(crate) const PF_R: u32 = 4;

/// An ELF header, less what is the same in all or means nothing here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FileHeader {
    pub(crate) e_type: u16,
    pub(crate) e_machine: u16,
    pub(crate) e_entry: u64,
    pub(crate) e_phoff: u64,
    pub(crate) e_shoff: u64,
    pub(crate) e_flags: u32,
    pub(crate) e_phentsize: u16,
    pub(crate) e_phnum: u16,
    pub(crate) e_shentsize: u16,
    pub(crate) e_shnum: u16,
    pub(crate) e_shstrndx: u16,
}

impl FileHeader {
    /// The header, of which `reader` is behind `e_ident`.
    pub(crate) fn read(mut reader: Reader<'_>) -> Option<Self> {
        let (e_type, e_machine, _e_version) = (reader.half()?, reader.half()?, reader.word()?);
        let [e_entry, e_phoff, e_shoff] = [reader.address()?, reader.address()?, reader.address()?];
        let (e_flags, _e_ehsize) = (reader.word()?, reader.half()?);
        let (e_phentsize, e_phnum) = (reader.half()?, reader.half()?);
        let (e_shentsize, e_shnum, e_shstrndx) = (reader.half()?, reader.half()?, reader.half()?);
        Some(Self {
            e_type,
            e_machine,
            e_entry,
            e_phoff,
            e_shoff,
            e_flags,
            e_phentsize,
            e_phnum,
            e_shentsize,
            e_shnum,
            e_shstrndx,
        })
    }

    /// The bytes of a header behind which program headers follow, and without sections.
    pub(crate) fn emit(&self, out: &mut Vec<u8>) {
        out.extend(E_IDENT);
        out.extend(self.e_type.to_le_bytes());
        out.extend(self.e_machine.to_le_bytes());
        out.extend(1_u32.to_le_bytes()); // e_version
        out.extend(self.e_entry.to_le_bytes());
        out.extend((E_EHSIZE as u64).to_le_bytes()); // e_phoff
        out.extend([0; 8]); // e_shoff
        out.extend(self.e_flags.to_le_bytes());
        out.extend((E_EHSIZE as u16).to_le_bytes());
        out.extend((E_PHENTSIZE as u16).to_le_bytes());
        out.extend(self.e_phnum.to_le_bytes());
        out.extend([0; 6]); // e_shentsize, e_shnum, e_shstrndx
    }
}

/// A program header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ProgramHeader {
    pub(crate) p_type: u32,
    pub(crate) p_flags: u32,
    pub(crate) p_offset: u64,
    pub(crate) p_vaddr: u64,
    /// Of no meaning on Linux.
    pub(crate) p_paddr: u64,
    pub(crate) p_filesz: u64,
    pub(crate) p_memsz: u64,
    pub(crate) p_align: u64,
}

impl ProgramHeader {
    /// The header of nothing.
    pub(crate) const NULL: Self = Self {
        p_type: PT_NULL,
        p_flags: 0,
        p_offset: 0,
        p_vaddr: 0,
        p_paddr: 0,
        p_filesz: 0,
        p_memsz: 0,
        p_align: 0,
    };

    /// The program header in `reader`.
    ///
    /// ```text
    /// +--------+----------+---------+---------+----------+---------+---------+---------+  32 bits
    /// | p_type | p_offset | p_vaddr | p_paddr | p_filesz | p_memsz | p_flags | p_align |
    /// +--------+---------++---------+---------+----------+---------+---------+---------+  64 bits
    /// | p_type | p_flags | p_offset | p_vaddr | p_paddr  | p_filesz | p_memsz | p_align |
    /// +--------+---------+----------+---------+----------+----------+---------+---------+
    /// ```
    pub(crate) fn read(mut reader: Reader<'_>) -> Option<Self> {
        let is_64 = reader.encoding.is_64;
        let p_type = reader.word()?;
        let p_flags = if is_64 { reader.word()? } else { 0 };
        let [p_offset, p_vaddr, p_paddr] =
            [reader.address()?, reader.address()?, reader.address()?];
        let [p_filesz, p_memsz] = [reader.address()?, reader.address()?];
        let p_flags = if is_64 { p_flags } else { reader.word()? };
        let p_align = reader.address()?;
        Some(Self { p_type, p_flags, p_offset, p_vaddr, p_paddr, p_filesz, p_memsz, p_align })
    }

    /// Where it is in the file: offset and length.
    pub(crate) fn extent(&self) -> (u64, u64) {
        (self.p_offset, self.p_filesz)
    }

    pub(crate) fn emit(&self, out: &mut Vec<u8>) {
        out.extend(self.p_type.to_le_bytes());
        out.extend(self.p_flags.to_le_bytes());
        let addresses = [self.p_offset, self.p_vaddr, self.p_paddr];
        for word in addresses.into_iter().chain([self.p_filesz, self.p_memsz, self.p_align]) {
            out.extend(word.to_le_bytes());
        }
    }
}
