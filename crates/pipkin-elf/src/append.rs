//! Writing a program with content behind it: offsets first, then bytes.

use crate::header::{
    E_EHSIZE, E_PHENTSIZE, ET_DYN, FileHeader, Machine, PF_R, PF_X, PT_LOAD, ProgramHeader,
};

/// Bytes of the headers before the code: the ELF header and two program headers.
pub const HEADERS_BYTES: usize = E_EHSIZE + 2 * E_PHENTSIZE;

/// A flat program: code and constants, position independent, without relocations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    pub(crate) machine: Machine,
    /// Counted from the start of the headers.
    pub(crate) e_entry: u64,
    /// What follows the headers.
    pub(crate) code: Vec<u8>,
}

impl Program {
    /// What the program runs on.
    pub fn machine(&self) -> Machine {
        self.machine
    }

    /// Bytes of the executable before its content: headers, code and constants.
    pub fn bytes(&self) -> usize {
        HEADERS_BYTES + self.code.len()
    }

    /// The executable up to its content, of which `content_bytes` are to follow directly.
    ///
    /// The program finds the content through the second program header.
    pub fn with_content(&self, content_bytes: u64) -> Vec<u8> {
        let [program, content] = self.segments(content_bytes);
        let header = FileHeader {
            e_type: ET_DYN,
            e_machine: self.machine.e_machine(),
            e_entry: self.e_entry,
            e_phoff: E_EHSIZE as u64,
            e_phnum: 2,
        };
        let mut out = Vec::with_capacity(self.bytes());
        header.emit(&mut out);
        program.emit(&mut out);
        content.emit(&mut out);
        debug_assert_eq!(out.len(), HEADERS_BYTES);
        out.extend(&self.code);
        debug_assert_eq!(out.len() as u64, content.p_offset);
        out
    }

    fn segments(&self, content_bytes: u64) -> [ProgramHeader; 2] {
        let p_align = self.machine.page_bytes_max();
        let end = self.bytes() as u64;
        let segment = |p_flags, p_offset, p_vaddr, bytes| ProgramHeader {
            p_type: PT_LOAD,
            p_flags,
            p_offset,
            p_vaddr,
            p_filesz: bytes,
            p_memsz: bytes,
            p_align,
        };
        let content_vaddr = end.next_multiple_of(p_align) + end % p_align;
        [segment(PF_R | PF_X, 0, 0, end), segment(PF_R, end, content_vaddr, content_bytes)]
    }
}
