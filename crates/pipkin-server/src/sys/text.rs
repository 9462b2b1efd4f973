//! Text that ends with NUL, as the kernel hands it to a program.

use core::ffi::CStr;
use core::marker::PhantomData;

/// A C string that is read from its start. At its end it reads NUL, as often as it is asked.
#[derive(Clone, Copy)]
pub(crate) struct Text<'a> {
    /// Invariant: it points to a byte of a C string that is readable and unchanged throughout `'a`.
    at: *const u8,
    string: PhantomData<&'a CStr>,
}

impl<'a> From<&'a CStr> for Text<'a> {
    fn from(string: &'a CStr) -> Self {
        // SAFETY: it is one.
        unsafe { Self::new(string.as_ptr().cast()) }
    }
}

impl<'a> Text<'a> {
    /// The C string that begins at `at`.
    ///
    /// # Safety
    ///
    /// It must be one, readable and unchanged throughout the text's lifetime.
    pub(super) unsafe fn new(at: *const u8) -> Self {
        Self { at, string: PhantomData }
    }

    /// Whether all is read.
    pub(crate) fn is_empty(self) -> bool {
        self.peek() == 0
    }

    fn peek(self) -> u8 {
        // SAFETY: the invariant.
        unsafe { *self.at }
    }

    /// The next byte.
    pub(crate) fn byte(&mut self) -> u8 {
        let byte = self.peek();
        if byte != 0 {
            // SAFETY: the end, which is a byte of the string too, lies behind every other byte.
            self.at = unsafe { self.at.add(1) };
        }
        byte
    }

    /// What is not read.
    #[cfg(any(feature = "extended", feature = "handler", feature = "launcher"))]
    pub(crate) fn bytes(mut self) -> &'a [u8] {
        let (start, mut len) = (self.at, 0);
        while self.byte() != 0 {
            len += 1;
        }
        // SAFETY: `len` bytes have just been read, and by the invariant they stay.
        unsafe { core::slice::from_raw_parts(start, len) }
    }

    /// Whether `start` comes next.
    #[cfg(feature = "launcher")]
    #[inline(never)]
    pub(crate) fn starts_with(mut self, mut start: Text<'_>) -> bool {
        while !start.is_empty() {
            if self.byte() != start.byte() {
                return false;
            }
        }
        true
    }

    /// Where it is, for the kernel.
    #[cfg(feature = "launcher")]
    pub(super) fn address(self) -> usize {
        self.at.expose_provenance()
    }

    /// Reads `word`, or a part of it; whether it is there.
    #[inline(never)]
    pub(crate) fn skip(&mut self, word: &CStr) -> bool {
        let mut word = Text::from(word);
        while !word.is_empty() {
            if self.byte() != word.byte() {
                return false;
            }
        }
        true
    }

    /// Reads a decimal number of up to some 28 bits; 0 when there is no digit.
    #[inline(never)]
    pub(crate) fn number(&mut self) -> u32 {
        let mut number = 0;
        loop {
            let digit = self.peek().wrapping_sub(b'0');
            if digit > 9 || number >> 28 != 0 {
                return number;
            }
            number = number * 10 + u32::from(digit);
            self.byte();
        }
    }
}
