//! Writing where nobody may be reading, without ever waiting for them.

use super::{Errno, Fd, arch, result};

/// Standard output for [`write`].
///
/// A pipe or a terminal is opened anew, without waiting: to change the way of the one that is open
/// would change it for everybody who shares it. That may not be allowed, and a socket cannot be
/// opened; then [`write`] asks before it writes, which leaves a moment in which others may take
/// the space. A file has no reader to wait for, and keeps its one end.
///
/// Source: open(2), lseek(2), "/proc/pid/fd" in proc(5).
pub(crate) fn output() -> Fd {
    const STANDARD: usize = 1;
    const CURRENT_FOLDER: usize = -100_isize as usize;
    const FROM_HERE: usize = 1;
    const WRITE_ONLY: usize = 1;
    const NO_TERMINAL: usize = 0o400;
    const NONBLOCK: usize = 0o4000;
    let path = c"/proc/self/fd/1";
    // SAFETY: lseek(2) takes no pointer; openat(2) reads a C string.
    let opened = result(unsafe {
        if arch::call3(arch::LSEEK, STANDARD, 0, FROM_HERE) >= 0 {
            return Fd(STANDARD as u32);
        }
        let flags = WRITE_ONLY | NO_TERMINAL | NONBLOCK;
        arch::call4(arch::OPENAT, CURRENT_FOLDER, path.as_ptr() as usize, flags, 0)
    });
    Fd(opened.unwrap_or(STANDARD as u32))
}

/// How many of `bytes` were written; `AGAIN` when it would have to wait. A pipe that has any space
/// takes 4,096 bytes, whole.
///
/// Source: poll(2), write(2), "PIPE_BUF" in pipe(7).
pub(crate) fn write(fd: Fd, bytes: &[u8]) -> Result<u32, Errno> {
    const OUT: u64 = 4;
    // `struct pollfd`: a 32-bit descriptor, 16 bits for what to ask and 16 for the answer.
    let mut poll = u64::from(fd.0) | OUT << 32;
    let at_once = [0_u64; 2];
    // SAFETY: ppoll(2) reads and writes one `struct pollfd`, reads a timespec, two 64-bit numbers,
    // and no signal mask; write(2) reads `bytes`, which are borrowed through the call.
    result(unsafe {
        let (poll, at_once) = (&raw mut poll as usize, at_once.as_ptr() as usize);
        if arch::call4(arch::PPOLL, poll, 1, at_once, 0) <= 0 {
            return Err(Errno::AGAIN);
        }
        arch::call3(arch::WRITE, fd.0 as usize, bytes.as_ptr() as usize, bytes.len())
    })
}
