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

/// A stored answer: where it is.
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

/// The numbers of a stored answer.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct Record {
    /// Where the response body is.
    pub body: Body,
    /// The answer.
    pub stored: Stored,
    /// The content coding: see [`coding`](crate::coding).
    pub coding: u32,
    /// Bytes of each extent of its head.
    extents: [u16; 3],
    /// What else is to be known: see [`MORE`] and its neighbours.
    pub flags: u8,
}

impl Record {
    /// The answer behind this one for the same path.
    pub fn next(&self) -> Option<Stored> {
        let bytes = ANSWER_BYTES as u32 + u32::from(self.extents[0]);
        let next = Stored(self.stored.0.wrapping_add(bytes));
        (self.flags & MORE != 0).then_some(next)
    }
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
        (self.word(FALLBACK_BYTES_AT) as u16).into()
    }

    /// The first answer stored for `path`, which is percent-decoded and starts with `/`.
    pub fn find(&self, path: &[u8]) -> Option<Stored> {
        let hash = hash::hash(path);
        let slot_mask = self.word(0) as u32;
        let displacement = self.word(HEADER_BYTES + 2 * hash::bucket(hash, slot_mask)) as u16;
        let slots_at = HEADER_BYTES + 2 + 2 * (slot_mask >> 2) as usize;
        let entry =
            self.word(slots_at + 4 * hash::slot(hash, displacement, slot_mask)) as u32 as usize;
        let head = self.word(entry);
        let path_bytes = (head >> (8 * PATH_LEN_AT)) as u16;
        let stored = Stored(head as u32);
        (self.slice(entry + ENTRY_BYTES, path_bytes.into()) == path).then_some(stored)
    }

    /// The first answer that belongs to no route.
    pub fn standing(&self, standing: Standing) -> Stored {
        Stored(self.word(STANDING_AT + 4 * standing as usize) as u32)
    }

    /// The answer whose flags and body say what the extended server is to do.
    pub fn setting(&self) -> Option<Stored> {
        self.next(self.standing(Standing::Options))
    }

    /// The answer behind `stored` for the same path.
    pub fn next(&self, stored: Stored) -> Option<Stored> {
        self.record(stored).next()
    }

    /// The content coding of `stored`: see [`coding`](crate::coding).
    pub fn coding(&self, stored: Stored) -> u32 {
        self.record(stored).coding
    }

    /// What else is to be known of `stored`: see [`MORE`] and its neighbours.
    pub fn flags(&self, stored: Stored) -> u8 {
        self.record(stored).flags
    }

    /// The response head of `stored`, or what of it is repeated.
    pub fn head(&self, stored: Stored, extent: Extent) -> &'a [u8] {
        self.head_of(&self.record(stored), extent, 0)
    }

    /// The response head of a record, or what of it is repeated, without the first `skip` bytes.
    pub fn head_of(&self, record: &Record, extent: Extent, skip: usize) -> &'a [u8] {
        let at = record.stored.0 as usize + ANSWER_BYTES + skip;
        self.slice(at, usize::from(record.extents[extent as usize]).wrapping_sub(skip))
    }

    /// Where the response body of `stored` is.
    pub fn body(&self, stored: Stored) -> Body {
        self.record(stored).body
    }

    /// The bytes of `body`; empty when it does not lie within the blob.
    pub fn bytes(&self, body: Body) -> &'a [u8] {
        self.slice(body.at as usize, body.len as usize)
    }

    /// Where in the blob `bytes` are; beyond its end when they are others.
    pub fn place_of(&self, bytes: &[u8]) -> usize {
        bytes.as_ptr().addr().wrapping_sub(self.bytes.as_ptr().addr())
    }

    /// Its bytes.
    pub fn whole(&self) -> &'a [u8] {
        self.bytes
    }

    /// The numbers of `stored`; zeros when it does not lie within the blob.
    pub fn record(&self, stored: Stored) -> Record {
        let Some(bytes) = self.bytes_of(stored) else { return Record::default() };
        let half = |at| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        let number = |at: usize| word(bytes, at);
        Record {
            body: Body { at: number(0), len: number(BODY_LEN_AT) },
            stored,
            coding: number(CODING_AT) as u32,
            extents: [half(EXTENTS_AT), half(EXTENTS_AT + 2), half(EXTENTS_AT + 4)],
            flags: bytes[FLAGS_AT],
        }
    }

    /// The bytes of the numbers of `stored`; none when it does not lie within the blob.
    pub(crate) fn bytes_of(&self, stored: Stored) -> Option<&'a [u8; ANSWER_BYTES]> {
        self.bytes.get(stored.0 as usize..)?.first_chunk()
    }

    /// The eight bytes at `at` as a number, of which a caller takes what it needs: behind each number
    /// of the index there are more than eight. 0 beyond the end.
    #[inline(never)]
    fn word(&self, at: usize) -> u64 {
        word(self.bytes, at)
    }

    /// The `len` bytes at `at`; none when they do not lie within the blob.
    #[inline(never)]
    fn slice(&self, at: usize, len: usize) -> &'a [u8] {
        let rest = self.bytes.get(at..);
        rest.and_then(|rest| rest.get(..len)).unwrap_or_default()
    }
}

/// The eight bytes at `at` as a number; 0 beyond the end. Processors of riscv64 need not load them from
/// an odd address, so there it takes 22 instructions, and one function for all who ask.
#[cfg_attr(target_arch = "riscv64", inline(never))]
fn word(bytes: &[u8], at: usize) -> u64 {
    let rest = bytes.get(at..);
    rest.and_then(<[u8]>::first_chunk).map_or(0, |&word| u64::from_le_bytes(word))
}
