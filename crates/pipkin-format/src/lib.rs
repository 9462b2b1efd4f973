//! The content blob: what the builder computed about a site, and the bytes of its files,
//! laid out so that the server finds an answer by one hash and two loads.
//!
//! All numbers are little-endian and unaligned. `slots` is a power of two, `buckets` is
//! `slots / 4` and at least 1; both follow from `slot_mask`.
//!
//! ```text
//!  0          4      6                8
//! +----------+------+----------------+-----------------------------+
//! |slot_mask | port | fallback_bytes | standing: u32 per Standing  |   header
//! +----------+------+----------------+-----------------------------+
//! | displacements: u16 per bucket                                  |
//! +----------------------------------------------------------------+
//! | slots: u32 per slot, offset of an entry                        |
//! +----------------------------------------------------------------+
//! | entries                                                        |
//! +----------------------------------------------------------------+
//! | answers                                                        |   up to here: the index
//! +----------------------------------------------------------------+
//! | bodies, one behind the other                                   |
//! +----------------------------------------------------------------+
//!
//! an entry:                        an answer:
//!  0            4          6        0         8          16       20         22         24           26      27
//! +------------+----------+------+ +---------+----------+--------+----------+----------+------------+-------+------+
//! | answers_at | path_len | path | | body_at | body_len | coding | head_len | part_len | shared_len | flags | head |
//! +------------+----------+------+ +---------+----------+--------+----------+----------+------------+-------+------+
//! ```
//!
//! - `slot_mask` is `slots - 1`. `port` is where the server listens unless told otherwise.
//! - All offsets count from the first byte of the blob; `standing` has those of answers.
//! - `path` is percent-decoded and starts with `/`. A path that ends with [`FALLBACK`] answers
//!   for every path below its folder that has no answer; `fallback_bytes` is the length of the
//!   longest such folder. What no folder answers, the standing answer 404 does. An empty slot
//!   leads to an entry without a path. Paths of equal answers share them.
//! - `head` is a response head, status line and fields, without the CRLF of its last line, without
//!   `Date` and without the empty line: all that is the same for each answer, the server appends.
//! - `part_len` is how much of the head a 206 repeats, from its start: all but the number behind
//!   `Content-Length:`, which ends the last line. `shared_len` is how much a 304 repeats, which
//!   begins with the line [`OK_LINE`], then the field [`ETAG_NAME`] with a value of [`ETAG_BYTES`]
//!   bytes. 206 and 304 replace its first [`STATUS_BYTES`]. Both lengths are 0 for an answer that
//!   takes neither conditions nor ranges.
//! - An answer whose flags have [`MORE`] is followed by another for the same path. The server picks
//!   the first of those whose flags fit the request that has the best `coding` (see [`coding`]) for
//!   it.
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
//! use pipkin_format::{Answer, Content, Extent, Index, Route, Standing, write};
//! let answer = |body| Answer { head: b"HTTP/1.1 200 OK", body, ..Answer::default() };
//! let index = Index {
//!     port: 8080,
//!     routes: &[Route { path: b"/".into(), answers: vec![answer(1)] }],
//!     standing: std::array::from_fn(|_| vec![answer(0)]),
//!     bodies: &[0, 3],
//! };
//! let mut blob = write(&index).unwrap();
//! blob.extend_from_slice(b"hi\n");
//! let content = Content::new(&blob);
//! let stored = content.find(b"/").unwrap();
//! assert_eq!(content.head(stored, Extent::Whole), b"HTTP/1.1 200 OK");
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
pub mod launch;
mod make;
pub mod micro;
pub mod packed;
mod read;
#[cfg(feature = "write")]
mod write;

pub use make::{MADE_BODY_AT, make};
pub use read::{Body, Content, Record, Stored};
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

/// Bytes of [`OK_LINE`] that 206 and 304 replace with a status line of their own.
pub const STATUS_BYTES: usize = OK_LINE.len() - 2;

/// The name of the field that follows [`OK_LINE`], up to its value.
pub const ETAG_NAME: &[u8; 6] = b"ETag: ";

/// Bytes of every entity tag, with its quotes: 96 bits in base64.
pub const ETAG_BYTES: usize = 18;

/// The byte behind a folder's path in the path of its fallback: no file's name has it.
pub const FALLBACK: u8 = 0;

/// Another answer for the same path follows this one. Set by the writer alone.
pub const MORE: u8 = 1;

/// Only for navigations: the client takes HTML, and the last part of the path has no dot. It is
/// how a browser asks for a page, not for what belongs to one.
pub const NAVIGATION: u8 = 2;

/// Only for what is no navigation.
pub const NO_NAVIGATION: u8 = 4;

