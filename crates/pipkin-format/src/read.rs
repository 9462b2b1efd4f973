//! Reading the blob: any bytes in, answers out.

use crate::{HEADER_BYTES, PORT_AT, RECORD_BYTES, STANDING_AT, Standing, hash};

/// A content blob, or any bytes that claim to be one.
#[derive(Clone, Copy, Debug)]
pub struct Content<'a> {
    bytes: &'a [u8],
}

/// A stored answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stored<'a> {
    /// The response head without `Date` and without the empty line.
    pub head: &'a [u8],
    /// Where the response body is.
    pub body: Body,
}

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
        word(self.bytes, PORT_AT) as u16
    }

    /// The answer stored for `path`, which is percent-decoded and starts with `/`.
    pub fn find(&self, path: &[u8]) -> Option<Stored<'a>> {
        let hash = hash::hash(path);
        let slot_mask = word(self.bytes, 0) as u32;
        let displacement =
            word(self.bytes, HEADER_BYTES + 2 * hash::bucket(hash, slot_mask)) as u16;
        let slots_at = HEADER_BYTES + 2 + 2 * (slot_mask >> 2) as usize;
        let slot = hash::slot(hash, displacement, slot_mask);
        let (stored_path, stored) = self.record(word(self.bytes, slots_at + 4 * slot) as u32);
        // An empty slot leads to a record without a path.
        (stored_path == path).then_some(stored)
    }

    /// The answer that belongs to no route; empty slices for bytes that are no blob.
    pub fn standing(&self, standing: Standing) -> Stored<'a> {
        self.record(word(self.bytes, STANDING_AT + 4 * standing as usize) as u32).1
    }

    /// The bytes of `body`; empty when it does not lie within the blob.
    pub fn body(&self, body: Body) -> &'a [u8] {
        slice(self.bytes, body.at as usize, body.len as usize)
    }

    /// The path and the answer of the record at `at`.
    fn record(&self, at: u32) -> (&'a [u8], Stored<'a>) {
        let at = at as usize;
        let lengths = word(self.bytes, at + 16);
        let (path_len, head_len) = (lengths as u16 as usize, (lengths >> 16) as u16 as usize);
        let path = slice(self.bytes, at + RECORD_BYTES, path_len);
        let head = slice(self.bytes, at + RECORD_BYTES + path_len, head_len);
        (
            path,
            Stored { head, body: Body { at: word(self.bytes, at), len: word(self.bytes, at + 8) } },
        )
    }
}

/// The eight bytes at `at` as a number, of which callers take what they need; 0 beyond the end.
/// Every number of the blob is followed by at least six bytes.
fn word(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |&word| u64::from_le_bytes(word))
}

/// The `len` bytes at `at`; none when they do not lie within the blob.
fn slice(bytes: &[u8], at: usize, len: usize) -> &[u8] {
    bytes.get(at..).and_then(|rest| rest.get(..len)).unwrap_or_default()
}
