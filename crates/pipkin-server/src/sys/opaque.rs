//! Values that the compiler cannot see through. None is an instruction.
//!
//! It is for where the compiler knows too much: it would keep a constant in a register of its own, which
//! has to be saved first, or test once what is tested twice, and remember the result.
#![allow(asm_sub_register, reason = "the operands stand in comments")]

use core::arch::asm;

/// A function for each type, since an operand has one.
macro_rules! opaque {
    ($($(#[$doc:meta])* $name:ident($type:ty, $class:ident))*) => {$(
        $(#[$doc])*
        #[inline(always)]
        pub(crate) fn $name(value: $type) -> $type {
            let mut value = value;
            // SAFETY: it is no instruction.
            unsafe {
                asm!("/* {0} */", inout($class) value, options(pure, nomem, nostack, preserves_flags));
            }
            value
        }
    )*};
}

#[cfg(target_arch = "x86_64")]
opaque! {
    /// `value`.
    byte(u8, reg_byte)
}

#[cfg(not(target_arch = "x86_64"))]
opaque! {
    /// `value`.
    byte(u8, reg)
}

opaque! {
    /// `value`.
    word(u32, reg)
    /// `value`, which may be an argument.
    constant(usize, reg)
}

/// `place`, to which something may have been written.
#[inline(always)]
pub(super) fn place<T>(place: *mut T) -> *mut T {
    let mut place = place;
    // SAFETY: it is no instruction.
    unsafe { asm!("/* {0} */", inout(reg) place, options(nostack, preserves_flags)) };
    place
}

/// `reference`.
#[inline(always)]
pub(crate) fn seen<T>(reference: &T) -> &T {
    let mut at = core::ptr::from_ref(reference);
    // SAFETY: it is no instruction, so that it comes out as it went in.
    unsafe {
        asm!("/* {0} */", inout(reg) at, options(pure, readonly, nostack, preserves_flags));
        &*at
    }
}

/// Any value.
#[inline(always)]
pub(super) fn any() -> u32 {
    let value;
    // SAFETY: it is no instruction; a register holds something.
    unsafe { asm!("/* {0} */", out(reg) value, options(nomem, nostack, preserves_flags)) };
    value
}
