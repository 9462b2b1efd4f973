//! The folder in which everything lies that the servers read and write.

use std::fs;
use std::net::TcpListener;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU16, Ordering};

use super::kind::Kind;
use crate::shell::{Outcome, output, pipkin, root};

/// What is served.
const PAGE: &str = "<p>A pipkin is a small pot.</p>\n";

/// The folder, which goes with this value.
pub(crate) struct Place {
    folder: tempfile::TempDir,
    pipkin: PathBuf,
}

/// A server that can be started: it has a port, what it reads, and an image.
#[derive(Clone)]
pub(crate) struct Instance {
    pub(crate) port: u16,
    /// The program here.
    here: PathBuf,
    /// The same in the image.
    pub(super) program: PathBuf,
    pub(super) args: Vec<String>,
    /// What the image holds.
    pub(super) rootfs: PathBuf,
}

impl Place {
    /// Builds pipkin, and writes the page.
    pub(crate) fn new() -> Outcome<Self> {
        let place = Self { folder: tempfile::tempdir()?, pipkin: pipkin()? };
        fs::create_dir(place.site())?;
        fs::write(place.site().join("index.html"), PAGE)?;
        Ok(place)
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The files to be served.
    pub(super) fn site(&self) -> PathBuf {
        self.path().join("site")
    }

    /// A server of `kind`, with its image.
    pub(crate) fn instance(&self, kind: &Kind) -> Outcome<Instance> {
        let (port, rootfs) = (free_port()?, self.path().join(kind.name).join("rootfs"));
        let folder = self.path().join(kind.name).join(port.to_string());
        fs::create_dir_all(&folder)?;
        let args = (kind.args)(self, &folder, port)?;
        if !rootfs.exists() {
            self.build(kind, &folder, &rootfs)?;
        }
        let (here, program) = match kind.input {
            Some(path) if kind.is_installed => (path.into(), path.into()),
            _ => only_file(&rootfs)?,
        };
        Ok(Instance { port, here, program, args, rootfs })
    }

    /// The image as a folder, and as an archive with the files of `folder`.
    fn build(&self, kind: &Kind, folder: &Path, rootfs: &Path) -> Outcome {
        let mut build = Command::new(&self.pipkin);
        build.args(["build", "--quiet"]).current_dir(root());
        match kind.input {
            Some(input) => build.arg(input),
            None => build.arg(self.site()),
        };
        if kind.is_installed {
            // They write pid files and the like, as root where they are root here.
            build.args(["--user", "0:0", "--include"]).arg(self.site());
            build.arg("--include").arg(folder);
            kind.include.iter().for_each(|path| _ = build.args(["--include", path]));
        }
        build.arg("-o").arg(format!("type=dir,dest={}", rootfs.display()));
        build.arg("-o").arg(self.archive(kind)).args(["-t", &tag(kind)]);
        output(&mut build).map(|_| ()).map_err(|failure| format!("{}: {failure}", kind.name).into())
    }

    /// What engines load.
    pub(super) fn archive(&self, kind: &Kind) -> PathBuf {
        self.path().join(kind.name).join("image.tar")
    }
}

impl Instance {
    /// It as a process of this system.
    pub(crate) fn process(&self) -> Command {
        let mut process = Command::new(&self.here);
        process.args(&self.args);
        process
    }
}

/// The name of the image, which nobody else uses.
pub(super) fn tag(kind: &Kind) -> String {
    format!("pipkin-bench-{}", kind.name)
}

/// The path of the file in `rootfs` that is all there is but for folders, which runc makes to mount on;
/// and the same as the container sees it.
fn only_file(rootfs: &Path) -> Outcome<(PathBuf, PathBuf)> {
    let paths = fs::read_dir(rootfs)?.filter_map(|entry| Some(entry.ok()?.path()));
    let here = paths.into_iter().find(|path| path.is_file()).ok_or("an image without a program")?;
    let program = Path::new("/").join(here.file_name().unwrap_or_default());
    Ok((here, program))
}

/// The ports that are tried: below those of the kernel's choice, out of which a client that asks for a
/// server over and over could be given the very port that it asks for, and answer itself.
const PORTS: RangeInclusive<u16> = 20_000..=32_000;

/// A port of 127.0.0.1 that nobody uses, another each time.
fn free_port() -> Outcome<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(*PORTS.start());
    let ports = PORTS.map(|_| NEXT.fetch_add(1, Ordering::Relaxed));
    let mut ports = ports.filter(|port| PORTS.contains(port));
    let free = ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    Ok(free.ok_or("no port is free")?)
}
