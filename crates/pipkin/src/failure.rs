//! How a run ends: exit codes, and errors that say what, where, why, and what to type.

use std::fmt;
use std::io;
use std::path::Path;
use std::process::ExitCode;

/// The exit codes, which are API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Something failed: the input, the disk, an engine.
    Failed = 1,
    /// The command line makes no sense; clap uses the same code.
    Usage = 2,
    /// The image is larger than `--budget`.
    OverBudget = 3,
}

/// What a read fails with after Ctrl-C.
#[derive(Debug)]
pub(crate) struct Interrupted;

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("interrupted")
    }
}

impl std::error::Error for Interrupted {}

/// Why there is no result.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    message: String,
    help: Option<String>,
}

impl Failure {
    /// A failure with exit code 1.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { exit: Exit::Failed, message: message.into(), help: None }
    }

    /// A command line that makes no sense.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, ..Self::new(message) }
    }

    /// An image that is too large.
    pub(crate) fn over_budget(message: impl Into<String>) -> Self {
        Self { exit: Exit::OverBudget, ..Self::new(message) }
    }

    /// What went wrong while writing to `place`: the place itself, or what was to be written.
    pub(crate) fn io(place: &Path, error: io::Error) -> Self {
        let error = match error.downcast::<Self>() {
            Ok(failure) => return failure,
            Err(error) => error,
        };
        let error = match error.downcast::<pipkin_site::Error>() {
            Ok(error) => return error.into(),
            Err(error) => error,
        };
        if error.get_ref().and_then(|inner| inner.downcast_ref::<Interrupted>()).is_some() {
            return Self::new("interrupted");
        }
        let failure = Self::new(format!("cannot write {}: {error}", place.display()));
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                failure.help("free some space there, or give another place with -o")
            }
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                failure.help("give a place of yours with -o")
            }
            _ => failure,
        }
    }

    /// The same for a temporary file.
    pub(crate) fn temporary(error: io::Error) -> Self {
        let failure = Self::io(&std::env::temp_dir(), error);
        let is_ours = failure.message.starts_with("cannot write");
        if is_ours { failure.help("set TMPDIR to a folder with room") } else { failure }
    }

    /// The same, with what to do or type next.
    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.message)?;
        self.help.iter().try_for_each(|help| write!(f, "\n help: {help}"))
    }
}

/// So that a reader can say why it has failed.
impl std::error::Error for Failure {}

impl From<pipkin_site::Error> for Failure {
    fn from(error: pipkin_site::Error) -> Self {
        let exit = match error {
            pipkin_site::Error::BasePath { .. } | pipkin_site::Error::EnvJs { .. } => Exit::Usage,
            _ => Exit::Failed,
        };
        Self { exit, message: error.to_string(), help: error.help() }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
