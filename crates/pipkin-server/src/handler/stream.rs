//! Answers without an end that is known: a function writes the next part each time the peer has
//! read the last.

use core::fmt;

use super::Desk;
use crate::conn::OUTPUT_BYTES;
use crate::copy;
use crate::event::index;
use crate::sys::{Fd, LIMITS, milliseconds};

/// Writes the next part of a body.
///
/// ```
/// use pipkin_server::handler::{Feed, Next, Step};
///
/// let step: Step = |feed| {
///     let _ = feed.write(b"part");
///     Next::End
/// };
/// let mut space = [0; 8];
/// assert_eq!(step(&mut Feed::new(0, &mut space)), Next::End);
/// ```
pub type Step = fn(&mut Feed<'_>) -> Next;

/// When the next part of a stream is to be written.
///
/// ```
/// use pipkin_server::handler::Next;
///
/// assert_ne!(Next::After(0), Next::Now);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// As soon as this one is sent.
    Now,
    /// That many milliseconds after this one is sent.
    After(u32),
    /// Never: the body ends here.
    End,
}

/// What is left of a stream. All-zero memory is none.
#[derive(Default)]
#[repr(C)]
pub(super) struct Stream {
    step: Option<Step>,
    chunked: bool,
    /// It may end at any time, as one of events does, after which the client asks again.
    live: bool,
    state: u64,
    /// When the next part is due, in milliseconds.
    pub(super) due: u64,
    /// Bytes of the answer before those in the output.
    pub(super) before: u64,
}

/// Room for one part of a streamed body.
///
/// ```
/// use pipkin_server::handler::Feed;
/// use std::fmt::Write as _;
///
/// let mut space = [0; 16];
/// let mut feed = Feed::new(7, &mut space);
/// let state = feed.state;
/// write!(feed, "part {state}").unwrap();
/// assert_eq!(feed.written(), b"part 7");
/// ```
pub struct Feed<'a> {
    /// What the last call left here; at first what the answer began with.
    pub state: u64,
    space: &'a mut [u8],
    len: usize,
}

/// The part has no space left: see [`Feed::write`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

impl<'a> Feed<'a> {
    /// Room of `space`, with a state: for tests of a step.
    ///
    /// ```
    /// use pipkin_server::handler::Feed;
    ///
    /// assert_eq!(Feed::new(7, &mut []).state, 7);
    /// ```
    ///
    /// A program has none, since a step could put its own in the place of the one it gets, of whose
    /// space the server would send what was there before.
    #[cfg(not(feature = "freestanding"))]
    pub fn new(state: u64, space: &'a mut [u8]) -> Self {
        Self::of(state, space)
    }

    fn of(state: u64, space: &'a mut [u8]) -> Self {
        Self { state, space, len: 0 }
    }

    /// Appends `bytes`.
    ///
    /// ```
    /// use pipkin_server::handler::{Feed, Full};
    ///
    /// let mut space = [0; 4];
    /// let mut feed = Feed::new(0, &mut space);
    /// assert_eq!(feed.write(b"four"), Ok(()));
    /// assert_eq!(feed.write(b"x"), Err(Full));
    /// ```
    ///
    /// # Errors
    ///
    /// When they do not fit: a part has room for about 64 kB. Then nothing is appended.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Full> {
        let space = self.space.get_mut(self.len..).unwrap_or_default();
        if bytes.len() > space.len() {
            return Err(Full);
        }
        copy(space, bytes);
        self.len += bytes.len();
        Ok(())
    }

    /// Appends an event for a browser's `EventSource`, with a field for each line of `data`.
    ///
    /// ```
    /// use pipkin_server::handler::Feed;
    ///
    /// let mut space = [0; 64];
    /// let mut feed = Feed::new(0, &mut space);
    /// feed.event("a\nb").unwrap();
    /// assert_eq!(feed.written(), b"data: a\ndata: b\n\n");
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Self::write`]; then a part of the event may be there.
    ///
    /// Source: HTML Standard, "Server-sent events".
    pub fn event(&mut self, data: &str) -> Result<(), Full> {
        // CR, LF and both together end a line.
        let lines = data.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
        for line in lines.flat_map(|line| line.split('\r')) {
            self.write(b"data: ")?;
            self.write(line.as_bytes())?;
            self.write(b"\n")?;
        }
        self.write(b"\n")
    }

    /// What has been written.
    ///
    /// ```
    /// use pipkin_server::handler::Feed;
    ///
    /// assert_eq!(Feed::new(0, &mut []).written(), b"");
    /// ```
    pub fn written(&self) -> &[u8] {
        self.space.get(..self.len).unwrap_or_default()
    }
}

impl fmt::Write for Feed<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.write(text.as_bytes()).map_err(|Full| fmt::Error)
    }
}

