//! System calls, the entry point and the memory of a worker: the only unsafe code.
//!
//! One typed function per call, named as its manual page in section 2, over the `syscall`
//! instruction in a file per architecture. Only calls that Linux has on every architecture are
//! used (`epoll_pwait`, not `epoll_wait`), so the files differ in numbers and registers alone.
//!
//! # Safety
//!
//! The functions are safe to call: a pointer handed to the kernel comes from a reference that
//! lives through the call, with the length of what it refers to, and no call maps, unmaps or
//! protects memory that Rust knows, except [`worker`], which makes new memory, and [`discard`], which
//! has it for a value. A launcher's `Loader` maps a program into memory that is made for it, by what the
//! program's headers say, and its `Stack` writes to the initial one: there this program becomes another.
#![allow(unsafe_code)]

#[cfg(target_arch = "aarch64")]
#[path = "aarch64.rs"]
mod arch;
#[cfg(target_arch = "riscv64")]
#[path = "riscv64.rs"]
mod arch;
#[cfg(target_arch = "x86_64")]
#[path = "x86_64.rs"]
mod arch;

#[cfg(feature = "handler")]
mod bytes;
mod epoll;
#[cfg(not(target_arch = "x86_64"))]
mod generic;
#[cfg(feature = "handler")]
mod handler;
#[cfg(all(feature = "alloc", feature = "handler"))]
mod heap;
#[cfg(feature = "launcher")]
mod loader;
mod memory;
#[cfg(feature = "micro")]
#[cfg_attr(not(feature = "freestanding"), allow(dead_code))]
pub(crate) mod micro;
#[cfg(any(feature = "micro", feature = "unpacker"))]
#[cfg_attr(any(not(feature = "freestanding"), feature = "unpacker"), allow(dead_code))]
pub(crate) mod opaque;
#[cfg(feature = "extended")]
mod output;
mod process;
#[cfg(all(feature = "handler", feature = "freestanding"))]
pub mod program;
mod seal;
mod socket;
#[cfg(feature = "launcher")]
mod stack;
pub(crate) mod start;
#[cfg(feature = "handler")]
mod state;
mod text;
#[cfg(feature = "launcher")]
mod texts;
mod time;
#[cfg(all(feature = "unpacker", feature = "freestanding"))]
mod unpacker;

#[cfg(feature = "handler")]
pub use bytes::Bytes;
pub(crate) use epoll::{Epoll, Event, IN, OUT};
#[cfg(all(feature = "handler", feature = "freestanding"))]
pub(crate) use handler::is_out_of_memory;
#[cfg(feature = "handler")]
pub use handler::log;
#[cfg(feature = "handler")]
pub(crate) use handler::{LIMITS, has_payloads, limit_cpu_time, note_payload, remember, respond};
#[cfg(all(feature = "alloc", feature = "freestanding"))]
pub use heap::Memory;
#[cfg(feature = "launcher")]
pub(crate) use loader::Loader;
#[cfg(feature = "handler")]
pub(crate) use memory::Region;
#[cfg(all(feature = "handler", not(feature = "freestanding")))]
pub(crate) use memory::desk;
#[cfg(feature = "extended")]
pub(crate) use memory::zeroed;
pub(crate) use memory::{copy, discard, worker};
#[cfg(feature = "extended")]
pub(crate) use output::{output, write};
#[cfg(all(feature = "handler", feature = "freestanding"))]
pub(crate) use process::WORN_OUT;
pub(crate) use process::{
    CHLD, FOREVER, Files, INT, INTERRUPTED, TERM, cpus_allowed, executable, exit, fork,
    hold_signals, reap, wait_for_signal,
};
pub(crate) use seal::{harden, seal};
#[cfg(feature = "handler")]
pub(crate) use socket::peer;
pub(crate) use socket::{
    Address, End, accept, close, is_healthy, listener, recv, send_content, shutdown,
};
#[cfg(feature = "launcher")]
pub(crate) use stack::Stack;
#[cfg(feature = "handler")]
pub use start::variable;
#[cfg(feature = "handler")]
pub use state::State;
#[cfg(all(feature = "handler", feature = "freestanding"))]
pub(crate) use state::is_any_borrowed;
pub(crate) use text::Text;
#[cfg(feature = "launcher")]
pub(crate) use texts::{Texts, exists};
#[cfg(feature = "extended")]
pub(crate) use time::microseconds;
#[cfg(feature = "handler")]
pub use time::{milliseconds, unix_milliseconds};
pub(crate) use time::{pause, unix_seconds};

/// Whether there is content: a handler may have none.
#[inline(always)]
fn has_site() -> bool {
    #[cfg(feature = "handler")]
    return LIMITS.site;
    #[cfg(not(feature = "handler"))]
    true
}

/// Takes note of the process's worker; without user code nobody asks for it.
#[cfg(not(feature = "handler"))]
#[inline(always)]
pub(crate) fn remember(_: &mut crate::event::Worker) {}

/// A file descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fd(pub(crate) u32);

/// The number of an error, negated, as the kernel returns it; see errno(3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Errno(i32);

impl Errno {
    pub(crate) const AGAIN: Self = Self(-11);
    pub(crate) const NOMEM: Self = Self(-12);
    pub(crate) const ACCES: Self = Self(-13);
    pub(crate) const ADDRINUSE: Self = Self(-98);
    pub(crate) const CONNABORTED: Self = Self(-103);
}

#[cfg(feature = "launcher")]
impl Errno {
    pub(crate) const NOENT: Self = Self(-2);
    pub(crate) const NOEXEC: Self = Self(-8);
    pub(crate) const INVAL: Self = Self(-22);

    /// As errno(3) has it.
    pub(crate) fn number(self) -> u8 {
        self.0.unsigned_abs() as u8
    }
}

/// What a call returns: a count or a descriptor, which fit 32 bits, or a negated error number.
fn result(returned: isize) -> Result<u32, Errno> {
    let returned = returned as i32;
    if returned < 0 { Err(Errno(returned)) } else { Ok(returned as u32) }
}

/// Writes `text` to standard error, as far as it will go: there is no one to tell.
#[inline(never)]
pub(crate) fn complain(text: &[u8]) {
    // SAFETY: write(2) reads `text.len()` bytes at `text`, which is borrowed through the call.
    unsafe { arch::call3(arch::WRITE, 2, text.as_ptr() as usize, text.len()) };
}

/// Source: prctl(2).
///
/// # Safety
///
/// What the operation `option` does with its arguments must be sound.
#[inline(never)]
unsafe fn prctl(option: usize, a: usize, b: usize) {
    // SAFETY: the caller's promise. Arguments that some operations want to be 0 are.
    unsafe { arch::call5(arch::PRCTL, option, a, b, 0, 0) };
}
