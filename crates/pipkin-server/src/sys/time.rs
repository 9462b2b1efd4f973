//! The clock.

use super::{arch, wait_for_signal};

/// Seconds since 1970.
///
/// Source: clock_gettime(2).
pub(crate) fn unix_seconds() -> u64 {
    const REALTIME: usize = 0;
    let mut time = [0_u64; 2];
    // SAFETY: clock_gettime(2) writes a timespec, two 64-bit numbers, to `time`.
    unsafe { arch::call3(arch::CLOCK_GETTIME, REALTIME, time.as_mut_ptr() as usize, 0) };
    time[0]
}

/// Microseconds since some moment before this program.
///
/// Source: clock_gettime(2).
#[cfg(feature = "extended")]
pub(crate) fn microseconds() -> u64 {
    const MONOTONIC: usize = 1;
    let mut time = [0_u64; 2];
    // SAFETY: as in `unix_seconds`.
    unsafe { arch::call3(arch::CLOCK_GETTIME, MONOTONIC, time.as_mut_ptr() as usize, 0) };
    time[0] * 1_000_000 + time[1] / 1000
}

/// Waits a second, or for a signal.
pub(crate) fn pause() {
    let _ = wait_for_signal(1);
}
