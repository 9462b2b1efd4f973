//! x86-64: system calls whose registers have 32 bits where that is enough, and the entry point.

use core::arch::asm;

macro_rules! calls {
    ($($name:ident($($argument:ident: $type:ty = $register:tt),*))*) => {$(
        /// # Safety
        ///
        /// As for the longer ones.
        #[inline(always)]
        pub(super) unsafe fn $name(number: u32, $($argument: $type),*) -> u32 {
            let returned;
            // SAFETY: as for the longer ones; the kernel takes the lower halves of registers.
            unsafe {
                asm!(
                    "syscall",
                    inlateout("eax") number => returned,
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
    call5(a: u32 = "edi", b: usize = "rsi", c: u32 = "edx", d: usize = "r10", e: usize = "r8")
}

/// read(2).
///
/// # Safety
///
/// `at` must be writable for `bytes`.
#[inline(always)]
pub(super) unsafe fn read(fd: u32, at: *mut u8, bytes: u32) -> isize {
    let returned;
    // SAFETY: the caller's promise.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") crate::sys::arch::READ as isize => returned,
            in("edi") fd, in("rsi") at, in("edx") bytes,
            lateout("rcx") _, lateout("r11") _,
            options(nostack),
        );
    }
    returned
}

/// `N`, made where it is needed.
#[inline(always)]
pub(super) fn small<const N: u32>() -> u32 {
    let value: u32;
    // SAFETY: what is pushed is popped.
    unsafe {
        asm!("push {}", "pop {:r}", const N, out(reg) value, options(nomem, preserves_flags));
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

/// The entry point, behind which the linker puts `pipkin_micro`: there is nothing to call. It takes
/// the argument count and the program's name from the stack, then the first argument, or null.
///
/// # Safety
///
/// Called by the kernel alone.
///
/// Source: System V ABI for x86-64, "Initial Stack and Register State": three words from the start of
/// it the stack is aligned as where a function begins.
#[cfg(feature = "freestanding")]
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn _start() -> ! {
    core::arch::naked_asm!("pop rax", "pop rax", "pop rdi")
}
