//! arm64: the `svc` instruction, call numbers, entry point, memory functions.

use core::arch::asm;

pub(super) const EPOLL_CREATE1: usize = 20;
pub(super) const EPOLL_CTL: usize = 21;
pub(super) const EPOLL_PWAIT: usize = 22;
pub(super) const OPENAT: usize = 56;
pub(super) const CLOSE: usize = 57;
pub(super) const READ: usize = 63;
pub(super) const WRITE: usize = 64;
pub(super) const EXIT_GROUP: usize = 94;
pub(super) const CLOCK_GETTIME: usize = 113;
pub(super) const SCHED_GETAFFINITY: usize = 123;
pub(super) const RT_SIGACTION: usize = 134;
pub(super) const RT_SIGPROCMASK: usize = 135;
pub(super) const RT_SIGTIMEDWAIT: usize = 137;
pub(super) const PRCTL: usize = 167;
pub(super) const SOCKET: usize = 198;
pub(super) const BIND: usize = 200;
pub(super) const LISTEN: usize = 201;
pub(super) const CONNECT: usize = 203;
pub(super) const SENDTO: usize = 206;
pub(super) const RECVFROM: usize = 207;
pub(super) const SETSOCKOPT: usize = 208;
pub(super) const SHUTDOWN: usize = 210;
pub(super) const CLONE: usize = 220;
pub(super) const MMAP: usize = 222;
pub(super) const MADVISE: usize = 233;
pub(super) const ACCEPT4: usize = 242;
pub(super) const WAIT4: usize = 260;

#[cfg(feature = "extended")]
pub(super) const LSEEK: usize = 62;
#[cfg(feature = "extended")]
pub(super) const PPOLL: usize = 73;

#[cfg(feature = "launcher")]
pub(super) const GETCWD: usize = 17;
#[cfg(feature = "launcher")]
pub(super) const FACCESSAT: usize = 48;
#[cfg(feature = "launcher")]
pub(super) const PREAD64: usize = 67;
#[cfg(feature = "launcher")]
pub(super) const READLINKAT: usize = 78;
#[cfg(feature = "launcher")]
pub(super) const EXECVE: usize = 221;

#[cfg(all(feature = "handler", not(feature = "freestanding")))]
pub(super) const GETTID: usize = 178;
#[cfg(all(feature = "handler", feature = "freestanding"))]
pub(super) const EXIT: usize = 93;
#[cfg(feature = "handler")]
pub(super) const SETITIMER: usize = 103;
#[cfg(feature = "handler")]
pub(super) const GETPEERNAME: usize = 205;

/// How seccomp(2) names the architecture.
pub(super) const AUDIT_ARCH: u64 = 0xc000_00b7;

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
        pub(super) unsafe fn $name(number: usize, a: usize, $($argument: usize),*) -> isize {
            let returned;
            // SAFETY: the kernel changes x0 alone and uses no stack of ours; what it does to memory
            // is the caller's promise.
            unsafe {
                asm!(
                    "svc #0",
                    in("x8") number,
                    inlateout("x0") a => returned,
                    $(in($register) $argument,)*
                    options(nostack),
                );
            }
            returned
        }
    )*};
}

calls! {
    call1()
    call2(b "x1")
    call3(b "x1", c "x2")
    call4(b "x1", c "x2", d "x3")
    call5(b "x1", c "x2", d "x3", e "x4")
    call6(b "x1", c "x2", d "x3", e "x4", f "x5")
}

/// As [`call3`] for a call whose first argument has 32 bits, which are no shorter here.
///
/// # Safety
///
/// As for [`call3`].
#[cfg(all(feature = "handler", feature = "freestanding"))]
#[inline(always)]
pub(super) unsafe fn short_call3(number: u32, a: u32, b: usize, c: usize) {
    // SAFETY: the caller's promise.
    unsafe { call3(number as usize, a as usize, b, c) };
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
#[cfg(feature = "freestanding")]
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
        #[unsafe(naked)]
        #[unsafe(export_name = "pipkin_program")]
        #[unsafe(link_section = ".text.pipkin_program")]
        unsafe extern "C" fn pipkin_program() -> ! {
            ::core::arch::naked_asm!(
                ".if {takes_arguments}",
                "mov x0, sp",
                ".endif",
                takes_arguments = const $takes_arguments as u8,
            )
        }
    };
}

/// Starts another program in this process, at `entry` with its initial stack at `stack`.
///
/// # Safety
///
/// There must be one, which needs nothing of this one.
#[cfg(feature = "launcher")]
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
