//! The HTTP server inside a pipkin image: no standard library, no C library, no allocation.
//!
//! [`run`] is the whole program. A supervisor starts one worker process per CPU; each worker has
//! a listener and one epoll loop ([`event`]), which moves bytes between sockets and batches
//! of answers. A [`conn::Batch`] is the pure part: request bytes in, response bytes out.
//!
//! ```text
//! supervisor -> event -> conn -> site -> pipkin-format (routes, stored heads, bodies)
//!      \----------\--------\-------\---> extended (what the standard server does not do)
//!      |          |        \-------\---> http (requests in, dates out)
//!      \----------\--> sys (system calls; the only unsafe code)
//! ```
//!
//! The feature `extended` makes another server, which can do more and is larger. The places where
//! it does are calls of functions in [`extended`]; those in `standard.rs` do nothing.
//!
//! The feature `launcher` makes no server but [`launcher`], which has the entry point, the system
//! calls and the promises in common with one.
//!
//! The feature `micro` makes one that serves a single document, and shares the system calls alone.
//!
//! The feature `unpacker` makes one that becomes another program, which is packed behind it.
//!
//! Promises: nothing is allocated per request, each loop and buffer is bounded by a named
//! constant, and no panic path is linked (the panic handler calls a function that does not
//! exist, so a build that needs it fails).
#![cfg_attr(not(test), no_std)]

#[cfg(target_os = "linux")]
mod address;
pub mod conn;
#[cfg(target_os = "linux")]
#[cfg_attr(feature = "handler", path = "handler/mod.rs")]
mod desk;
#[cfg(target_os = "linux")]
pub mod event;
#[cfg_attr(not(feature = "extended"), path = "standard.rs")]
mod extended;
pub mod http;
#[cfg(all(target_os = "linux", feature = "launcher"))]
pub mod launcher;
#[cfg(all(target_os = "linux", feature = "micro"))]
#[cfg_attr(not(feature = "freestanding"), allow(dead_code))]
mod micro;
mod site;
#[cfg(target_os = "linux")]
mod supervisor;
#[cfg(target_os = "linux")]
mod sys;

#[cfg(target_os = "linux")]
use sys::copy;

/// Copies `from` to the start of `to`, or nothing when it has not the space.
#[cfg(not(target_os = "linux"))]
fn copy(to: &mut [u8], from: &[u8]) {
    if let Some(to) = to.get_mut(..from.len()) {
        to.copy_from_slice(from);
    }
}

#[cfg(all(target_os = "linux", feature = "handler"))]
pub mod handler {
    //! What a handler is linked with.
    #[cfg(not(feature = "freestanding"))]
    pub use crate::desk::Wire;
    pub use crate::desk::{
        Desk, Feed, Full, Incoming, Limits, Line, Method, Next, Step, find, lines,
    };
    #[cfg(all(feature = "alloc", feature = "freestanding"))]
    pub use crate::sys::Memory;
    pub use crate::sys::{Bytes, State, log, milliseconds, unix_milliseconds, variable};
}
#[cfg(all(target_os = "linux", feature = "handler", feature = "freestanding"))]
pub use sys::program;

#[cfg(target_os = "linux")]
pub use supervisor::run;
#[cfg(target_os = "linux")]
pub use sys::start::Start;
