//! An HTTP service as one function.
//!
//! ```
//! use pipkin_handler::*;
//!
//! image! { tag: "hello:latest", port: 3001 }
//!
//! handler!(hello);
//!
//! fn hello(_: &Request) -> Response {
//!     Response::text("Hello from pipkin!")
//! }
//!
//! assert_eq!(hello(&Request::get("/")).body(), b"Hello from pipkin!");
//! ```
//!
//! `pipkin build hello.rs` makes an image of it. The server around the function is pipkin's:
//! keep-alive, pipelining, limits, workers, a sandbox.
//!
//! What a handler takes part in, its signature says, and the program has the code for that alone: a
//! second argument takes the [bodies of requests](Handler), a [`Stream`] is an answer without an
//! end that is known, [`routes!`] spreads requests over several functions.
#![no_std]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(not(feature = "freestanding"))]
extern crate std;

mod entry;
mod image;
mod link;
mod pattern;
mod program;
mod query;
mod reply;
mod request;
mod response;
mod routes;
mod variable;

#[cfg(feature = "alloc")]
pub use alloc::{
    borrow::ToOwned,
    boxed::Box,
    format,
    string::{String, ToString},
    vec,
    vec::Vec,
};

pub use entry::{Handler, Needs};
pub use pipkin_server::handler::{
    Bytes, Feed, Limits, Method, Next, State, Step, milliseconds, unix_milliseconds,
};
pub use program::{Arguments, Main, Status, eprint, print};
pub use query::{Encoded, Pairs};
pub use reply::{Reply, SiteFile, Stream};
pub use request::Request;
pub use response::Response;
pub use variable::variable;

/// What the macros name.
#[doc(hidden)]
pub mod made {
    #[cfg(all(feature = "alloc", feature = "freestanding"))]
    pub use pipkin_server::handler::Memory;
    pub use pipkin_server::handler::{Desk, log};
    #[cfg(feature = "freestanding")]
    pub use pipkin_server::program_start;

    pub use crate::entry::{limits, needs_of};
    pub use crate::image::{Record, image_setting, records, records_bytes};
    pub use crate::pattern::*;
    #[cfg(feature = "freestanding")]
    pub use crate::program::run;
    pub use crate::program::takes_arguments;
    pub use crate::routes::*;
}
