//! SHA-256 digests, the names of everything in an image.

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

use serde::{Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use crate::Error;

/// The algorithm and separator that open the text of every digest here.
const PREFIX: &str = "sha256:";

/// A SHA-256 digest; its text is `sha256:` and 64 lower-case hexadecimal digits.
///
/// Source: OCI image-spec, Content Descriptors, Digests.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Digest {
        Digest(Sha256::digest(bytes).into())
    }

    /// The 64 hexadecimal digits alone, as in the file name of a blob.
    pub fn hex(&self) -> String {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digits = self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromStr for Digest {
    type Err = Error;

    /// The digest that `text` spells.
    ///
    /// # Errors
    ///
    /// [`Error::Digest`] for another algorithm, another length or digits other than `0-9a-f`.
    fn from_str(text: &str) -> Result<Digest, Error> {
        let bytes = text.strip_prefix(PREFIX).and_then(parse_hex);
        bytes.map(Digest).ok_or_else(|| Error::Digest { text: text.into() })
    }
}

/// The 32 bytes that 64 lower-case digits spell; the specification forbids upper case.
fn parse_hex(hex: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if hex.len() != 2 * bytes.len() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
        *byte = parse_digit(pair[0])? << 4 | parse_digit(pair[1])?;
    }
    Some(bytes)
}

fn parse_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

/// A writer that hashes and counts what passes through it.
pub struct Hashing<W> {
    sink: W,
    state: Sha256,
    bytes: u64,
}

impl<W: Write> Hashing<W> {
    /// A writer that has hashed nothing yet and passes everything on to `sink`.
    pub fn new(sink: W) -> Hashing<W> {
        Hashing { sink, state: Sha256::new(), bytes: 0 }
    }

    /// The sink, and the digest and number of the bytes that it took.
    pub fn finish(self) -> (W, Digest, u64) {
        (self.sink, Digest(self.state.finalize().into()), self.bytes)
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.sink.write(bytes)?;
        self.state.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn text_and_back() {
        let digest = Digest::of(b"");
        assert_eq!(digest.to_string(), EMPTY);
        assert_eq!(digest.hex(), EMPTY[7..]);
        assert_eq!(EMPTY.parse::<Digest>().unwrap(), digest);
        assert_eq!(serde_json::to_string(&digest).unwrap(), format!("\"{EMPTY}\""));
    }

    #[test]
    fn other_texts_are_refused() {
        let cases = ["", "sha256:", "sha256:abc", &EMPTY[7..], &EMPTY.to_uppercase()];
        for text in cases {
            assert_eq!(
                text.parse::<Digest>().unwrap_err().to_string(),
                format!("`{text}` is no digest: it takes `sha256:` and 64 digits of 0-9a-f"),
            );
        }
        assert!(EMPTY.replace("e3", "é").parse::<Digest>().is_err());
        assert!(EMPTY.replace("e3", "+3").parse::<Digest>().is_err());
    }

    /// Takes at most three bytes a call, as a pipe may.
    struct Narrow(Vec<u8>);

    impl Write for Narrow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let bytes = &bytes[..bytes.len().min(3)];
            self.0.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn hashing_counts_what_the_sink_took() {
        let mut writer = Hashing::new(Narrow(Vec::new()));
        writer.write_all(b"a small pot").unwrap();
        let (sink, digest, bytes) = writer.finish();
        assert_eq!((sink.0.as_slice(), bytes), (&b"a small pot"[..], 11));
        assert_eq!(digest, Digest::of(b"a small pot"));
    }
}
