//! What a closure is: files, links and folders with their reasons, and what was left.

use std::collections::BTreeMap;
use std::path::PathBuf;

use pipkin_elf::Architecture;

use crate::reason::{Kind, Reason};
use crate::root::resolve;

/// A program with all that it needs.
#[derive(Clone, Debug)]
pub struct Closure {
    /// The path of the program, as it was given: a script is its own program.
    pub program: String,
    /// What the program's code is for; that of the interpreter, for a script.
    pub architecture: Architecture,
    /// For a script, the path of the program that runs it and that program's arguments.
    pub interpreter: Vec<String>,
    /// Variables of the environment without which some of the files would be of no use.
    pub env: Vec<(String, String)>,
    /// What to put into the image, by path.
    pub entries: BTreeMap<String, Entry>,
    /// What was considered and left, in the order in which it came up.
    pub left: Vec<Left>,
    /// What the user should know, each a sentence.
    pub warnings: Vec<String>,
}

/// A file, link or folder of the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub body: Body,
    /// Why it is there: the first reason that came up.
    pub reason: Reason,
}

/// What there is at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// A file like one that exists.
    File {
        /// Where to read it, from outside of the root.
        source: PathBuf,
        /// Its permissions.
        mode: u32,
        /// Its length.
        bytes: u64,
    },
    /// A file that was made, such as a passwd with the image's user.
    Made(Vec<u8>),
    /// A symbolic link.
    Link(String),
    /// An empty folder, with its permissions.
    Folder(u32),
}

/// Something that was considered and left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// A path, or the name that was looked for.
    pub name: String,
    /// Who asked for it and how.
    pub reason: Reason,
    /// Why it was left.
    pub because: String,
}

impl Closure {
    /// Whether the program is a script.
    #[must_use]
    pub fn is_script(&self) -> bool {
        !self.interpreter.is_empty()
    }

    /// What `path` leads to by the links of the closure; none when they lead in a circle.
    #[must_use]
    pub fn real_path(&self, path: &str) -> Option<String> {
        let link = |path: &str| match self.entries.get(path).map(|entry| &entry.body) {
            Some(Body::Link(target)) => Ok(Some(target.clone())),
            _ => Ok(None),
        };
        resolve(path, link).ok()
    }

    /// The path of the file that is run: what that of the program leads to.
    #[must_use]
    pub fn file(&self) -> String {
        self.real_path(&self.program).unwrap_or_else(|| self.program.clone())
    }

    /// Whether the program runs without any other file: it has no interpreter.
    #[must_use]
    pub fn is_static(&self) -> bool {
        let file = self.file();
        let is_loader = |entry: &Entry| {
            entry.reason.kind == Kind::Loader && entry.reason.by.as_deref() == Some(&file)
        };
        !self.is_script() && !self.entries.values().any(is_loader)
    }

    /// The reasons from `path` up to the program: the path itself first. Links are followed by
    /// what is below them, and so are folders. None when it is not in the closure.
    #[must_use]
    pub fn why(&self, path: &str) -> Option<Vec<(&str, &Reason)>> {
        let mut chain = Vec::new();
        let mut next = Some(path);
        while let Some(path) = next {
            let (path, entry) = self.entries.get_key_value(path).or_else(|| self.below(path))?;
            if chain.iter().any(|(known, _)| known == path) {
                break;
            }
            chain.push((path.as_str(), &entry.reason));
            next = entry.reason.by.as_deref();
        }
        Some(chain)
    }

    /// The first entry in the folder `path`: that of the folder itself is left out where others
    /// make it.
    fn below(&self, path: &str) -> Option<(&String, &Entry)> {
        let below = format!("{}/", path.trim_end_matches('/'));
        let (path, entry) = self.entries.range(below.clone()..).next()?;
        path.starts_with(&below).then_some((path, entry))
    }
}
