//! What arm64 and riscv64 have in common: the numbers of calls, for Linux has one table for all the
//! architectures that came late, and a result in the register of the first argument.
//!
//! Source: Linux, `include/uapi/asm-generic/unistd.h`.

pub(super) const EPOLL_CREATE1: usize = 20;
pub(super) const EPOLL_CTL: usize = 21;
pub(super) const EPOLL_PWAIT: usize = 22;
pub(super) const OPENAT: usize = 56;
pub(super) const CLOSE: usize = 57;
#[cfg(feature = "micro")]
pub(super) const READ: usize = 63;
pub(super) const WRITE: usize = 64;
pub(super) const PREAD64: usize = 67;
pub(super) const SENDFILE: usize = 71;
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

#[cfg(any(all(feature = "handler", feature = "freestanding"), feature = "micro"))]
pub(super) const EXIT: usize = 93;
#[cfg(feature = "micro")]
pub(super) const ACCEPT: usize = 202;

#[cfg(feature = "unpacker")]
pub(super) const MUNMAP: usize = 215;
#[cfg(feature = "unpacker")]
pub(super) const MPROTECT: usize = 226;

#[cfg(feature = "extended")]
pub(super) const LSEEK: usize = 62;
#[cfg(feature = "extended")]
pub(super) const PPOLL: usize = 73;

#[cfg(feature = "launcher")]
pub(super) const GETCWD: usize = 17;
#[cfg(feature = "launcher")]
pub(super) const FACCESSAT: usize = 48;
#[cfg(feature = "launcher")]
pub(super) const READLINKAT: usize = 78;
#[cfg(feature = "launcher")]
pub(super) const EXECVE: usize = 221;

#[cfg(all(feature = "handler", not(feature = "freestanding")))]
pub(super) const GETTID: usize = 178;
#[cfg(feature = "handler")]
pub(super) const SETITIMER: usize = 103;
#[cfg(feature = "handler")]
pub(super) const GETPEERNAME: usize = 205;

/// A function for each number of arguments: one that a call does not take would be set for nothing.
/// First come the instruction, the register of the number, and that of the first argument.
///
/// Source: syscall(2), "Architecture calling conventions".
macro_rules! calls {
    (
        $instruction:tt $for_number:tt $first:tt
        $($name:ident($($argument:ident $register:tt),*))*
    ) => {$(
        /// # Safety
        ///
        /// The call `number` with these arguments must be sound, whatever those are that it is not
        /// given: see the module above.
        #[inline(always)]
        pub(super) unsafe fn $name(number: usize, a: usize, $($argument: usize),*) -> isize {
            let returned;
            // SAFETY: the kernel changes the first register alone and uses no stack of ours; what it
            // does to memory is the caller's promise.
            unsafe {
                core::arch::asm!(
                    $instruction,
                    in($for_number) number,
                    inlateout($first) a => returned,
                    $(in($register) $argument,)*
                    options(nostack),
                );
            }
            returned
        }
    )*};
}

pub(super) use calls;

/// As `call3` for a call whose first argument has 32 bits, which are no shorter here.
///
/// # Safety
///
/// As for `call3`.
#[cfg(all(feature = "handler", feature = "freestanding"))]
#[inline(always)]
pub(super) unsafe fn short_call3(number: u32, a: u32, b: usize, c: usize) {
    // SAFETY: the caller's promise.
    unsafe { super::arch::call3(number as usize, a as usize, b, c) };
}
