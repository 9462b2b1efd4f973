//! arm64: the `svc` instruction, entry point, memory functions.

use core::arch::asm;

pub(super) use super::generic::*;

/// How seccomp(2) names the architecture.
pub(super) const AUDIT_ARCH: u64 = 0xc000_00b7;

calls! {
    "svc #0" "x8" "x0"
    call1()
    call2(b "x1")
    call3(b "x1", c "x2")
    call4(b "x1", c "x2", d "x3")
    call5(b "x1", c "x2", d "x3", e "x4")
    call6(b "x1", c "x2", d "x3", e "x4", f "x5")
}

/// Copies `count` bytes from `from` to `to`, which do not overlap: 16 at a time, then singly.
///
/// # Safety
///
/// `from` must be readable and `to` writable for `count` bytes.
pub(super) unsafe fn copy(to: *mut u8, from: *const u8, count: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        asm!(
            "2: subs {n}, {n}, #16",
            "b.lo 3f",
            "ldp {a}, {b}, [{from}], #16",
            "stp {a}, {b}, [{to}], #16",
            "b 2b",
            "3: adds {n}, {n}, #16",
            "b.eq 5f",
            "4: ldrb {a:w}, [{from}], #1",
            "strb {a:w}, [{to}], #1",
            "subs {n}, {n}, #1",
            "b.ne 4b",
            "5:",
            n = inout(reg) count => _, to = inout(reg) to => _, from = inout(reg) from => _,
            a = out(reg) _, b = out(reg) _,
            options(nostack),
        );
    }
}

/// Sets `count` bytes at `to`.
///
/// # Safety
///
/// `to` must be writable for `count` bytes.
#[cfg(feature = "freestanding")]
pub(super) unsafe fn fill(to: *mut u8, byte: u8, count: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        asm!(
            "cbz {n}, 3f",
            "2: strb {byte:w}, [{to}], #1",
            "subs {n}, {n}, #1",
            "b.ne 2b",
            "3:",
            n = inout(reg) count => _, to = inout(reg) to => _, byte = in(reg) u32::from(byte),
            options(nostack),
        );
    }
}

/// The first byte of the executable in memory, its ELF header: a symbol of the stub's link
/// script, taken relative to the program counter, since there is no global offset table.
#[cfg(feature = "freestanding")]
pub(super) fn executable() -> *const u8 {
    let at;
    // SAFETY: the instruction computes an address and touches no memory.
    unsafe { asm!("adr {}, executable", out(reg) at, options(nomem, nostack, preserves_flags)) };
    at
}

/// The entry point: hands the initial stack to the program `main` gives.
///
/// # Safety
///
/// Called by the kernel alone.
#[cfg(all(feature = "freestanding", not(feature = "micro")))]
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn _start() -> ! {
    core::arch::naked_asm!(
        "mov x0, sp",
        #[cfg(feature = "launcher")]
        "sub sp, sp, {gap}",
        "bl {enter}",
        #[cfg(feature = "launcher")]
        gap = const super::stack::GAP_BYTES,
        enter = sym super::start::enter,
    )
}

/// The entry point of a program that serves nothing, whose `pipkin_main` the linker puts behind it:
/// there is nothing to call and nobody to return to. The stack is aligned as functions expect it.
///
/// Source: Procedure Call Standard for the Arm 64-bit Architecture, "The Stack".
#[doc(hidden)]
#[macro_export]
macro_rules! program_start {
    (takes_arguments: $takes_arguments:expr) => {
        // No function, whose end nothing may reach.
        ::core::arch::global_asm!(
            ".section .text.pipkin_program, \"ax\", %progbits",
            ".globl pipkin_program",
            "pipkin_program:",
            ".if {takes_arguments}",
            "mov x0, sp",
            ".endif",
            ".text",
            takes_arguments = const $takes_arguments as u8,
        );
    };
}

/// Starts another program in this process, at `entry` with its initial stack at `stack`.
///
/// # Safety
///
/// There must be one, which needs nothing of this one.
#[cfg(any(feature = "launcher", feature = "unpacker"))]
pub(super) unsafe fn enter(entry: usize, stack: usize) -> ! {
    // SAFETY: the caller's promise. The kernel starts a program with 0 in x0.
    unsafe {
        asm!(
            "mov sp, {}", "br {}",
            in(reg) stack, in(reg) entry, in("x0") 0_usize,
            options(noreturn),
        )
    }
}
