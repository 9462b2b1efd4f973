//! Brotli that is decoded up to its end and no further, which the reader of the crate does not
//! promise: it takes what is behind the end too.

use std::io::{self, BufRead, Read};

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};

/// The decoded form of the stream that a reader starts with.
pub(super) struct BrotliReader<'a, R> {
    input: &'a mut R,
    state: BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>,
    is_done: bool,
}

impl<'a, R: BufRead> BrotliReader<'a, R> {
    /// A strict decoder takes no window above the 16 MB of RFC 7932.
    pub(super) fn new(input: &'a mut R) -> Self {
        let allocator = StandardAlloc::default;
        let state = BrotliState::new_strict(allocator(), allocator(), allocator());
        Self { input, state, is_done: false }
    }
}

impl<R: BufRead> Read for BrotliReader<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut written = 0;
        while !self.is_done && written == 0 && !buffer.is_empty() {
            let input = self.input.fill_buf()?;
            let (mut left, mut taken, mut room, mut total) = (input.len(), 0, buffer.len(), 0);
            let result = BrotliDecompressStream(
                &mut left,
                &mut taken,
                input,
                &mut room,
                &mut written,
                buffer,
                &mut total,
                &mut self.state,
            );
            let is_at_end = input.is_empty();
            self.input.consume(taken);
            match result {
                BrotliResult::ResultSuccess => self.is_done = true,
                BrotliResult::NeedsMoreOutput => {}
                BrotliResult::NeedsMoreInput if written > 0 || !is_at_end => {}
                BrotliResult::NeedsMoreInput => return Err(io::ErrorKind::UnexpectedEof.into()),
                BrotliResult::ResultFailure => return Err(io::ErrorKind::InvalidData.into()),
            }
        }
        Ok(written)
    }
}
