//! The smallest Debian, by debootstrap, with one package more: what a slim base image is.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Bytes, folder};
use crate::shell::{Outcome, command, run};

/// What debootstrap and apt have left and no image has.
const LEFTOVERS: [&str; 3] = ["var/cache/apt", "var/lib/apt/lists", "var/log"];

/// Debian's minimum.
pub(super) struct Minimal {
    work: PathBuf,
}

impl Minimal {
    /// In a folder of `work`.
    pub(super) fn new(work: &Path) -> Outcome<Self> {
        let release = fs::read_to_string("/etc/os-release")?;
        let name = release.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="));
        let name = name.ok_or("/etc/os-release names no release of Debian")?;
        let root = work.join("minimal").display().to_string();
        run(&mut command("debootstrap", &["--variant=minbase", name, &root]))?;
        Ok(Self { work: work.into() })
    }

    /// The bytes of it with `package`, without what that only recommends.
    pub(super) fn with(&self, package: &str) -> Outcome<Bytes> {
        let (minimal, root) = (self.work.join("minimal"), self.work.join("with"));
        let root = root.display().to_string();
        run(&mut command("cp", &["-a", &minimal.display().to_string(), &root]))?;
        let install = ["apt-get", "-qqy", "install", "--no-install-recommends", package];
        let mut chroot = command("chroot", &[&[root.as_str()], &install[..]].concat());
        run(chroot.env("DEBIAN_FRONTEND", "noninteractive").stdout(std::process::Stdio::null()))?;
        for folder in LEFTOVERS.map(|folder| Path::new(&root).join(folder)) {
            fs::remove_dir_all(folder)?;
        }
        let bytes = folder::weigh(Path::new(&root))?;
        fs::remove_dir_all(root)?;
        Ok(bytes)
    }
}
