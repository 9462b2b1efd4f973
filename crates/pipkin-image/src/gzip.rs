//! Deterministic gzip: the same input gives the same bytes, however it is written and on however
//! many threads.
//!
//! A short stream goes through zopfli as a whole. A longer one is cut into members of a fixed
//! size, which libdeflate compresses in parallel and which are written in order; the level of a
//! member depends on its place alone. A reader sees the members as one stream (RFC 1952, section
//! 2.2), and Docker, podman, containerd, skopeo, umoci and crane all do.
//!
//! Neither compressor writes a time or a name into its headers.

use std::io::{self, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use libdeflater::{CompressionLvl, Compressor};

/// Where the ways of compression change, and how much is held at a time.
struct Limits {
    /// Up to here zopfli compresses the whole stream. Of `bash` the first 16 KiB come out 4.5 %
    /// smaller than by libdeflate, after 0.08 s, and this much 0.8 %, after 1.1 s.
    zopfli_bytes_max: usize,

    /// The input of each member but the last. On HTML half of it costs 0.8 %, double saves 0.3 %.
    member_bytes: usize,

    /// How many members, from the first, are compressed as well as libdeflate can, at 5 MB/s.
    best_members: usize,

    /// How many members are held at a time. They bound the memory to 64 MiB and the compressed
    /// form of that, and no more threads than this have work.
    batch_members: usize,
}

const LIMITS: Limits = Limits {
    zopfli_bytes_max: 256 << 10,
    member_bytes: 4 << 20,
    best_members: 4,
    batch_members: 16,
};

/// The level of the best members.
const BEST_LEVEL: i32 = 12;

/// The level of every later member: 91 MB/s on a thread. 700 MB of HTML pass in 7.2 s on two
/// CPUs; level 10 would save 3 % and take 5.7 times as long. Measured on the HTML pages of Rust's
/// documentation.
const LATER_LEVEL: i32 = 9;

/// A writer that passes the gzip form of what it gets on to its sink.
///
/// Source: RFC 1952.
pub struct Gzip<W: Write> {
    sink: W,
    threads: usize,
    limits: Limits,
    batch: Vec<u8>,
    members_written: usize,
}

impl<W: Write> Gzip<W> {
    /// A compressor with as many threads as the machine runs at a time.
    pub fn new(sink: W) -> Gzip<W> {
        Gzip::with_threads(sink, thread::available_parallelism().map_or(1, usize::from))
    }

    /// A compressor with `threads` threads, which change its speed and never its bytes.
    pub fn with_threads(sink: W, threads: usize) -> Gzip<W> {
        Gzip { sink, threads, limits: LIMITS, batch: Vec::new(), members_written: 0 }
    }

    /// The sink, after the rest of the stream has been written to it.
    ///
    /// # Errors
    ///
    /// Those of the sink.
    pub fn finish(mut self) -> io::Result<W> {
        if self.members_written == 0 && self.batch.len() <= self.limits.zopfli_bytes_max {
            compress_short(&self.batch, &mut self.sink)?;
        } else {
            self.write_batch()?;
        }
        Ok(self.sink)
    }

    fn write_batch(&mut self) -> io::Result<()> {
        let inputs: Vec<Member> = self
            .batch
            .chunks(self.limits.member_bytes)
            .zip(self.members_written..)
            .map(|(input, place)| Member { input, is_best: place < self.limits.best_members })
            .collect();
        for output in compress_members(&inputs, self.threads) {
            self.sink.write_all(&output?)?;
        }
        self.members_written += inputs.len();
        self.batch.clear();
        Ok(())
    }

    fn batch_room(&self) -> usize {
        self.limits.batch_members * self.limits.member_bytes - self.batch.len()
    }
}

impl<W: Write> Write for Gzip<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.batch_room() == 0 {
            self.write_batch()?;
        }
        let taken = bytes.len().min(self.batch_room());
        self.batch.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    /// Does nothing: where a member ends must not depend on when the caller flushes.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes `input` to `sink` as one member, as small as zopfli makes it.
fn compress_short(input: &[u8], sink: impl Write) -> io::Result<()> {
    zopfli::compress(zopfli::Options::default(), zopfli::Format::Gzip, input, sink)
}

/// A member that is to be compressed.
struct Member<'a> {
    input: &'a [u8],
    is_best: bool,
}

/// The compressed forms of `members`, in their order.
fn compress_members(members: &[Member], threads: usize) -> Vec<io::Result<Vec<u8>>> {
    let outputs: Vec<_> = members.iter().map(|_| OnceLock::new()).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            let Some(member) = members.get(i) else { break };
            outputs[i].get_or_init(|| compress_member(member));
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads.min(members.len()) {
            // A machine that refuses another thread is slower, not wrong: this one does the rest.
            let _ = thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
    });
    outputs.into_iter().filter_map(OnceLock::into_inner).collect()
}

fn compress_member(member: &Member) -> io::Result<Vec<u8>> {
    let level = if member.is_best { BEST_LEVEL } else { LATER_LEVEL };
    let mut compressor = Compressor::new(CompressionLvl::new(level).unwrap_or_default());
    let mut output = vec![0; compressor.gzip_compress_bound(member.input.len())];
    let bytes = compressor.gzip_compress(member.input, &mut output).map_err(io::Error::other)?;
    output.truncate(bytes);
    Ok(output)
}

#[cfg(test)]
mod tests;
