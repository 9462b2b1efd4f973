//! Encoded bodies, in temporary files without a name: however the work ends, nothing is left.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::Error;
use crate::etag::Digest;

/// What is written at once: encoders write as little as a byte.
const BUFFER_BYTES: usize = 64 << 10;

/// The temporary file of one thread, which is made when it is needed first.
pub(crate) struct Scratch<'a> {
    folder: &'a Path,
    file: Option<Arc<Unnamed>>,
    /// Where what was kept ends.
    end: u64,
}

#[derive(Debug)]
struct Unnamed {
    file: File,
    folder: PathBuf,
}

/// What lies somewhere in a temporary file.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    file: Arc<Unnamed>,
    at: u64,
    pub(crate) bytes: u64,
    pub(crate) digest: Digest,
}

impl<'a> Scratch<'a> {
    /// Files in `folder`, or in the working directory when that is empty.
    pub(crate) fn new(folder: &'a Path) -> Self {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        Self { folder, file: None, end: 0 }
    }

    /// What `produce` writes. Unless it is kept, the next is written over it.
    ///
    /// # Errors
    ///
    /// Those of `produce` when they are of this crate; otherwise [`Error::Scratch`].
    pub(crate) fn write(
        &mut self,
        produce: impl FnOnce(&mut BufWriter<Pen>) -> io::Result<()>,
    ) -> Result<Piece, Error> {
        let file = self.open()?;
        let pen = Pen { file: Arc::clone(&file), at: self.end, hasher: Sha256::new() };
        let mut output = BufWriter::with_capacity(BUFFER_BYTES, pen);
        produce(&mut output)
            .and_then(|()| output.flush())
            .map_err(|error| Error::own(error).unwrap_or_else(|error| file.error(error)))?;
        let pen = output.get_mut();
        let (bytes, digest) = (pen.at - self.end, pen.hasher.finalize_reset().into());
        Ok(Piece { file, at: self.end, bytes, digest })
    }

    /// Lets what was written last stay.
    pub(crate) fn keep(&mut self, piece: &Piece) {
        self.end = piece.at + piece.bytes;
    }

    fn open(&mut self) -> Result<Arc<Unnamed>, Error> {
        if let Some(file) = &self.file {
            return Ok(Arc::clone(file));
        }
        let folder = self.folder.to_owned();
        let file = match tempfile::tempfile_in(self.folder) {
            Ok(file) => Arc::new(Unnamed { file, folder }),
            Err(source) => return Err(Error::Scratch { folder, source }),
        };
        Ok(Arc::clone(self.file.insert(file)))
    }
}

impl Unnamed {
    fn error(&self, source: io::Error) -> Error {
        Error::Scratch { folder: self.folder.clone(), source }
    }
}

/// Writes to a temporary file, and knows what.
pub(crate) struct Pen {
    file: Arc<Unnamed>,
    at: u64,
    hasher: Sha256,
}

impl Write for Pen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.file.write_at(bytes, self.at)?;
        self.hasher.update(&bytes[..count]);
        self.at += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Piece {
    /// Its bytes, independent of other readers.
    pub(crate) fn open(&self) -> impl Read + Send + '_ {
        PieceReader { piece: self, read: 0 }
    }

    /// Why it cannot be read.
    pub(crate) fn error(&self, source: io::Error) -> Error {
        self.file.error(source)
    }
}

struct PieceReader<'a> {
    piece: &'a Piece,
    read: u64,
}

impl Read for PieceReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.piece.bytes - self.read;
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let at = self.piece.at + self.read;
        let count = self.piece.file.file.read_at(&mut buffer[..most], at)?;
        self.read += count as u64;
        Ok(count)
    }
}
