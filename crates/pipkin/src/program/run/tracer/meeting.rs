//! A program meets a file: the system call that names it, from its beginning to its result.

use std::fs::{self, Metadata};
use std::time::SystemTime;

use nix::errno::Errno;
use nix::unistd::Pid;

use super::call::{ACCESS_MODE, Call, Flags, Kind, PATH_ONLY, TRUNCATE, UNNAMED, WRITE_ONLY};
use super::place;
use super::registers::Registers;
use crate::program::run::files::How;

/// A system call that names a file, and in which a task is.
#[derive(Debug)]
pub(super) struct Meeting {
    pub(super) kind: Kind,
    pub(super) path: String,
    /// As of open(2).
    flags: u64,
}

impl Meeting {
    /// What `task` is about to do; none when it names no path, but a
    /// descriptor; or one that is no text.
    pub(super) fn read(task: Pid, call: Call, registers: &Registers) -> Option<Self> {
        let arguments = &registers.arguments;
        let name = String::from_utf8(place::text(task, arguments[call.path])?).ok()?;
        if name.is_empty() && call.kind != Kind::Run {
            return None;
        }
        let folder = call.folder.map(|at| arguments[at] as i32);
        let flags = match call.flags {
            Flags::Fixed(flags) => flags,
            Flags::In(at) => arguments[at],
            Flags::At(at) => place::word(task, arguments[at])?,
        };
        Some(Self { kind: call.kind, path: place::absolute(task, folder, &name)?, flags })
    }

    /// How the file was met, if that says anything. What is younger than `since`, the program has
    /// made.
    pub(super) fn how(
        &self,
        task: Pid,
        result: nix::Result<i32>,
        since: SystemTime,
    ) -> Option<How> {
        match (self.kind, result) {
            (Kind::Open, Ok(descriptor)) => {
                self.how_opened(metadata(task, &format!("fd/{descriptor}")).as_ref(), since)
            }
            (Kind::Enter, Ok(_)) => {
                let is_young = metadata(task, "cwd").is_some_and(|it| is_young(&it, since));
                Some(if is_young { How::Created } else { How::Folder })
            }
            // Not a link, says readlink(2).
            (Kind::Look, Ok(_) | Err(Errno::EINVAL)) => Some(How::Seen),
            (_, Err(error)) if is_missing(error) => Some(How::Missing),
            (_, Err(error)) if is_refused(error) => Some(How::Refused),
            _ => None,
        }
    }

    fn how_opened(&self, found: Option<&Metadata>, since: SystemTime) -> Option<How> {
        if self.flags & UNNAMED != 0 {
            return None;
        }
        let is_young = found.is_some_and(|found| is_young(found, since));
        let is_only_written = self.flags & ACCESS_MODE == WRITE_ONLY || self.flags & TRUNCATE != 0;
        match found {
            _ if is_young || is_only_written => Some(How::Created),
            Some(found) if found.is_dir() => Some(How::Folder),
            _ if self.flags & PATH_ONLY != 0 => Some(How::Seen),
            Some(found) if !found.is_file() => None,
            _ => Some(How::Opened),
        }
    }
}

/// What a link of `task` in `/proc` leads to.
fn metadata(task: Pid, link: &str) -> Option<Metadata> {
    fs::metadata(format!("/proc/{task}/{link}")).ok()
}

/// Whether a file was made after `since`; or changed, where the file system does not know that.
fn is_young(found: &Metadata, since: SystemTime) -> bool {
    found.created().or_else(|_| found.modified()).is_ok_and(|birth| birth > since)
}

/// Whether an error says that there is nothing at a path.
pub(super) fn is_missing(error: Errno) -> bool {
    matches!(error, Errno::ENOENT | Errno::ENOTDIR)
}

/// Whether an error says that somebody may not have what is there, or make what is not.
pub(super) fn is_refused(error: Errno) -> bool {
    matches!(error, Errno::EACCES | Errno::EPERM | Errno::EROFS)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::call::CREATE;
    use super::*;

    #[track_caller]
    fn check(kind: Kind, result: nix::Result<i32>, expected: Option<How>) {
        let meeting = Meeting { kind, path: "/x".into(), flags: 0 };
        assert_eq!(meeting.how(Pid::this(), result, SystemTime::UNIX_EPOCH), expected);
    }

    #[test]
    fn results() {
        check(Kind::Open, Err(Errno::ENOENT), Some(How::Missing));
        check(Kind::Open, Err(Errno::ENOTDIR), Some(How::Missing));
        check(Kind::Open, Err(Errno::EACCES), Some(How::Refused));
        check(Kind::Open, Err(Errno::EROFS), Some(How::Refused));
        check(Kind::Open, Err(Errno::EMFILE), None);
        check(Kind::Look, Ok(0), Some(How::Seen));
        check(Kind::Look, Err(Errno::EINVAL), Some(How::Seen));
        check(Kind::Look, Err(Errno::ENOENT), Some(How::Missing));
        check(Kind::Enter, Err(Errno::EPERM), Some(How::Refused));
    }

    #[track_caller]
    fn check_opened(path: &str, flags: u64, expected: Option<How>) {
        let meeting = Meeting { kind: Kind::Open, path: path.into(), flags };
        let found = fs::metadata(path).unwrap();
        assert_eq!(meeting.how_opened(Some(&found), SystemTime::now()), expected, "{path}");
    }

    #[test]
    fn what_is_opened() {
        check_opened("/etc/passwd", 0, Some(How::Opened));
        check_opened("/etc/passwd", 2, Some(How::Opened));
        check_opened("/etc/passwd", PATH_ONLY, Some(How::Seen));
        check_opened("/etc/passwd", CREATE, Some(How::Created));
        check_opened("/etc/passwd", 2 | TRUNCATE, Some(How::Created));
        check_opened("/etc", PATH_ONLY, Some(How::Folder));
        check_opened("/tmp", UNNAMED | 2, None);
        check_opened("/dev/null", 0, None);
    }

    #[test]
    fn what_is_young_was_made() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let found = file.as_file().metadata().unwrap();
        let meeting = Meeting { kind: Kind::Open, path: "/x".into(), flags: 0 };
        let how = |since| meeting.how_opened(Some(&found), since);
        let made = found.created().or_else(|_| found.modified()).unwrap();
        assert_eq!(how(made), Some(How::Opened));
        assert_eq!(how(made - Duration::from_nanos(1)), Some(How::Created));
    }
}
