//! The text files of the repository.

use std::fs;
use std::path::Path;

use super::code;
use crate::shell::{Outcome, root};

/// A text file.
pub(super) struct File {
    /// Relative to the top of the repository.
    pub(super) path: String,
    pub(super) text: String,
}

/// The text files of the repository, sorted by path.
pub(super) struct Tree {
    pub(super) files: Vec<File>,
}

/// What cargo and the fuzzer write is not ours to keep tidy.
const GENERATED: &[&str] = &["target", "Cargo.lock", "corpus"];

/// Hidden files and folders that are.
const HIDDEN: &[&str] = &[".cargo", ".ci", ".gitignore", ".well-known"];

impl Tree {
    /// Everything below the top of the repository but what cargo, the fuzzer and git write.
    pub(super) fn read() -> Outcome<Self> {
        let mut tree = Self { files: Vec::new() };
        tree.add(root())?;
        tree.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(tree)
    }

    fn add(&mut self, folder: &Path) -> Outcome {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if is_left_out(&path) {
                continue;
            }
            if path.is_dir() {
                self.add(&path)?;
            } else if let Ok(text) = fs::read_to_string(&path) {
                let path = path.strip_prefix(root())?.to_string_lossy().into_owned();
                self.files.push(File { path, text });
            }
        }
        Ok(())
    }

    /// The file at `path`.
    pub(super) fn get(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// The text of the file at `path`; empty when there is none.
    pub(super) fn text(&self, path: &str) -> &str {
        self.get(path).map_or("", |file| &file.text)
    }

    /// The Rust files whose paths start with one of `prefixes`.
    pub(super) fn rust<'a>(&'a self, prefixes: &'a [&str]) -> impl Iterator<Item = &'a File> {
        let files = self.files.iter().filter(|file| file.is_rust());
        files.filter(|file| prefixes.iter().any(|prefix| file.path.starts_with(prefix)))
    }
}

fn is_left_out(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let hidden = name.starts_with('.') && !HIDDEN.contains(&&*name);
    hidden || GENERATED.contains(&&*name) || path.is_symlink()
}

impl File {
    pub(super) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// True when the whole file is tests.
    pub(super) fn is_test(&self) -> bool {
        let tests = ["/tests/", "/tests.rs", "_tests.rs", "/benches/"];
        self.path.starts_with("e2e/") || tests.iter().any(|name| self.path.contains(name))
    }

    /// How many lines stand before the tests in the file: all of them when it has none.
    pub(super) fn lines_before_tests(&self) -> usize {
        let lines: Vec<_> = self.text.lines().collect();
        let starts = |pair: &[&str]| {
            pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod ") && pair[1].ends_with('{')
        };
        lines.windows(2).position(starts).unwrap_or(lines.len())
    }

    /// The lines that are neither test, comment nor string, with their numbers; strings and
    /// comments are blank.
    pub(super) fn code(&self) -> Vec<(usize, String)> {
        let kept = if self.is_test() { 0 } else { self.lines_before_tests() };
        numbered(&code::only(&self.text)).take(kept).collect()
    }

    /// All lines with their numbers.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }
}

fn numbered(text: &str) -> impl Iterator<Item = (usize, String)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line.to_string()))
}
