//! Paths with links in them, as a root sees them: nothing leads out of it.

use std::fs;
use std::path::Path;

/// Links on the way to one path, as Linux has it.
///
/// Source: path_resolution(7).
const LINKS_MAX: usize = 40;

/// `path` without links, `.` and `..`, where `link` says where a link at a path leads. None when
/// links lead in a circle.
pub(crate) fn resolve(path: &str, link: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut found = String::new();
    let mut links = 0;
    let mut rest: Vec<String> = parts(path).collect();
    while let Some(part) = rest.pop() {
        let above = found.len();
        match part.as_str() {
            "." => continue,
            ".." => {
                found.truncate(found.rfind('/').unwrap_or(0));
                continue;
            }
            name => found.extend(["/", name]),
        }
        let Some(target) = link(&found) else { continue };
        links += 1;
        if links > LINKS_MAX {
            return None;
        }
        found.truncate(if target.starts_with('/') { 0 } else { above });
        rest.extend(parts(&target));
    }
    Some(if found.is_empty() { "/".into() } else { found })
}

/// The components of a path, the last first.
fn parts(path: &str) -> impl Iterator<Item = String> {
    path.split('/').rev().filter(|part| !part.is_empty()).map(Into::into)
}

/// The same for the links below the folder `root`; what is not there is no link.
pub(crate) fn on_disk(root: &Path, path: &str) -> Option<String> {
    resolve(path, |path| fs::read_link(below(root, path)).ok()?.into_os_string().into_string().ok())
}

/// Where the path of a root is, seen from outside.
pub(crate) fn below(root: &Path, path: &str) -> std::path::PathBuf {
    root.join(path.trim_start_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, links: &[(&str, &str)], expected: Option<&str>) {
        let link = |at: &str| Some(links.iter().find(|(path, _)| *path == at)?.1.to_owned());
        assert_eq!(resolve(path, link).as_deref(), expected, "{path}");
    }

    #[test]
    fn paths_are_resolved() {
        check("/", &[], Some("/"));
        check("", &[], Some("/"));
        check("/a//b/./c/", &[], Some("/a/b/c"));
        check("a/../../b", &[], Some("/b"));
        check("/lib/x", &[("/lib", "usr/lib")], Some("/usr/lib/x"));
        check("/a/b/x", &[("/a/b", "/c"), ("/c", "d/e")], Some("/d/e/x"));
        check("/a/b/x", &[("/a/b", "../c")], Some("/c/x"));
        check("/a/x", &[("/a", "../../../../etc")], Some("/etc/x"));
        check("/a/../x", &[("/a", "b/c")], Some("/b/x"));
        check("/a", &[("/a", "b"), ("/b", "a")], None);
        check("/a/x", &[("/a", "a")], None);
    }

    #[test]
    fn the_root_of_a_folder_is_that_folder() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/etc", folder.path().join("a")).unwrap();
        assert_eq!(on_disk(folder.path(), "/a/passwd").as_deref(), Some("/etc/passwd"));
        assert_eq!(below(folder.path(), "/etc/passwd"), folder.path().join("etc/passwd"));
    }
}
