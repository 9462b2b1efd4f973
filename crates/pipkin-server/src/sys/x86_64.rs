//! x86-64: the `syscall` instruction, call numbers, entry point, memory functions.

use core::arch::asm;

#[cfg(feature = "micro")]
pub(super) const READ: usize = 0;
pub(super) const WRITE: usize = 1;
pub(super) const CLOSE: usize = 3;
pub(super) const MMAP: usize = 9;
pub(super) const RT_SIGACTION: usize = 13;
pub(super) const RT_SIGPROCMASK: usize = 14;
pub(super) const PREAD64: usize = 17;
pub(super) const MADVISE: usize = 28;
pub(super) const SENDFILE: usize = 40;
pub(super) const SOCKET: usize = 41;
pub(super) const CONNECT: usize = 42;
pub(super) const SENDTO: usize = 44;
pub(super) const RECVFROM: usize = 45;
pub(super) const SHUTDOWN: usize = 48;
pub(super) const BIND: usize = 49;
pub(super) const LISTEN: usize = 50;
pub(super) const SETSOCKOPT: usize = 54;
pub(super) const CLONE: usize = 56;
pub(super) const WAIT4: usize = 61;
pub(super) const RT_SIGTIMEDWAIT: usize = 128;
pub(super) const PRCTL: usize = 157;
pub(super) const SCHED_GETAFFINITY: usize = 204;
pub(super) const CLOCK_GETTIME: usize = 228;
pub(super) const EXIT_GROUP: usize = 231;
pub(super) const EPOLL_CTL: usize = 233;
pub(super) const OPENAT: usize = 257;
pub(super) const EPOLL_PWAIT: usize = 281;
pub(super) const ACCEPT4: usize = 288;
pub(super) const EPOLL_CREATE1: usize = 291;

#[cfg(feature = "micro")]
pub(super) const ACCEPT: usize = 43;

#[cfg(feature = "extended")]
pub(super) const LSEEK: usize = 8;
#[cfg(feature = "extended")]
pub(super) const PPOLL: usize = 271;

#[cfg(feature = "launcher")]
pub(super) const EXECVE: usize = 59;
#[cfg(feature = "launcher")]
pub(super) const GETCWD: usize = 79;
#[cfg(feature = "launcher")]
pub(super) const READLINKAT: usize = 267;
#[cfg(feature = "launcher")]
pub(super) const FACCESSAT: usize = 269;

#[cfg(all(feature = "handler", not(feature = "freestanding")))]
pub(super) const GETTID: usize = 186;
#[cfg(any(all(feature = "handler", feature = "freestanding"), feature = "micro"))]
pub(super) const EXIT: usize = 60;
#[cfg(feature = "handler")]
pub(super) const SETITIMER: usize = 38;
#[cfg(feature = "handler")]
pub(super) const GETPEERNAME: usize = 52;

#[cfg(feature = "unpacker")]
pub(super) const MPROTECT: usize = 10;
#[cfg(feature = "unpacker")]
pub(super) const MUNMAP: usize = 11;

/// How seccomp(2) names the architecture.
pub(super) const AUDIT_ARCH: u64 = 0xc000_003e;

