//! Processes and signals.

use core::ffi::CStr;

use pipkin_format::Content;

use super::{Errno, Fd, Text, arch, prctl, result};

/// Ctrl-C.
pub(crate) const INT: i32 = 2;
/// A polite request to end, as `docker stop` sends it.
pub(crate) const TERM: i32 = 15;
/// A child has ended.
pub(crate) const CHLD: i32 = 17;

/// Waiting was interrupted: EINTR, negated.
pub(crate) const INTERRUPTED: i32 = -4;

/// Nobody reads what is written.
const PIPE: i32 = 13;

/// A set of signals (signal(7)): those that are waited for, and the one that would end this
/// process for complaining to nobody.
const HELD: u64 = 1 << (INT - 1) | 1 << (TERM - 1) | 1 << (CHLD - 1) | 1 << (PIPE - 1);

/// Keeps signals from interrupting this process and its children; they wait until asked for. The
/// kernel is to keep children that have ended until they are reaped, although whoever started this
/// process may have said otherwise.
///
/// Source: sigprocmask(2); sigaction(2); SIGCHLD under "Notes" of wait(2).
pub(crate) fn hold_signals() {
    const BLOCK: usize = 0;
    // On the stack, where zeros are made with fewer bytes than they have.
    let (set, default) = (HELD, [0_usize; 4]);
    // SAFETY: rt_sigprocmask(2) reads the eight bytes of a signal set, rt_sigaction(2) a `struct
    // sigaction` of the kernel, four words; both write nothing when no old value is asked for.
    unsafe {
        let (set, bytes) = (&raw const set as usize, size_of::<u64>());
        arch::call4(arch::RT_SIGPROCMASK, BLOCK, set, 0, bytes);
        arch::call4(arch::RT_SIGACTION, CHLD as usize, default.as_ptr() as usize, 0, bytes);
    }
}

/// A time that does not end.
pub(crate) const FOREVER: u32 = u32::MAX;

/// Waits `seconds` for a signal that is held; its number, or an error's, negated.
///
/// Source: sigtimedwait(2).
#[inline(never)]
pub(crate) fn wait_for_signal(seconds: u32) -> i32 {
    let (set, time_out) = (HELD, [u64::from(seconds), 0]);
    // SAFETY: rt_sigtimedwait(2) reads the eight bytes of a signal set and a timespec, two 64-bit
    // numbers; without an info it writes nothing.
    let signal = unsafe {
        let (set, time_out) = (&raw const set as usize, time_out.as_ptr() as usize);
        arch::call4(arch::RT_SIGTIMEDWAIT, set, 0, time_out, size_of::<u64>())
    };
    signal as i32
}

/// The number of a new child, 0 in the child itself, which ends when its parent does.
///
/// Source: fork(2), clone(2), PR_SET_PDEATHSIG(2const).
pub(crate) fn fork() -> Result<u32, Errno> {
    const SET_PDEATHSIG: usize = 1;
    const KILL: usize = 9;
    // SAFETY: without CLONE_VM the child has its own copy of all memory, the stack too, and this
    // program has a single thread.
    let id = result(unsafe { arch::call2(arch::CLONE, CHLD as usize, 0) })?;
    if id == 0 {
        // SAFETY: this prctl(2) takes no pointer.
        unsafe { prctl(SET_PDEATHSIG, KILL, 0) };
    }
    Ok(id)
}

/// The status with which a child ends that is to be replaced.
pub(crate) const WORN_OUT: u8 = 3;

/// The number of a child that has ended, and whether it is to be replaced, as when a signal ended it; 0 or an error when there is
/// none.
///
/// Source: wait(2).
pub(crate) fn reap() -> (Result<u32, Errno>, bool) {
    const NOHANG: usize = 1;
    let mut status = 0_u32;
    // SAFETY: wait4(2) writes a 32-bit status, and without a usage nothing else.
    let id = result(unsafe {
        arch::call4(arch::WAIT4, usize::MAX, &raw mut status as usize, NOHANG, 0)
    });
    let is_worn_out = cfg!(feature = "handler") && status >> 8 == u32::from(WORN_OUT);
    (id, status & 0x7f != 0 || is_worn_out)
}

