//! Which file a task means: strings in its memory, and paths that are relative to its folders.

use std::ffi::c_void;
use std::fs;
use std::os::fd::OwnedFd;

use nix::sys::ptrace;
use nix::unistd::Pid;
use rustix::fs::{FileType, Mode, OFlags, ResolveFlags, fstat, open, openat2};

/// `PATH_MAX`: the kernel takes no longer path.
const PATH_BYTES_MAX: usize = 4096;
/// What ptrace reads at once.
const WORD_BYTES: u64 = size_of::<usize>() as u64;

/// The text at an address of a task that is stopped, up to its NUL; none when it is longer than a
/// path, or not in memory.
pub(super) fn text(task: Pid, address: u64) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    // Whole words, since the one with the NUL may be the last before a page that is not there.
    let mut next = address - address % WORD_BYTES;
    let mut skipped = (address % WORD_BYTES) as usize;
    while text.len() < PATH_BYTES_MAX {
        let bytes = word(task, next)?.to_ne_bytes();
        let bytes = &bytes[skipped..];
        if let Some(end) = bytes.iter().position(|byte| *byte == 0) {
            text.extend_from_slice(&bytes[..end]);
            return Some(text);
        }
        text.extend_from_slice(bytes);
        (next, skipped) = (next.checked_add(WORD_BYTES)?, 0);
    }
    None
}

/// The word at an address of a task that is stopped.
pub(super) fn word(task: Pid, address: u64) -> Option<u64> {
    ptrace::read(task, address as usize as *mut c_void).ok().map(|word| word as u64)
}

/// The absolute path of what `task` calls `name`, in its own root; relative to the folder that it has
/// open as `folder`, or to its current one. Only what it says by itself is changed: links stay.
pub(super) fn absolute(task: Pid, folder: Option<i32>, name: &str) -> Option<String> {
    if name.starts_with('/') {
        return Some(normal(name, |path| is_real_folder(task, path)));
    }
    let base = match folder {
        Some(descriptor @ 0..) => link(task, &format!("fd/{descriptor}"))?,
        _ => link(task, "cwd")?,
    };
    // Seen from here, the folder of a task with another root may have that root in front.
    let root = link(task, "root")?;
    let base = base.strip_prefix(root.trim_end_matches('/')).unwrap_or(&base);
    Some(normal(&format!("{base}/{name}"), |path| is_real_folder(task, path)))
}

fn link(task: Pid, name: &str) -> Option<String> {
    fs::read_link(format!("/proc/{task}/{name}")).ok()?.into_os_string().into_string().ok()
}

/// `path` without empty and `.` names, and without `..` where that leaves a folder which
/// `is_real_folder`: behind a link it leads elsewhere.
fn normal(path: &str, is_real_folder: impl Fn(&str) -> bool) -> String {
    let mut normal = String::with_capacity(path.len());
    for name in path.split('/').filter(|name| !matches!(*name, "" | ".")) {
        if name == ".." && normal.is_empty() {
            continue;
        }
        if name == ".." && !normal.ends_with("/..") && is_real_folder(&normal) {
            normal.truncate(normal.rfind('/').unwrap_or_default());
            continue;
        }
        normal.push('/');
        normal.push_str(name);
    }
    if normal.is_empty() { "/".into() } else { normal }
}

fn is_real_folder(task: Pid, path: &str) -> bool {
    let found = in_root(task, path, OFlags::PATH | OFlags::NOFOLLOW).and_then(|it| fstat(it).ok());
    found.is_some_and(|it| FileType::from_raw_mode(it.st_mode) == FileType::Directory)
}

/// Opens what is at `path` for `task`: absolute links lead to its root, too.
pub(super) fn in_root(task: Pid, path: &str, flags: OFlags) -> Option<OwnedFd> {
    let root = format!("/proc/{task}/root");
    let root = open(root, OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).ok()?;
    let flags = flags | OFlags::CLOEXEC;
    openat2(root, path, flags, Mode::empty(), ResolveFlags::IN_ROOT).ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[track_caller]
    fn check(path: &str, expected: &str) {
        assert_eq!(normal(path, |prefix| !prefix.ends_with("link")), expected, "{path}");
    }

    #[test]
    fn paths_are_made_plain_where_that_is_safe() {
        check("/a//./b/", "/a/b");
        check("/a/b/../c", "/a/c");
        check("/a/../..//../b", "/b");
        check("/..", "/");
        check("/a/link/../b", "/a/link/../b");
        check("/a/link/../../b", "/a/link/../../b");
        check("", "/");
    }

    #[test]
    fn a_path_is_absolute_for_the_task() {
        let own = Pid::this();
        let here = std::env::current_dir().unwrap().into_os_string().into_string().unwrap();
        assert_eq!(absolute(own, None, "./x"), Some(format!("{here}/x")));
        assert_eq!(absolute(own, Some(-100), "x"), Some(format!("{here}/x")));
        assert_eq!(absolute(own, Some(-100), "/x"), Some("/x".into()));
        assert_eq!(absolute(own, Some(123_456), "x"), None);
    }

    #[test]
    fn a_folder_is_not_a_link_to_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).into_os_string().into_string().unwrap();
        fs::create_dir(path("real")).unwrap();
        symlink("real", path("link")).unwrap();
        let is_real = |name| is_real_folder(Pid::this(), &path(name));
        assert_eq!((is_real("real"), is_real("link"), is_real("gone")), (true, false, false));
    }
}
