//! The package that is generated around a source: what cargo builds.
//!
//! It is the top of a workspace, in which the sources lie that this program carries, since cargo
//! names what it compiles by the place in the workspace: so the bytes do not depend on where the
//! cache is.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use pipkin_image::Digest;

use super::cache;
use super::package::{CRATE, Origin, Package};
use super::source::{File, Source};
use crate::failure::Failure;

/// Paths and contents of the sources that this program carries.
const CARRIED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/carried.rs"));
const PROFILE: &str = include_str!(concat!(env!("OUT_DIR"), "/profile.toml"));
const SCRIPT: &str = include_str!("link.ld");
/// Where the script is in the workspace.
pub(super) const SCRIPT_PATH: &str = "link.ld";
/// What the program is called.
pub(super) const PROGRAM: &str = "handler";

/// Characters of a digest that name a folder.
const KEY_LENGTH: usize = 16;

/// A workspace on the disk, which nobody else builds in as long as this value lives.
pub(super) struct Workspace<'a> {
    pub(super) source: &'a Source,
    pub(super) folder: PathBuf,
    /// Paths that must not reach the program, longer ones last.
    pub(super) hidden: Vec<PathBuf>,
    _lock: fs::File,
}

impl<'a> Workspace<'a> {
    /// The workspace for `source`.
    ///
    /// # Errors
    ///
    /// The cache cannot be written.
    pub(super) fn prepare(source: &'a Source) -> Result<Self, Failure> {
        let (manifest, main) = match source {
            Source::File(file) => (manifest_for_file(), main_for_file(file)),
            Source::Package(package) => (manifest_for_package(package), main_for_package()),
        };
        let folder = cache::folder(&format!("handlers/{}", key(source, &manifest)))?;
        let lock = lock(&folder)?;
        folder.parent().into_iter().for_each(cache::forget_unused);
        for (path, bytes) in CARRIED.iter().filter(|(path, _)| *path != "Cargo.lock") {
            cache::put(&folder.join(path), bytes)?;
        }
        cache::put(&folder.join("Cargo.toml"), manifest.as_bytes())?;
        cache::put(&folder.join("src/main.rs"), main.as_bytes())?;
        cache::put(&folder.join(SCRIPT_PATH), SCRIPT.as_bytes())?;
        put_versions(source, &folder)?;
        Ok(Self { source, folder, hidden: hidden(source), _lock: lock })
    }
}

/// Differs for each source, and for each pipkin that carries something else.
fn key(source: &Source, manifest: &str) -> String {
    let mut all = Vec::new();
    for (path, bytes) in CARRIED {
        all.extend(path.as_bytes());
        all.extend(*bytes);
    }
    for text in [SCRIPT, manifest, &source.folder().to_string_lossy(), &source.name()] {
        all.extend(text.as_bytes());
        all.push(0);
    }
    Digest::of(&all).hex()[..KEY_LENGTH].into()
}

fn lock(folder: &Path) -> Result<fs::File, Failure> {
    let path = folder.join(cache::LOCK);
    let lock = fs::File::create(&path).and_then(|file| file.lock().map(|()| file));
    lock.map_err(|error| cache::cannot_write(&path, &error))
}

/// The versions of what is used: the package's own, or those that this program was tested with.
/// Cargo adds to them what it generates, so that they are put there only when they are others.
fn put_versions(source: &Source, folder: &Path) -> Result<(), Failure> {
    let own = match source {
        Source::File(_) => None,
        Source::Package(package) => fs::read(package.workspace.join("Cargo.lock")).ok(),
    };
    let carried = CARRIED.iter().find(|(path, _)| *path == "Cargo.lock");
    let versions = own.unwrap_or_else(|| carried.map_or(&b""[..], |(_, bytes)| bytes).into());
    let given = folder.join("Cargo.lock.given");
    if fs::read(&given).is_ok_and(|found| found == versions) {
        return Ok(());
    }
    cache::put(&folder.join("Cargo.lock"), &versions)?;
    cache::put(&given, &versions)
}

/// What is before the paths of sources in messages of a program, and differs between machines.
fn hidden(source: &Source) -> Vec<PathBuf> {
    let mut hidden = Vec::new();
    if let Source::Package(package) = source {
        hidden.extend(package.used.iter().filter_map(|used| used.parent().map(Into::into)));
        hidden.push(package.workspace.clone());
    }
    hidden.push(source.folder().into());
    hidden
}

/// The crates that are carried are no members, for of members cargo wants to know every dependency
/// that there might be, and asks a registry.
fn manifest(dependencies: &str) -> String {
    let carried = CARRIED.iter().filter_map(|(path, _)| path.strip_suffix("/Cargo.toml"));
    let carried: Vec<String> = carried.map(|name| format!("{name:?}")).collect();
    format!(
        "[package]\nname = \"{PROGRAM}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\nexclude = [{}]\n\n\
         {dependencies}\n{PROFILE}",
        carried.join(", ")
    )
}

fn manifest_for_file() -> String {
    manifest(&format!(
        "[dependencies.{CRATE}]\npath = \"{CRATE}\"\nfeatures = [\"freestanding\", \"alloc\"]\n"
    ))
}

fn manifest_for_package(package: &Package) -> String {
    let Package { name, folder, handler, .. } = package;
    let mut text = format!("[dependencies.{LIBRARY}]\npackage = {name:?}\npath = {folder:?}\n\n");
    write!(text, "[dependencies.{CRATE}]\n{}", origin(handler)).expect("a string grows");
    text += "features = [\"freestanding\"]\ndefault-features = false\n";
    if *handler == Origin::Registry {
        write!(text, "\n[patch.crates-io.{CRATE}]\npath = \"{CRATE}\"\n").expect("a string grows");
    }
    manifest(&text)
}

/// What the library is called in the generated package.
const LIBRARY: &str = "the-handler";

fn origin(origin: &Origin) -> String {
    match origin {
        Origin::Registry => format!("path = \"{CRATE}\"\n"),
        Origin::Path(path) => format!("path = {path:?}\n"),
        Origin::Git { url, which } => {
            let which = which.as_deref().and_then(|which| which.split_once('='));
            let which = which.map(|(key, value)| format!("{key} = {value:?}\n"));
            format!("git = {url:?}\n{}", which.unwrap_or_default())
        }
    }
}

/// The file becomes a module, which the compiler tells of by its own path and lines.
fn main_for_file(file: &File) -> String {
    format!(
        "#![no_std]\n#![no_main]\n#[allow(unused)]\nextern crate alloc;\nextern crate pipkin_handler \
         as _;\n#[path = {:?}]\nmod handler;\n",
        file.path
    )
}

fn main_for_package() -> String {
    "#![no_std]\n#![no_main]\nextern crate pipkin_handler as _;\nextern crate the_handler as _;\n"
        .into()
}
