//! The clocks, and a timer that epoll can wait for.

use super::{Errno, Fd, arch, result};

/// A clock.
#[derive(Clone, Copy)]
pub(crate) enum Clock {
    /// The time since 1970, which somebody may set.
    Real = 0,
    /// The time since the machine started.
    Monotonic = 1,
}

/// Seconds, and nanoseconds beyond them.
///
/// Source: clock_gettime(2).
pub(crate) fn now(clock: Clock) -> [u64; 2] {
    let mut time = [0_u64; 2];
    // SAFETY: clock_gettime(2) writes a timespec, two 64-bit numbers, to `time`.
    unsafe { arch::call3(arch::CLOCK_GETTIME, clock as usize, time.as_mut_ptr() as usize, 0) };
    time
}

/// A timer: its descriptor becomes readable when the time has come.
pub(crate) struct Timer(pub(crate) Fd);

impl Timer {
    /// Source: timerfd_create(2).
    pub(crate) fn new() -> Result<Self, Errno> {
        // SAFETY: timerfd_create(2) takes no pointer.
        let fd =
            result(unsafe { arch::call3(arch::TIMERFD_CREATE, Clock::Monotonic as usize, 0, 0) })?;
        Ok(Self(Fd(fd)))
    }

    /// Sets the timer to `nanoseconds` from now, less than a second and not 0, once.
    ///
    /// Source: timerfd_settime(2).
    pub(crate) fn set(&self, nanoseconds: u64) {
        let interval_and_value = [0, 0, 0, nanoseconds];
        // SAFETY: timerfd_settime(2) reads an itimerspec, four 64-bit numbers, and with a null
        // old value writes nothing.
        unsafe {
            let value = interval_and_value.as_ptr() as usize;
            arch::call4(arch::TIMERFD_SETTIME, self.0.0 as usize, 0, value, 0);
        }
    }
}
