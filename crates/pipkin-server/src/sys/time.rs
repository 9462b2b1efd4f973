//! The clock.

use super::{arch, wait_for_signal};

/// Seconds since 1970.
///
/// Source: clock_gettime(2).
pub(crate) fn unix_seconds() -> u64 {
    const REALTIME: usize = 0;
    clock(REALTIME)[0]
}

/// The seconds of a clock, and nanoseconds.
#[inline(always)]
fn clock(id: usize) -> [u64; 2] {
    let mut time = [0_u64; 2];
    // SAFETY: clock_gettime(2) writes a timespec, two 64-bit numbers, to `time`.
    unsafe { arch::call2(arch::CLOCK_GETTIME, id, time.as_mut_ptr() as usize) };
    time
}

/// Microseconds since some moment before this program.
///
/// Source: clock_gettime(2).
#[cfg(feature = "extended")]
pub(crate) fn microseconds() -> u64 {
    const MONOTONIC: usize = 1;
    let [seconds, nanoseconds] = clock(MONOTONIC);
    seconds * 1_000_000 + nanoseconds / 1000
}

/// Milliseconds since 1970.
///
/// ```
/// use pipkin_server::handler::unix_milliseconds;
///
/// assert!(unix_milliseconds() > 1_700_000_000_000);
/// ```
///
/// Source: clock_gettime(2).
#[cfg(feature = "handler")]
pub fn unix_milliseconds() -> u64 {
    const REALTIME: usize = 0;
    let [seconds, nanoseconds] = clock(REALTIME);
    seconds * 1000 + nanoseconds / 1_000_000
}

/// Milliseconds since some moment before this program, which no setting of a clock makes jump.
///
/// ```
/// use pipkin_server::handler::milliseconds;
///
/// let start = milliseconds();
/// assert!(milliseconds() - start < 60_000);
/// ```
///
/// Source: clock_gettime(2).
#[cfg(feature = "handler")]
pub fn milliseconds() -> u64 {
    const MONOTONIC: usize = 1;
    let [seconds, nanoseconds] = clock(MONOTONIC);
    seconds * 1000 + nanoseconds / 1_000_000
}

/// Waits a second, or for a signal.
pub(crate) fn pause() {
    let _ = wait_for_signal(1);
}
