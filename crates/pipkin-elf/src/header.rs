//! The ELF header and the program header, under the names of the specification.

/// Bytes of an ELF header.
pub(crate) const E_EHSIZE: usize = 64;
/// Bytes of a program header.
pub(crate) const E_PHENTSIZE: usize = 56;

/// 64-bit, little-endian, version 1, no particular operating system.
pub(crate) const E_IDENT: [u8; 16] = [0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
/// A program for one address.
pub(crate) const ET_EXEC: u16 = 2;
/// A position-independent program.
pub(crate) const ET_DYN: u16 = 3;

/// A segment to be loaded.
pub(crate) const PT_LOAD: u32 = 1;
pub(crate) const PF_X: u32 = 1;
pub(crate) const PF_W: u32 = 2;
pub(crate) const PF_R: u32 = 4;

/// A processor that pipkin has a server for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Machine {
    /// `EM_X86_64`, which Docker calls amd64.
    X86_64,
    /// `EM_AARCH64`, which Docker calls arm64.
    Aarch64,
}

impl Machine {
    /// The machine with this `e_machine`.
    pub(crate) fn from_e_machine(e_machine: u16) -> Option<Self> {
        [Self::X86_64, Self::Aarch64].into_iter().find(|machine| machine.e_machine() == e_machine)
    }

    pub(crate) fn e_machine(self) -> u16 {
        match self {
            Self::X86_64 => 62,
            Self::Aarch64 => 183,
        }
    }

    /// The largest page with which a kernel for this machine may be built, which is what
    /// addresses must be congruent to.
    pub(crate) fn page_bytes_max(self) -> u64 {
        match self {
            Self::X86_64 => 0x1000,
            Self::Aarch64 => 0x10000,
        }
    }
}

/// The parts of an ELF header that differ between programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileHeader {
    pub(crate) e_type: u16,
    pub(crate) e_machine: u16,
    pub(crate) e_entry: u64,
    pub(crate) e_phoff: u64,
    pub(crate) e_phnum: u16,
}

impl FileHeader {
    /// The header at the start of `bytes`; none when they are too short or of another kind.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let header: &[u8; E_EHSIZE] = bytes.first_chunk()?;
        let phentsize = u16_at(header, 54)?;
        if header[..7] != E_IDENT[..7] || usize::from(phentsize) != E_PHENTSIZE {
            return None;
        }
        Some(Self {
            e_type: u16_at(header, 16)?,
            e_machine: u16_at(header, 18)?,
            e_entry: u64_at(header, 24)?,
            e_phoff: u64_at(header, 32)?,
            e_phnum: u16_at(header, 56)?,
        })
    }

    /// The header's bytes; the program headers follow it, and there are no sections.
    pub(crate) fn emit(&self, out: &mut Vec<u8>) {
        out.extend(E_IDENT);
        out.extend(self.e_type.to_le_bytes());
        out.extend(self.e_machine.to_le_bytes());
        out.extend(1_u32.to_le_bytes()); // e_version
        out.extend(self.e_entry.to_le_bytes());
        out.extend(self.e_phoff.to_le_bytes());
        out.extend([0; 12]); // e_shoff, e_flags
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
    /// The program header at `at`.
    pub(crate) fn parse(bytes: &[u8], at: u64) -> Option<Self> {
        let header: &[u8; E_PHENTSIZE] = bytes.get(usize::try_from(at).ok()?..)?.first_chunk()?;
        Some(Self {
            p_type: u32_at(header, 0)?,
            p_flags: u32_at(header, 4)?,
            p_offset: u64_at(header, 8)?,
            p_vaddr: u64_at(header, 16)?,
            p_paddr: u64_at(header, 24)?,
            p_filesz: u64_at(header, 32)?,
            p_memsz: u64_at(header, 40)?,
            p_align: u64_at(header, 48)?,
        })
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

pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().copied().map(u16::from_le_bytes)
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().copied().map(u32::from_le_bytes)
}

pub(crate) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().copied().map(u64::from_le_bytes)
}
