//! The files that a program had to do with, by the absolute paths that it named.

use std::collections::BTreeSet;

/// How many paths are kept: some programs look at every file that there is.
const PATHS_MAX: usize = 200_000;

/// What is not of an image: the kernel's own.
const KERNEL: &[&str] = &["/dev", "/proc", "/sys"];

/// How a program met a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    Opened,
    Folder,
    Created,
    Seen,
    Missing,
    Refused,
}

/// The files that a program had to do with. Links are not followed: a path is as the program named
/// it, made absolute.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Files {
    /// Files that it read or ran, and the interpreters of those that it ran.
    pub(crate) opened: BTreeSet<String>,
    /// Folders that it opened or went into.
    pub(crate) folders: BTreeSet<String>,
    /// Files and folders that it made itself, and files that it wrote without reading them.
    pub(crate) created: BTreeSet<String>,
    /// What it asked about and found, whether or not it opened that. Not all of it is without need: Python
    /// asks about the source of a module, and then opens only what it has made of it before.
    pub(crate) seen: BTreeSet<String>,
    /// What it looked for, and what was not there.
    pub(crate) missing: BTreeSet<String>,
    /// What it was not allowed to have.
    pub(crate) refused: BTreeSet<String>,
    /// Whether there were more paths than are kept.
    pub(crate) is_cut: bool,
}

impl Files {
    /// Takes note of a path.
    pub(super) fn note(&mut self, how: How, path: String) {
        if is_of_kernel(&path) {
            return;
        }
        if self.count() >= PATHS_MAX {
            self.is_cut = true;
            return;
        }
        let set = match how {
            How::Opened => &mut self.opened,
            How::Folder => &mut self.folders,
            How::Created => &mut self.created,
            How::Seen => &mut self.seen,
            How::Missing => &mut self.missing,
            How::Refused => &mut self.refused,
        };
        set.insert(path);
    }

    fn count(&self) -> usize {
        let sets = [&self.opened, &self.folders, &self.created, &self.seen];
        let found: usize = sets.map(BTreeSet::len).iter().sum();
        found + self.missing.len() + self.refused.len()
    }
}

fn is_of_kernel(path: &str) -> bool {
    let rest = |folder: &&str| path.strip_prefix(*folder);
    KERNEL.iter().filter_map(rest).any(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_of_the_kernel_is_left() {
        let mut files = Files::default();
        for path in ["/proc/self/maps", "/dev", "/devices", "/sys/x", "/etc/passwd"] {
            files.note(How::Opened, path.into());
        }
        assert_eq!(files.opened, ["/devices", "/etc/passwd"].map(String::from).into());
    }

    #[test]
    fn paths_are_bounded() {
        let mut files = Files::default();
        for number in 0..=PATHS_MAX {
            files.note(How::Missing, format!("/{number}"));
        }
        assert_eq!((files.missing.len(), files.is_cut), (PATHS_MAX, true));
    }
}
