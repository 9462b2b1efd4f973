//! Why a folder is no site.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use pipkin_format::{HEAD_BYTES_MAX, PATH_BYTES_MAX, WriteError};

use crate::settings::help_base_path;

/// Too many symbolic links: `ELOOP` of Linux, and of macOS and the BSDs. The standard library
/// has no stable name for it.
const ELOOP: i32 = if cfg!(target_os = "linux") { 40 } else { 62 };

/// Why a folder cannot be served.
///
/// `Display` is a fragment that says what failed, where and why, the reason of the operating
/// system included; so `source` is empty.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// There is nothing at the path given.
    Missing {
        /// As given.
        folder: PathBuf,
    },
    /// The path given leads to something else.
    NotAFolder {
        /// As given.
        folder: PathBuf,
    },
    /// The folder holds no file to serve, and no rule that leads elsewhere.
    Empty {
        /// As given.
        folder: PathBuf,
    },
    /// The operating system refuses to read a file or folder.
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A name that no URL can be made from in the usual way.
    NameNotUtf8 {
        /// The file or folder.
        path: PathBuf,
    },
    /// A name with a line break, a tab or the like.
    NameHasControl {
        /// The file or folder.
        path: PathBuf,
    },
    /// A symbolic link to something outside of the folder.
    LinkOutside {
        /// The link.
        link: PathBuf,
        /// Where it leads, as a canonical path.
        target: PathBuf,
    },
    /// A symbolic link to itself, to a link that leads to it, or to a folder that it lies in.
    LinkLoop {
        /// The link, or the folder inside of it that comes again.
        link: PathBuf,
    },
    /// A symbolic link to nothing.
    LinkBroken {
        /// The link.
        link: PathBuf,
        /// What it says.
        target: PathBuf,
    },
    /// Something other than a file, a folder or a link.
    NotAFile {
        /// Where it is.
        path: PathBuf,
        /// What it is, with its article.
        kind: &'static str,
    },
    /// A file was changed or removed while it was needed.
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// Two files would answer one path.
    TwoFiles {
        /// The path.
        route: String,
        /// The one, relative to the folder.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
    /// The path of a file in its URL is longer than the server accepts.
    PathTooLong {
        /// The file, relative to the folder.
        path: PathBuf,
        /// The length of the path, percent-decoded.
        bytes: usize,
    },
    /// What is to stand before every path is no path.
    BasePath {
        /// As given.
        path: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// What is to be told of the environment cannot be.
    EnvJs {
        /// Why, as a fragment.
        why: String,
    },
    /// A file is where the variables are to be told of.
    EnvJsFile {
        /// The file, relative to the folder.
        file: &'static str,
    },
    /// The file that is to answer navigations is not of the site.
    NoSpaFile {
        /// The folder, as given.
        folder: PathBuf,
        /// The file, as given.
        file: String,
        /// A file that was perhaps meant.
        similar: Option<String>,
    },
    /// What `_redirects` or `_headers` says cannot be served.
    Rules {
        /// Which of them.
        file: &'static str,
        /// Counted from 1.
        line: usize,
        /// In characters, counted from 1.
        column: usize,
        /// What is wrong, as a fragment.
        reason: String,
        /// What to type.
        help: String,
    },
    /// The response head of a path is longer than the server sends.
    HeadTooLong {
        /// The path; a star at its end stands for those below.
        path: String,
        /// The length of the head.
        bytes: usize,
        /// The page, when it is by its policy.
        page: Option<String>,
    },
    /// A page is too large for a policy to be made.
    PageTooLarge {
        /// The file, relative to the folder.
        page: String,
        /// Its length.
        bytes: u64,
        /// The length of the largest.
        bytes_max: u64,
    },
    /// There is no place for what is encoded.
    Scratch {
        /// Where temporary files are made.
        folder: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The index cannot be written.
    Index(WriteError),
    /// The caller asked to end.
    Interrupted,
}

impl Error {
    /// Why the folder given cannot be entered.
    pub(crate) fn folder(folder: &Path, source: io::Error) -> Self {
        match Self::read(folder, source) {
            Self::Changed { path } => Self::Missing { folder: path },
            other => other,
        }
    }

    /// Why something cannot be read that was there a moment ago.
    pub(crate) fn read(path: &Path, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::NotFound => Self::Changed { path: path.into() },
            _ => Self::Read { path: path.into(), source },
        }
    }

    /// The error of this crate that `error` carries, or else `error`.
    pub(crate) fn own(error: io::Error) -> Result<Self, io::Error> {
        error.downcast()
    }

    /// Why the body of a file cannot be read again.
    pub(crate) fn of_body(error: io::Error, name: &str) -> Self {
        Self::own(error).unwrap_or_else(|error| Self::read(Path::new(name), error))
    }

    /// Why a link cannot be followed.
    pub(crate) fn link(link: &Path, source: io::Error) -> Self {
        use io::ErrorKind::{NotADirectory, NotFound};
        let target = || link.read_link().unwrap_or_default();
        match source.kind() {
            NotFound | NotADirectory => Self::LinkBroken { link: link.into(), target: target() },
            _ if source.raw_os_error() == Some(ELOOP) => Self::LinkLoop { link: link.into() },
            _ => Self::Read { path: link.into(), source },
        }
    }

    /// What to do or type next, where there is something to say beyond the message.
    pub fn help(&self) -> Option<String> {
        let help = match self {
            Self::Missing { .. } => "check the spelling: it is the folder with your index.html",
            Self::NotAFolder { folder } => return Some(help_not_a_folder(folder)),
            Self::Empty { .. } => {
                "add a file such as index.html; names that start with a dot are left out, \
                 except .well-known at the top"
            }
            Self::Read { path, source } => return help_read(path, source),
            Self::NameNotUtf8 { .. } => {
                "rename it; many at once: convmv -r -f latin1 -t utf8 --notest FOLDER"
            }
            Self::NameHasControl { .. } => "rename it",
            Self::LinkOutside { .. } => {
                "replace the link by a copy of what it leads to, or give a folder that holds both"
            }
            Self::LinkLoop { .. } => "remove the link that leads back",
            Self::LinkBroken { .. } => "remove the link, or put back what it leads to",
            Self::NotAFile { .. } => {
                "move it out of the folder, or give it a name with a dot first"
            }
            Self::Changed { .. } => "end what is writing to the folder, then try again",
            Self::TwoFiles { .. } => "rename or remove one of them",
            Self::PathTooLong { .. } => "shorten the names of the file and of its folders",
            Self::BasePath { path, .. } => return Some(help_base_path(path)),
            Self::EnvJs { .. } => "type --env-js NAME,... with names of variables",
            Self::EnvJsFile { .. } => "rename or remove the file, or leave --env-js out",
            Self::NoSpaFile { similar: Some(file), .. } => {
                return Some(format!("type --spa={file}: names are relative to the folder"));
            }
            Self::NoSpaFile { .. } => {
                "type --spa=FILE, where FILE is the page of the application, relative to the folder"
            }
            Self::Rules { help, .. } => return Some(help.clone()),
            Self::HeadTooLong { page: None, .. } => "say less of it in _headers",
            Self::HeadTooLong { .. } => {
                "move scripts and styles inside of it to files, or write a policy in _headers"
            }
            Self::PageTooLarge { .. } => "write a policy for it in _headers, or leave --csp out",
            Self::Scratch { .. } => "set TMPDIR to a folder with room, or leave --compress out",
            Self::Index(_) => "split the folder into several images",
            Self::Interrupted => return None,
        };
        Some(help.into())
    }
}

fn help_not_a_folder(folder: &Path) -> String {
    let above = folder.parent().filter(|above| !above.as_os_str().is_empty());
    format!("give the folder that holds it: {}", above.unwrap_or(Path::new(".")).display())
}

fn help_read(path: &Path, source: &io::Error) -> Option<String> {
    let is_permission = source.kind() == io::ErrorKind::PermissionDenied;
    is_permission.then(|| format!("make it readable: chmod -R u+rX {}", path.display()))
}

fn head_too_long(path: &str, bytes: usize, page: Option<&str>) -> String {
    let who = page.map_or("_headers".into(), |page| format!("the policy of {page}"));
    format!(
        "{who} says too much for {path}: a head of {bytes} bytes, and {HEAD_BYTES_MAX} is the limit"
    )
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { folder } => {
                write!(f, "cannot read folder {}: there is no such folder", folder.display())
            }
            Self::NotAFolder { folder } => {
                write!(f, "cannot read folder {}: it is not a folder", folder.display())
            }
            Self::Empty { folder } => {
                write!(f, "nothing to serve in folder {}: it holds no file", folder.display())
            }
            Self::Read { path, source } => write!(f, "cannot read {}: {source}", path.display()),
            Self::NameNotUtf8 { path } => {
                write!(f, "cannot serve {}: its name is not UTF-8", path.display())
            }
            // Debug, so that the character is seen and does not act.
            Self::NameHasControl { path } => {
                write!(f, "cannot serve {path:?}: its name has a control character")
            }
            Self::NotAFile { path, kind } => {
                write!(f, "cannot serve {}: it is {kind}", path.display())
            }
            Self::Changed { path } => {
                write!(f, "cannot read {}: it was changed or removed meanwhile", path.display())
            }
            Self::Index(error) => write!(f, "cannot write the index of the site: {error}"),
            Self::LinkOutside { link, target } => {
                let (link, target) = (link.display(), target.display());
                write!(f, "cannot follow link {link} to {target}: that is outside of the folder")
            }
            Self::LinkLoop { link } => {
                write!(f, "cannot follow link {}: it leads in a circle", link.display())
            }
            Self::LinkBroken { link, target } => {
                let (link, target) = (link.display(), target.display());
                write!(f, "cannot follow link {link} to {target}: nothing is there")
            }
            Self::TwoFiles { route, first, second } => {
                let (first, second) = (first.display(), second.display());
                write!(f, "cannot serve both {first} and {second}: each answers the path {route}")
            }
            Self::PathTooLong { path, bytes } => write!(
                f,
                "cannot serve {}: its path has {bytes} bytes, and {PATH_BYTES_MAX} is the limit",
                path.display()
            ),
            Self::Rules { file, line, column, reason, .. } => {
                write!(f, "{file}:{line}:{column}: {reason}")
            }
            Self::HeadTooLong { path, bytes, page } => {
                f.write_str(&head_too_long(path, *bytes, page.as_deref()))
            }
            Self::PageTooLarge { page, bytes, bytes_max } => write!(
                f,
                "cannot make a policy for {page}: it has {bytes} bytes, and {bytes_max} is the limit"
            ),
            Self::Scratch { folder, source } => {
                write!(f, "cannot use a temporary file in {}: {source}", folder.display())
            }
            // Debug, for it may hold control characters.
            Self::EnvJs { why } => write!(f, "cannot make env.js: {why}"),
            Self::EnvJsFile { file } => write!(f, "cannot serve {file}: --env-js makes one"),
            Self::BasePath { path, why } => write!(f, "cannot serve below {path:?}: {why}"),
            Self::NoSpaFile { folder, file, .. } => {
                let folder = folder.display();
                write!(f, "cannot answer navigations with {file:?}: {folder} serves no such file")
            }
            Self::Interrupted => f.write_str("interrupted"),
        }
    }
}

impl std::error::Error for Error {}
