//! Sets of bytes.

/// A set of bytes: the bit that its members have in [`SETS`].
#[derive(Clone, Copy)]
pub(crate) struct Set(u8);

/// The characters of a method and of a field's name.
///
/// Source: RFC 9110, section 5.6.2.
pub(crate) const TOKEN: Set = Set(1);

/// Visible characters.
///
/// Source: RFC 5234, appendix B.1, VCHAR.
pub(super) const VISIBLE: Set = Set(2);

/// The characters of a host and a port.
///
/// Source: RFC 3986, section 3.2.2.
pub(super) const HOST: Set = Set(4);

/// Decimal digits.
pub(super) const DIGITS: Set = Set(8);

/// What may stand before and behind a field's value.
///
/// Source: RFC 9110, section 5.6.3.
pub(super) const BLANKS: Set = Set(16);

/// Visible characters, blanks, and bytes beyond ASCII: all but control characters.
///
/// Source: RFC 9110, section 5.5.
pub(crate) const FIELD_CONTENT: Set = Set(32);

/// What does not end an authority.
///
/// Source: RFC 3986, section 3.2.
pub(super) const AUTHORITY: Set = Set(64);

/// The sets that a byte of ASCII is in. Others are in one.
static SETS: [u8; 128] = {
    let mut sets = [0; 128];
    let mut byte = 0;
    while byte < 128 {
        sets[byte] = sets_of(byte as u8);
        byte += 1;
    }
    sets
};

const fn sets_of(byte: u8) -> u8 {
    let end = FIELD_CONTENT.0 | VISIBLE.0;
    let visible = end | AUTHORITY.0;
    match byte {
        b'\t' | b' ' => FIELD_CONTENT.0 | BLANKS.0,
        b'0'..=b'9' => visible | TOKEN.0 | HOST.0 | DIGITS.0,
        b'/' | b'?' => end,
        b'"' | b'<' | b'>' | b'@' | b'\\' | b'{' | b'}' => visible,
        b'(' | b')' | b',' | b':' | b';' | b'=' | b'[' | b']' => visible | HOST.0,
        b'#' | b'^' | b'`' | b'|' => visible | TOKEN.0,
        b'!'..=b'~' => visible | TOKEN.0 | HOST.0,
        _ => 0,
    }
}

impl Set {
    #[inline(always)]
    pub(crate) fn has(self, byte: u8) -> bool {
        if byte.is_ascii() {
            SETS[byte as usize % SETS.len()] & self.0 != 0
        } else {
            self.0 == FIELD_CONTENT.0
        }
    }
}
