//! The log: a line of JSON on stdout for each request.
//!
//! A worker collects lines and writes them when it has served all that came. It never waits for
//! the reader: lines for which there is no space are left out and counted.

use pipkin_format::{Content, LOG};

use super::Note;
use super::text::Text;
use crate::conn::Batch;
use crate::event::CONNECTIONS_MAX;
use crate::sys::{Errno, Fd, microseconds, output, write};

/// Bytes of lines that wait for a reader.
const TEXT_BYTES_MAX: usize = 64 * 1024;

/// Bytes written at once: a pipe takes as many whole, so that lines of several workers do not mix.
///
/// Source: "PIPE_BUF" in pipe(7).
const WRITE_BYTES_MAX: usize = 4096;

/// Bytes of a method and of a path in a line. What is longer is cut, so that each line is written
/// at once.
const METHOD_BYTES_MAX: usize = 64;
const PATH_BYTES_MAX: usize = 3072;

/// No log: standard input, which is never written to.
const OFF: Fd = Fd(0);

/// Opens the log if there is to be one.
pub(super) fn open(site: Content<'_>) -> Fd {
    let flags = site.setting().map_or(0, |setting| site.record(setting).flags);
    if flags & LOG != 0 { output() } else { OFF }
}

/// Where a connection comes from, and when the first byte of its request came.
#[derive(Clone, Copy)]
struct Origin {
    ip: [u8; 16],
    arrived: u64,
}

/// The log of a worker, from zeroed memory.
pub(crate) struct Journal {
    fd: Fd,
    /// Of the text, what is not written.
    from: u32,
    end: u32,
    /// Lines left out since the last one that is in the text.
    dropped: u32,
    origins: [Origin; CONNECTIONS_MAX],
    text: [u8; TEXT_BYTES_MAX],
}

impl Journal {
    /// Logs to `fd` from now on.
    pub(super) fn begin(&mut self, fd: Fd) {
        self.fd = fd;
    }

    /// Takes note of where a connection comes from.
    pub(super) fn admit(&mut self, fd: Fd, ip: &[u8; 16]) {
        if let Some(origin) = self.origins.get_mut(fd.0 as usize) {
            origin.ip = *ip;
        }
    }

    /// Whether all is written.
    pub(crate) fn is_empty(&self) -> bool {
        self.from == self.end
    }

    /// Takes note of the first bytes of a request.
    pub(crate) fn receive(&mut self, fd: Fd) {
        if self.fd != OFF
            && let Some(origin) = self.origins.get_mut(fd.0 as usize)
        {
            origin.arrived = microseconds();
        }
    }

    /// Logs the answers on the desk, of which the first `sent` bytes have been sent.
    pub(crate) fn log(&mut self, fd: Fd, desk: &Batch<'_>, sent: u64) {
        if self.fd == OFF || sent == 0 {
            return;
        }
        let now = microseconds();
        for note in desk.notes(sent) {
            if let Some(bytes) = self.write(fd, desk, note, sent, now) {
                self.end += bytes as u32;
                self.dropped = 0;
            } else {
                self.dropped += 1;
            }
        }
    }

    /// Writes a line behind the text, and one in front of it about those left out: how many bytes;
    /// none when there is no space.
    fn write(
        &mut self,
        fd: Fd,
        desk: &Batch<'_>,
        note: &Note,
        sent: u64,
        now: u64,
    ) -> Option<usize> {
        let origin = self.origins.get(fd.0 as usize)?;
        let date = desk.date()?;
        let request = desk.request.input(note.from);
        let request = request.strip_prefix(b"\r\n").unwrap_or(request);
        let mut words = request.split(|&byte| byte <= b' ');
        let mut text = Text::new(self.text.get_mut(self.end as usize..)?);
        if self.dropped != 0 {
            text.push(b"{\"time\":\"");
            text.push_time(date);
            text.push(b"\",\"dropped\":");
            text.push_number(self.dropped.into(), 10);
            text.push(b"}\n");
        }
        text.push(b"{\"time\":\"");
        text.push_time(date);
        text.push(b"\",\"address\":\"");
        text.push_ip(&origin.ip);
        text.push(b"\",\"method\":");
        text.push_quoted(words.next()?, METHOD_BYTES_MAX);
        text.push(b",\"path\":");
        text.push_quoted(words.next().unwrap_or_default(), PATH_BYTES_MAX);
        text.push(b",\"status\":");
        text.push(&note.status);
        text.push(b",\"bytes\":");
        let missing = note.end.saturating_sub(sent);
        text.push_number(note.body_bytes.saturating_sub(missing), 10);
        text.push(b",\"microseconds\":");
        text.push_number(now.saturating_sub(origin.arrived), 10);
        text.push(b"}\n");
        text.bytes()
    }

    /// Writes what the reader takes without being waited for.
    pub(crate) fn flush(&mut self) {
        while self.from != self.end {
            let text = self.text.get(self.from as usize..self.end as usize).unwrap_or_default();
            let text = text.get(..WRITE_BYTES_MAX).unwrap_or(text);
            let end = text.iter().rposition(|&byte| byte == b'\n').map_or(text.len(), |at| at + 1);
            match write(self.fd, text.get(..end).unwrap_or_default()) {
                Ok(count @ 1..) => self.from += count,
                Ok(0) | Err(Errno::AGAIN) => return,
                // Nobody will ever read it.
                Err(_) => self.from = self.end,
            }
        }
        (self.from, self.end) = (0, 0);
    }
}
