//! What can be wrong with what a caller gives, as text that says what to write instead.

use std::fmt;
use std::io;

/// The result of the operations here that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that this crate refuses or fails at.
///
/// The text is a lower-case fragment, to stand behind what the caller was about to do.
#[derive(Debug)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are the parts of the text, which says what they are")]
pub enum Error {
    /// A reader or a writer failed.
    Io(io::Error),
    /// A text is not `sha256:` and 64 digits.
    Digest { text: String },

    /// A platform is the empty text.
    PlatformEmpty,
    /// A platform is not of the form `OS/ARCHITECTURE[/VARIANT]`.
    PlatformForm { text: String },
    /// A platform contains a character that no part of it may.
    PlatformCharacter { text: String, character: char, at: usize },
    /// A platform is not Linux.
    PlatformSystem { text: String, system: String },
    /// A word alone is no architecture that Linux runs on.
    PlatformWord { text: String },

    /// An image name is empty, or so is the part of it before the tag.
    ReferenceEmpty { text: String },
    /// An image name is pinned to a digest.
    ReferenceDigest { text: String, name: String },
    /// An image name holds an upper-case letter.
    ReferenceCase { text: String, character: char, at: usize, instead: String },
    /// An image name holds a character that names never do.
    ReferenceCharacter { text: String, character: char, at: usize },
    /// A separator stands where a letter or digit must.
    ReferenceSeparator { text: String, character: char, at: usize },
    /// An image name ends where a letter or digit must stand.
    ReferenceEnd { text: String },
    /// A registry is not `HOST[:PORT]`.
    ReferenceHost { text: String, host: String },
    /// An image name is too long.
    ReferenceLength { length: usize, length_max: usize },
    /// An image name is 64 hexadecimal digits, which engines take for an image's digest.
    ReferenceHex { text: String },
    /// A tag is empty.
    TagEmpty { text: String },
    /// A tag holds a character that cannot stand there.
    TagCharacter { text: String, character: char, at: usize },
    /// A tag is too long.
    TagLength { length: usize, length_max: usize },

    /// A file's path cannot stand in an archive.
    Path { path: String, problem: &'static str },
    /// A path fits no ustar header.
    PathLength { path: String },
    /// A link leads to what is no path.
    Link { path: String, problem: &'static str },
    /// A file mode has bits beyond the permissions.
    Mode { path: String, mode: u32 },
    /// A reader ended before the size that was announced.
    Short { path: String, size: u64, found: u64 },
    /// A reader went on after the size that was announced.
    Long { path: String, size: u64 },
    /// There are fewer layer readers than images.
    LayerMissing { images: usize, readers: usize },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Io(error) => write!(f, "{error}"),
            Error::Digest { text } => {
                write!(f, "`{text}` is no digest: it takes `sha256:` and 64 digits of 0-9a-f")
            }
            Error::PlatformEmpty
            | Error::PlatformForm { .. }
            | Error::PlatformCharacter { .. }
            | Error::PlatformSystem { .. }
            | Error::PlatformWord { .. } => self.fmt_platform(f),
            Error::Path { .. }
            | Error::PathLength { .. }
            | Error::Link { .. }
            | Error::Mode { .. }
            | Error::Short { .. }
            | Error::Long { .. }
            | Error::LayerMissing { .. } => self.fmt_archive(f),
            _ => self.fmt_reference(f),
        }
    }
}

