//! The desk of a handler's server: requests with their bodies in, what the user's code answers out.
//!
//! It has the functions of the desk of a site, with one difference: what user code has answered is
//! not made again. An answer that its peer does not read at once is set aside, whole, until it
//! does.
//!
//! The handler is a function that the linker finds ([`crate::sys::respond`]), so that the optimiser
//! sees it, and [`LIMITS`](crate::sys::LIMITS) with it: what the handler does not take part in is
//! not linked.

mod exchange;
#[cfg(feature = "freestanding")]
mod failure;
mod intake;
mod open;
mod stream;
#[cfg(test)]
mod tests;
#[cfg(not(feature = "freestanding"))]
mod wire;

use core::ops::{Deref, DerefMut};

pub use exchange::{Incoming, Line, Method, find, lines};
use intake::Received;
pub(crate) use open::Kept;
use open::Open;
use pipkin_format::Content;
#[cfg(test)]
pub(crate) use stream::PARTS_MAX;
pub use stream::{Feed, Full, Next, Step};
#[cfg(not(feature = "freestanding"))]
pub use wire::Wire;

use crate::Start;
use crate::conn::{ANSWER_BYTES_MAX, After, BODY_COPIED_BYTES_MAX, Batch, OUTPUT_BYTES};
use crate::event::{CONNECTIONS_MAX, index};
use crate::http::names::Name;
use crate::http::request::Parsed;
use crate::sys::{Fd, LIMITS, Region, limit_cpu_time, respond};

/// What a handler takes part in, and how much of it.
///
/// ```
/// use pipkin_server::handler::Limits;
///
/// assert_eq!(Limits::DEFAULT.body_bytes_max, 65_536);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// It answers requests; where nothing does, a failure ends the program.
    pub serves: bool,
    /// It takes the bodies of requests.
    pub bodies: bool,
    /// It answers with streams.
    pub streams: bool,
    /// There is a site behind the program, of which it serves paths.
    pub site: bool,
    /// The worker may make only the system calls that the server makes.
    pub sandbox: bool,
    /// Bytes of a request's body, at most; a longer one is answered with 413.
    pub body_bytes_max: usize,
    /// Bytes of the heap.
    pub heap_bytes_max: usize,
    /// Seconds of CPU time for one call of the handler; then the worker is replaced.
    pub cpu_seconds_max: u32,
}

impl Limits {
    /// A handler that takes part in nothing, with the limits that hold unless it sets others.
    pub const DEFAULT: Self = Self {
        serves: true,
        bodies: false,
        streams: false,
        site: false,
        sandbox: true,
        body_bytes_max: 64 << 10,
        heap_bytes_max: 64 << 20,
        cpu_seconds_max: 30,
    };
}

/// In the place of the status line of an answer, before the handler has given one.
const HANDLED: Line = Line::of(0);

/// The port to listen on unless told otherwise.
pub(crate) fn port(start: &Start, _: &Content<'static>) -> u16 {
    start.port()
}

/// Where a worker reads input and has it answered.
#[repr(C)]
pub struct Desk {
    /// Whose input it is.
    fd: Fd,
    /// Where the request begins that is being answered.
    from: u32,
    /// Where the output ends that was there before the handler began.
    begun_at: u32,
    path_bytes: u16,
    /// More of a body has come.
    receives: bool,
    exit_status: u8,
    unix_seconds: u64,
    /// The handler, where none is linked.
    #[cfg(not(feature = "freestanding"))]
    pub(crate) respond: Option<fn(&mut Desk)>,
    pub(crate) batch: Batch<'static>,
    /// How often the handler has failed.
    failures: u32,
    /// Bytes of the request's body.
    body_bytes: u32,
    /// Parts of a stream that are written in this turn.
    parts: u32,
    /// When the first pause of a stream is over, in milliseconds; 0 for none.
    due: u64,
    opens: [Open; CONNECTIONS_MAX],
    /// The bodies of requests, one part of it for each connection.
    bodies: Region,
}

impl Deref for Desk {
    type Target = Batch<'static>;

    fn deref(&self) -> &Self::Target {
        &self.batch
    }
}

impl DerefMut for Desk {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.batch
    }
}

impl Desk {
    /// The status with which the worker ends.
    pub(crate) fn exit_status(&self) -> u8 {
        self.exit_status
    }

