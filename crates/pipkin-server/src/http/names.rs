//! The names that mean something: a number for each.
//!
//! They are told apart by a hash of 32 bits: a text is walked over once anyway, and a hash takes
//! four bytes where a name takes its letters and a loop. The hash also says where in a table without
//! gaps a name stands, so it is compared with one. No two registered names share a hash (see the
//! tests). Who makes up a name that has the hash of another gets that other's meaning, and at most its
//! own connection closed.

macro_rules! names {
    ($($name:ident $text:literal $source:literal,)*) => {
        /// A name that means something.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Name { $(#[doc = $source] $name = place(hash($text)),)* }

        /// The hash of each name, at its number.
        static HASHES: [u32; NAMES] = {
            let mut hashes = [0; NAMES];
            $(hashes[Name::$name as usize] = hash($text);)*
            hashes
        };

        const NAMES: usize = [$($text),*].len();

        impl Name {
            /// All of them.
            pub const ALL: &[(Self, &str)] = &[$((Self::$name, $text),)*];
        }
    };
}

// Fields without case, in lower case.
names! {
    IfMatch "if-match" "RFC 9110, section 13.1.1",
    IfNoneMatch "if-none-match" "RFC 9110, section 13.1.2",
    IfRange "if-range" "RFC 9110, section 13.1.5",
    Range "range" "RFC 9110, section 14.2",
    AcceptEncoding "accept-encoding" "RFC 9110, section 12.5.3",
    Accept "accept" "RFC 9110, section 12.5.1",
    Host "host" "RFC 9110, section 7.2",
    ContentLength "content-length" "RFC 9110, section 8.6",
    TransferEncoding "transfer-encoding" "RFC 9112, section 6.1",
    Connection "connection" "RFC 9110, section 7.6.1",
    Get "GET" "RFC 9110, section 9.3.1",
    Head "HEAD" "RFC 9110, section 9.3.2",
    Options "OPTIONS" "RFC 9110, section 9.3.7",
    Post "POST" "RFC 9110, section 9.3.3",
    Put "PUT" "RFC 9110, section 9.3.4",
    Delete "DELETE" "RFC 9110, section 9.3.5",
    Patch "PATCH" "RFC 5789",
    Trace "TRACE" "RFC 9110, section 9.3.8",
    Connect "CONNECT" "RFC 9110, section 9.3.6",
    Old "HTTP/1.0" "RFC 1945",
    Current "HTTP/1.1" "RFC 9112",
}

impl Name {
    /// The number of every other name.
    pub const UNKNOWN: u8 = NAMES as u8;

    /// The number of what is no name.
    pub const NONE: u8 = Self::UNKNOWN + 1;

    /// Its bit in a set of names.
    pub const fn bit(self) -> u32 {
        1 << self as u8
    }
}

/// The number of the name with this hash.
#[inline(always)]
pub(super) fn number_of(hash: u32) -> u8 {
    let place = place(hash);
    if HASHES.get(place as usize) == Some(&hash) { place } else { Name::UNKNOWN }
}

/// Where a name with this hash is, if there is one: another place for each name.
const fn place(hash: u32) -> u8 {
    ((hash as u64 * NAMES as u64) >> 32) as u8
}

/// The hash of no text: one with which no two names have the same [`place`], found by search.
pub(super) const SEED: u32 = 0x1df9_0392;

/// One step of FNV-1a with 32 bits.
///
/// Source: draft-eastlake-fnv, section 2.
pub(super) const fn step(hash: u32, byte: u8) -> u32 {
    (hash ^ byte as u32).wrapping_mul(0x0100_0193)
}

const fn hash(text: &str) -> u32 {
    let (mut hash, mut at) = (SEED, 0);
    while at < text.len() {
        hash = step(hash, text.as_bytes()[at]);
        at += 1;
    }
    hash
}

#[cfg(test)]
mod tests;
