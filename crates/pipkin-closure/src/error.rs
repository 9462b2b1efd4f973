//! Why there is no closure.

use std::fmt;
use std::io;

/// What most functions here return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why there is no closure.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// There is nothing at a path.
    Missing {
        /// The path, as seen in the root.
        path: String,
    },
    /// The operating system refuses to read a file.
    Read {
        /// The path, as seen in the root.
        path: String,
        /// What the operating system says.
        source: io::Error,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { path } => write!(f, "there is no {path}"),
            Self::Read { path, source } => write!(f, "cannot read {path}: {source}"),
        }
    }
}

impl std::error::Error for Error {}