/// A function for each number of arguments: one that a call does not take would be set for nothing.
///
/// Source: syscall(2), "Architecture calling conventions".
macro_rules! calls {
    ($($name:ident($($argument:ident $register:tt),*))*) => {$(
        /// # Safety
        ///
        /// The call `number` with these arguments must be sound, whatever those are that it is not
        /// given: see the module above.
        #[inline(always)]
        pub(super) unsafe fn $name(number: usize, $($argument: usize),*) -> isize {
            let returned;
            // SAFETY: the kernel clobbers rax, rcx and r11 alone, and uses no stack of ours; what it
            // does to memory is the caller's promise.
            unsafe {
                asm!(
                    "syscall",
                    inlateout("rax") number => returned,
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
    call1(a "rdi")
    call2(a "rdi", b "rsi")
    call3(a "rdi", b "rsi", c "rdx")
    call4(a "rdi", b "rsi", c "rdx", d "r10")
    call5(a "rdi", b "rsi", c "rdx", d "r10", e "r8")
    call6(a "rdi", b "rsi", c "rdx", d "r10", e "r8", f "r9")
}

/// As [`call3`] for a call whose first argument has 32 bits, as the number has: instructions for them
/// are shorter, and one that both are is made once.
///
/// # Safety
///
/// As for [`call3`].
#[cfg(all(feature = "handler", feature = "freestanding"))]
#[inline(always)]
pub(super) unsafe fn short_call3(number: u32, a: u32, b: usize, c: usize) {
    // SAFETY: as for `call3`; the kernel takes the lower halves of both registers. Linux before 5.14
    // takes all of rax and refuses a number with an upper half, which none has that an instruction for
    // 32 bits has made.
    unsafe {
        asm!(
            "syscall",
            inlateout("eax") number => _,
            in("edi") a, in("rsi") b, in("rdx") c,
            lateout("rcx") _, lateout("r11") _,
            options(nostack),
        );
    }
}

/// Copies `count` bytes from `from` to `to`, which do not overlap.
///
/// # Safety
///
/// `from` must be readable and `to` writable for `count` bytes.
pub(super) unsafe fn copy(to: *mut u8, from: *const u8, count: usize) {
    // SAFETY: the caller's promise. No register but these is changed; the direction flag is clear by the
    // calling convention.
    unsafe {
        asm!("call {}", sym copy_bytes, out("xmm0") _,
            inout("rcx") count => _, inout("rdi") to => _, inout("rsi") from => _);
    }
}

/// Copies rcx bytes from rsi to rdi: the last 16, those before, and so on, and the first, of which
/// some may be copied already. `rep movsb` takes 40 cycles to begin, in which this copies 500 bytes, and
/// 240 for 1,000, where this takes 64 (AMD EPYC; `rdtsc`, the least of 200 times 1,000 copies).
///
/// # Safety
///
/// As for [`copy`], of which it is a part.
#[unsafe(naked)]
unsafe extern "C" fn copy_bytes() {
    core::arch::naked_asm!(
        "sub rcx, 16",
        "jb 3f",
        "2:",
        "movups xmm0, [rsi + rcx]",
        "movups [rdi + rcx], xmm0",
        "sub rcx, 16",
        "ja 2b",
        "movups xmm0, [rsi]",
        "movups [rdi], xmm0",
        "ret",
        "3:",
        "add ecx, 16",
        "jrcxz 4f",
        "rep movsb",
        "4:",
        "ret",
    )
}

/// Sets `count` bytes at `to`.
///
/// # Safety
///
/// `to` must be writable for `count` bytes.
#[cfg(feature = "freestanding")]
pub(super) unsafe fn fill(to: *mut u8, byte: u8, count: usize) {
    // SAFETY: the caller's promise; the direction flag is clear by the calling convention.
    unsafe {
        asm!("rep stosb", inout("rcx") count => _, inout("rdi") to => _, in("al") byte,
            options(nostack, preserves_flags));
    }
}

/// The first byte of the executable in memory, its ELF header: a symbol of the stub's link
/// script, taken relative to the program counter, since there is no global offset table.
#[cfg(feature = "freestanding")]
pub(super) fn executable() -> *const u8 {
    let at;
    // SAFETY: the instruction computes an address and touches no memory.
    unsafe {
        asm!("lea {}, [rip + executable]", out(reg) at, options(nomem, nostack, preserves_flags));
    };
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
        "mov rdi, rsp",
        #[cfg(feature = "launcher")]
        "sub rsp, {gap}",
        "call {enter}",
        #[cfg(feature = "launcher")]
        gap = const super::stack::GAP_BYTES,
        enter = sym super::start::enter,
    )
}

/// The entry point of a program that serves nothing, whose `pipkin_main` the linker puts behind it:
/// there is nothing to call and nobody to return to.
///
/// At the entry point the stack is aligned to 16 bytes, and functions expect it to have been before
/// a return address was pushed; the push is for that.
///
/// Source: System V ABI for x86-64, "Initial Stack and Register State" and "The Stack Frame".
#[doc(hidden)]
#[macro_export]
macro_rules! program_start {
    (takes_arguments: $takes_arguments:expr) => {
        // No function, whose end nothing may reach.
        ::core::arch::global_asm!(
            ".section .text.pipkin_program, \"ax\", @progbits",
            ".globl pipkin_program",
            "pipkin_program:",
            ".if {takes_arguments}",
            "mov rdi, rsp",
            ".endif",
            "push rax",
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
    // SAFETY: the caller's promise. The kernel starts a program with 0 in rdx, where the ABI has a
    // function to register with atexit(3), if any.
    unsafe {
        asm!(
            "mov rsp, {}", "jmp {}",
            in(reg) stack, in(reg) entry, in("rdx") 0_usize,
            options(noreturn),
        )
    }
}
