//! The hash that builder and server must agree on, and where it puts a path.
//!
//! The table is a perfect hash by displacement (hash and displace): a path's bucket holds a
//! number, chosen by the builder, which sends each path of that bucket to a slot of its own.

/// A hash of `path`, made as FNV-1a is: one multiplication per byte. It has 64 bits, because two of
/// a million paths would share one of 32; its factor, that of Knuth's multiplicative hash, and its
/// start have fewer, which makes shorter instructions.
///
/// Source: draft-eastlake-fnv, section 2; Knuth, "The Art of Computer Programming", section 6.4.
pub(crate) fn hash(path: &[u8]) -> u64 {
    path.iter().fold(0, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x61c8_8647))
}

/// The bucket of a hash: its low bits.
pub(crate) fn bucket(hash: u64, slot_mask: u32) -> usize {
    hash as usize & (slot_mask >> 2) as usize
}

/// The slot of a hash under its bucket's displacement: multiplication by an odd number, high
/// bits taken, so that each displacement shuffles the whole hash anew.
pub(crate) fn slot(hash: u64, displacement: u16, slot_mask: u32) -> usize {
    (hash.wrapping_mul(2 * u64::from(displacement) + 1) >> 32) as usize & slot_mask as usize
}