/// How many CPUs this process may run on, at least 1.
///
/// Source: sched_setaffinity(2).
#[inline(always)]
pub(crate) fn cpus_allowed(space: &mut [u8]) -> u32 {
    let bytes = space.len() & !(size_of::<u64>() - 1);
    // SAFETY: sched_getaffinity(2) writes at most `bytes` bytes, which are whole words.
    unsafe { arch::call3(arch::SCHED_GETAFFINITY, 0, bytes, space.as_mut_ptr() as usize) };
    let mut count = 0;
    for &byte in &*space {
        let mut byte = byte;
        // Without `count_ones`, for which a plain x86-64 takes 70 bytes.
        while byte != 0 {
            byte &= byte - 1;
            count += 1;
        }
    }
    count.max(1)
}

/// The starts of files, one behind the other.
pub(crate) struct Files {
    len: usize,
    /// The last one.
    fd: Fd,
    /// The last byte is NUL.
    bytes: [u8; FILES_BYTES],
}

/// Bytes of all files, at most.
const FILES_BYTES: usize = 64;

impl Files {
    /// None yet.
    pub(crate) fn new() -> Self {
        Self { len: 0, fd: Fd(u32::MAX), bytes: [0; FILES_BYTES] }
    }

    /// What they say.
    pub(crate) fn text(&self) -> Text<'_> {
        // SAFETY: the bytes end with NUL, if not before.
        unsafe { Text::new(self.bytes.as_ptr()) }
    }

    /// Adds a file from `offset` on, unless it cannot be read.
    ///
    /// Source: open(2), pread(2).
    #[inline(never)]
    pub(crate) fn add(&mut self, path: &CStr, offset: usize) {
        const CURRENT_FOLDER: usize = -100_isize as usize;
        let rest = self.bytes.get_mut(self.len % FILES_BYTES..).unwrap_or_default();
        // SAFETY: openat(2) reads a C string; pread64(2) writes at most `rest.len()` bytes to `rest`,
        // and for a file that could not be opened none.
        let bytes = unsafe {
            let fd = arch::call3(arch::OPENAT, CURRENT_FOLDER, path.as_ptr() as usize, 0);
            self.fd = Fd(fd as u32);
            let at = rest.as_mut_ptr() as usize;
            arch::call4(arch::PREAD64, fd as usize, at, rest.len() - 1, offset)
        };
        self.len += bytes.max(0) as usize;
    }
}

/// The executable, of which `content` is a part, as a file; no descriptor when it cannot be read, or when
/// another program runs this one and is found in its place.
///
/// Source: proc_pid_exe(5).
#[inline(always)]
pub(crate) fn executable(content: &Content<'_>) -> Fd {
    let mut files = Files::new();
    if !super::has_site() {
        return files.fd;
    }
    files.add(c"/proc/self/exe", super::start::content_offset());
    let is_it = content.whole().first_chunk::<8>() == files.bytes.first_chunk();
    if is_it { files.fd } else { Fd(u32::MAX) }
}

/// Ends the process.
///
/// Source: _exit(2).
#[inline(never)]
pub(crate) fn exit(status: u8) -> ! {
    // SAFETY: exit_group(2) takes no pointer and does not return.
    unsafe {
        arch::call1(arch::EXIT_GROUP, status.into());
        core::hint::unreachable_unchecked()
    }
}

/// The number of this thread, which is not 0.
///
/// Source: gettid(2).
#[cfg(all(feature = "handler", not(feature = "freestanding")))]
pub(super) fn thread() -> u32 {
    // SAFETY: gettid(2) takes no pointer.
    unsafe { arch::call1(arch::GETTID, 0) as u32 }
}
