//! Packing: the same model predicts each bit, and the range coder is turned around.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use super::{Contexts, Model, RANGE_MIN, SLOT_BITS, Slot, Slots};

/// What [`unpack`](super::unpack) unpacks to `bytes`.
pub fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut model = Model { contexts: &mut Contexts::default(), slots: &mut slots() };
    let (mut coder, mut before, mut error) = (Coder::new(), 0, 0);
    for &byte in bytes {
        model.begin(before);
        let mut known = 1_u32;
        while known < 1 << 8 {
            let bit = u32::from(byte) >> (7 - known.ilog2()) & 1;
            let chance = model.chance(known, error);
            coder.push(bit, chance as u32);
            error = (bit << 16) as i32 - chance;
            known = known << 1 | bit;
        }
        before = before << 8 | u64::from(byte);
    }
    coder.end()
}

/// Slots that have seen nothing.
pub fn slots() -> Box<Slots> {
    vec![Slot::default(); 1 << SLOT_BITS].try_into().expect("as many")
}

/// A range coder: the bytes written stand for a number of which the first bits are certain.
struct Coder {
    out: Vec<u8>,
    /// The least that the rest may be.
    low: u32,
    /// How many numbers it may be.
    range: u32,
}

impl Coder {
    fn new() -> Self {
        Self { out: Vec::new(), low: 0, range: 1 }
    }

    fn push(&mut self, bit: u32, chance: u32) {
        while self.range < RANGE_MIN {
            self.range <<= 8;
            self.shift();
        }
        let bound = (self.range >> 16) * chance;
        if bit == 1 {
            self.range = bound;
        } else {
            let (low, carries) = self.low.overflowing_add(bound);
            self.low = low;
            self.range -= bound;
            if carries {
                self.carry();
            }
        }
    }

    fn shift(&mut self) {
        self.out.push((self.low >> 24) as u8);
        self.low <<= 8;
    }

    /// Adds 1 to what is written.
    fn carry(&mut self) {
        for byte in self.out.iter_mut().rev() {
            *byte = byte.wrapping_add(1);
            if *byte != 0 {
                return;
            }
        }
    }

    /// What is written. The first four bytes are zeros: a range that grows from 1 has no others before it.
    fn end(mut self) -> Vec<u8> {
        for _ in 0..4 {
            self.shift();
        }
        self.out.split_off(4)
    }
}
