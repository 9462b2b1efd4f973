//! The memory of a worker, from one mmap.

use super::{Errno, arch};
use crate::event::Input;

/// A type for which all-zero memory is a value.
///
/// # Safety
///
/// Each field must be a number, an array of such, an enum with a variant for zero, or an option of
/// a reference.
pub(crate) unsafe trait Zeroed {}

// SAFETY: a worker holds numbers, flags, arrays of bytes, `Wait`, `After` and `Standing`, which have a
// variant for zero, and a content, whose default is an option of a reference that is none.
unsafe impl Zeroed for crate::event::Worker {}

// SAFETY: it holds bytes.
#[cfg(feature = "extended")]
unsafe impl Zeroed for crate::extended::Made {}

/// A new value of zeros that lives as long as the process. The kernel provides its pages when
/// they are first touched, so a large table costs what is used of it.
///
/// Source: mmap(2).
pub(crate) fn zeroed<T: Zeroed>() -> Result<&'static mut T, Errno> {
    const READ_WRITE: usize = 1 | 2;
    const PRIVATE_ANONYMOUS_NORESERVE: usize = 0x02 | 0x20 | 0x4000;
    // SAFETY: a mapping at an address that the kernel picks replaces nothing.
    let at = unsafe {
        arch::call6(
            arch::MMAP,
            0,
            size_of::<T>(),
            READ_WRITE,
            PRIVATE_ANONYMOUS_NORESERVE,
            usize::MAX,
            0,
        )
    };
    if at < 0 {
        return Err(Errno::NOMEM);
    }
    const { assert!(align_of::<T>() <= 4096) };
    // SAFETY: the mapping is `size_of::<T>()` bytes of zeros, which `Zeroed` makes a value,
    // page-aligned, never unmapped, and known to nobody else.
    Ok(unsafe { &mut *(at as *mut T) })
}

/// Gives the memory of `input` back, which becomes zeros.
///
/// Source: MADV_DONTNEED(2const).
pub(crate) fn discard(input: &mut Input) {
    const DONTNEED: usize = 4;
    // SAFETY: an input is whole pages, which `zeroed` has made, and any bytes are an input.
    unsafe { arch::call3(arch::MADVISE, &raw mut *input as usize, size_of::<Input>(), DONTNEED) };
}

/// Copies `from` to the start of `to`, or nothing when it has not the space.
///
/// Not by `copy_from_slice`: the call of memcpy(3) that it becomes goes through a table of
/// addresses, which needs a relocation.
pub(crate) fn copy(to: &mut [u8], from: &[u8]) {
    if from.len() <= to.len() {
        // SAFETY: both are as long as `from`; one is borrowed alone, so they do not overlap.
        unsafe { arch::copy(to.as_mut_ptr(), from.as_ptr(), from.len()) }
    }
}
