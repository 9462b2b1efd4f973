//! Relocations, done here and now for one address, so that nobody has to do them at run time.

use crate::append::Program;
use crate::architecture::Machine;
use crate::encoding::Encoding;
use crate::error::Error;

/// Where a program with relocations is loaded: on pages of any size, above what `vm.mmap_min_addr`
/// keeps free, and with room for an unpacker before it.
pub(crate) const BASE: u64 = 0x200_0000;

/// Bytes of an `Elf64_Rela`.
///
/// ```text
///  0          8       12       16         24
/// +----------+-------+--------+----------+
/// | r_offset | kind  | symbol | r_addend |
/// +----------+-------+--------+----------+
/// ```
///
/// Source: gABI, "Relocation".
const RELA_BYTES: usize = 24;

/// Nothing to do.
const R_NONE: u32 = 0;

impl Machine {
    /// The kind of relocation whose result is the base address plus the addend.
    ///
    /// Source: the ABI of each processor: `R_X86_64_RELATIVE`, `R_AARCH64_RELATIVE`,
    /// `R_RISCV_RELATIVE`.
    pub(crate) fn r_relative(self) -> u32 {
        match self {
            Self::X86_64 => 8,
            Self::Aarch64 => 1027,
            Self::Riscv64 => 3,
        }
    }
}

/// `program` with `relocations` done, if there are any, which gives it one address.
pub(crate) fn relocate(mut program: Program, relocations: &[u8]) -> Result<Program, Error> {
    for rela in relocations.chunks(RELA_BYTES) {
        let (r_offset, info, addend) = parse(rela).ok_or(Error::Truncated)?;
        let kind = info as u32;
        if kind == R_NONE {
            continue;
        }
        if kind != program.machine.r_relative() {
            return Err(Error::Relocation { kind, r_offset });
        }
        let word = word(&mut program, r_offset).ok_or(Error::RelocationOutside { r_offset })?;
        *word = BASE.wrapping_add(addend).to_le_bytes();
        program.base = Some(BASE);
    }
    Ok(program)
}

fn parse(rela: &[u8]) -> Option<(u64, u64, u64)> {
    let mut rela = Encoding::OURS.reader(rela);
    Some((rela.address()?, rela.address()?, rela.address()?))
}

/// The eight bytes at `address`, in the code or among the variables.
fn word(program: &mut Program, address: u64) -> Option<&mut [u8; 8]> {
    let code = program.headers_bytes() as u64;
    if let Some(data) = program.data.as_mut().filter(|data| address >= data.p_vaddr) {
        return word_at(&mut data.bytes, address - data.p_vaddr);
    }
    word_at(&mut program.code, address.checked_sub(code)?)
}

fn word_at(bytes: &mut [u8], at: u64) -> Option<&mut [u8; 8]> {
    bytes.get_mut(usize::try_from(at).ok()?..)?.first_chunk_mut()
}
