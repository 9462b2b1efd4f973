//! Packed code: bytes that an executable unpacks when it starts, of which the file has two thirds.
//!
//! Each bit is predicted from what stands before it, and a range coder spends on it what it was worth:
//! a bit that was to be expected costs little. There is nothing else: no lengths, no literals, no end.
//!
//! ```text
//!  contexts                  slots                          one number      one bit
//! +-----------------------+ +-------------------------+    +---+           +-------------+
//! | bytes 1, 2, 3 before -|-|> what followed them,    |-+->| + |-> chance->| range coder |-> bit -+
//! | byte  3 before       -|-|> as a weight            |-+  +---+           +-------------+        |
//! | ...                  -|-|> ...                    |-+                    ^ packed bytes       |
//! +-----------------------+ +-------------------------+                                           |
//!                               ^ each learns from the error of the sum --------------------------+
//! ```
//!
//! - A context is a choice of the bytes before, for which [`CONTEXTS`] has a bit each, and the bits of
//!   this byte that are known. Its hash is the place of its [`Slot`]; two contexts may share one, which
//!   makes predictions worse and nothing else.
//! - The weights of all contexts are added up, and the sum becomes a chance: this is logistic
//!   regression with another curve than the logistic one, which needs no power.
//! - A slot learns fast first, and slower the more it has seen.
//!
//! Only numbers of fixed width are used, so packing and unpacking agree on every machine.
//!
//! Source: Martin, "Range encoding", 1979; Mahoney, "Adaptive weighing of context models for lossless
//! data compression", 2005.

#[cfg(all(test, feature = "write"))]
mod tests;
#[cfg(feature = "write")]
mod write;

#[cfg(feature = "write")]
pub use write::{pack, slots};

/// How far behind the page in which an unpacker begins the memory is that it unpacks to: farther than it
/// and what is packed are long.
pub const IMAGE_AT: usize = 16 << 20;

/// How far behind that the first byte is that was packed: there an executable has an ELF header.
pub const IMAGE_START: usize = 64;

/// Bytes of memory before that place which unpacking takes: slots at its end, contexts before them, in
/// whole pages of any size.
pub const MEMORY_BYTES: usize = size_of::<Slots>() + (1 << 16);

/// Slots of a model: a power of two. With 20 bits code of 9 kB takes 5,600 bytes, with 18 bits 130 more,
/// and with 22 bits 30 fewer.
const SLOT_BITS: u32 = 20;

/// Which of the bytes before makes each context: bit 0 is the last one.
const CONTEXTS: [u8; 10] = [0, 1, 2, 3, 4, 6, 9, 5, 17, 18];

/// A prime with few bits, that of FNV-1a.
const PRIME: u32 = 0x0100_0193;

/// How much of an error, of 65,536 parts, a slot learns in the beginning, and in the end.
const FIRST_RATE: i32 = 1040;
const LAST_RATE: i32 = 300;
/// How soon: this power of two is the part of the difference that it loses at a time.
const RATE_SHIFT: u32 = 3;

/// A chance of 1: chances have 16 bits.
const ONE: i32 = 1 << 16;

/// The range is kept above this.
const RANGE_MIN: u32 = 1 << 24;

/// What one context has seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Slot {
    /// For a bit of 1 when positive; 4096 is a chance of 7 to 1.
    weight: i16,
    /// By how much its rate is below [`FIRST_RATE`].
    slowness: u16,
}

/// What has been seen of all contexts. All-zero memory is nothing.
pub type Slots = [Slot; 1 << SLOT_BITS];

/// What is known of one context.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct Context {
    /// The slot of the last bit.
    place: u32,
    /// The hash of its bytes.
    hash: u32,
}

/// What is known of all. All-zero memory is nothing.
pub type Contexts = [Context; CONTEXTS.len()];

/// What predicts.
pub struct Model<'a> {
    /// For each of [`CONTEXTS`].
    pub contexts: &'a mut Contexts,
    /// Before anything is known, zeros.
    pub slots: &'a mut Slots,
}

impl Model<'_> {
    /// Takes note of the bytes before the next one, of which the last is the lowest.
    fn begin(&mut self, before: u64) {
        for (context, &bytes) in self.contexts.iter_mut().zip(&CONTEXTS) {
            let (mut bytes, mut before) = (u32::from(bytes), before);
            context.hash = bytes << 8;
            while bytes != 0 {
                if bytes & 1 != 0 {
                    context.hash = (context.hash ^ u32::from(before as u8)).wrapping_mul(PRIME);
                }
                bytes >>= 1;
                before >>= 8;
            }
        }
    }

    /// The chance that the next bit is 1, of [`ONE`], when those of its byte before it are `known`, with
    /// a 1 in front; it is neither 0 nor 1. Learns from the `error` of the chance before: what the bit
    /// was less what was said.
    fn chance(&mut self, known: u32, error: i32) -> i32 {
        let mut sum = 0;
        for context in &mut *self.contexts {
            let slot = &mut self.slots[slot_of(context.place)];
            let rate = FIRST_RATE - i32::from(slot.slowness);
            slot.weight = slot.weight.wrapping_add(((error * rate) >> 16) as i16);
            slot.slowness += ((rate - LAST_RATE) >> RATE_SHIFT) as u16;
            context.place = context.hash.wrapping_add(known).wrapping_mul(PRIME);
            sum += i32::from(self.slots[slot_of(context.place)].weight);
        }
        // With y for a quarter of 1024th parts, u = y + y^2 + y^3 is to u + 1 as the chance to 1.
        let y = u64::from((sum.unsigned_abs() / 4) as u16);
        let u = y * (y * (y + (1 << 10)) + (1 << 20));
        let half = ((u << 15) / (u + (1 << 30))) as i32;
        ONE / 2 + if sum < 0 { -half } else { half }
    }
}

/// Where the slot of a hash is.
fn slot_of(hash: u32) -> usize {
    (hash >> (32 - SLOT_BITS)) as usize
}

/// Fills `out`, which is zeros, with what was packed into `packed`. The `model` knows nothing.
///
/// ```
/// # #[cfg(feature = "write")] {
/// use pipkin_format::packed::{Contexts, Model, pack, slots, unpack};
/// let packed = pack(b"code code code");
/// let mut out = [0; 14];
/// let mut model = Model { contexts: &mut Contexts::default(), slots: &mut slots() };
/// unpack(&mut model, &mut packed.into_iter(), &mut out);
/// assert_eq!(out, *b"code code code");
/// # }
/// ```
#[inline(always)]
pub fn unpack(model: &mut Model<'_>, packed: &mut impl Iterator<Item = u8>, out: &mut [u8]) {
    let (mut range, mut offset, mut before, mut error) = (1_u32, 0, 0_u64, 0);
    for byte in out {
        model.begin(before);
        let mut known = 1;
        while known < 1 << 8 {
            while range < RANGE_MIN {
                range <<= 8;
                offset <<= 8;
                offset |= u32::from(packed.next().unwrap_or_default());
            }
            let chance = model.chance(known, error);
            let bound = (range >> 16) * chance as u32;
            error = -chance;
            known <<= 1;
            before <<= 1;
            if offset < bound {
                range = bound;
                error += ONE;
                known |= 1;
                before |= 1;
            } else {
                range -= bound;
                offset -= bound;
            }
        }
        *byte = known as u8;
    }
}
