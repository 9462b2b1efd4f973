//! A place where things go wrong: what is said, with which exit code, and what is left.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use e2e::{Pipkin, ready, run_any, write};
use expect_test::Expect;

/// The exit code of what failed.
pub(crate) const FAILED: i32 = 1;
/// The exit code of a command line that makes no sense.
pub(crate) const USAGE: i32 = 2;

/// A place to build in: `site` to build from, `out` to build to, `tmp` for temporary files.
pub(crate) struct Place {
    pub(crate) folder: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["site", "out", "tmp"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        // Anybody may read and write here, for the tests that give up being root.
        let open = |path: &Path| fs::set_permissions(path, fs::Permissions::from_mode(0o777));
        ["", "site", "out", "tmp"]
            .iter()
            .try_for_each(|name| open(&folder.path().join(name)))
            .unwrap();
        Self { folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A site with one page, to which a test adds what is wrong.
    pub(crate) fn with_page() -> Self {
        let place = Self::new();
        write(&place.path("site"), "index.html", "hello world\n");
        place
    }

    /// `command` in this place, its temporary files in `tmp`.
    pub(crate) fn prepare<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env("XDG_CACHE_HOME", self.path("cache"));
        command.current_dir(self.folder.path()).env("TMPDIR", self.path("tmp")).env("LC_ALL", "C")
    }

    /// Nothing half-written lies where files were to appear.
    #[track_caller]
    pub(crate) fn check_clean(&self) {
        for name in ["out", "tmp"] {
            let left: Vec<_> =
                self.path(name).read_dir().unwrap().map(|e| e.unwrap().path()).collect();
            assert!(left.is_empty(), "left behind: {left:?}");
        }
    }
}

/// How `done` ended, and what it said.
#[expect(clippy::needless_pass_by_value, reason = "as `expect!` is meant to be used")]
#[track_caller]
pub(crate) fn check_said(done: &Output, code: i32, expected: Expect) {
    expected.assert_eq(&String::from_utf8_lossy(&done.stderr));
    assert_eq!(done.status.code(), Some(code));
    assert!(done.stdout.is_empty(), "stdout is the result, and there is none");
}

/// `pipkin ARGS` in `place` ends with `code`, says `expected`, and leaves nothing.
#[track_caller]
pub(crate) fn check_in(pipkin: &Pipkin, place: &Place, args: &[&str], code: i32, expected: Expect) {
    let mut command = pipkin.command(place.folder.path(), args);
    check_said(&run_any(place.prepare(&mut command)), code, expected);
    place.check_clean();
}

/// Flags that cannot be done, with an exit code.
#[track_caller]
pub(crate) fn check_flags(args: &[&str], code: i32, expected: Expect) {
    let Some(pipkin) = ready(&[]) else { return };
    let args = [&["build", "site"], args].concat();
    check_in(&pipkin, &Place::with_page(), &args, code, expected);
}
