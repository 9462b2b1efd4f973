//! Reading the blob: any bytes in, answers out.

use crate::{
    ANSWER_BYTES, BODY_LEN_AT, CODING_AT, ENTRY_BYTES, EXTENTS_AT, Extent, FALLBACK_BYTES_AT,
    FLAGS_AT, HEADER_BYTES, MORE, PATH_LEN_AT, PORT_AT, STANDING_AT, Standing, hash,
};

/// A content blob, or any bytes that claim to be one. The default is no bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Content<'a> {
    bytes: &'a [u8],
}

/// A stored answer: where it is. What it holds, [`Content`] reads when asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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

/// The numbers of an answer.
type Record = [u8; ANSWER_BYTES];

impl<'a> Content<'a> {
    /// The blob over `bytes`. Nothing is read yet: each lookup checks what it loads.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The port to listen on unless told otherwise; 0 for bytes that are no blob.
    pub fn port(&self) -> u16 {
        half(self.record(Stored(0)), PORT_AT)
    }

    /// Bytes of the longest folder that has a fallback.
    pub fn fallback_bytes(&self) -> usize {
        half(self.record(Stored(0)), FALLBACK_BYTES_AT).into()
    }

    /// The first answer stored for `path`, which is percent-decoded and starts with `/`.
    pub fn find(&self, path: &[u8]) -> Option<Stored> {
        let hash = hash::hash(path);
        let slot_mask = self.word(0);
        let displacement = self.word(HEADER_BYTES + 2 * hash::bucket(hash, slot_mask)) as u16;
        let slots_at = HEADER_BYTES + 2 + 2 * (slot_mask >> 2) as usize;
        let entry = self.word(slots_at + 4 * hash::slot(hash, displacement, slot_mask)) as usize;
        let path_bytes = self.word(entry + PATH_LEN_AT) as u16;
        let stored = Stored(self.word(entry));
        (self.slice(entry + ENTRY_BYTES, path_bytes.into()) == path).then_some(stored)
    }

    /// The first answer that belongs to no route.
    pub fn standing(&self, standing: Standing) -> Stored {
        Stored(self.word(STANDING_AT + 4 * standing as usize))
    }

    /// The answer whose flags and body say what the extended server is to do.
    pub fn setting(&self) -> Option<Stored> {
        self.next(self.standing(Standing::Options))
    }

    /// The answer behind `stored` for the same path.
    pub fn next(&self, stored: Stored) -> Option<Stored> {
        let record = self.record(stored);
        let bytes = ANSWER_BYTES as u32 + u32::from(half(record, EXTENTS_AT));
        let next = Stored(stored.0.wrapping_add(bytes));
        (record[FLAGS_AT] & MORE != 0).then_some(next)
    }

    /// The content coding of `stored`: see [`coding`](crate::coding).
    pub fn coding(&self, stored: Stored) -> u32 {
        number(self.record(stored), CODING_AT) as u32
    }

    /// What else is to be known of `stored`: see [`MORE`] and its neighbours.
    pub fn flags(&self, stored: Stored) -> u8 {
        self.record(stored)[FLAGS_AT]
    }

    /// The response head of `stored`, or what of it is repeated.
    pub fn head(&self, stored: Stored, extent: Extent) -> &'a [u8] {
        let record = self.record(stored);
        self.slice(
            stored.0 as usize + ANSWER_BYTES,
            half(record, EXTENTS_AT + 2 * extent as usize).into(),
        )
    }

    /// Where the response body of `stored` is.
    pub fn body(&self, stored: Stored) -> Body {
        let record = self.record(stored);
        Body { at: number(record, 0), len: number(record, BODY_LEN_AT) }
    }

    /// The bytes of `body`; empty when it does not lie within the blob.
    pub fn bytes(&self, body: Body) -> &'a [u8] {
        self.slice(body.at as usize, body.len as usize)
    }

    /// The numbers of `stored`; zeros when it does not lie within the blob.
    #[inline(never)]
    pub(crate) fn record(&self, stored: Stored) -> &'a Record {
        let rest = self.bytes.get(stored.0 as usize..);
        rest.and_then(<[u8]>::first_chunk).unwrap_or(&[0; ANSWER_BYTES])
    }

    /// The four bytes at `at` as a number; 0 beyond the end.
    #[inline(never)]
    fn word(&self, at: usize) -> u32 {
        let rest = self.bytes.get(at..);
        rest.and_then(<[u8]>::first_chunk).map_or(0, |&word| u32::from_le_bytes(word))
    }

    /// The `len` bytes at `at`; none when they do not lie within the blob.
    #[inline(never)]
    fn slice(&self, at: usize, len: usize) -> &'a [u8] {
        let rest = self.bytes.get(at..);
        rest.and_then(|rest| rest.get(..len)).unwrap_or_default()
    }
}

/// The 16-bit number at `at`.
fn half(record: &Record, at: usize) -> u16 {
    u16::from_le_bytes([record[at], record[at + 1]])
}

/// The 64-bit number at `at`.
fn number(record: &Record, at: usize) -> u64 {
    record.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |&bytes| u64::from_le_bytes(bytes))
}
