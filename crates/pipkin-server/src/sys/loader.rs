//! Loading a dynamic linker, as the kernel does when it executes one.

use super::texts::CURRENT_FOLDER;
use super::{Errno, Text, arch, memory, result};

/// Words of an ELF header and of a program header.
const HEADER_WORDS: usize = 8;
const PROGRAM_HEADER_WORDS: usize = 7;

/// Program headers of a dynamic linker, at most; they have about ten.
const HEADERS_MAX: usize = 16;

/// `PT_LOAD`, `PF_X`, `PF_W`.
const LOAD: u32 = 1;
const X: usize = 1;
const W: usize = 2;

/// A dynamic linker that has been loaded; all zeros before.
#[derive(Default)]
pub(crate) struct Loader {
    /// Where its program headers are.
    pub(super) headers: usize,
    /// How many.
    pub(super) headers_count: usize,
    /// Where it begins.
    pub(super) entry: usize,
}

impl Loader {
    /// That at `path`, loaded.
    ///
    /// Its program headers are where linkers put them, directly behind the ELF header, and its first
    /// segment begins with that, at address 0.
    ///
    /// Source: elf(5), open(2), read(2).
    #[inline(always)]
    pub(crate) fn load(&mut self, path: Text<'_>) -> Result<(), Errno> {
        const CLOSE_ON_EXEC: usize = 0o2000000;
        const MAGIC: u32 = u32::from_le_bytes(*b"\x7fELF");
        let mut words = [0_usize; HEADER_WORDS + HEADERS_MAX * PROGRAM_HEADER_WORDS];
        // SAFETY: openat(2) reads a C string.
        let fd = result(unsafe {
            arch::call4(arch::OPENAT, CURRENT_FOLDER, path.address(), CLOSE_ON_EXEC, 0)
        })? as usize;
        // SAFETY: `words` is borrowed alone through the call, and so many bytes.
        unsafe { read(fd, words.as_mut_ptr().expose_provenance(), size_of_val(&words), 0)? };
        let [magic, _, _, entry, _, _, _, count, headers @ ..] = &words;
        self.headers_count = usize::from(*count as u16);
        let headers = headers.as_chunks().0.get(..self.headers_count);
        let (true, Some(headers)) = (*magic as u32 == MAGIC, headers) else {
            return Err(Errno::NOEXEC);
        };
        let mut base = 0;
        // The last one is at the highest address.
        for header in headers.iter().rev() {
            if header[0] as u32 == LOAD {
                if base == 0 {
                    base = memory::map(header[2].wrapping_add(header[5]))? as usize;
                }
                load_segment(fd, base, header)?;
            }
        }
        if base == 0 {
            return Err(Errno::NOEXEC);
        }
        // SAFETY: close(2) takes no pointer.
        unsafe { arch::call1(arch::CLOSE, fd) };
        self.headers = base + HEADER_WORDS * size_of::<usize>();
        self.entry = base.wrapping_add(*entry);
        Ok(())
    }
}

/// Maps a segment into the memory at `base`; one that is written to is copied, so that what is behind
/// its bytes stays zero. That one is the last in the file, so with it all the others are there.
///
/// Source: elf(5), mmap(2).
#[inline(always)]
fn load_segment(
    fd: usize,
    base: usize,
    header: &[usize; PROGRAM_HEADER_WORDS],
) -> Result<(), Errno> {
    const READ: usize = 1;
    const EXECUTE_BITS: u32 = 2;
    const PRIVATE_FIXED: usize = 0x02 | 0x10;
    let &[kind, offset, at, _, bytes, _, align] = header;
    let flags = kind >> 32;
    let to = base.wrapping_add(at);
    // SAFETY: both write to memory from `base` on that nobody else knows, as far as the headers have
    // been counted for it. The file is a program that this process is about to become: what its headers
    // do beyond that, its code could.
    unsafe {
        if flags & W != 0 {
            return read(fd, to, bytes, offset);
        }
        let skew = at & align.wrapping_sub(1);
        let protection = READ | (flags & X) << EXECUTE_BITS;
        let (to, bytes) = (to.wrapping_sub(skew), bytes.wrapping_add(skew));
        let offset = offset.wrapping_sub(skew);
        result(arch::call6(arch::MMAP, to, bytes, protection, PRIVATE_FIXED, fd, offset).min(0))
            .map(drop)
    }
}

/// Reads `bytes` bytes of a file from `offset` on to `to`; a file that is cut has fewer.
///
/// # Safety
///
/// So many bytes at `to` must be writable, and nobody else may know them.
///
/// Source: pread(2).
#[inline(never)]
unsafe fn read(fd: usize, to: usize, bytes: usize, offset: usize) -> Result<(), Errno> {
    // SAFETY: the caller's promise.
    let read = result(unsafe { arch::call4(arch::PREAD64, fd, to, bytes, offset) })?;
    if read as usize == bytes { Ok(()) } else { Err(Errno::NOEXEC) }
}
