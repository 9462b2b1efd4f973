//! Content codings: their names, and the way there and back.
//!
//! The same bytes give the same encoded bytes: no encoder writes a time or a name, and each runs
//! on one thread.

mod brotli_reader;

use std::fmt;
use std::io::{self, BufRead, Read, Write};
use std::str::FromStr;

use brotli::enc::BrotliEncoderParams;
use brotli_reader::BrotliReader;
use libdeflater::{CompressionLvl, Compressor};

/// A content coding that browsers take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Coding {
    /// RFC 1952.
    Gzip,
    /// RFC 7932.
    Brotli,
    /// RFC 8878, with a window of at most 8 MB.
    Zstd,
}

/// Up to here a body is encoded as well as can be, and a longer one less well, in memory that does
/// not grow. A thread encodes 5 MB of the HTML of the Rust book in a second for gzip, 0.8 for
/// brotli and 3 for zstd. Zopfli would make gzip 0.1 to 3 % smaller, and take 20 times as long.
const BEST_BYTES_MAX: u64 = 16 << 20;

/// The levels of brotli: the best, and 2.5 times as fast.
const BROTLI_LEVELS: [i32; 2] = [11, 9];

/// The levels of zstd. Higher ones save less than 0.5 %, and take twice the memory and time.
const ZSTD_LEVELS: [i32; 2] = [19, 15];

/// The largest window of the zstd coding, as a power of two.
///
/// Source: RFC 9659, section 3.
const ZSTD_WINDOW_LOG_MAX: u32 = 23;

impl Coding {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Gzip, Self::Brotli, Self::Zstd];

    /// Its name in Content-Encoding.
    pub fn token(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    /// What the name of an encoded file ends with.
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Self::Gzip => ".gz",
            Self::Brotli => ".br",
            Self::Zstd => ".zst",
        }
    }

    /// Writes the encoded form of all of `input`, which is `bytes` long.
    ///
    /// # Errors
    ///
    /// Those of the input and the output.
    pub(crate) fn encode(
        self,
        input: &mut impl Read,
        bytes: u64,
        output: &mut impl Write,
    ) -> io::Result<()> {
        let level = usize::from(bytes > BEST_BYTES_MAX);
        match (self, level) {
            (Self::Gzip, 0) => libdeflate(input, output),
            (Self::Gzip, _) => {
                let mut encoder =
                    flate2::write::GzEncoder::new(output, flate2::Compression::best());
                io::copy(input, &mut encoder)?;
                encoder.finish().map(drop)
            }
            (Self::Brotli, _) => {
                let parameters = BrotliEncoderParams {
                    quality: BROTLI_LEVELS[level],
                    size_hint: usize::try_from(bytes).unwrap_or(usize::MAX),
                    ..Default::default()
                };
                brotli::BrotliCompress(input, output, &parameters).map(drop)
            }
            (Self::Zstd, _) => {
                let mut encoder = zstd::Encoder::new(output, ZSTD_LEVELS[level])?;
                encoder.window_log(ZSTD_WINDOW_LOG_MAX)?;
                encoder.set_pledged_src_size(Some(bytes))?;
                io::copy(input, &mut encoder)?;
                encoder.finish().map(drop)
            }
        }
    }

    /// The decoded form of the stream that `input` starts with. Only of what every browser takes:
    /// one gzip member or zstd frame, and windows of the usual size.
    ///
    /// # Errors
    ///
    /// Those of the input come as they are.
    pub(crate) fn decode<'a>(self, input: &'a mut impl BufRead) -> io::Result<Box<dyn Read + 'a>> {
        Ok(match self {
            Self::Gzip => Box::new(flate2::bufread::GzDecoder::new(input)),
            Self::Brotli => Box::new(BrotliReader::new(input)),
            Self::Zstd => {
                let mut decoder = zstd::Decoder::with_buffer(input)?.single_frame();
                decoder.window_log_max(ZSTD_WINDOW_LOG_MAX)?;
                Box::new(decoder)
            }
        })
    }
}

/// Holds input and output, since libdeflate sees a body as a whole.
fn libdeflate(input: &mut impl Read, output: &mut impl Write) -> io::Result<()> {
    let mut plain = Vec::new();
    input.read_to_end(&mut plain)?;
    let mut compressor = Compressor::new(CompressionLvl::best());
    let mut encoded = vec![0; compressor.gzip_compress_bound(plain.len())];
    let bytes = compressor.gzip_compress(&plain, &mut encoded).map_err(io::Error::other)?;
    output.write_all(&encoded[..bytes])
}

impl fmt::Display for Coding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.token())
    }
}

impl FromStr for Coding {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|coding| coding.token() == text);
        found.ok_or("the codings are gzip, br and zstd; several are separated by commas")
    }
}

#[cfg(test)]
mod tests;
