//! Writing a program with content behind it: offsets first, then bytes.

use crate::architecture::Machine;
use crate::error::Error;
use crate::header::{
    E_EHSIZE, E_PHENTSIZE, ET_DYN, ET_EXEC, FileHeader, PF_R, PF_W, PF_X, PT_GNU_STACK, PT_LOAD,
    ProgramHeader,
};

/// Bytes of the headers before the code: the ELF header and two program headers.
pub const HEADERS_BYTES: usize = headers_bytes(2);

/// What linkers write for the stack, and nobody reads.
const STACK_ALIGN: u64 = 16;

/// Bytes of the ELF header and `count` program headers.
pub(crate) const fn headers_bytes(count: usize) -> usize {
    E_EHSIZE + count * E_PHENTSIZE
}

/// A program that needs no loader but the kernel: code and constants, nothing left to relocate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    pub(crate) machine: Machine,
    /// Where the headers are loaded; anywhere when none.
    pub(crate) base: Option<u64>,
    /// Counted from the start of the headers, as is every address here.
    pub(crate) e_entry: u64,
    /// What follows the headers.
    pub(crate) code: Vec<u8>,
    /// Variables.
    pub(crate) data: Option<Data>,
    /// What the code's place must go on to be a multiple of; a page when that is not known.
    pub(crate) align: u64,
    /// Whether it has room for the program header of content.
    pub(crate) has_content: bool,
    /// Whether it says that its stack holds no code.
    pub(crate) has_stack: bool,
    /// What the first program header has for a physical address, which means nothing to Linux.
    pub(crate) p_paddr: u64,
}

/// The writable segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Data {
    pub(crate) p_vaddr: u64,
    pub(crate) p_memsz: u64,
    /// Its first bytes; the rest are zero.
    pub(crate) bytes: Vec<u8>,
}

impl Program {
    /// What the program runs on.
    pub fn machine(&self) -> Machine {
        self.machine
    }

    /// Whether content is to follow it.
    pub fn has_content(&self) -> bool {
        self.has_content
    }

    /// The same, which finds `number` in the `p_paddr` of its first program header.
    ///
    /// Source: gABI, "Program Header": where physical addresses are ignored, the contents of
    /// `p_paddr` are unspecified. Linux ignores them.
    #[must_use]
    pub fn with_number(self, number: u16) -> Self {
        Self { p_paddr: number.into(), ..self }
    }

    /// Bytes of the executable before its content: headers, code, constants and variables.
    pub fn bytes(&self) -> usize {
        let code_end = self.code_end();
        code_end + self.gap_bytes(code_end) + self.data_bytes().len()
    }

    /// The executable up to its content, of which `content_bytes` are to follow directly.
    ///
    /// The program finds the content through the second program header.
    ///
    /// # Errors
    ///
    /// [`Error::Content`] when there is no room for so much of it.
    pub fn with_content(&self, content_bytes: u64) -> Result<Vec<u8>, Error> {
        let segments = self.segments(self.code_end(), content_bytes)?;
        let e_type = if self.base.is_some() { ET_EXEC } else { ET_DYN };
        let mut out = self.headers(e_type, self.base() + self.e_entry, &segments);
        debug_assert_eq!(out.len(), self.headers_bytes());
        out.extend(&self.code);
        self.push_data(&mut out);
        debug_assert_eq!(out.len(), self.bytes());
        Ok(out)
    }

    /// The bytes of an ELF header and of program headers.
    pub(crate) fn headers(&self, e_type: u16, e_entry: u64, segments: &[ProgramHeader]) -> Vec<u8> {
        let header = FileHeader {
            e_type,
            e_machine: self.machine.e_machine(),
            e_entry,
            e_flags: self.machine.e_flags(),
            e_phnum: segments.len() as u16,
            ..FileHeader::default()
        };
        let mut out = Vec::with_capacity(self.bytes());
        header.emit(&mut out);
        segments.iter().for_each(|segment| segment.emit(&mut out));
        out
    }

