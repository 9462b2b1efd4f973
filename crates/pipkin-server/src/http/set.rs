//! Sets of bytes.

/// A set of bytes: a bit for each of ASCII. The others are in it if the tab is, as in a field's
/// value.
pub(crate) struct Set([u32; 4]);

/// The characters of a method and of a field's name.
///
/// Source: RFC 9110, section 5.6.2.
pub(crate) static TOKEN: Set = Set::range(b'!', b'~', b"\"(),/:;<=>?@[\\]{}");

/// Visible characters.
///
/// Source: RFC 5234, appendix B.1, VCHAR.
pub(super) static VISIBLE: Set = Set::range(b'!', b'~', b"");

/// The characters of a host and a port.
///
/// Source: RFC 3986, section 3.2.2.
pub(super) static HOST: Set = Set::range(b'!', b'~', b"\"#/<>?@\\^`{|}");

/// Decimal digits.
pub(super) static DIGITS: Set = Set::range(b'0', b'9', b"");

/// Visible characters, blanks, and bytes beyond ASCII: all but control characters.
///
/// Source: RFC 9110, section 5.5.
pub(crate) static FIELD_CONTENT: Set = Set::range(
    b'\t',
    b'~',
    b"\n\x0b\x0c\r\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f",
);

impl Set {
    /// The bytes from `first` to `last` but `except`.
    const fn range(first: u8, last: u8, except: &[u8]) -> Self {
        let mut bits = [0; 4];
        let mut byte = first as usize;
        while byte <= last as usize {
            bits[byte / 32] |= 1 << (byte % 32);
            byte += 1;
        }
        let mut at = 0;
        while at < except.len() {
            bits[except[at] as usize / 32] &= !(1 << (except[at] % 32));
            at += 1;
        }
        Self(bits)
    }

    #[inline(always)]
    pub(crate) fn has(&self, byte: u8) -> bool {
        let byte = if byte.is_ascii() { byte } else { b'\t' };
        self.0[byte as usize / 32] >> (byte % 32) & 1 != 0
    }
}
