//! Reading the blob: any bytes in, answers out.

use crate::{
    BODY_LEN_AT, CODING_AT, EXTENTS_AT, Extent, FALLBACK_BYTES_AT, FLAGS_AT, HEADER_BYTES, MORE,
    PATH_LEN_AT, PORT_AT, RECORD_BYTES, STANDING_AT, Standing, hash,
};

/// A content blob, or any bytes that claim to be one.
#[derive(Clone, Copy, Debug)]
pub struct Content<'a> {
    bytes: &'a [u8],
}

/// A stored answer: where its record is. What it holds, [`Content`] reads when asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored(u32);

/// A part of the blob: plain numbers, so that a connection that waits for its peer can keep
/// them in memory that starts as zeros.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// Offset of the first byte from the start of the blob.
    pub at: u64,
    /// Length in bytes.
    pub len: u64,
}

impl<'a> Content<'a> {
    /// The blob over `bytes`. Nothing is read yet: each lookup checks what it loads.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The port to listen on unless told otherwise; 0 for bytes that are no blob.
    pub fn port(&self) -> u16 {
        self.word(PORT_AT) as u16
    }

    /// Bytes of the longest folder that has a fallback.
    pub fn fallback_bytes(&self) -> usize {
        self.word(FALLBACK_BYTES_AT) as u16 as usize
    }

    /// The first answer stored for `path`, which is percent-decoded and starts with `/`.
    pub fn find(&self, path: &[u8]) -> Option<Stored> {
        let hash = hash::hash(path);
        let slot_mask = self.word(0) as u32;
        let displacement = self.word(HEADER_BYTES + 2 * hash::bucket(hash, slot_mask)) as u16;
        let slots_at = HEADER_BYTES + 2 + 2 * (slot_mask >> 2) as usize;
        let stored = self.stored(slots_at + 4 * hash::slot(hash, displacement, slot_mask));
        // An empty slot leads to a record without a path.
        let at = stored.0 as usize + RECORD_BYTES;
        (self.slice(at, self.path_bytes(stored)) == path).then_some(stored)
    }

    /// The first answer that belongs to no route.
    pub fn standing(&self, standing: Standing) -> Stored {
        self.stored(STANDING_AT + 4 * standing as usize)
    }

    /// The answer behind `stored` for the same path.
    pub fn next(&self, stored: Stored) -> Option<Stored> {
        let bytes = RECORD_BYTES + self.path_bytes(stored) + self.head_bytes(stored, Extent::Whole);
        let next = Stored(stored.0.wrapping_add(bytes as u32));
        (self.flags(stored) & MORE != 0).then_some(next)
    }

    /// The content coding of `stored`: see [`coding`](crate::coding).
    pub fn coding(&self, stored: Stored) -> u32 {
        self.field(stored, CODING_AT) as u32
    }

    /// What else is to be known of `stored`: see [`MORE`] and its neighbours.
    pub fn flags(&self, stored: Stored) -> u8 {
        self.field(stored, FLAGS_AT) as u8
    }

    /// The response head of `stored`, or what of it is repeated.
    pub fn head(&self, stored: Stored, extent: Extent) -> &'a [u8] {
        let at = stored.0 as usize + RECORD_BYTES + self.path_bytes(stored);
        self.slice(at, self.head_bytes(stored, extent))
    }

    /// Where the response body of `stored` is.
    pub fn body(&self, stored: Stored) -> Body {
        Body { at: self.field(stored, 0), len: self.field(stored, BODY_LEN_AT) }
    }

    /// The bytes of `body`; empty when it does not lie within the blob.
    pub fn bytes(&self, body: Body) -> &'a [u8] {
        self.slice(body.at as usize, body.len as usize)
    }

    fn path_bytes(&self, stored: Stored) -> usize {
        self.field(stored, PATH_LEN_AT) as u16 as usize
    }

    fn head_bytes(&self, stored: Stored, extent: Extent) -> usize {
        self.field(stored, EXTENTS_AT + 2 * extent as usize) as u16 as usize
    }

    fn field(&self, stored: Stored, at: usize) -> u64 {
        self.word(stored.0 as usize + at)
    }

    fn stored(&self, at: usize) -> Stored {
        Stored(self.word(at) as u32)
    }

    fn word(&self, at: usize) -> u64 {
        word(self.bytes, at)
    }

    fn slice(&self, at: usize, len: usize) -> &'a [u8] {
        slice(self.bytes, at, len)
    }
}

/// The eight bytes at `at` as a number, of which callers take what they need; 0 beyond the end.
/// Every number of the blob is followed by at least seven bytes.
fn word(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |&word| u64::from_le_bytes(word))
}

/// The `len` bytes at `at`; none when they do not lie within the blob.
fn slice(bytes: &[u8], at: usize, len: usize) -> &[u8] {
    bytes.get(at..).and_then(|rest| rest.get(..len)).unwrap_or_default()
}
