//! The program under test.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::process::run;

/// The release `pipkin`.
pub struct Pipkin {
    path: PathBuf,
}

/// What `--json` printed.
pub type Report = Value;

impl Pipkin {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// `pipkin` with these arguments, to be run in `folder`.
    pub fn command<S: AsRef<OsStr>>(
        &self,
        folder: &Path,
        args: impl IntoIterator<Item = S>,
    ) -> Command {
        let mut command = Command::new(&self.path);
        // Variables of the test run itself would reach what `pipkin run` serves.
        command.args(args).current_dir(folder).env_remove("PORT").env_remove("HOST");
        command
    }

    /// `pipkin build INPUT --json` with `args`, run in `folder`: its report.
    ///
    /// # Panics
    ///
    /// When it fails or prints anything but one JSON object.
    #[must_use]
    pub fn build(&self, folder: &Path, input: &Path, args: &[&str]) -> Report {
        let mut build = self.command(folder, ["build", "--json"]);
        let stdout = run(build.arg(input).args(args));
        serde_json::from_slice(&stdout).expect("--json prints one JSON value")
    }

    /// The executable for `platform` that serves `input`: `site.exe` in `folder`.
    #[must_use]
    pub fn exe(&self, folder: &Path, input: &Path, platform: &str) -> PathBuf {
        let path = folder.join("site.exe");
        let output = format!("type=exe,dest={}", path.display());
        let _ = self.build(folder, input, &["--platform", platform, "-o", &output]);
        path
    }
}
