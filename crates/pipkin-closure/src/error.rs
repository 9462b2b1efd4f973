//! Why there is no closure.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// What most functions here return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why there is no closure.
///
/// `Display` is a fragment that says what failed, where and why, the reason of the operating system
/// included; so `source` is empty.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// There is nothing at a path.
    Missing {
        /// The path, as seen in the root.
        path: String,
    },
    /// A path is a link, and there is nothing to which it leads.
    Dangling {
        /// The path, as seen in the root.
        path: String,
        /// What the link says.
        target: String,
    },
    /// The root itself is not a folder.
    Root {
        /// The root, as it was given.
        root: PathBuf,
        /// What should be in there.
        path: String,
    },
    /// The program is to be left.
    Excluded {
        /// Its path.
        path: String,
        /// Why.
        because: String,
    },
    /// The operating system refuses to read a file.
    Read {
        /// The path, as seen in the root.
        path: String,
        /// What the operating system says.
        source: io::Error,
    },
    /// The program is neither an ELF file nor a script.
    NotAProgram {
        /// Its path.
        path: String,
    },
    /// The program may not be run by anybody.
    NotExecutable {
        /// Its path.
        path: String,
    },
    /// An ELF file is broken.
    Elf {
        /// Its path.
        path: String,
        /// How.
        reason: pipkin_elf::Error,
    },
    /// The program gets the rights of its owner, which an image should not give.
    Setuid {
        /// Its path.
        path: String,
    },
    /// The file that would run a script is not there.
    Interpreter {
        /// The path or the name that was looked for.
        name: String,
        /// The script that names it.
        by: String,
    },
    /// A script starts with `#!` and says no more.
    NoInterpreter {
        /// Its path.
        path: String,
    },
    /// The file that would load a program is not there.
    Loader {
        /// Its path.
        path: String,
        /// The program that names it.
        by: String,
    },
    /// The interpreter of a program is of another architecture, or not a program.
    InterpreterKind {
        /// Its path.
        path: String,
        /// The program that names it.
        by: String,
    },
    /// Scripts name each other as interpreters, or more in a row than Linux follows.
    Interpreters {
        /// The first of them.
        path: String,
    },
    /// A library is not there.
    Library {
        /// Its name.
        name: String,
        /// Who needs it, then who needs that one, up to the program.
        by: Vec<String>,
        /// Every folder that was searched, with a note where something else of that name is.
        folders: Vec<String>,
        /// The Debian package that should have brought it, where that is known.
        package: Option<String>,
    },
    /// There is no such time zone.
    Zone {
        /// As given.
        name: String,
    },
    /// There is no such character set.
    Charset {
        /// As given.
        name: String,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { path } => write!(f, "there is no {path}"),
            Self::Dangling { path, target } => {
                write!(f, "{path} is a link to {target}, which is not there")
            }
            Self::Root { root, path } => {
                write!(f, "there is no folder {}, in which {path} should be", root.display())
            }
            Self::Excluded { path, because } => {
                write!(f, "{path} is the program itself: {because}")
            }
            Self::Read { path, source } => write!(f, "cannot read {path}: {source}"),
            Self::NotAProgram { path } => {
                write!(f, "{path} is neither an ELF file nor a script that starts with #!")
            }
            Self::NotExecutable { path } => write!(f, "{path} is not executable"),
            Self::Elf { path, reason } => write!(f, "cannot use {path}: this is {reason}"),
            Self::Setuid { path } => {
                write!(
                    f,
                    "{path} is setuid or setgid: it would give everybody the rights of its owner"
                )
            }
            Self::Interpreter { name, by } => {
                write!(f, "{by} is run by {}, which is not there", name.escape_debug())
            }
            Self::NoInterpreter { path } => write!(f, "{path} names no program behind #!"),
            Self::Loader { path, by } => write!(f, "{by} is loaded by {path}, which is not there"),
            Self::InterpreterKind { path, by } => {
                write!(f, "{by} is run by {path}, which is not a program of the same architecture")
            }
            Self::Interpreters { path } => {
                write!(f, "{path} is run by a script that is run by a script, and so on")
            }
            Self::Library { name, by, folders, .. } => {
                let comma = if by.len() > 1 { "," } else { "" };
                let by = by.join(", needed by ");
                write!(f, "{by}{comma} needs {name}, which is not in ")?;
                match folders.as_slice() {
                    [] => f.write_str("any folder"),
                    folders => f.write_str(&folders.join(", ")),
                }
            }
            Self::Zone { name } => write!(f, "there is no time zone {name} in /usr/share/zoneinfo"),
            Self::Charset { name } => write!(f, "there is no character set {name}"),
        }
    }
}

impl std::error::Error for Error {}

impl Error {
    /// What to do or type next, where that is known.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Missing { .. } => {
                Some("give the path of a program, with --root as seen in there".into())
            }
            Self::Read { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
                Some("run pipkin as a user who may read it".into())
            }
            Self::NotExecutable { path } => Some(format!("chmod +x {path}")),
            Self::Setuid { .. } => Some("--allow-setuid takes it all the same".into()),
            Self::Interpreter { name, by } if name.ends_with('\r') => {
                Some(format!("its lines end with a carriage return: sed -i 's/\\r$//' {by}"))
            }
            Self::Loader { path, .. } => {
                Some(format!("install {path}, which comes with the libc that it was made for"))
            }
            Self::Interpreter { name, .. } => {
                Some(format!("install {name}, or correct the first line of the script"))
            }
            Self::Library { package: Some(package), .. } => Some(format!(
                "the package {package} brings it: apt-get install --reinstall {package}"
            )),
            Self::Library { name, .. } => {
                Some(format!("install what brings {name}, or leave it: --exclude '**/{name}'"))
            }
            Self::Zone { .. } => Some("name it like Europe/Berlin; the package is tzdata".into()),
            Self::Charset { .. } => Some("iconv --list names those that there are".into()),
            _ => None,
        }
    }
}