/// The query of the request, with its question mark, goes behind the last line of the head, which
/// is a Location.
pub const QUERY: u8 = 8;

/// Only for paths that match the pattern which is the body, which then is not sent; the first of
/// these that fits comes before every other answer. The extended server alone can do that, and
/// everything else about rules here.
///
/// A pattern is a percent-decoded path with marks: [`SEGMENT`] and [`REST`]. The last line of the
/// head is a Location, in which [`LOCATION_SEGMENT`] and [`LOCATION_REST`] stand for parts of the
/// path as it came.
pub const RULE: u8 = 16;

/// In a pattern: one segment that is not empty.
pub const SEGMENT: u8 = 1;

/// At the end of a pattern: any bytes, or none.
pub const REST: u8 = 2;

/// In a Location: with `n` added, segment `n` of the path, counted from 0; `n` is below 64.
pub const LOCATION_SEGMENT: u8 = 0x80;

/// In a Location: with `n` added, the path from segment `n` on, without slashes in front.
pub const LOCATION_REST: u8 = 0xC0;

/// The extended server sends what it [has made](make) when it started, from the head of this answer
/// and the variables that its body names: each name with `=` behind it. Of the
/// [`setting`](Content::setting) too, which then is that answer.
pub const ENV: u8 = 32;

/// Of the [`setting`](Content::setting): the extended server logs each request.
pub const LOG: u8 = 64;

/// The coding of a body that is sent as it is.
pub const IDENTITY: u32 = coding(b"identity");

/// A content coding as one number: the last four bytes of its name, or all when there are fewer.
/// So `x-gzip` is `gzip`, as it should be (RFC 9110, section 8.4.1.3).
pub const fn coding(name: &[u8]) -> u32 {
    let (mut number, mut at) = (0, 0);
    while at < name.len() {
        number = number << 8 | name[at] as u32;
        at += 1;
    }
    number
}

/// How much of a stored head is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Extent {
    /// All of it.
    Whole = 0,
    /// What a 206 repeats.
    Part,
    /// What a 304 repeats.
    Shared,
}

/// Bytes before the displacements: `slot_mask`, `port`, `fallback_bytes`, the standing answers.
const HEADER_BYTES: usize = STANDING_AT + 4 * Standing::COUNT;
const PORT_AT: usize = 4;
const FALLBACK_BYTES_AT: usize = 6;
const STANDING_AT: usize = 8;

/// Bytes of an entry before its path, and where its numbers are.
const ENTRY_BYTES: usize = 6;
const PATH_LEN_AT: usize = 4;

/// Bytes of an answer before its head, and where its numbers are.
const ANSWER_BYTES: usize = 27;
const BODY_LEN_AT: usize = 8;
const CODING_AT: usize = 16;
const EXTENTS_AT: usize = 20;
const FLAGS_AT: usize = 26;

/// The answers that belong to no route, in the order of their table in the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Standing {
    /// 404: neither a route nor a fallback has the path.
    NotFound,
    /// 400: the request breaks the grammar of HTTP/1.1 or its framing is unclear.
    BadRequest,
    /// 431: the request head is longer than the server holds.
    HeadTooLarge,
    /// 414: the path is longer than any that is stored.
    UriTooLong,
    /// 200 without a body: what OPTIONS asks, for any path. An answer behind it is sent to nobody:
    /// see [`Content::setting`].
    Options,
    /// 405: a known method other than GET, HEAD and OPTIONS.
    MethodNotAllowed,
    /// 501: a method that nobody knows.
    NotImplemented,
    /// 406: the client takes none of the codings that are stored.
    NotAcceptable,
    /// 412: the representation is not one that the client wants it to be.
    PreconditionFailed,
    /// 304: the status line, which fields of the representation follow.
    NotModified,
    /// 206: the status line and `Content-Range: bytes`, which ` first-last/length` and fields of
    /// the representation follow.
    PartialContent,
    /// 416: all of its head, up to `Content-Range: bytes *`, which `/length` follows.
    RangeNotSatisfiable,
}

impl Standing {
    /// How many standing answers there are.
    pub const COUNT: usize = Self::ALL.len();

    /// All of them, in the order of their table.
    pub const ALL: [Self; 12] = [
        Self::NotFound,
        Self::BadRequest,
        Self::HeadTooLarge,
        Self::UriTooLong,
        Self::Options,
        Self::MethodNotAllowed,
        Self::NotImplemented,
        Self::NotAcceptable,
        Self::PreconditionFailed,
        Self::NotModified,
        Self::PartialContent,
        Self::RangeNotSatisfiable,
    ];
}