    /// Sets what is always the same, and makes room; whether there is.
    pub(crate) fn set_up(&mut self) -> bool {
        self.batch.begin_tail();
        !LIMITS.bodies || self.bodies.reserve(LIMITS.body_bytes_max).is_ok()
    }

    /// Sets the time in seconds since 1970, and gives the handler its time anew.
    pub(crate) fn set_time(&mut self, unix_seconds: u64) {
        self.unix_seconds = unix_seconds;
        self.batch.set_time(unix_seconds);
        limit_cpu_time(LIMITS.cpu_seconds_max);
    }

    /// Whether more of a request's body has come.
    pub(crate) fn receives(&self) -> bool {
        LIMITS.bodies && self.receives
    }

    /// Takes note of whose input it gets.
    pub(crate) fn attend(&mut self, fd: Fd) {
        self.fd = fd;
        if LIMITS.bodies {
            self.receives = false;
        }
        if LIMITS.streams {
            self.parts = 0;
        }
    }

    /// Answers complete requests from the start of the input, as [`Batch::answer`] does, or takes up
    /// the answer that was set aside, if one `waits`.
    #[inline(never)]
    pub(crate) fn take_turn(&mut self, last: bool, waits: bool, kept: &Kept) -> u32 {
        if waits {
            return self.resume(kept);
        }
        self.drop_payload();
        self.output_bytes = 0;
        if LIMITS.site {
            self.record.body.len = 0;
        }
        self.after = After::KeepAlive;
        let mut from = self.request.from();
        while self.after == After::KeepAlive
            && (!LIMITS.site || self.record.body.len == 0)
            && self.payload().is_empty()
            && self.output_bytes as usize + ANSWER_BYTES_MAX <= OUTPUT_BYTES
        {
            self.begun_at = self.output_bytes;
            let mut body_bytes = 0;
            let line = match self.batch.request.parse(from) {
                Parsed::Partial if !self.request.is_full(from) => break,
                Parsed::Partial => Line::of(431),
                Parsed::Bad => Line::of(400),
                Parsed::Complete => match self.receive(from) {
                    Received::Part => break,
                    Received::Refused(line) => line,
                    Received::Whole(bytes) => {
                        body_bytes = bytes;
                        self.take_up(from, last)
                    }
                },
            };
            self.answer_request(line);
            from = self.request.next() + body_bytes;
        }
        from
    }

    /// Reads where the request goes and what becomes of the connection; the status line of one that
    /// the handler is not asked about, or [`HANDLED`].
    fn take_up(&mut self, from: u32, last: bool) -> Line {
        /// Those that handlers get.
        const METHODS: u32 = Name::Get.bit()
            | Name::Head.bit()
            | Name::Options.bit()
            | Name::Post.bit()
            | Name::Put.bit()
            | Name::Delete.bit()
            | Name::Patch.bit();
        self.from = from;
        let Batch { request, path, after, .. } = &mut self.batch;
        *after = if last || !LIMITS.bodies && request.has_body() {
            After::Linger
        } else if request.closes() {
            After::Close
        } else {
            After::KeepAlive
        };
        if METHODS & 1 << request.method() == 0 {
            return Line::of(501);
        }
        match request.path(path) {
            None => Line::of(400),
            Some(bytes) if bytes >= path.len() => Line::of(414),
            // `OPTIONS *` asks about the server.
            Some(_) if request.asks_about_server() => Line::of(200),
            Some(bytes) => {
                self.path_bytes = bytes as u16;
                HANDLED
            }
        }
    }

    /// Has the handler answer, or answers with a status and no body.
    fn answer_request(&mut self, line: Line) {
        if line == HANDLED {
            respond(self);
        } else {
            if line != Line::of(200) {
                self.after = After::Linger;
            }
            self.fail(line);
        }
        self.drop_body();
    }

    /// What is to be sent once the first `sent` bytes are, and whether more comes behind it.
    pub(crate) fn rest(&mut self, sent: u64) -> (&[u8], bool) {
        if LIMITS.streams {
            self.feed(sent);
        }
        if LIMITS.site && self.batch.record.body.len != 0 {
            return self.batch.rest(sent);
        }
        let before = &self.opens[index(self.fd)].stream.before;
        let at = if LIMITS.streams { sent - before } else { sent };
        let (output, payload) = (self.batch.output(), self.payload());
        match output.get(at as usize..) {
            Some(rest @ [_, ..]) => (rest, !payload.is_empty()),
            _ => (payload.get(at as usize - output.len()..).unwrap_or_default(), false),
        }
    }
}
