//! The tree: what the image for one platform holds, whatever it was made of. What is to the right
//! of it, packing and delivering, knows no more than this.
//!
//! Content is by reference and streamed when it is needed, so a tree is small.

use std::borrow::Cow;
use std::io::Read;

use pipkin_image::{Entry as TarEntry, Platform, tar};

use crate::executable::Executable;
use crate::original::Original;
use crate::progress::Progress;

/// The permissions of a server.
const SERVER_MODE: u32 = 0o755;

/// The files, links and folders of an image.
pub(crate) struct Tree<'a> {
    pub(crate) platform: Platform,
    /// In the order in which they stand in the layer.
    pub(crate) entries: Vec<Entry<'a>>,
    /// The place in this list of the file that is run.
    program: usize,
}

/// A file, link or folder of an image.
pub(crate) struct Entry<'a> {
    /// From the root; a slash at its start means nothing.
    pub(crate) path: Cow<'a, str>,
    /// Its permissions.
    pub(crate) mode: u32,
    pub(crate) body: Body<'a>,
}

/// What there is at a path.
pub(crate) enum Body<'a> {
    /// A server with its content.
    Executable(Executable<'a>),
    /// A file like one that exists.
    Original(Original<'a>),
    /// A file with this content.
    Bytes(Cow<'a, [u8]>),
    /// A symbolic link, and where it leads.
    Link(Cow<'a, str>),
    Folder,
}

impl<'a> Tree<'a> {
    /// What is run is the file at `program` in the list.
    pub(crate) fn new(platform: Platform, entries: Vec<Entry<'a>>, program: usize) -> Self {
        Self { platform, entries, program }
    }

    /// A server, and nothing else.
    pub(crate) fn of_server(executable: Executable<'a>, path: &'a str) -> Self {
        let platform = executable.platform.clone();
        let body = Body::Executable(executable);
        let entry = Entry { path: path.into(), mode: SERVER_MODE, body };
        Self::new(platform, vec![entry], 0)
    }

    /// What is run.
    pub(crate) fn program(&self) -> &Entry<'a> {
        &self.entries[self.program]
    }

    /// The sum of the lengths of its files.
    pub(crate) fn bytes(&self) -> u64 {
        self.entries.iter().map(|entry| entry.body.bytes()).sum()
    }

    /// The length of what is run: of a program, or of a server without its content.
    pub(crate) fn program_bytes(&self) -> u64 {
        match &self.program().body {
            Body::Executable(executable) => executable.server.len() as u64,
            other => other.bytes(),
        }
    }

    /// How many files there are.
    pub(crate) fn files(&self) -> usize {
        self.entries.iter().filter(|entry| entry.body.is_file()).count()
    }

    /// How the bytes split into what is run and the rest, with `number` to spell them.
    pub(crate) fn split(&self, number: impl Fn(u64) -> String) -> String {
        let (program, rest) =
            (number(self.program_bytes()), number(self.bytes() - self.program_bytes()));
        match (&self.program().body, self.files() - 1) {
            (Body::Executable(executable), _) if !executable.is_program => {
                format!("server {program} + content {rest}")
            }
            (_, 0) => format!("program {program} alone"),
            (_, 1) => format!("program {program} + 1 file that it needs {rest}"),
            (_, others) => {
                format!("program {program} + {} files that it needs {rest}", number(others as u64))
            }
        }
    }

    /// What to put into a tar, with content that moves the bar of `progress`.
    pub(crate) fn tar<'b>(
        &'b self,
        progress: &'b Progress,
    ) -> impl Iterator<Item = TarEntry<'b>> + 'b {
        self.entries.iter().map(|entry| TarEntry {
            path: &entry.path,
            mode: entry.mode,
            body: match &entry.body {
                Body::Link(target) => tar::Body::Link(target),
                Body::Folder => tar::Body::Folder,
                file => tar::Body::File {
                    size: file.bytes(),
                    data: Box::new(progress.watch(file.reader())),
                },
            },
        })
    }
}

impl Body<'_> {
    fn is_file(&self) -> bool {
        !matches!(self, Self::Link(_) | Self::Folder)
    }

    /// The length of a file.
    pub(crate) fn bytes(&self) -> u64 {
        match self {
            Self::Executable(executable) => executable.bytes(),
            Self::Original(original) => original.bytes(),
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Link(_) | Self::Folder => 0,
        }
    }

    /// The content of a file; one that has changed since the tree was made is an error.
    pub(crate) fn reader(&self) -> Box<dyn Read + '_> {
        match self {
            Self::Executable(executable) => Box::new(executable.reader()),
            Self::Original(original) => Box::new(original.reader()),
            Self::Bytes(bytes) => Box::new(&bytes[..]),
            Self::Link(_) | Self::Folder => Box::new(std::io::empty()),
        }
    }
}
