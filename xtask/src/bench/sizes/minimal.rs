//! The smallest Debian, by debootstrap, with a few packages more: what a slim base image is.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tempfile::TempDir;

use super::{Bytes, folder};
use crate::debian::{self, Need};
use crate::shell::{Outcome, command, run, target};

const NEEDS: &[Need] = &[("debootstrap", "debootstrap"), ("chroot", "coreutils")];

/// What debootstrap and apt have left and no image has.
const LEFTOVERS: [&str; 3] = ["var/cache/apt", "var/lib/apt/lists", "var/log"];

/// Asked before a package starts a service: it is not to.
///
/// Source: invoke-rc.d(8).
const POLICY: (&str, &str) = ("usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n");

/// Debian's minimum.
pub(super) struct Minimal {
    root: PathBuf,
}

impl Minimal {
    /// That of this system's release; made once, and then only told which packages there are.
    pub(super) fn new() -> Outcome<Self> {
        debian::provide(NEEDS, "sizes in Debian's minimum")?;
        let release = fs::read_to_string("/etc/os-release")?;
        let name = release.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="));
        let name = name.ok_or("/etc/os-release names no release of Debian")?;
        let folder = target()?.join("debian");
        fs::create_dir_all(&folder)?;
        let root = folder.join(name);
        if root.exists() {
            run(&mut command("chroot", &[&text(&root), "apt-get", "-qq", "update"]))?;
        } else {
            let work = tempfile::tempdir_in(&folder)?;
            let new = work.path().join("root");
            run(&mut command("debootstrap", &["--variant=minbase", name, &text(&new)]))?;
            fs::rename(new, &root)?;
        }
        Ok(Self { root })
    }

    /// A copy with `packages`, without what those only recommend.
    pub(super) fn with(&self, packages: &[&str]) -> Outcome<Root> {
        let root = Root(tempfile::tempdir()?);
        run(&mut command("cp", &["-a", &text(&self.root.join(".")), &text(root.path())]))?;
        if !packages.is_empty() {
            root.install(packages)?;
        }
        for folder in LEFTOVERS {
            fs::remove_dir_all(root.path().join(folder))?;
        }
        Ok(root)
    }
}

/// A root filesystem, which goes with this value.
pub(super) struct Root(TempDir);

impl Root {
    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Where the file at `path`, as seen from within, is.
    pub(super) fn at(&self, path: &str) -> PathBuf {
        self.path().join(path.trim_start_matches('/'))
    }

    /// Writes the file at `path`, as seen from within.
    pub(super) fn write(&self, path: &str, text: &str) -> Outcome {
        let at = self.at(path);
        fs::create_dir_all(at.parent().ok_or("a file has a folder")?)?;
        Ok(fs::write(at, text)?)
    }

    /// The bytes of all its files.
    pub(super) fn weigh(&self) -> Outcome<Bytes> {
        folder::weigh(self.path())
    }

    fn install(&self, packages: &[&str]) -> Outcome {
        let (path, policy) = POLICY;
        self.write(path, policy)?;
        fs::set_permissions(self.at(path), fs::Permissions::from_mode(0o755))?;
        // What starts in spite of that ends with the installation.
        let words = ["--pid", "--fork", "--kill-child", "chroot", &text(self.path())];
        let install = ["apt-get", "-qqy", "install", "--no-install-recommends"];
        let mut unshare = command("unshare", &[&words, &install[..], packages].concat());
        run(unshare.env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null()))?;
        Ok(fs::remove_file(self.at(path))?)
    }
}

fn text(path: &Path) -> String {
    path.display().to_string()
}
