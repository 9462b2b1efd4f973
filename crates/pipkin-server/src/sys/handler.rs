//! The user's handler, and what becomes of a worker in which it fails.

use core::cell::UnsafeCell;
use core::fmt::{self, Write as _};

#[cfg(feature = "freestanding")]
use super::exit;
use super::{arch, complain};
use crate::desk::{Desk, Limits};
use crate::event::Worker;

#[cfg(feature = "freestanding")]
unsafe extern "Rust" {
    /// The handler's limits.
    #[link_name = "pipkin_limits"]
    pub(crate) safe static LIMITS: Limits;

    /// Has the handler answer a request.
    #[link_name = "pipkin_respond"]
    safe fn handle(desk: &mut Desk);
}

/// Has the handler answer a request.
#[cfg(feature = "freestanding")]
pub(crate) fn respond(desk: &mut Desk) {
    #[cfg(feature = "alloc")]
    super::heap::begin();
    handle(desk);
}

/// Where there is no program there is no handler: tests give one to the desk. They may take their
/// time.
#[cfg(not(feature = "freestanding"))]
pub(crate) static LIMITS: Limits =
    Limits { bodies: true, streams: true, site: true, cpu_seconds_max: 0, ..Limits::DEFAULT };

#[cfg(not(feature = "freestanding"))]
pub(crate) fn respond(desk: &mut Desk) {
    if let Some(respond) = desk.respond {
        respond(desk);
    }
}

/// A variable of the program.
struct Place<T>(UnsafeCell<T>);

// SAFETY: the program has a single thread. Elsewhere nobody writes to one.
unsafe impl<T> Sync for Place<T> {}

/// Where the worker is, for one whose handler has failed; 0 when there is none. A number: where no
/// handler can fail nobody reads it, and the optimiser drops it, which it would not do with a pointer.
static WORKER: Place<usize> = Place(UnsafeCell::new(0));

/// Whether a body has been kept until it is sent. Where the optimiser sees that no body is large
/// enough nobody writes it, and it takes this for false: what kept bodies need is not linked.
#[cfg(feature = "freestanding")]
static HAS_PAYLOADS: Place<bool> = Place(UnsafeCell::new(false));

/// Takes note of a body that is kept.
pub(crate) fn note_payload() {
    // SAFETY: the program has a single thread, and no reference into the place is kept.
    #[cfg(feature = "freestanding")]
    unsafe {
        *HAS_PAYLOADS.0.get() = true;
    }
}

/// Whether a body may be kept.
pub(crate) fn has_payloads() -> bool {
    #[cfg(not(feature = "freestanding"))]
    return true;
    // SAFETY: as in `note_payload`.
    #[cfg(feature = "freestanding")]
    unsafe {
        *HAS_PAYLOADS.0.get()
    }
}

/// Takes note of the process's worker.
pub(crate) fn remember(worker: &mut Worker) {
    // SAFETY: the program has a single thread, and no reference into the place is kept.
    unsafe { *WORKER.0.get() = core::ptr::from_mut(worker).expose_provenance() };
}

/// Whether the heap had no memory for what was asked of it last.
#[cfg(feature = "freestanding")]
pub(crate) fn is_out_of_memory() -> bool {
    #[cfg(feature = "alloc")]
    return super::heap::is_exhausted();
    #[cfg(not(feature = "alloc"))]
    false
}

/// Ends the process when it has used the CPU for so many seconds from now.
///
/// Source: setitimer(2).
pub(crate) fn limit_cpu_time(seconds: u32) {
    const PROF: usize = 2;
    let timer = [0, 0, u64::from(seconds), 0];
    // SAFETY: setitimer(2) reads an itimerval, four 64-bit numbers, and writes none that is not
    // asked for.
    unsafe { arch::call3(arch::SETITIMER, PROF, timer.as_ptr() as usize, 0) };
}

/// Bytes of a line that are written at once.
const LINE_BYTES: usize = 256;

/// A line for standard error. Pieces would mix with those of other workers.
struct Line {
    bytes: [u8; LINE_BYTES],
    len: usize,
}

impl Line {
    fn flush(&mut self) {
        complain(self.bytes.get(..self.len).unwrap_or_default());
        self.len = 0;
    }
}

impl fmt::Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for &byte in text.as_bytes() {
            if self.len == LINE_BYTES {
                self.flush();
            }
            self.bytes[self.len % LINE_BYTES] = byte;
            self.len += 1;
        }
        Ok(())
    }
}

/// Writes a line to standard error.
pub fn log(line: fmt::Arguments<'_>) {
    let mut out = Line { bytes: [0; LINE_BYTES], len: 0 };
    // Nobody is there to tell that it failed.
    let _ = writeln!(out, "{line}");
    out.flush();
}

/// The status of a program that has failed, as the standard library has it.
#[cfg(feature = "freestanding")]
const FAILED: u8 = 101;

/// Says where and why the handler failed, and goes on with the other connections: what called the
/// handler is left as it is and never returned to. A program that serves nothing ends.
#[cfg(feature = "freestanding")]
#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    if !LIMITS.serves {
        log(format_args!("{info}"));
        exit(FAILED);
    }
    log(format_args!("pipkin: {info}"));
    // SAFETY: the program has a single thread, and no reference into the place is kept.
    let at = unsafe { *WORKER.0.get() };
    let worker: *mut Worker = core::ptr::with_exposed_provenance_mut(at);
    if worker.is_null() {
        exit(1);
    }
    // SAFETY: the worker lives as long as the process. Those who had it borrowed when the handler
    // failed never run again: from here on there is no way back to them.
    unsafe { (*worker).recover() }
}
