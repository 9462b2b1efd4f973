//! Folders as text.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;

use tempfile::TempDir;

/// The folder that `fixture` describes. A line that starts with `/` begins an entry:
///
/// ```text
/// /a.txt         a file; the lines up to the next entry are its content
/// |/home /       a line of content that starts with a slash
/// /a.txt -> b    a symbolic link
/// /folder/       an empty folder
/// /a =           a socket
/// ```
pub(crate) fn tree(fixture: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for entry in entries(fixture) {
        make(folder.path(), entry);
    }
    folder
}

/// The entries of a fixture, each with the lines of its content.
pub(crate) fn entries(fixture: &str) -> impl DoubleEndedIterator<Item = &str> {
    let starts: Vec<usize> = fixture
        .match_indices('/')
        .map(|(at, _)| at)
        .filter(|&at| at == 0 || fixture.as_bytes()[at - 1] == b'\n')
        .collect();
    let ends = starts.iter().skip(1).copied().chain([fixture.len()]).collect::<Vec<_>>();
    starts.into_iter().zip(ends).map(|(start, end)| &fixture[start..end])
}

/// Makes one entry below `folder`.
pub(crate) fn make(folder: &Path, entry: &str) {
    let (line, content) = entry.split_once('\n').unwrap_or((entry, ""));
    let at = |name: &str| {
        let path = folder.join(name.trim_start_matches('/'));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    };
    if let Some((link, target)) = line.split_once(" -> ") {
        symlink(target, at(link)).unwrap();
    } else if let Some(socket) = line.strip_suffix(" =") {
        UnixListener::bind(at(socket)).unwrap();
    } else if line.ends_with('/') {
        fs::create_dir_all(at(line)).unwrap();
    } else {
        let content = content.strip_prefix('|').unwrap_or(content).replace("\n|", "\n");
        fs::write(at(line), content).unwrap();
    }
}
