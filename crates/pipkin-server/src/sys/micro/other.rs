//! Machines whose instructions are no shorter for 32 bits: the system calls that all servers have, and
//! the entry point.

use core::arch::asm;

use crate::sys::arch;

macro_rules! calls {
    ($($name:ident = $of:ident($($argument:ident: $type:ty),*))*) => {$(
        /// # Safety
        ///
        /// As for the one of all servers.
        #[inline(always)]
        pub(super) unsafe fn $name(number: usize, $($argument: $type),*) -> u32 {
            // SAFETY: the caller's promise.
            unsafe { arch::$of(number, $($argument as usize),*) as u32 }
        }
    )*};
}

calls! {
    call1 = call1(a: u32)
    call2 = call2(a: u32, b: usize)
    call3 = call3(a: u32, b: usize, c: u32)
    call5 = call5(a: u32, b: usize, c: usize, d: usize, e: usize)
}

/// read(2).
///
/// # Safety
///
/// `at` must be writable for `bytes`.
#[inline(always)]
pub(super) unsafe fn read(fd: u32, at: *mut u8, bytes: usize) -> isize {
    // SAFETY: the caller's promise.
    unsafe { arch::call3(arch::READ, fd as usize, at as usize, bytes) }
}

/// sendto(2) without an address. A length below 0 of what is not there is an error to qemu-user.
///
/// # Safety
///
/// `at` must be readable for `bytes`, and `none` must be null.
#[inline(always)]
pub(super) unsafe fn send(fd: u32, at: usize, bytes: usize, flags: usize, none: usize) {
    // SAFETY: the caller's promise.
    unsafe { arch::call6(arch::SENDTO, fd as usize, at, bytes, flags, none, none) };
}

/// `number - part`.
#[inline(always)]
pub(super) fn less(number: usize, part: usize) -> usize {
    number.wrapping_sub(part)
}

/// `N`.
#[inline(always)]
pub(super) fn small<const N: usize>() -> usize {
    N
}

/// `place`.
#[inline(always)]
pub(super) fn kept<T>(place: *mut T) -> *mut T {
    place
}

/// The byte `AT` of what a symbol of the link script stands for, by the machine's way to say that.
macro_rules! symbol {
    ($(#[$doc:meta])* $name:ident($symbol:literal)) => {
        $(#[$doc])*
        #[inline(always)]
        pub(super) fn $name<const AT: usize>() -> *const u8 {
            let at;
            // SAFETY: the instructions compute an address and touch no memory.
            unsafe {
                asm!(
                    #[cfg(target_arch = "aarch64")]
                    concat!("adr {}, ", $symbol, " + {}"),
                    #[cfg(target_arch = "riscv64")]
                    concat!("lla {}, ", $symbol, " + {}"),
                    out(reg) at, const AT,
                    options(pure, nomem, nostack, preserves_flags),
                );
            }
            at
        }
    };
}

symbol! {
    /// The byte `AT` of the executable in memory.
    executable_at("executable")
}

symbol! {
    /// The byte `AT` behind the code.
    content_at("content")
}

// The entry point, behind which the linker puts `pipkin_micro`: it takes the first argument, or null,
// from behind the argument count and the program's name. The stack is aligned as where a function
// begins. It is no function, whose end nothing may reach.
//
// Source: Procedure Call Standard for the Arm 64-bit Architecture, "The Stack"; RISC-V ELF psABI,
// "Procedure Calling Convention".
#[cfg(feature = "freestanding")]
core::arch::global_asm!(
    ".section .text._start, \"ax\", @progbits",
    ".globl _start",
    "_start:",
    #[cfg(target_arch = "aarch64")]
    "ldr x0, [sp, #16]",
    #[cfg(target_arch = "riscv64")]
    "ld a0, 16(sp)",
    ".text",
);
