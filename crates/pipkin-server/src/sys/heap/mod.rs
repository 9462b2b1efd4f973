//! The heap of a handler that has one, and bytes that are on it.

extern crate alloc;

#[cfg(feature = "freestanding")]
mod allocator;

use alloc::string::String;
use alloc::vec::Vec;
use core::mem::ManuallyDrop;
use core::ptr::NonNull;

#[cfg(feature = "freestanding")]
pub use allocator::Memory;
#[cfg(feature = "freestanding")]
pub(super) use allocator::{begin, is_exhausted};

use super::Bytes;

impl From<String> for Bytes {
    fn from(text: String) -> Self {
        text.into_bytes().into()
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        /// Frees a vector.
        ///
        /// # Safety
        ///
        /// The three must be the parts of a vector that nobody else has.
        unsafe fn free(at: *mut u8, len: usize, capacity: usize) {
            // SAFETY: the caller's promise.
            drop(unsafe { Vec::from_raw_parts(at, len, capacity) });
        }
        let mut bytes = ManuallyDrop::new(bytes);
        let (at, len, capacity) = (bytes.as_mut_ptr(), bytes.len(), bytes.capacity());
        Self { at: NonNull::new(at), len, capacity, free: Some(free) }
    }
}
