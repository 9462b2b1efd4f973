//! x86-64: system calls whose registers have 32 bits where that is enough, and the entry point.

use core::arch::asm;

macro_rules! calls {
    ($($name:ident($($argument:ident: $type:ty = $register:tt),*))*) => {$(
        /// # Safety
        ///
        /// As for the longer ones.
        #[inline(always)]
        pub(super) unsafe fn $name(number: usize, $($argument: $type),*) -> u32 {
            let returned;
            // SAFETY: as for the longer ones; numbers of calls and what has 32 bits here are `int` to
            // the kernel, which takes the lower halves of registers.
            unsafe {
                asm!(
                    "syscall",
                    inlateout("eax") number as u32 => returned,
                    $(in($register) $argument,)*
                    lateout("rcx") _, lateout("r11") _,
                    options(nostack),
                );
            }
            returned
        }
    )*};
}

calls! {
    call1(a: u32 = "edi")
    call2(a: u32 = "edi", b: usize = "rsi")
    call3(a: u32 = "edi", b: usize = "rsi", c: u32 = "edx")
    call5(a: u32 = "edi", b: usize = "rsi", c: usize = "rdx", d: usize = "r10", e: usize = "r8")
}

/// sendto(2) without an address. Its length is what is in a register, at which Linux does not look
/// then.
///
/// # Safety
///
/// `at` must be readable for `bytes`, and `none` must be null.
#[inline(always)]
pub(super) unsafe fn send(fd: u32, at: usize, bytes: usize, flags: usize, none: usize) {
    // SAFETY: the caller's promise.
    unsafe { call5(crate::sys::arch::SENDTO, fd, at, bytes, flags, none) };
}

/// read(2).
///
/// # Safety
///
/// `at` must be writable for `bytes`.
#[inline(always)]
pub(super) unsafe fn read(fd: u32, at: *mut u8, bytes: usize) -> isize {
    let returned;
    // SAFETY: the caller's promise.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") crate::sys::arch::READ as isize => returned,
            in("edi") fd, in("rsi") at, in("rdx") bytes,
            lateout("rcx") _, lateout("r11") _,
            options(nostack),
        );
    }
    returned
}

/// `number - part`, of less than 32 bits: the instruction clears the upper half, which the compiler
/// would not promise to the kernel.
#[inline(always)]
pub(super) fn less(number: usize, part: usize) -> usize {
    let mut rest = number;
    // SAFETY: the instruction touches no memory.
    unsafe { asm!("sub {:e}, {:e}", inout(reg) rest, in(reg) part, options(pure, nomem, nostack)) };
    rest
}

/// `N`, made where it is needed.
#[inline(always)]
pub(super) fn small<const N: usize>() -> usize {
    let value: usize;
    // SAFETY: what is pushed is popped.
    unsafe {
        asm!("push {}", "pop {}", const N, out(reg) value, options(nomem, preserves_flags));
    };
    value
}

/// `place`, in a register that no call takes, and of which instructions for an address are no longer.
#[inline(always)]
pub(super) fn kept<T>(place: *mut T) -> *mut T {
    let mut place = place;
    // SAFETY: it is no instruction.
    unsafe { asm!("", inout("r9") place, options(pure, readonly, nostack, preserves_flags)) };
    place
}

/// The byte `AT` of the executable in memory.
#[inline(always)]
pub(super) fn executable_at<const AT: usize>() -> *const u8 {
    let at;
    // SAFETY: the instruction computes an address and touches no memory.
    unsafe {
        asm!("lea {}, [rip + executable + {}]", out(reg) at, const AT,
            options(pure, nomem, nostack, preserves_flags));
    }
    at
}

/// The byte `AT` behind the code.
#[inline(always)]
pub(super) fn content_at<const AT: usize>() -> *const u8 {
    let at;
    // SAFETY: the instruction computes an address and touches no memory.
    unsafe {
        asm!("lea {}, [rip + content + {}]", out(reg) at, const AT,
            options(pure, nomem, nostack, preserves_flags));
    }
    at
}

// The entry point, behind which the linker puts `pipkin_micro`: there is nothing to call. It takes
// the argument count and the program's name from the stack, then the first argument, or null. It is
// no function, whose end nothing may reach.
//
// Source: System V ABI for x86-64, "Initial Stack and Register State": three words from the start of
// it the stack is aligned as where a function begins.
#[cfg(feature = "freestanding")]
core::arch::global_asm!(
    ".section .text._start, \"ax\", @progbits",
    ".globl _start",
    "_start:",
    "pop rax",
    "pop rax",
    "pop rdi",
    ".text",
);
