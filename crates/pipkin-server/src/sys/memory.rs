//! The memory of a worker, from one mmap.

use pipkin_format::Content;

use super::{Errno, arch, prctl};
#[cfg(all(feature = "handler", not(feature = "freestanding")))]
use crate::desk::Desk;
use crate::event::{Input, Worker};

/// A type for which all-zero memory is a value.
///
/// # Safety
///
/// Each field must be a number, an array of such, an enum with a variant for zero, or an option of
/// a reference.
pub(crate) unsafe trait Zeroed {}

// SAFETY: it holds bytes.
#[cfg(feature = "extended")]
unsafe impl Zeroed for crate::extended::Made {}

/// A new worker that serves `content`, and of zeros besides. Of its pages few bytes each are needed,
/// so from here on there are no huge ones.
///
/// Source: mmap(2), PR_SET_THP_DISABLE(2const).
pub(crate) fn worker(content: Content<'static>) -> Result<&'static mut Worker, Errno> {
    const { assert!(align_of::<Worker>() <= 4096) };
    const SET_THP_DISABLE: usize = 41;
    // SAFETY: this prctl(2) takes no pointer.
    unsafe { prctl(SET_THP_DISABLE, 1, 0) };
    let at: *mut Worker = map(size_of::<Worker>())?.cast();
    // SAFETY: the mapping is page-aligned, never unmapped, known to nobody else, and as long as a
    // worker. A worker holds contents, which are written here, and besides only what zeros are a value
    // of: numbers, flags, arrays of bytes, `Wait`, `After` and `Standing`; with a handler also options
    // of pointers, references and functions, and `State`.
    unsafe {
        #[cfg(not(feature = "handler"))]
        let batch = &raw mut (*at).desk;
        #[cfg(feature = "handler")]
        let batch = &raw mut (*at).desk.batch;
        (&raw mut (*batch).content).write(content);
        #[cfg(feature = "extended")]
        (&raw mut (*batch).extended.other).write(Content::default());
        Ok(&mut *at)
    }
}

/// A new desk that serves `content`, without a worker.
#[cfg(all(feature = "handler", not(feature = "freestanding")))]
pub(crate) fn desk(content: Content<'static>) -> Result<&'static mut Desk, Errno> {
    let at: *mut Desk = map(size_of::<Desk>())?.cast();
    // SAFETY: as in `worker`, of which it is a part.
    unsafe {
        (&raw mut (*at).batch.content).write(content);
        Ok(&mut *at)
    }
}

/// A new value of zeros that lives as long as the process. The kernel provides its pages when
/// they are first touched, so a large table costs what is used of it.
///
/// Source: mmap(2).
#[cfg(feature = "extended")]
pub(crate) fn zeroed<T: Zeroed>() -> Result<&'static mut T, Errno> {
    const { assert!(align_of::<T>() <= 4096) };
    let at = map(size_of::<T>())?;
    // SAFETY: the mapping is `size_of::<T>()` bytes of zeros, which `Zeroed` makes a value,
    // page-aligned, never unmapped, and known to nobody else.
    Ok(unsafe { &mut *at.cast() })
}

/// New memory of zeros, whole pages.
///
/// Source: mmap(2).
#[inline(always)]
pub(super) fn map(bytes: usize) -> Result<*mut u8, Errno> {
    const READ_WRITE: usize = 1 | 2;
    const PRIVATE_ANONYMOUS_NORESERVE: usize = 0x02 | 0x20 | 0x4000;
    // SAFETY: a mapping at an address that the kernel picks replaces nothing.
    let at = unsafe {
        let flags = PRIVATE_ANONYMOUS_NORESERVE;
        arch::call6(arch::MMAP, 0, bytes, READ_WRITE, flags, usize::MAX, 0)
    };
    if at < 0 { Err(Errno::NOMEM) } else { Ok(at as *mut u8) }
}

// SAFETY: it holds bytes, numbers, and an `After`.
unsafe impl Zeroed for Input {}

const DONTNEED: usize = 4;

/// Gives the memory of `value` back, which becomes zeros.
///
/// Source: MADV_DONTNEED(2const).
pub(crate) fn discard<T: Zeroed>(value: &mut T) {
    const { assert!(align_of::<T>() == 4096 && size_of::<T>().is_multiple_of(4096)) };
    // SAFETY: it is whole pages, which `map` has made, and zeros are a value.
    unsafe { arch::call3(arch::MADVISE, &raw mut *value as usize, size_of::<T>(), DONTNEED) };
}

/// Copies `from` to the start of `to`, or nothing when it has not the space.
///
/// Not by `copy_from_slice`: the call of memcpy(3) that it becomes goes through a table of
/// addresses, which needs a relocation.
#[cfg_attr(not(target_arch = "x86_64"), inline(never))]
pub(crate) fn copy(to: &mut [u8], from: &[u8]) {
    if from.len() <= to.len() {
        // SAFETY: both are as long as `from`; one is borrowed alone, so they do not overlap.
        unsafe { arch::copy(to.as_mut_ptr(), from.as_ptr(), from.len()) }
    }
}

/// Memory with a part for each connection. All-zero memory is one without.
#[cfg(feature = "handler")]
#[repr(C)]
#[derive(Default)]
pub(crate) struct Region {
    memory: Option<&'static mut [u8]>,
    part_bytes: usize,
}

#[cfg(feature = "handler")]
impl Region {
    /// Makes room for `bytes` for each connection.
    pub(crate) fn reserve(&mut self, bytes: usize) -> Result<(), Errno> {
        let pages = bytes.next_multiple_of(4096);
        let all = pages.checked_mul(crate::event::CONNECTIONS_MAX).ok_or(Errno::NOMEM)?;
        let at = map(all)?;
        // SAFETY: the mapping is `all` bytes, never unmapped, and known to nobody else.
        self.memory = Some(unsafe { core::slice::from_raw_parts_mut(at, all) });
        self.part_bytes = bytes;
        Ok(())
    }

    /// The part of a connection.
    pub(crate) fn of_mut(&mut self, fd: super::Fd) -> &mut [u8] {
        let at = crate::event::index(fd) * self.part_bytes.next_multiple_of(4096);
        let memory = self.memory.as_deref_mut().unwrap_or_default();
        memory.get_mut(at..at + self.part_bytes).unwrap_or_default()
    }

    /// The first `len` bytes of the part of a connection.
    pub(crate) fn of(&self, fd: super::Fd, len: usize) -> &[u8] {
        let at = crate::event::index(fd) * self.part_bytes.next_multiple_of(4096);
        self.memory.as_deref().and_then(|memory| memory.get(at..at + len)).unwrap_or_default()
    }

    /// Gives the memory of a connection's part back, which becomes zeros.
    pub(crate) fn discard(&mut self, fd: super::Fd) {
        let part = self.of_mut(fd);
        // SAFETY: the part begins with a page and is bytes; what follows it up to the end of its
        // last page belongs to nobody.
        unsafe {
            arch::call3(arch::MADVISE, part.as_mut_ptr() as usize, part.len(), DONTNEED);
        }
    }
}
