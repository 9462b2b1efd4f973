//! Executables that unpack their own code: what is small in the file is as it was in memory.
//!
//! ```text
//! file offset                                        address
//! 0     +------------------------------+             0
//!       | ELF header                   |
//!       | program header: unpacker     |  PT_LOAD R+X
//!       | program header: memory       |  PT_LOAD R+W, nothing of the file
//!       | program header: content ...  |
//!       | unpacker                     |
//!       | packed headers and code      |
//!       +------------------------------+
//!       | variables, content           |             as without it, from image_at on
//!       +------------------------------+
//!                                              image_at - memory_bytes   the unpacker's own memory
//!                                              image_at                  ELF header: zeros
//!                                              image_at + 64             program headers, code
//! ```
//!
//! The unpacker is entered with the stack as the kernel has made it, fills the memory from `image_at` on
//! with what was packed, takes the right to write to it away and gives the right to execute it, and goes
//! on at the entry point. The program finds its program headers where it was linked to have them.
//! What the unpacker is to know stands in the header of the memory, where it is of no meaning to Linux:
//! the lower half of `p_paddr` is the entry point, the upper half the end of the code, both counted from
//! `image_at`.
//!
//! No memory is ever writable and executable at a time; but what was writable becomes executable, which a
//! system can forbid (`execmem` of SELinux, `PR_SET_MDWE`).

use crate::append::{Program, headers_bytes};
use crate::error::Error;
use crate::header::{E_EHSIZE, ET_DYN, ET_EXEC, PF_R, PF_W, PF_X, ProgramHeader};

/// What unpacks.
#[derive(Clone, Copy)]
pub struct Unpacker<'a> {
    /// [Code alone](crate::read_alone), of which the packed bytes are to follow the end.
    pub program: &'a Program,
    /// How far the memory to unpack to is from the page in which the unpacker begins.
    pub image_at: u64,
    /// Bytes of memory that it needs directly before.
    pub memory_bytes: u64,
    /// What the unpacker makes these bytes of; zeros behind it mean nothing.
    pub pack: &'a dyn Fn(&[u8]) -> Vec<u8>,
}

impl Program {
    /// As [`with_content`](Self::with_content) an executable up to its content, which unpacks the program
    /// when it starts; or that one, when it is not longer, or when what is packed has no room.
    ///
    /// # Errors
    ///
    /// [`Error::Content`] when there is no room for so much of it.
    pub fn packed_with_content(
        &self,
        content_bytes: u64,
        unpacker: &Unpacker<'_>,
    ) -> Result<Vec<u8>, Error> {
        let plain = self.with_content(content_bytes)?;
        let packed = self.packed(content_bytes, unpacker);
        Ok(packed.filter(|packed| packed.len() < plain.len()).unwrap_or(plain))
    }

    /// None without room.
    pub(crate) fn packed(&self, content_bytes: u64, unpacker: &Unpacker<'_>) -> Option<Vec<u8>> {
        debug_assert_eq!(self.machine, unpacker.program.machine);
        let headers_bytes = self.headers_bytes() + headers_bytes(1) - E_EHSIZE;
        let mut code = unpacker.program.code.clone();
        let packed_at = code.len();
        // Where the content is depends on how long the packed bytes are, among which this stands. The room
        // for them only grows, and at most once for each place in a page: no more than that can change.
        let segments = loop {
            let segments = self.segments(headers_bytes + code.len(), content_bytes).ok()?;
            let packed = (unpacker.pack)(&self.image(&segments));
            let room = code.len() - packed_at;
            code.truncate(packed_at);
            code.extend(&packed);
            if packed.len() <= room {
                code.resize(packed_at + room, 0);
                break segments;
            }
        };
        let segments = self.packed_segments(&segments, headers_bytes + code.len(), unpacker)?;
        let e_type = if self.base.is_some() { ET_EXEC } else { ET_DYN };
        let in_code = unpacker.program.e_entry - crate::append::headers_bytes(1) as u64;
        let e_entry = segments[0].p_vaddr + headers_bytes as u64 + in_code;
        let mut out = self.headers(e_type, e_entry, &segments);
        debug_assert_eq!(out.len(), headers_bytes);
        out.extend(&code);
        self.push_data(&mut out);
        Some(out)
    }

    /// What is unpacked: of the program headers what the program looks at, and the code.
    fn image(&self, segments: &[ProgramHeader]) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.code_end());
        for segment in segments {
            let ProgramHeader { p_offset, p_vaddr, p_paddr, p_memsz, .. } = *segment;
            ProgramHeader { p_offset, p_vaddr, p_paddr, p_memsz, ..ProgramHeader::NULL }
                .emit(&mut out);
        }
        out.extend(&self.code);
        out
    }

    /// The segments of the executable, of which those of the program are `segments`: that of its code
    /// makes room for two. None when the first, which ends at `code_end`, would reach the second, or
    /// when the end of the code is no number of 32 bits.
    fn packed_segments(
        &self,
        segments: &[ProgramHeader],
        code_end: usize,
        unpacker: &Unpacker<'_>,
    ) -> Option<Vec<ProgramHeader>> {
        // A program that has a place stays there, and the unpacker comes before it.
        let image = self.base.unwrap_or(unpacker.image_at);
        let moved = |p_vaddr: u64| p_vaddr - self.base() + image;
        let own_at = image.checked_sub(unpacker.image_at)?;
        let p_vaddr = image.checked_sub(unpacker.memory_bytes)?;
        let unpacked = u64::from(u32::try_from(self.code_end()).ok()?);
        if own_at + code_end as u64 > p_vaddr {
            return None;
        }
        let own = ProgramHeader {
            p_vaddr: own_at,
            p_paddr: 0,
            ..self.segment(PF_R | PF_X, 0, 0, code_end as u64)
        };
        let memory = ProgramHeader {
            p_vaddr,
            p_paddr: self.e_entry | unpacked << 32,
            p_filesz: 0,
            p_memsz: unpacker.memory_bytes + unpacked,
            ..self.segment(PF_R | PF_W, 0, 0, 0)
        };
        let rest = segments[1..].iter().map(|segment| ProgramHeader {
            p_vaddr: moved(segment.p_vaddr),
            p_paddr: moved(segment.p_paddr),
            ..*segment
        });
        Some([own, memory].into_iter().chain(rest).collect())
    }
}
