//! What runs before a packed program: it makes that program, and goes on in it.

use core::slice;

use pipkin_format::packed::{self, Contexts, IMAGE_AT, IMAGE_START, Model, Slots};

use super::arch;
use super::opaque::place;

/// Where the second program header is, and in it the physical address, which means nothing to Linux: here
/// it is two numbers, the entry point of the program that is unpacked and where its code ends.
const NUMBERS_AT: usize = 64 + 56 + 24;

/// Unpacks the program behind this one, and starts it with the same stack.
///
/// Source: munmap(2), mprotect(2).
///
/// # Safety
///
/// The executable must be one that the builder has packed, as `pipkin_elf`'s `pack` describes it, and
/// `stack` the initial stack pointer.
#[inline(always)]
pub(super) unsafe fn run(stack: *const *const u8) -> ! {
    const READ_EXECUTE: usize = 1 | 4;
    // To an unpacker, the executable is what is behind it, in the page of its headers.
    let packed = arch::executable();
    let page = packed.wrapping_sub(packed.addr() % 4096).cast_mut();
    let image = place(page.wrapping_add(IMAGE_AT));
    let slots = place(image.wrapping_sub(size_of::<Slots>()));
    // SAFETY: the builder has put the numbers there. The kernel has mapped memory of zeros, slots and
    // what is unpacked, which nobody knows but this function; zeros are slots. It is given back, and
    // made executable, when no reference to it is left.
    unsafe {
        let [entry, end] = page.add(NUMBERS_AT).cast::<[u32; 2]>().read();
        let bytes = end as usize;
        let out = slice::from_raw_parts_mut(image.add(IMAGE_START), bytes - IMAGE_START);
        let contexts = slots.wrapping_sub(size_of::<Contexts>());
        let mut model = Model { contexts: &mut *contexts.cast(), slots: &mut *slots.cast() };
        packed::unpack(&mut model, &mut Bytes(packed), out);
        arch::call2(arch::MUNMAP, slots as usize, size_of::<Slots>());
        arch::call3(arch::MPROTECT, image as usize, bytes, READ_EXECUTE);
        arch::enter(image as usize + entry as usize, stack as usize)
    }
}

/// The bytes of the executable from some place in its code on.
struct Bytes(
    /// Invariant: fewer bytes are asked for than there are.
    *const u8,
);

impl Iterator for Bytes {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        // SAFETY: the invariant.
        let byte = unsafe { *self.0 };
        self.0 = self.0.wrapping_add(1);
        Some(byte)
    }
}
