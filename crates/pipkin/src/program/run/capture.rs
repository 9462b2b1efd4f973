//! What a program writes, read while it runs and kept up to a limit.

use std::io::Read;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// How many bytes of an output are kept and compared. What comes after them is read and dropped, so
/// that the program goes on.
pub(super) const BYTES_MAX: usize = 8 << 20;

/// How long the end of an output is waited for after the program: somebody who escaped from the
/// tracer may still hold it.
const PATIENCE: Duration = Duration::from_secs(1);

/// An output that is being read.
pub(super) struct Capture {
    kept: Arc<Mutex<Vec<u8>>>,
    /// Closed when all is read.
    reader: Receiver<()>,
}

impl Capture {
    /// Begins to read.
    pub(super) fn start(mut output: impl Read + Send + 'static) -> Self {
        let (end, reader) = channel();
        let kept = Arc::default();
        let shared = Arc::clone(&kept);
        thread::spawn(move || {
            let _end = end;
            read(&mut output, &shared);
        });
        Self { kept, reader }
    }

    /// What was written until now.
    pub(super) fn so_far(&self) -> Vec<u8> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was written.
    pub(super) fn take(self) -> Vec<u8> {
        // Disconnected when the reader is done, late when it is not: what there is counts.
        let _ = self.reader.recv_timeout(PATIENCE);
        std::mem::take(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn read(output: &mut impl Read, kept: &Mutex<Vec<u8>>) {
    let mut buffer = [0; 16 << 10];
    while let Ok(count @ 1..) = output.read(&mut buffer) {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        let room = count.min(BYTES_MAX - kept.len());
        kept.extend_from_slice(&buffer[..room]);
    }
}

#[cfg(test)]
mod tests {
    use std::io::{empty, repeat};

    use super::*;

    #[track_caller]
    fn check(output: impl Read + Send + 'static, expected: usize) {
        assert_eq!(Capture::start(output).take().len(), expected);
    }

    #[test]
    fn an_output_is_kept_up_to_a_limit() {
        check(empty(), 0);
        check(repeat(7).take(100), 100);
        check(repeat(7).take(BYTES_MAX as u64 + 1), BYTES_MAX);
    }
}