/// Parts of a stream in a row, at most. A peer that reads as fast as a step writes would have the worker
/// for itself otherwise, and in the end the CPU time that the handler may take.
pub(crate) const PARTS_MAX: u32 = 16;

/// A chunk's length in hexadecimal digits, and CRLF.
const CHUNK_HEAD_BYTES: usize = 6;
/// CRLF, and the chunk that ends a body.
const LAST_CHUNK: &[u8; 7] = b"\r\n0\r\n\r\n";

impl Stream {
    pub(super) fn new(step: Step, state: u64, chunked: bool, live: bool) -> Self {
        Self { step: Some(step), chunked, live, state, due: 0, before: 0 }
    }
}

impl Desk {
    /// Has the next part written when all output is `sent`, and it is time.
    pub(super) fn feed(&mut self, sent: u64) {
        let Self { batch, opens, fd, parts, .. } = self;
        let stream = &mut opens[index(*fd)].stream;
        let Some(step) = stream.step else { return };
        let is_sent = sent >= stream.before + u64::from(batch.output_bytes);
        if !is_sent || *parts == PARTS_MAX || stream.due > milliseconds() {
            return;
        }
        *parts += 1;
        stream.before = sent;
        batch.output_bytes = 0;
        let head = if stream.chunked { CHUNK_HEAD_BYTES } else { 0 };
        let space = batch.output.get_mut(head..OUTPUT_BYTES - LAST_CHUNK.len());
        let mut feed = Feed::of(stream.state, space.unwrap_or_default());
        let next = step(&mut feed);
        let len = feed.len;
        stream.state = feed.state;
        let pause = match next {
            Next::Now => 0,
            Next::After(pause) => pause,
            Next::End => {
                stream.step = None;
                0
            }
        };
        // Who writes nothing waits, so that the peer can be seen to go.
        stream.due = milliseconds() + u64::from(pause.max(u32::from(len == 0)));
        let (chunked, ends) = (stream.chunked, stream.step.is_none());
        self.frame(len, chunked, ends);
    }

    /// Puts a part of `len` bytes, which are in place, into a chunk. One without bytes is none: a
    /// chunk without bytes ends the body.
    fn frame(&mut self, len: usize, chunked: bool, ends: bool) {
        if !chunked {
            self.output_bytes = len as u32;
            return;
        }
        if len != 0 {
            for (at, shift) in [12, 8, 4, 0].into_iter().enumerate() {
                let digit = (len >> shift & 15) as u8;
                self.batch.output[at] = digit + if digit < 10 { b'0' } else { b'a' - 10 };
            }
            self.output_bytes = CHUNK_HEAD_BYTES as u32 - 2;
            self.push_bytes(b"\r\n");
            self.output_bytes += len as u32;
            self.push_bytes(b"\r\n");
        }
        if ends {
            self.push_bytes(&LAST_CHUNK[2..]);
        }
    }

    /// Whether the answer goes on at a later time.
    pub(crate) fn pauses(&self) -> bool {
        LIMITS.streams && self.opens[index(self.fd)].stream.step.is_some()
    }

    /// Takes note of when the pause of the stream at the desk is over.
    pub(crate) fn pause(&mut self) {
        let due = self.open().stream.due;
        self.due = if self.due == 0 { due } else { self.due.min(due) };
    }

    /// Whether a connection's answer may end at any time.
    pub(crate) fn is_live(&self, fd: Fd) -> bool {
        LIMITS.streams && self.opens[index(fd)].stream.live
    }

    /// Whether a connection's pause is over; takes note of when one is that is not.
    pub(crate) fn is_due(&mut self, fd: Fd) -> bool {
        if !LIMITS.streams {
            return false;
        }
        self.attend(fd);
        if !self.pauses() {
            return false;
        }
        let is_due = self.open().stream.due <= milliseconds();
        if !is_due {
            self.pause();
        }
        is_due
    }

    /// Has [`Self::wakes`] tell that a pause is over.
    #[cfg(feature = "freestanding")]
    pub(super) fn look_for_pauses(&mut self) {
        if LIMITS.streams {
            self.due = 1;
        }
    }

    /// Whether a pause is over: then [`Self::is_due`] tells of each connection.
    pub(crate) fn wakes(&mut self) -> bool {
        let wakes = LIMITS.streams && self.due != 0 && self.due <= milliseconds();
        if wakes {
            self.due = 0;
        }
        wakes
    }

    /// How long to wait for events at most, of `milliseconds_max`: until the first pause is over.
    pub(crate) fn time_out(&mut self, milliseconds_max: usize) -> usize {
        if !LIMITS.streams || self.due == 0 {
            return milliseconds_max;
        }
        milliseconds_max.min(self.due.saturating_sub(milliseconds()) as usize)
    }
}
