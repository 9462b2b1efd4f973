//! Where a result goes: what the user typed, and the place it means.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::failure::Failure;
use crate::plan::{GOLF_PATH, HANDLER_PATH, PROGRAM_PATH, SITE_PATH};
use crate::{place, root};

/// A place for the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    /// A tar that is both an OCI layout and a docker-archive.
    Archive(PathBuf),
    /// The same on stdout.
    Stdout,
    /// An OCI layout as a folder.
    Layout(PathBuf),
    /// The root filesystem as a folder.
    Root(PathBuf),
    /// The root filesystem as a tar, compressed by xz.
    RootArchive(PathBuf),
    /// The executable alone.
    Executable(PathBuf),
    /// A tar of a program that runs on any Linux.
    Bundle(PathBuf),
    /// Why each file of a program is there.
    Ledger(PathBuf),
    /// The running Docker or podman.
    Engine,
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdout => f.write_str("stdout"),
            Self::Engine => f.write_str("the engine"),
            _ => self.path().unwrap_or(Path::new("")).display().fmt(f),
        }
    }
}

impl Destination {
    /// Whether an index of several images can go here.
    pub(crate) fn check_takes_several_platforms(&self) -> Result<(), Failure> {
        match self {
            Self::Layout(_) => Ok(()),
            _ => Err(Failure::usage(format!("{self} takes one platform, and several are given"))
                .help("-o type=oci,dest=PATH takes an index; or build one --platform at a time")),
        }
    }

    /// The path that is written, if any.
    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            Self::Archive(path)
            | Self::Layout(path)
            | Self::Root(path)
            | Self::RootArchive(path)
            | Self::Executable(path)
            | Self::Bundle(path)
            | Self::Ledger(path) => Some(path),
            Self::Stdout | Self::Engine => None,
        }
    }

    /// Whether the place can be written to, before any work is done for it. A root filesystem there
    /// is of an earlier build when it holds `program`.
    pub(crate) fn check_place(&self, program: &str) -> Result<(), Failure> {
        match self {
            Self::Archive(path)
            | Self::RootArchive(path)
            | Self::Executable(path)
            | Self::Bundle(path)
            | Self::Ledger(path) => place::check_file(path),
            Self::Layout(path) => place::check_folder(path, is_layout),
            Self::Root(path) => place::check_folder(path, |folder, names| {
                // What is at the shortest path has a name that any file may have.
                is_served(folder, names)
                    || [program, GOLF_PATH].into_iter().any(|path| root::is_ours(folder, path))
            }),
            Self::Stdout | Self::Engine => Ok(()),
        }
    }
}

/// A layout that an earlier build may have left, and nothing else.
fn is_layout(folder: &Path, names: &[String]) -> bool {
    const NAMES: [&str; 3] = ["blobs", "index.json", "oci-layout"];
    names.iter().all(|name| NAMES.contains(&name.as_str())) && folder.join(NAMES[2]).is_file()
}

/// A root filesystem that an earlier build of a folder or a handler may have left, and nothing else.
fn is_served(folder: &Path, names: &[String]) -> bool {
    let is_only = |path: &str| names == [&path[1..]] && folder.join(&path[1..]).is_file();
    [SITE_PATH, HANDLER_PATH, PROGRAM_PATH].into_iter().any(is_only)
}

/// The value of `--output`, as typed: `type=KIND,dest=PATH`, or a path alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Output {
    kind: Kind,
    dest: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Docker,
    Oci,
    Dir,
    Rootfs,
    Exe,
    Bundle,
}

/// What is typed for each kind.
const KINDS: [(&str, Kind); 6] = [
    ("docker", Kind::Docker),
    ("oci", Kind::Oci),
    ("dir", Kind::Dir),
    ("rootfs.tar.xz", Kind::Rootfs),
    ("exe", Kind::Exe),
    ("bundle", Kind::Bundle),
];

impl FromStr for Output {
    type Err = String;

