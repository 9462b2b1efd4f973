//! riscv64: the `ecall` instruction, entry point, memory functions.

use core::arch::asm;
use core::mem::MaybeUninit;

pub(super) use super::generic::*;

/// How seccomp(2) names the architecture.
pub(super) const AUDIT_ARCH: u64 = 0xc000_00f3;

calls! {
    "ecall" "a7" "a0"
    call1()
    call2(b "a1")
    call3(b "a1", c "a2")
    call4(b "a1", c "a2", d "a3")
    call5(b "a1", c "a2", d "a3", e "a4")
    call6(b "a1", c "a2", d "a3", e "a4", f "a5")
}

/// Copies `count` bytes from `from` to `to`, which do not overlap. What begins at multiples of 8, as
/// the memory of handlers does, is copied by words: many processors leave a word anywhere else to the
/// firmware, which takes a hundred times as long.
///
/// By volatile writes, since of others the compiler would make the call of memcpy(3) that this is; not of
/// numbers, since what is copied may have bytes that nobody has set.
///
/// # Safety
///
/// `from` must be readable and `to` writable for `count` bytes.
///
/// Source: Linux, `Documentation/arch/riscv/uabi.rst`, "Misaligned accesses".
pub(super) unsafe fn copy(to: *mut u8, from: *const u8, count: usize) {
    type Byte = MaybeUninit<u8>;
    type Word = MaybeUninit<u64>;
    const WORD: usize = size_of::<Word>();
    let has_words = cfg!(feature = "handler") && (to as usize | from as usize).is_multiple_of(WORD);
    let words = if has_words { count / WORD } else { 0 };
    // SAFETY: the caller's promise; words only where both are aligned.
    unsafe {
        for at in 0..words {
            to.cast::<Word>().add(at).write_volatile(from.cast::<Word>().add(at).read());
        }
        for at in words * WORD..count {
            to.cast::<Byte>().add(at).write_volatile(from.cast::<Byte>().add(at).read());
        }
    }
}

/// Sets `count` bytes at `to`, as [`copy`] does.
///
/// # Safety
///
/// `to` must be writable for `count` bytes.
#[cfg(feature = "freestanding")]
pub(super) unsafe fn fill(to: *mut u8, byte: u8, count: usize) {
    for at in 0..count {
        // SAFETY: the caller's promise.
        unsafe { to.add(at).write_volatile(byte) };
    }
}

/// The first byte of the executable in memory, its ELF header: a symbol of the stub's link
/// script, taken relative to the program counter, since there is no global offset table.
#[cfg(feature = "freestanding")]
pub(super) fn executable() -> *const u8 {
    let at;
    // SAFETY: the instructions compute an address and touch no memory.
    unsafe { asm!("lla {}, executable", out(reg) at, options(nomem, nostack, preserves_flags)) };
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
        "mv a0, sp",
        #[cfg(feature = "launcher")]
        "li t0, {gap}",
        #[cfg(feature = "launcher")]
        "sub sp, sp, t0",
        "call {enter}",
        #[cfg(feature = "launcher")]
        gap = const super::stack::GAP_BYTES,
        enter = sym super::start::enter,
    )
}

/// The entry point of a program that serves nothing, whose `pipkin_main` the linker puts behind it:
/// there is nothing to call and nobody to return to. The stack is aligned as functions expect it.
///
/// Source: RISC-V ELF psABI, "Procedure Calling Convention".
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
            "mv a0, sp",
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
    // SAFETY: the caller's promise. The kernel starts a program with 0 in a0.
    unsafe {
        asm!(
            "mv sp, {}", "jr {}",
            in(reg) stack, in(reg) entry, in("a0") 0_usize,
            options(noreturn),
        )
    }
}
