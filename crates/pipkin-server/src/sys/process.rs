//! Processes and signals.

use super::{Errno, arch, result};

/// A set of signals, bit n - 1 for signal n (signal(7)).
#[derive(Clone, Copy)]
pub(crate) struct Signals(u64);

/// Ctrl-C.
pub(crate) const INT: u32 = 2;
/// A polite request to end, as `docker stop` sends it.
pub(crate) const TERM: u32 = 15;
/// A child has ended.
pub(crate) const CHLD: u32 = 17;

/// Nobody reads what is written.
const PIPE: u32 = 13;

impl Signals {
    /// The signals that the supervisor waits for.
    pub(crate) const SUPERVISED: Self = Self(1 << (INT - 1) | 1 << (TERM - 1) | 1 << (CHLD - 1));
    /// Those, and the one that would end it for complaining to nobody.
    pub(crate) const BLOCKED: Self = Self(Self::SUPERVISED.0 | 1 << (PIPE - 1));
}

/// Makes children wait to be reaped, although whoever started this process may have said that its
/// own do not, which is inherited.
///
/// Source: sigaction(2), SIGCHLD under "Notes" of wait(2).
pub(crate) fn let_children_be_reaped() {
    const DEFAULT: [u64; 4] = [0; 4];
    // SAFETY: rt_sigaction(2) reads a `struct sigaction` of the kernel, here all zeros: the
    // default action, no flags; without an old action it writes nothing.
    unsafe {
        let action = DEFAULT.as_ptr() as usize;
        arch::call4(arch::RT_SIGACTION, CHLD as usize, action, 0, size_of::<Signals>());
    }
}

/// Keeps `signals` from interrupting this process and its children; they wait until asked for.
///
/// Source: sigprocmask(2).
pub(crate) fn block_signals(signals: Signals) {
    const BLOCK: usize = 0;
    // SAFETY: rt_sigprocmask(2) reads the eight bytes of a signal set, and without an old set
    // writes nothing.
    unsafe {
        let set = &raw const signals.0 as usize;
        arch::call4(arch::RT_SIGPROCMASK, BLOCK, set, 0, size_of::<Signals>());
    }
}

/// A time that does not end.
pub(crate) const FOREVER: u32 = u32::MAX;

/// Waits `seconds` for one of `signals`, which are blocked; its number.
///
/// Source: sigtimedwait(2).
pub(crate) fn wait_for_signal(signals: Signals, seconds: u32) -> Result<u32, Errno> {
    let time_out = [u64::from(seconds), 0];
    // SAFETY: rt_sigtimedwait(2) reads the eight bytes of a signal set and a timespec, two 64-bit
    // numbers; without an info it writes nothing.
    result(unsafe {
        let (set, time_out) = (&raw const signals.0 as usize, time_out.as_ptr() as usize);
        arch::call4(arch::RT_SIGTIMEDWAIT, set, 0, time_out, size_of::<Signals>())
    })
}

/// The number of a process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Process(u32);

/// The new child, or none in the child itself.
///
/// Source: fork(2), clone(2).
pub(crate) fn fork() -> Result<Option<Process>, Errno> {
    // SAFETY: without CLONE_VM the child has its own copy of all memory, the stack too, and this
    // program has a single thread.
    let id = result(unsafe { arch::call6(arch::CLONE, CHLD as usize, 0, 0, 0, 0, 0) })?;
    Ok(if id == 0 { None } else { Some(Process(id)) })
}

/// A child that has ended, and whether a signal ended it; an error when there is none now.
///
/// Source: wait(2).
pub(crate) fn reap() -> Result<(Process, bool), Errno> {
    const NOHANG: usize = 1;
    let mut status = 0_u32;
    // SAFETY: wait4(2) writes a 32-bit status, and without a usage nothing else.
    let id = result(unsafe {
        arch::call4(arch::WAIT4, usize::MAX, &raw mut status as usize, NOHANG, 0)
    })?;
    if id == 0 { Err(Errno::AGAIN) } else { Ok((Process(id), status & 0x7f != 0)) }
}

/// Has the kernel end this process when its parent ends.
///
/// Source: PR_SET_PDEATHSIG(2const).
pub(crate) fn die_with_parent() {
    const SET_PDEATHSIG: usize = 1;
    const KILL: usize = 9;
    // SAFETY: this prctl(2) takes no pointer.
    unsafe { arch::call3(arch::PRCTL, SET_PDEATHSIG, KILL, 0) };
}

/// How many CPUs this process may run on, at least 1.
///
/// Source: sched_setaffinity(2).
pub(crate) fn cpus_allowed() -> u32 {
    let mut mask = [0_u64; 16];
    // SAFETY: sched_getaffinity(2) writes at most `size_of_val(&mask)` bytes.
    unsafe {
        let at = mask.as_mut_ptr() as usize;
        arch::call3(arch::SCHED_GETAFFINITY, 0, size_of_val(&mask), at);
    }
    mask.iter().map(|word| word.count_ones()).sum::<u32>().max(1)
}

/// Ends the process.
///
/// Source: _exit(2).
pub(crate) fn exit(status: u8) -> ! {
    // SAFETY: exit_group(2) takes no pointer and does not return.
    unsafe {
        arch::call3(arch::EXIT_GROUP, status.into(), 0, 0);
        core::hint::unreachable_unchecked()
    }
}
