//! The folder in which everything lies that the rivals are started from.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::case::CASES;
use super::rival;
use crate::bench::load::Case;
use crate::shell::{Outcome, cargo, command, output, pipkin, run as sh, target};

/// The folder, which goes with this value.
pub(crate) struct Place {
    folder: tempfile::TempDir,
    null_server: PathBuf,
}

impl Place {
    /// Builds the null server; the site is empty, and there is no executable.
    pub(crate) fn empty() -> Outcome<Self> {
        sh(&mut cargo(&["build", "--release", "--package", "null-server"]))?;
        let null_server = target()?.join("release/null-server");
        let place = Self { folder: tempfile::tempdir()?, null_server };
        // For workers that give up their rights.
        fs::set_permissions(place.folder.path(), Permissions::from_mode(0o755))?;
        fs::create_dir(place.site())?;
        Ok(place)
    }

    /// Builds the null server, pipkin, and the executable of a site with one file per size.
    pub(crate) fn new() -> Outcome<Self> {
        let place = Self::empty()?;
        for case in CASES {
            fs::write(place.site().join(&case.path[1..]), text(case.body_bytes))?;
        }
        let build = ["build", "--quiet", "-o"];
        let mut build = command(&pipkin()?.to_string_lossy(), &build);
        build.arg(format!("type=exe,dest={}", place.executable().display()));
        output(build.arg(place.site()))?;
        Ok(place)
    }

    /// The files to be served.
    pub(crate) fn site(&self) -> PathBuf {
        self.path("site")
    }

    /// pipkin's server with the files in it.
    pub(crate) fn executable(&self) -> PathBuf {
        self.path("site.exe")
    }

    pub(crate) fn null_server(&self) -> &Path {
        &self.null_server
    }

    /// What the null server answers.
    pub(crate) fn answer(&self) -> PathBuf {
        self.path("answer")
    }

    /// Where all of it lies.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, which is a server's configuration; its path.
    pub(crate) fn write(&self, name: &str, text: &str) -> Outcome<PathBuf> {
        let path = self.path(name);
        fs::write(&path, text)?;
        Ok(path)
    }

    /// Has the null server answer what pipkin answers under the load of `case`, byte for byte.
    pub(crate) fn record(&self, case: &Case) -> Outcome {
        let answer = rival::pipkin(self)?.answer(case)?;
        Ok(fs::write(self.answer(), answer.repeat(case.pipelined))?)
    }
}

/// Lines of prose, so that a server that compresses has something to compress.
fn text(bytes: usize) -> Vec<u8> {
    let line = b"A pipkin is a small pot, of earthenware or metal, with a handle.\n";
    line.iter().copied().cycle().take(bytes).collect()
}
