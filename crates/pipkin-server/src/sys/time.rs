//! The clock, and a timer that epoll can wait for.

use super::{Errno, Fd, arch, result};

const REALTIME: usize = 0;

/// Seconds since 1970.
///
/// Source: clock_gettime(2).
pub(crate) fn unix_seconds() -> u64 {
    let mut time = [0_u64; 2];
    // SAFETY: clock_gettime(2) writes a timespec, two 64-bit numbers, to `time`.
    unsafe { arch::call3(arch::CLOCK_GETTIME, REALTIME, time.as_mut_ptr() as usize, 0) };
    time[0]
}

/// A timer: its descriptor becomes readable when the time has come.
pub(crate) struct Timer(pub(crate) Fd);

impl Timer {
    /// Source: timerfd_create(2).
    pub(crate) fn new() -> Result<Self, Errno> {
        // SAFETY: timerfd_create(2) takes no pointer.
        let fd = result(unsafe { arch::call3(arch::TIMERFD_CREATE, REALTIME, 0, 0) })?;
        Ok(Self(Fd(fd)))
    }

    /// Sets the timer to a time in seconds since 1970, once.
    ///
    /// Source: timerfd_settime(2).
    pub(crate) fn set(&self, unix_seconds: u64) {
        const ABSOLUTE: usize = 1;
        let interval_and_value = [0, 0, unix_seconds, 0];
        // SAFETY: timerfd_settime(2) reads an itimerspec, four 64-bit numbers, and with a null
        // old value writes nothing.
        unsafe {
            let value = interval_and_value.as_ptr() as usize;
            arch::call4(arch::TIMERFD_SETTIME, self.0.0 as usize, ABSOLUTE, value, 0);
        }
    }
}