    /// `type=KIND,dest=PATH` in any order, or a path alone for an archive.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut output = Self { kind: Kind::Docker, dest: None };
        if !text.starts_with("type=") && !text.starts_with("dest=") {
            output.dest = Some(path(text)?);
            return Ok(output);
        }
        for part in text.split(',') {
            match part.split_once('=') {
                Some(("type", kind)) => output.kind = kind.parse()?,
                Some(("dest", dest)) => output.dest = Some(path(dest)?),
                _ => return Err(format!("`{part}` is neither type=KIND nor dest=PATH")),
            }
        }
        Ok(output)
    }
}

fn path(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() { Err("the path is empty".into()) } else { Ok(text.into()) }
}

impl Kind {
    fn name(self) -> &'static str {
        KINDS.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = KINDS.iter().find(|(name, _)| *name == text);
        known.map(|(_, kind)| *kind).ok_or_else(|| {
            format!(
                "there is no output type `{text}`: choose docker, oci, dir, rootfs.tar.xz, exe or \
                 bundle"
            )
        })
    }
}

impl Output {
    /// The destination; an archive without a path goes to `archive`.
    pub(crate) fn resolve(&self, archive: Option<&Path>) -> Result<Destination, Failure> {
        let dest = self.dest.as_deref();
        if dest == Some(Path::new("-")) {
            return match self.kind {
                Kind::Docker => Ok(Destination::Stdout),
                _ => Err(Failure::usage("only an archive can go to stdout")
                    .help("-o - for an archive, or give a path")),
            };
        }
        let make: fn(PathBuf) -> Destination = match self.kind {
            Kind::Docker => Destination::Archive,
            Kind::Oci => Destination::Layout,
            Kind::Dir => Destination::Root,
            Kind::Rootfs => Destination::RootArchive,
            Kind::Exe => Destination::Executable,
            Kind::Bundle => Destination::Bundle,
        };
        let dest = dest.or(archive.filter(|_| self.kind == Kind::Docker));
        dest.map(|path| make(path.into())).ok_or_else(|| {
            let kind = self.kind.name();
            Failure::usage(format!("-o type={kind} does not say where to"))
                .help(format!("-o type={kind},dest=PATH"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<Destination, &str>) {
        let output = text.parse::<Output>();
        let resolved = output.and_then(|output| {
            output.resolve(Some(Path::new("site.tar"))).map_err(|failure| failure.to_string())
        });
        assert_eq!(resolved, expected.map_err(Into::into), "{text}");
    }

    #[test]
    fn outputs() {
        check("a.tar", Ok(Destination::Archive("a.tar".into())));
        check("a,b=c.tar", Ok(Destination::Archive("a,b=c.tar".into())));
        check("-", Ok(Destination::Stdout));
        check("type=docker", Ok(Destination::Archive("site.tar".into())));
        check("type=docker,dest=-", Ok(Destination::Stdout));
        check("dest=x", Ok(Destination::Archive("x".into())));
        check("dest=a=b,type=oci", Ok(Destination::Layout("a=b".into())));
        check("type=dir,dest=root", Ok(Destination::Root("root".into())));
        check("type=exe,dest=s", Ok(Destination::Executable("s".into())));
        check("type=bundle,dest=b.tar", Ok(Destination::Bundle("b.tar".into())));
        let archive = Destination::RootArchive("r.tar.xz".into());
        check("type=rootfs.tar.xz,dest=r.tar.xz", Ok(archive));
    }

    #[test]
    fn wrong_outputs() {
        check("", Err("the path is empty"));
        check("type=exe,dest=", Err("the path is empty"));
        let message = "there is no output type `tar`: choose docker, oci, dir, rootfs.tar.xz, exe or \
                       bundle";
        check("type=tar", Err(message));
        check("type=oci,dst=x", Err("`dst=x` is neither type=KIND nor dest=PATH"));
        let message = "error: -o type=oci does not say where to\n help: -o type=oci,dest=PATH";
        check("type=oci", Err(message));
        let message = "error: only an archive can go to stdout\n help: -o - for an archive, or \
                       give a path";
        check("type=exe,dest=-", Err(message));
    }
}