    /// Appends the variables to code that ends with `out`.
    pub(crate) fn push_data(&self, out: &mut Vec<u8>) {
        out.resize(out.len() + self.gap_bytes(out.len()), 0);
        out.extend(self.data_bytes());
    }

    /// The segments in the order of their addresses, which the gABI asks for and gVisor insists on, when
    /// the code ends at `code_end` in the file.
    pub(crate) fn segments(
        &self,
        code_end: usize,
        content_bytes: u64,
    ) -> Result<Vec<ProgramHeader>, Error> {
        let code_bytes = self.code_end() as u64;
        let mut segments = vec![ProgramHeader {
            p_paddr: self.p_paddr,
            ..self.segment(PF_R | PF_X, 0, 0, code_bytes)
        }];
        let data_at = code_end + self.gap_bytes(code_end);
        let data = self.data.as_ref().map(|data| self.data_segment(data, data_at));
        if self.has_content {
            let (bytes, limit) = (content_bytes, data.map_or(u64::MAX, |data| data.p_vaddr));
            let at = (data_at + self.data_bytes().len()) as u64;
            let page = self.machine.page_bytes_max();
            let p_vaddr = self.base() + code_bytes.next_multiple_of(page) + at % page;
            if p_vaddr.checked_add(bytes).is_none_or(|end| end > limit - limit % page) {
                return Err(Error::Content { bytes });
            }
            segments.push(self.segment(PF_R, at, p_vaddr - self.base(), bytes));
        }
        let stack = self.has_stack.then(|| ProgramHeader {
            p_type: PT_GNU_STACK,
            p_align: STACK_ALIGN,
            ..self.segment(PF_R | PF_W, 0, 0, 0)
        });
        Ok(segments.into_iter().chain(data).chain(stack).collect())
    }

    fn data_segment(&self, data: &Data, at: usize) -> ProgramHeader {
        let bytes = data.bytes.len() as u64;
        // Of what has no bytes in the file, the offset has only to be congruent.
        let p_offset = if bytes == 0 { data.p_vaddr % self.page() } else { at as u64 };
        let segment = self.segment(PF_R | PF_W, p_offset, data.p_vaddr, bytes);
        ProgramHeader { p_memsz: data.p_memsz, ..segment }
    }

    pub(crate) fn segment(
        &self,
        p_flags: u32,
        p_offset: u64,
        at: u64,
        bytes: u64,
    ) -> ProgramHeader {
        let p_vaddr = self.base() + at;
        ProgramHeader {
            p_type: PT_LOAD,
            p_flags,
            p_offset,
            p_vaddr,
            p_paddr: p_vaddr,
            p_filesz: bytes,
            p_memsz: bytes,
            p_align: self.page(),
        }
    }

    pub(crate) fn base(&self) -> u64 {
        self.base.unwrap_or_default()
    }

    pub(crate) fn page(&self) -> u64 {
        self.machine.page_bytes_max()
    }

    pub(crate) fn headers_bytes(&self) -> usize {
        let more = [self.has_content, self.data.is_some(), self.has_stack];
        headers_bytes(1 + more.into_iter().map(usize::from).sum::<usize>())
    }

    pub(crate) fn code_end(&self) -> usize {
        self.headers_bytes() + self.code.len()
    }

    fn data_bytes(&self) -> &[u8] {
        self.data.as_ref().map_or(&[], |data| &data.bytes)
    }

    /// Bytes between code that ends at `code_end` in the file and variables, after which the offset of
    /// these is congruent to their address: fewer than their alignment, since the linker left as many.
    fn gap_bytes(&self, code_end: usize) -> usize {
        let data = self.data.as_ref().filter(|data| !data.bytes.is_empty());
        data.map_or(0, |data| (data.p_vaddr.wrapping_sub(code_end as u64) % self.page()) as usize)
    }
}
