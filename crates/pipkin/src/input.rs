//! What the user has: a folder of files, or a handler in Rust.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use pipkin_image::Platform;

use crate::failure::Failure;
use crate::handler::{self, Declared, Source};
use crate::progress::Progress;
use crate::stub::{self, Server};

/// What an input is said to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// A folder of files
    Site,
    /// A Rust source file, or the folder of a cargo package with pipkin-handler
    Handler,
}

/// What an image is made of.
#[derive(Debug)]
pub(crate) enum Input {
    /// A folder whose files are served.
    Folder(PathBuf),
    /// Somebody's code.
    Handler(Source),
}

/// What goes before the content, for each platform, and what it says about the image.
pub(crate) struct Compiled {
    pub(crate) servers: Vec<(Platform, Server)>,
    pub(crate) declared: Declared,
    /// What they were compiled from, by the canonical paths of files and folders.
    pub(crate) sources: Vec<PathBuf>,
}

impl Input {
    /// What there is at `path`, which is what the user says, or what it looks like.
    ///
    /// # Errors
    ///
    /// There is nothing, or something else.
    pub(crate) fn find(path: &Path, kind: Option<Kind>) -> Result<Self, Failure> {
        let is_rust = path.extension().is_some_and(|extension| extension == "rs");
        match kind {
            Some(Kind::Site) => folder(path),
            Some(Kind::Handler) => Source::find(path).map(Self::Handler),
            None if is_rust && !path.is_dir() => Source::find(path).map(Self::Handler),
            None if path.join("Cargo.toml").is_file() => Source::find(path).map(Self::Handler),
            None => folder(path),
        }
    }

    /// What an image of it is called, unless it says.
    pub(crate) fn name(&self) -> Option<String> {
        match self {
            Self::Folder(path) => {
                let folder = path.canonicalize().unwrap_or_else(|_| path.into());
                Some(folder.file_name()?.to_str()?.to_owned())
            }
            Self::Handler(source) => Some(source.name()),
        }
    }

    /// What it is made of, as far as that is known before it is compiled.
    pub(crate) fn sources(&self) -> Vec<PathBuf> {
        match self {
            Self::Folder(path) => path.canonicalize().into_iter().collect(),
            Self::Handler(source) => source.files(),
        }
    }

    /// Its servers: those that pipkin carries, or what its source compiles to.
    pub(crate) fn compile(
        &self,
        platforms: &[Platform],
        progress: &Progress,
    ) -> Result<Compiled, Failure> {
        if let Some(twice) =
            (1..platforms.len()).find(|&at| platforms[..at].contains(&platforms[at]))
        {
            return Err(Failure::usage(format!("platform {} is given twice", platforms[twice])));
        }
        match self {
            Self::Folder(_) => carried(platforms),
            Self::Handler(source) => handler::compile(source, platforms, progress),
        }
    }
}

/// That there is a folder, before its name is made the image's.
fn folder(path: &Path) -> Result<Input, Failure> {
    let folder = path.into();
    if !path.exists() {
        Err(pipkin_site::Error::Missing { folder }.into())
    } else if !path.is_dir() {
        Err(pipkin_site::Error::NotAFolder { folder }.into())
    } else {
        Ok(Input::Folder(folder))
    }
}

/// Each platform with its servers; without any, that of this machine.
fn carried(platforms: &[Platform]) -> Result<Compiled, Failure> {
    let host = [stub::host_platform()];
    let platforms = if platforms.is_empty() { &host } else { platforms };
    let with_servers = |platform: &Platform| {
        let servers = stub::servers(platform);
        let servers = servers.map_err(|(message, help)| Failure::usage(message).help(help))?;
        Ok((platform.clone(), Server::Carried(servers)))
    };
    let servers = platforms.iter().map(with_servers).collect::<Result<_, Failure>>()?;
    Ok(Compiled { servers, declared: Declared::default(), sources: Vec::new() })
}
