//! The smallest files that run: a flat program that takes nothing but code and constants, behind
//! headers that are written here and not by a linker.
//!
//! [`Shape::Portable`] has 120 bytes of headers, which every loader tried accepts (Linux 6.1 and 6.18,
//! qemu-user 7.2, Docker, podman; gVisor by its source), and readelf without a word:
//!
//! ```text
//! 0     +------------------------------+   ET_DYN: at any address, so where it is differs each time
//!       | ELF header           64 bytes|
//! 64    | program header       56 bytes|   PT_LOAD R+X, the whole file
//! 120   | code and constants           |
//!       | content                      |
//!       +------------------------------+
//! ```
//!
//! [`Shape::Golf`] has 72, for x86-64, tried on Linux 6.18. The program header lies in the ELF header, so that most words
//! have two meanings, and the code lies in what Linux does not look at:
//!
//! ```text
//!        0                   4                   8                   12
//! 0     | 7f 45 4c 46       | e9 REL32              00 00 00 00 00 00 00 |  e_ident
//! 16    | e_type  e_machine | e_version         | e_entry                |
//!       |                   |                   | p_type     p_flags     |
//! 32    | e_phoff                               | e_shoff                |
//!       | p_offset                              | p_vaddr                |
//! 48    | e_flags             ehsize  phentsize | phnum shentsize ...    |
//!       | p_paddr                               | p_filesz               |
//! 64    |                                       |
//!       | p_memsz                               | (p_align)
//! 72    | code and constants, content
//! ```
//!
//! What each overlap comes to, and who minds:
//!
//! - `e_entry` is `p_type` and `p_flags`, 0x5_0000_0001. So the first byte of the file is loaded at
//!   0x5_0000_0000, a fixed address (`ET_EXEC`), and what runs first is the second byte: `45 4c 46` are
//!   REX prefixes of the jump behind them. Of `e_ident` Linux looks at the magic alone; qemu-user,
//!   gVisor, readelf and file want to know the class and the byte order, too.
//! - `e_phoff` is `p_offset`, 24: the segment begins in the middle of a page, whose start is mapped all
//!   the same. `p_vaddr` is congruent to it.
//! - `p_filesz` ends with `e_phnum`, 1, so it says less than a page or more than the file. The kernel
//!   maps whole pages; gVisor zeroes what lies behind it.
//! - The last bytes of `p_paddr` are `e_phentsize`, 56.
//! - `e_version` is 0, with which the layer of an image compresses better. Linux does not look at it.
//! - `p_align` is code: Linux asks for it in `ET_DYN` alone. It reads it, though: a file that ends before
//!   it is none, so one with less code than that has zeros behind it.
//!
//! Source: gABI, "ELF Header" and "Program Header"; elf(5); `load_elf_binary` in Linux's fs/binfmt_elf.c.

use crate::append::{Program, headers_bytes};
use crate::architecture::{Architecture, Machine};
use crate::error::Error;
use crate::header::{E_IDENT, E_PHENTSIZE, ET_EXEC, PF_R, PF_X, PT_LOAD, ProgramHeader};

/// How the headers of a file are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// As every loader takes them.
    Portable,
    /// As Linux takes them, and nobody else; of a program for x86-64.
    Golf,
}

/// Where the program header of [`Shape::Golf`] begins: at `e_entry`.
const GOLF_PHOFF: usize = 24;
/// Where its code begins: the last word of that header is code.
const GOLF_CODE: usize = GOLF_BYTES_MIN - size_of::<u64>();
/// Where that header ends, and no file before it.
const GOLF_BYTES_MIN: usize = GOLF_PHOFF + E_PHENTSIZE;
/// Where the start of the file is loaded: the entry point, which its first two words say, is the
/// file's second byte.
const GOLF_BASE: u64 = ((PF_R | PF_X) as u64) << 32;
/// Code may be moved by multiples of this, from where it was linked to where it is here.
const GOLF_ALIGN: u64 = 16;
/// `jmp REL32`, and how long it is.
const JUMP: u8 = 0xe9;
const JUMP_BYTES: usize = 5;
/// Where it is: behind the magic.
const JUMP_AT: usize = 4;

const _: () = assert!(((headers_bytes(1) - GOLF_CODE) as u64).is_multiple_of(GOLF_ALIGN));

impl Program {
    /// The smallest file that runs the program, with `content` behind the code, where the program finds
    /// it by the end of its own.
    ///
    /// # Errors
    ///
    /// [`Error::NotFlat`] for a program with variables, a fixed address, or room for other headers;
    /// of [`Shape::Golf`] also [`Error::Architecture`] for one that is not for x86-64, and
    /// [`Error::Alignment`] for one with constants that may not be moved.
    pub fn minimise(&self, content: &[u8], shape: Shape) -> Result<Vec<u8>, Error> {
        if self.base.is_some() || self.data.is_some() || self.headers_bytes() != headers_bytes(1) {
            return Err(Error::NotFlat);
        }
        let code = [&self.code, content].concat();
        let whole = Self { code, ..self.clone() };
        match shape {
            Shape::Portable => whole.with_content(0),
            Shape::Golf => whole.golf(),
        }
    }

    fn golf(&self) -> Result<Vec<u8>, Error> {
        let e_machine = self.machine.e_machine();
        if self.machine != Machine::X86_64 {
            return Err(Error::Architecture(Architecture {
                e_machine,
                is_64: true,
                is_big_endian: false,
            }));
        }
        if self.align > GOLF_ALIGN {
            return Err(Error::Alignment { bytes: self.align });
        }
        let mut out = Vec::with_capacity(GOLF_CODE + self.code.len());
        out.extend(&E_IDENT[..JUMP_AT]);
        out.push(JUMP);
        out.extend(self.golf_jump().to_le_bytes());
        out.resize(E_IDENT.len(), 0);
        out.extend(ET_EXEC.to_le_bytes());
        out.extend(e_machine.to_le_bytes());
        out.extend([0; 4]); // e_version, which compresses better than 1
        self.golf_segment().emit(&mut out);
        out.truncate(GOLF_CODE);
        out.extend(&self.code);
        out.resize(out.len().max(GOLF_BYTES_MIN), 0);
        Ok(out)
    }

    /// From behind the jump to the entry point.
    fn golf_jump(&self) -> u32 {
        let entry = self.e_entry as usize - headers_bytes(1) + GOLF_CODE;
        (entry - JUMP_AT - JUMP_BYTES) as u32
    }

    fn golf_segment(&self) -> ProgramHeader {
        let p_filesz = golf_filesz((GOLF_CODE + self.code.len()) as u64);
        ProgramHeader {
            p_type: PT_LOAD,
            p_flags: PF_R | PF_X,
            p_offset: GOLF_PHOFF as u64,
            p_vaddr: GOLF_BASE + GOLF_PHOFF as u64,
            p_paddr: (E_PHENTSIZE as u64) << 48,
            p_filesz,
            p_memsz: p_filesz,
            p_align: 0,
        }
    }
}

/// The least that ends with 1, of 16 bits, and with which the pages of a whole file are mapped.
fn golf_filesz(file_bytes: u64) -> u64 {
    if file_bytes <= Machine::X86_64.page_bytes_max() {
        return 1;
    }
    1 + (file_bytes - 1 - GOLF_PHOFF as u64).next_multiple_of(1 << 16)
}
