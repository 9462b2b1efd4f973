//! Reading the blob: any bytes in, answers out.

use crate::{HEADER_BYTES, PORT_AT, RECORD_BYTES, STANDING_AT, Standing, hash};

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

    /// The answer stored for `path`, which is percent-decoded and starts with `/`.
    pub fn find(&self, path: &[u8]) -> Option<Stored> {
        let hash = hash::hash(path);
        let slot_mask = self.word(0) as u32;
        let displacement = self.word(HEADER_BYTES + 2 * hash::bucket(hash, slot_mask)) as u16;
        let slots_at = HEADER_BYTES + 2 + 2 * (slot_mask >> 2) as usize;
        let stored = self.stored(slots_at + 4 * hash::slot(hash, displacement, slot_mask));
        // An empty slot leads to a record without a path.
        (self.path(stored) == path).then_some(stored)
    }

    /// The answer that belongs to no route.
    pub fn standing(&self, standing: Standing) -> Stored {
        self.stored(STANDING_AT + 4 * standing as usize)
    }

    /// The response head of `stored`, without `Date` and without the empty line.
    pub fn head(&self, stored: Stored) -> &'a [u8] {
        let at = stored.0 as usize;
        let path_bytes = self.word(at + 16) as u16 as usize;
        self.slice(at + RECORD_BYTES + path_bytes, self.word(at + 18) as u16 as usize)
    }

    /// What a 304 for `stored` repeats of its head, from the status line on; empty when it takes
    /// no conditions.
    pub fn shared(&self, stored: Stored) -> &'a [u8] {
        let shared_bytes = self.word(stored.0 as usize + 20) as u16;
        self.head(stored).get(..shared_bytes.into()).unwrap_or_default()
    }

    /// Where the response body of `stored` is.
    pub fn body(&self, stored: Stored) -> Body {
        let at = stored.0 as usize;
        Body { at: self.word(at), len: self.word(at + 8) }
    }

    /// The bytes of `body`; empty when it does not lie within the blob.
    pub fn bytes(&self, body: Body) -> &'a [u8] {
        self.slice(body.at as usize, body.len as usize)
    }

    fn path(&self, stored: Stored) -> &'a [u8] {
        let at = stored.0 as usize;
        self.slice(at + RECORD_BYTES, self.word(at + 16) as u16 as usize)
    }

    fn stored(&self, at: usize) -> Stored {
        Stored(self.word(at) as u32)
    }

    /// The eight bytes at `at` as a number, of which callers take what they need; 0 beyond the
    /// end. Every number of the blob is followed by at least six bytes.
    fn word(&self, at: usize) -> u64 {
        word(self.bytes, at)
    }

    fn slice(&self, at: usize, len: usize) -> &'a [u8] {
        slice(self.bytes, at, len)
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
