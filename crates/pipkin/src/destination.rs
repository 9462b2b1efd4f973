//! Where results go, and what each place gets.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Seek as _, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use pipkin_image::layout::{self, Contents, LayoutFile};
use pipkin_image::{Image, archive};

use crate::engine;
use crate::failure::Failure;
use crate::pipeline::{Executable, Packed};
use crate::place::{self, EXECUTABLE_MODE, FILE_MODE};
use crate::plan::{Plan, SERVER_PATH};
use crate::progress::Progress;

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
    /// The executable alone.
    Executable(PathBuf),
    /// The running Docker or podman.
    Engine,
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Archive(path)
            | Self::Layout(path)
            | Self::Root(path)
            | Self::Executable(path) => path.display().fmt(f),
            Self::Stdout => f.write_str("stdout"),
            Self::Engine => f.write_str("the engine"),
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

    /// Whether the place can be written to, before any work is done for it.
    pub(crate) fn check_place(&self) -> Result<(), Failure> {
        match self {
            Self::Archive(path) | Self::Executable(path) => place::check_file(path),
            Self::Layout(path) => place::check_folder(path, is_layout),
            Self::Root(path) => place::check_folder(path, is_root),
            Self::Stdout | Self::Engine => Ok(()),
        }
    }

    /// Brings the result here; the length of the archive, where one was written.
    pub(crate) fn write(
        &self,
        plan: &Plan,
        executable: &Executable<'_>,
        packed: &mut [Packed],
        progress: &Progress,
    ) -> Result<Option<u64>, Failure> {
        let layers: u64 = packed.iter().map(|packed| packed.image.layer().descriptor.size).sum();
        progress.phase("writing", layers);
        match self {
            Self::Archive(path) => place::write_file(path, FILE_MODE, |sink| {
                write_archive(plan, packed, progress, sink).map(Some)
            }),
            Self::Stdout => write_archive(plan, packed, progress, &mut io::stdout().lock())
                .map(Some)
                .map_err(|error| Failure::io(Path::new("stdout"), error)),
            Self::Engine => {
                engine::load(|sink| write_archive(plan, packed, progress, sink).map(|_| None))
            }
            Self::Layout(path) => place::write_folder(path, |folder| {
                write_layout(plan, packed, progress, folder).map(|()| None)
            }),
            Self::Root(path) => place::write_folder(path, |folder| {
                write_root(executable, progress, folder).map(|()| None)
            }),
            Self::Executable(path) => place::write_file(path, EXECUTABLE_MODE, |sink| {
                io::copy(&mut progress.watch(executable.reader()), sink).map(|_| None)
            }),
        }
    }
}

/// A layout that an earlier build may have left.
fn is_layout(names: &[String]) -> bool {
    names.iter().any(|name| name == "oci-layout")
}

/// A root filesystem that an earlier build may have left.
fn is_root(names: &[String]) -> bool {
    names == [&SERVER_PATH[1..]]
}

fn write_archive(
    plan: &Plan,
    packed: &mut [Packed],
    progress: &Progress,
    sink: &mut dyn Write,
) -> io::Result<u64> {
    let images: Vec<Image> = packed.iter().map(|packed| packed.image.clone()).collect();
    packed.iter_mut().try_for_each(|packed| packed.layer.rewind())?;
    let mut layers: Vec<_> =
        packed.iter_mut().map(|packed| progress.watch(&mut packed.layer)).collect();
    let mut layers: Vec<_> = layers.iter_mut().map(|layer| layer as &mut dyn Read).collect();
    Ok(archive::write(&images, &plan.references, &mut layers, sink)?)
}

fn write_layout(
    plan: &Plan,
    packed: &mut [Packed],
    progress: &Progress,
    folder: &Path,
) -> io::Result<()> {
    let images: Vec<Image> = packed.iter().map(|packed| packed.image.clone()).collect();
    for LayoutFile { path, contents } in layout::files(&images, &plan.references, false) {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        match contents {
            Contents::Bytes(bytes) => fs::write(path, bytes)?,
            Contents::Layer(number) => {
                let layer = &mut packed[number].layer;
                layer.rewind()?;
                io::copy(&mut progress.watch(layer), &mut File::create(path)?)?;
            }
        }
    }
    Ok(())
}

fn write_root(executable: &Executable<'_>, progress: &Progress, folder: &Path) -> io::Result<()> {
    let mut file = File::create(folder.join(&SERVER_PATH[1..]))?;
    file.set_permissions(fs::Permissions::from_mode(0o755))?;
    io::copy(&mut progress.watch(executable.reader()), &mut file).map(drop)
}
