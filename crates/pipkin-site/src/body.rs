//! Bodies by reference: where the bytes are, how many, and their digest. The promise is made
//! when a file is read first, and checked when it is read again.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

use crate::Error;
use crate::etag::Digest;
use crate::progress::Meter;
use crate::scratch::Piece;

/// A response body that is not held.
#[derive(Clone, Debug)]
pub(crate) struct Body {
    source: Source,
    /// Its length.
    pub(crate) bytes: u64,
    /// The SHA-256 of its bytes.
    pub(crate) digest: Digest,
}

/// Where the bytes of a body are.
#[derive(Clone, Debug)]
enum Source {
    File(PathBuf),
    Text(Vec<u8>),
    Piece(Piece),
}

impl Body {
    /// The body that the file at `path` holds now, read through `buffer`.
    ///
    /// # Errors
    ///
    /// The file cannot be read or has vanished, or the caller asked to end.
    pub(crate) fn of_file(
        path: PathBuf,
        buffer: &mut [u8],
        meter: &Meter<'_>,
    ) -> Result<Self, Error> {
        let mut file = File::open(&path).map_err(|source| Error::read(&path, source))?;
        let (mut bytes, mut hasher) = (0, Sha256::new());
        loop {
            let count = match file.read(buffer) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Error::read(&path, error)),
            };
            hasher.update(&buffer[..count]);
            bytes += count as u64;
            meter.read(count)?;
        }
        meter.done()?;
        Ok(Self { source: Source::File(path), bytes, digest: hasher.finalize().into() })
    }

    /// A body that is held after all, being short.
    pub(crate) fn of_text(text: impl Into<Vec<u8>>) -> Self {
        let text = text.into();
        let digest = Sha256::digest(&text).into();
        Self { bytes: text.len() as u64, source: Source::Text(text), digest }
    }

    /// A body that was made.
    pub(crate) fn of_piece(piece: Piece) -> Self {
        Self { bytes: piece.bytes, digest: piece.digest, source: Source::Piece(piece) }
    }

    /// What a reader of this body fails with when it is not what was promised.
    fn changed(&self) -> io::Error {
        self.error(io::ErrorKind::NotFound.into())
    }

    /// What a reader of this body fails with for an error of the operating system. An
    /// interrupted call stays as it is, since readers are expected to try again.
    fn error(&self, error: io::Error) -> io::Error {
        match &self.source {
            _ if error.kind() == io::ErrorKind::Interrupted => error,
            Source::File(path) => io::Error::other(Error::read(path, error)),
            Source::Piece(piece) => io::Error::other(piece.error(error)),
            Source::Text(_) => error,
        }
    }
}

/// The bytes of a [`Body`], exactly as many as promised. The call that returns the last of them
/// has compared length and digest, so that whoever has read them all has good ones.
pub(crate) struct Verified<'a> {
    body: &'a Body,
    bytes: Box<dyn Read + Send + 'a>,
    hasher: Sha256,
    /// Bytes still to come.
    left: u64,
}

impl<'a> Verified<'a> {
    /// The bytes of `body` from its start.
    pub(crate) fn open(body: &'a Body) -> io::Result<Self> {
        let bytes: Box<dyn Read + Send> = match &body.source {
            Source::File(path) => Box::new(File::open(path).map_err(|error| body.error(error))?),
            Source::Text(text) => Box::new(&text[..]),
            Source::Piece(piece) => Box::new(piece.open()),
        };
        let mut opened = Self { body, bytes, hasher: Sha256::new(), left: body.bytes };
        if opened.is_done() {
            opened.check_end()?;
        }
        Ok(opened)
    }

    /// Whether all bytes have been read.
    pub(crate) fn is_done(&self) -> bool {
        self.left == 0
    }

    /// Fails unless the bytes end here and were as promised.
    fn check_end(&mut self) -> io::Result<()> {
        let is_longer = match self.bytes.read_exact(&mut [0]) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => false,
            Err(error) => return Err(self.body.error(error)),
        };
        let digest: Digest = self.hasher.finalize_reset().into();
        if is_longer || digest != self.body.digest { Err(self.body.changed()) } else { Ok(()) }
    }
}

impl Read for Verified<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        if most == 0 {
            return Ok(0);
        }
        let count = self.bytes.read(&mut buffer[..most]).map_err(|error| self.body.error(error))?;
        if count == 0 {
            return Err(self.body.changed());
        }
        self.hasher.update(&buffer[..count]);
        self.left -= count as u64;
        if self.is_done() {
            self.check_end()?;
        }
        Ok(count)
    }
}
