//! The content blob: what the builder computed about a site, and the bytes of its files,
//! laid out so that the server finds an answer by one hash and two loads.
//!
//! All numbers are little-endian and unaligned. `slots` is a power of two, `buckets` is
//! `slots / 4` and at least 1; both follow from `slot_mask`.
//!
//! ```text
//!  0          4        6      8
//! +----------+--------+------+-----------------------------+
//! |slot_mask | port   | 0    | standing: u32 per Standing  |   header
//! +----------+--------+------+-----------------------------+
//! | displacements: u16 per bucket                          |
//! +--------------------------------------------------------+
//! | slots: u32 per slot, offset of a record                |
//! +--------------------------------------------------------+
//! | records                                                |   up to here: the index
//! +--------------------------------------------------------+
//! | bodies, one behind the other                           |
//! +--------------------------------------------------------+
//!
//! a record:
//!  0         8          16         18         20           22
//! +---------+----------+----------+----------+------------+------+------+
//! | body_at | body_len | path_len | head_len | shared_len | path | head |
//! +---------+----------+----------+----------+------------+------+------+
//! ```
//!
//! - `slot_mask` is `slots - 1`. `port` is where the server listens unless told otherwise.
//! - `body_at` and the record offsets count from the first byte of the blob.
//! - `path` is percent-decoded and starts with `/`; a standing answer has none. An empty slot
//!   leads to the standing answer 404, which no path equals.
//! - `head` is a complete response head, status line and fields, each line ended by CRLF,
//!   without `Date` and without the empty line: both change or end the head, so the server
//!   appends them.
//! - `shared_len` is how much of the head a 304 repeats, from its start: the line [`OK_LINE`],
//!   which 304 replaces, then the field [`ETAG_NAME`] with a value of [`ETAG_BYTES`] bytes, then
//!   others. It is 0 for an answer that takes no conditions.
//!
//! There is no version number: the server in an executable and the blob behind it come from
//! one build, and nobody else reads the blob.
//!
//! # The panic contract
//!
//! [`Content`] accepts any bytes. Each load is checked, a damaged blob gives `None` or empty
//! slices, and no method panics (fuzz target `format_read`). This costs a compare per load, and
//! lets the server carry neither a validation pass nor unsafe code.
//!
//! ```
//! # #[cfg(feature = "write")] {
//! use pipkin_format::{Answer, Content, Index, Route, Standing, write};
//! let answer = |body| Answer { head: b"HTTP/1.1 200 OK\r\n", shared_bytes: 0, body };
//! let index = Index {
//!     port: 8080,
//!     routes: &[Route { path: b"/", answer: answer(1) }],
//!     standing: [answer(0); Standing::COUNT],
//!     bodies: &[0, 3],
//! };
//! let mut blob = write(&index).unwrap();
//! blob.extend_from_slice(b"hi\n");
//! let content = Content::new(&blob);
//! let stored = content.find(b"/").unwrap();
//! assert_eq!(content.head(stored), b"HTTP/1.1 200 OK\r\n");
//! assert_eq!(content.bytes(content.body(stored)), b"hi\n");
//! assert_eq!(content.find(b"/x"), None);
//! # }
//! ```
#![no_std]

#[cfg(feature = "write")]
extern crate alloc;
#[cfg(test)]
extern crate std;

mod hash;
mod read;
#[cfg(feature = "write")]
mod write;

pub use read::{Body, Content, Stored};
#[cfg(feature = "write")]
pub use write::{Answer, Index, Route, WriteError, write};

/// Bytes of the longest percent-decoded path. Three times as many when each byte is
/// percent-encoded, which still leaves a client 2 kB of its 8 kB request head for fields.
pub const PATH_BYTES_MAX: usize = 2048;

/// Bytes of the longest stored response head, so that the server can tell from its output
/// buffer alone whether one more answer fits.
pub const HEAD_BYTES_MAX: usize = 4096;

/// The status line of every answer that takes conditions.
pub const OK_LINE: &[u8; 17] = b"HTTP/1.1 200 OK\r\n";

/// The name of the field that follows [`OK_LINE`], up to its value.
pub const ETAG_NAME: &[u8; 6] = b"ETag: ";

/// Bytes of every entity tag, with its quotes: 96 bits in base64.
pub const ETAG_BYTES: usize = 18;

/// Bytes before the displacements: `slot_mask`, `port`, two zero bytes, the standing answers.
const HEADER_BYTES: usize = STANDING_AT + 4 * Standing::COUNT;
const PORT_AT: usize = 4;
const STANDING_AT: usize = 8;

/// Bytes of a record before its path.
const RECORD_BYTES: usize = 22;

/// The answers that belong to no route, in the order of their table in the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Standing {
    /// 404: no route has the path.
    NotFound,
    /// 400: the request breaks the grammar of HTTP/1.1 or its framing is unclear.
    BadRequest,
    /// 405: a known method other than GET, HEAD and OPTIONS.
    MethodNotAllowed,
    /// 431: the request head is longer than the server holds.
    HeadTooLarge,
    /// 204: what OPTIONS asks, for any path.
    Options,
    /// 412: the representation is not one that the client wants it to be.
    PreconditionFailed,
    /// 414: the path is longer than any that is stored.
    UriTooLong,
    /// 501: a method that nobody knows.
    NotImplemented,
}

impl Standing {
    /// How many standing answers there are.
    pub const COUNT: usize = Self::ALL.len();

    /// All of them, in the order of their table.
    pub const ALL: [Self; 8] = [
        Self::NotFound,
        Self::BadRequest,
        Self::MethodNotAllowed,
        Self::HeadTooLarge,
        Self::Options,
        Self::PreconditionFailed,
        Self::UriTooLong,
        Self::NotImplemented,
    ];
}