impl Error {
    fn fmt_platform(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::PlatformEmpty => write!(f, "the platform is empty: write linux/amd64"),
            Error::PlatformForm { text } => {
                write!(f, "platform `{text}` is not OS/ARCHITECTURE[/VARIANT]: write linux/amd64")
            }
            Error::PlatformCharacter { text, character, at } => write!(
                f,
                "platform `{text}` has {character:?} at position {at}, where only letters, \
                 digits and `_` `.` `-` can stand: write linux/amd64",
            ),
            Error::PlatformSystem { text, system } => write!(
                f,
                "platform `{text}` is for `{system}`, and these images are for linux: write \
                 linux/amd64",
            ),
            Error::PlatformWord { text } => write!(
                f,
                "platform `{text}` is no architecture of linux: write linux/amd64, linux/arm64 \
                 or another OS/ARCHITECTURE",
            ),
            _ => Ok(()),
        }
    }

    fn fmt_reference(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::ReferenceEmpty { text } if text.is_empty() => {
                write!(f, "the image name is empty: write NAME or NAME:TAG")
            }
            Error::ReferenceEmpty { text } => {
                write!(f, "image name `{text}` has nothing before the tag: write NAME:TAG")
            }
            Error::ReferenceDigest { text, name } => write!(
                f,
                "image name `{text}` names a digest, which only the finished image has: write \
                 `{name}`",
            ),
            Error::ReferenceCase { text, character, at, instead } => write!(
                f,
                "image name `{text}` has the upper-case `{character}` at position {at}: names \
                 are lower-case, write `{instead}`",
            ),
            Error::ReferenceCharacter { text, character, at } => write!(
                f,
                "image name `{text}` has {character:?} at position {at}, where only a-z, 0-9 \
                 and the separators `.` `_` `-` `/` can stand",
            ),
            Error::ReferenceSeparator { text, character, at } => write!(
                f,
                "image name `{text}` has `{character}` at position {at}, where a letter or \
                 digit must stand",
            ),
            Error::ReferenceEnd { text } => {
                write!(f, "image name `{text}` ends where a letter or digit must stand")
            }
            Error::ReferenceHost { text, host } => write!(
                f,
                "image name `{text}` starts with `{host}`, which is no registry: write \
                 HOST/NAME or HOST:PORT/NAME",
            ),
            Error::ReferenceLength { length, length_max } => {
                write!(f, "the image name has {length} characters, {length_max} at most")
            }
            Error::ReferenceHex { text } => write!(
                f,
                "image name `{text}` is 64 hexadecimal digits, which engines take for an \
                 image's digest: write another name",
            ),
            _ => self.fmt_tag(f),
        }
    }

    fn fmt_tag(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::TagEmpty { text } => {
                write!(f, "image name `{text}` has nothing after the `:`: write NAME:TAG")
            }
            Error::TagCharacter { text, character, at } => write!(
                f,
                "image name `{text}` has {character:?} at position {at}, where its tag takes \
                 letters, digits and `_`, and after the first also `.` and `-`",
            ),
            Error::TagLength { length, length_max } => {
                write!(f, "the tag has {length} characters, {length_max} at most")
            }
            _ => Ok(()),
        }
    }

    fn fmt_archive(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Path { path, problem } => {
                write!(f, "the path `{}` {problem}", path.escape_debug())
            }
            Error::PathLength { path } => write!(
                f,
                "the path `{path}` fits no ustar header: it splits nowhere into 155 bytes, `/` \
                 and 100 bytes",
            ),
            Error::Link { path, problem } => write!(f, "the link `{path}` {problem}"),
            Error::Mode { path, mode } => write!(
                f,
                "`{path}` has the mode {mode:o}, which is more than permissions, 7777 at most",
            ),
            Error::Short { path, size, found } => {
                write!(f, "`{path}` ended after {found} of {size} bytes: did it change meanwhile?")
            }
            Error::Long { path, size } => {
                write!(f, "`{path}` goes on after its {size} bytes: did it change meanwhile?")
            }
            Error::LayerMissing { images, readers } => {
                write!(f, "{images} images came with {readers} layer readers")
            }
            _ => Ok(()),
        }
    }
}

impl std::error::Error for Error {
    /// Nothing, since the text of [`Error::Io`] is that of its cause already.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Io(error) => error.source(),
            _ => None,
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Error {
        Error::Io(error)
    }
}

impl From<Error> for io::Error {
    /// The cause itself where there is one, so that its kind is kept.
    fn from(error: Error) -> io::Error {
        match error {
            Error::Io(error) => error,
            other => io::Error::other(other),
        }
    }
}
