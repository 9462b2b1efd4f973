//! Bytes that last until they are dropped, wherever they are from.

use core::ops::Deref;
use core::ptr::NonNull;
use core::slice;

/// Bytes of the program, or owned ones.
///
/// Who makes owned ones brings the function that frees them, so that a program that owns none has
/// none. The default is no bytes, and all zeros.
///
/// ```
/// use pipkin_server::handler::Bytes;
///
/// let bytes: Bytes = "text".into();
/// assert_eq!(*bytes, *b"text");
/// ```
#[repr(C)]
#[derive(Default)]
pub struct Bytes {
    /// Invariant: readable, and unchanged until this is dropped, for `len` bytes. Without it, `len` is 0.
    pub(super) at: Option<NonNull<u8>>,
    pub(super) len: usize,
    /// What `free` needs to know besides.
    pub(super) capacity: usize,
    /// Invariant: to be called once with what the three above say.
    pub(super) free: Option<unsafe fn(*mut u8, usize, usize)>,
}

impl Bytes {
    /// Bytes of the program.
    ///
    /// ```
    /// use pipkin_server::handler::Bytes;
    ///
    /// assert_eq!(Bytes::fixed(b"text").len(), 4);
    /// ```
    #[inline]
    pub const fn fixed(bytes: &'static [u8]) -> Self {
        let at = NonNull::new(bytes.as_ptr().cast_mut());
        Self { at, len: bytes.len(), capacity: 0, free: None }
    }

    /// How many there are.
    #[inline]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Drops them.
    #[inline(never)]
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

impl From<&'static [u8]> for Bytes {
    #[inline]
    fn from(bytes: &'static [u8]) -> Self {
        Self::fixed(bytes)
    }
}

impl<const N: usize> From<&'static [u8; N]> for Bytes {
    #[inline]
    fn from(bytes: &'static [u8; N]) -> Self {
        Self::fixed(bytes)
    }
}

impl From<&'static str> for Bytes {
    #[inline]
    fn from(text: &'static str) -> Self {
        Self::fixed(text.as_bytes())
    }
}

impl Deref for Bytes {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        let at = self.at.unwrap_or(NonNull::dangling());
        // SAFETY: the invariant of `at`; no bytes may be anywhere.
        unsafe { slice::from_raw_parts(at.as_ptr(), self.len) }
    }
}

impl Drop for Bytes {
    #[inline]
    fn drop(&mut self) {
        if let (Some(free), Some(at)) = (self.free.take(), self.at.take()) {
            // SAFETY: the invariant of `free`, which is called once, since it is taken.
            unsafe { free(at.as_ptr(), self.len, self.capacity) }
        }
    }
}
