//! Reading the blob: any bytes in, answers out.

use core::num::NonZeroU32;

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
        self.u16_at(PORT_AT).unwrap_or(0)
    }

    /// The answer stored for `path`, which is percent-decoded and starts with `/`.
    pub fn find(&self, path: &[u8]) -> Option<Stored<'a>> {
        let hash = hash::hash(path);
        let slot_mask = self.u32_at(0)?;
        let displacement = self.u16_at(HEADER_BYTES + 2 * hash::bucket(hash, slot_mask))?;
        let slots_at = HEADER_BYTES + 2 + 2 * (slot_mask >> 2) as usize;
        let slot = hash::slot(hash, displacement, slot_mask);
        let (stored_path, stored) = self.record(self.u32_at(slots_at + 4 * slot)?)?;
        (stored_path == path).then_some(stored)
    }

    /// The answer that belongs to no route; empty slices for bytes that are no blob.
    pub fn standing(&self, standing: Standing) -> Stored<'a> {
        let at = self.u32_at(STANDING_AT + 4 * standing as usize);
        at.and_then(|at| self.record(at)).map_or_else(Stored::default, |(_, stored)| stored)
    }

    /// The bytes of `body`; empty when it does not lie within the blob.
    pub fn body(&self, body: Body) -> &'a [u8] {
        let rest = self.bytes.get(body.at as usize..);
        rest.and_then(|rest| rest.get(..body.len as usize)).unwrap_or_default()
    }

    /// The path and the answer of the record at `at`; none at 0, which marks an empty slot.
    fn record(&self, at: u32) -> Option<(&'a [u8], Stored<'a>)> {
        let at = NonZeroU32::new(at)?.get() as usize;
        let body = Body { at: self.u64_at(at)?, len: self.u64_at(at + 8)? };
        let rest = self.bytes.get(at + RECORD_BYTES..)?;
        let (path, rest) = rest.split_at_checked(self.u16_at(at + 16)?.into())?;
        let head = rest.get(..self.u16_at(at + 18)?.into())?;
        Some((path, Stored { head, body }))
    }

    fn u16_at(&self, at: usize) -> Option<u16> {
        self.chunk_at(at).map(u16::from_le_bytes)
    }

    fn u32_at(&self, at: usize) -> Option<u32> {
        self.chunk_at(at).map(u32::from_le_bytes)
    }

    fn u64_at(&self, at: usize) -> Option<u64> {
        self.chunk_at(at).map(u64::from_le_bytes)
    }

    fn chunk_at<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        self.bytes.get(at..)?.first_chunk().copied()
    }
}
