//! What this process may not do any more.

use super::{arch, prctl};

/// The calls that a worker makes, and behind them those that only the supervisor makes or a worker
/// before it works.
const CALLS: [usize; OTHERS + WORKER_CALLS] = [
    arch::EPOLL_PWAIT,
    arch::EPOLL_CTL,
    arch::ACCEPT4,
    arch::RECVFROM,
    arch::SENDTO,
    arch::SENDFILE,
    arch::CLOSE,
    arch::SHUTDOWN,
    arch::CLOCK_GETTIME,
    arch::MADVISE,
    arch::RT_SIGTIMEDWAIT,
    arch::EXIT_GROUP,
    #[cfg(feature = "extended")]
    arch::PPOLL,
    #[cfg(feature = "handler")]
    arch::SETITIMER,
    #[cfg(feature = "handler")]
    arch::GETPEERNAME,
    arch::WRITE,
    arch::CLONE,
    arch::WAIT4,
    arch::PRCTL,
    arch::EPOLL_CREATE1,
    arch::MMAP,
];
const WORKER_CALLS: usize = match (cfg!(feature = "extended"), cfg!(feature = "handler")) {
    (false, false) => 12,
    (true, false) => 14,
    (false, true) => 15,
    (true, true) => 16,
};
const OTHERS: usize = if WORKER_CALLS == 12 { 6 } else { 5 };

/// [`CALLS`] in half the bytes.
static NUMBERS: [u16; CALLS.len()] = {
    let mut numbers = [0; CALLS.len()];
    let mut at = 0;
    while at < CALLS.len() {
        numbers[at] = CALLS[at] as u16;
        at += 1;
    }
    numbers
};

/// Instructions of a filter, at most.
const FILTER_LEN: usize = 2 * CALLS.len() + 5;

/// Gives up privileges that a new program could bring, and all calls that neither the supervisor nor
/// a worker makes.
///
/// Source: PR_SET_NO_NEW_PRIVS(2const).
pub(crate) fn harden() {
    const SET_NO_NEW_PRIVS: usize = 38;
    // SAFETY: this prctl(2) takes no pointer.
    unsafe { prctl(SET_NO_NEW_PRIVS, 1, 0) };
    allow(CALLS.len());
}

/// Gives up all calls that a worker at work does not make.
pub(crate) fn seal() {
    allow(WORKER_CALLS);
}

/// Lets this process and its children make the first `count` calls of [`CALLS`], and ends a
/// process that makes another. A kernel that knows no such thing does without.
///
/// Source: PR_SET_SECCOMP(2const), seccomp(2).
#[inline(never)]
fn allow(count: usize) {
    #[cfg(feature = "handler")]
    if !super::LIMITS.sandbox {
        return;
    }
    const SET_SECCOMP: usize = 22;
    const MODE_FILTER: usize = 2;
    // `struct sock_filter`: a 16-bit code, how many instructions to skip when true and when false,
    // a 32-bit operand.
    const LOAD: u64 = 0x20;
    const EQUAL: u64 = 0x15;
    const RETURN: u64 = 0x06;
    const KILL_PROCESS: u64 = 0x8000_0000 << 32 | RETURN;
    const ALLOW: u64 = 0x7fff_0000 << 32 | RETURN;
    /// Where `struct seccomp_data` has the architecture; at 0 is the number of the call.
    const ARCH_AT: u64 = 4 << 32;
    /// Skips the next instruction unless what was loaded is the operand.
    const ONLY: u64 = EQUAL | 1 << 24;
    let mut filter = [KILL_PROCESS; FILTER_LEN];
    filter[0] = LOAD | ARCH_AT;
    filter[1] = EQUAL | 1 << 16 | arch::AUDIT_ARCH << 32;
    filter[3] = LOAD;
    for (at, &number) in NUMBERS.iter().enumerate().take(count) {
        filter[4 + 2 * at] = ONLY | u64::from(number) << 32;
        filter[5 + 2 * at] = ALLOW;
    }
    let program = [FILTER_LEN, filter.as_ptr() as usize];
    // SAFETY: prctl(2) reads a `struct sock_fprog`, a 16-bit length and an address behind padding,
    // and that many instructions.
    unsafe { prctl(SET_SECCOMP, MODE_FILTER, program.as_ptr() as usize) };
}
