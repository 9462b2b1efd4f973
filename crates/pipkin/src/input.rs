//! What the user has: a folder of files, a handler in Rust, or a program.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use pipkin_image::Platform;

use crate::document::Document;
use crate::failure::Failure;
use crate::flags::{Build, Size};
use crate::handler::{self, Declared, Source};
use crate::program::{self, Complete, Program};
use crate::progress::Progress;
use crate::stub::{self, Server};

/// What an input is said to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// A folder of files
    Site,
    /// A Rust source file, or the folder of a cargo package with pipkin-handler
    Handler,
    /// A program of any kind, with all the files that it needs
    Program,
}

/// What an image is made of.
#[derive(Debug)]
pub(crate) enum Input {
    /// A folder whose files are served.
    Folder(PathBuf),
    /// A file that is served, and nothing else.
    Document(Document),
    /// Somebody's code.
    Handler(Source),
    /// A file that the kernel runs.
    Program(Program),
}

/// What an image runs, on one platform.
#[derive(Debug)]
pub(crate) enum Runs {
    /// A server, behind which content may be.
    Server(Server),
    /// A program, with what it needs.
    Program(Box<Complete>),
}

/// What goes before the content, for each platform, and what it says about the image.
pub(crate) struct Compiled {
    pub(crate) servers: Vec<(Platform, Server)>,
    pub(crate) declared: Declared,
    /// What they were compiled from, by the canonical paths of files and folders.
    pub(crate) sources: Vec<PathBuf>,
}

impl Input {
    /// What `flags` ask for an image of.
    ///
    /// # Errors
    ///
    /// Those of [`Input::find`], or it is no document where one is asked for.
    pub(crate) fn of(flags: &Build) -> Result<Self, Failure> {
        match (flags.size, flags.kind) {
            (Size::Standard, kind) => {
                Self::find(&flags.input, kind, flags.program.closure.root.as_deref())
            }
            (Size::Micro, None | Some(Kind::Site)) => {
                Document::find(&flags.input).map(Self::Document)
            }
            (Size::Micro, Some(_)) => Err(Failure::usage("--server micro is for a file to serve")
                .help("leave out --as, or --server")),
        }
    }

    /// What there is at `path`, which is what the user says, or what it looks like. With a `root` it
    /// is a program inside of that.
    ///
    /// # Errors
    ///
    /// There is nothing, or something else.
    pub(crate) fn find(
        path: &Path,
        kind: Option<Kind>,
        root: Option<&Path>,
    ) -> Result<Self, Failure> {
        let is_rust = path.extension().is_some_and(|extension| extension == "rs");
        match kind {
            Some(Kind::Site) => folder(path),
            Some(Kind::Handler) => Source::find(path).map(Self::Handler),
            Some(Kind::Program) => Program::find(path, root).map(Self::Program),
            None if root.is_some() => Program::find(path, root).map(Self::Program),
            None if is_rust && !path.is_dir() => Source::find(path).map(Self::Handler),
            None if path.join("Cargo.toml").is_file() => Source::find(path).map(Self::Handler),
            None if path.is_dir() => folder(path),
            None => Program::guess(path).map(Self::Program),
        }
    }

    /// The same, for something that pipkin serves.
    ///
    /// # Errors
    ///
    /// Those of [`Input::find`], or it is a program.
    pub(crate) fn find_served(path: &Path, kind: Option<Kind>) -> Result<Self, Failure> {
        match Self::find(path, kind, None)? {
            Self::Program(program) => Err(no_server(&program)),
            served => Ok(served),
        }
    }

    /// What an image of it is called, unless it says.
    pub(crate) fn name(&self) -> Option<String> {
        match self {
            Self::Folder(path) => {
                let folder = path.canonicalize().unwrap_or_else(|_| path.into());
                Some(folder.file_name()?.to_str()?.to_owned())
            }
            Self::Document(document) => document.name(),
            Self::Handler(source) => Some(source.name()),
            Self::Program(program) => Some(program.name()),
        }
    }

    /// Where it is, and what to call it.
    pub(crate) fn place(&self) -> (PathBuf, &'static str) {
        match self {
            Self::Folder(path) => (path.clone(), "the folder to serve"),
            Self::Document(document) => (document.path().into(), "the file to serve"),
            Self::Handler(source) => (source.path().into(), "the source"),
            Self::Program(program) => (program.place(), "the program"),
        }
    }

    /// What it is.
    pub(crate) fn what(&self) -> &'static str {
        match self {
            Self::Folder(_) => "folder",
            Self::Document(_) => "file",
            Self::Handler(_) => "handler",
            Self::Program(_) => "program",
        }
    }

    /// What it is made of, as far as that is known before it is compiled.
    pub(crate) fn sources(&self) -> Vec<PathBuf> {
        match self {
            Self::Folder(path) => path.canonicalize().into_iter().collect(),
            Self::Document(document) => document.path().canonicalize().into_iter().collect(),
            Self::Handler(source) => source.files(),
            Self::Program(program) => vec![program.place()],
        }
    }

    /// What an image of it runs on each platform, and what it says about the image.
    ///
    /// # Errors
    ///
    /// It does not compile, or is not complete, or is not for a platform that is given.
    pub(crate) fn compile(
        &self,
        flags: &Build,
        progress: &Progress,
    ) -> Result<(Vec<(Platform, Runs)>, Declared), Failure> {
        if let Self::Program(program) = self {
            let complete = program.complete(flags, progress)?;
            let platform = program::platform(&complete.closure, &flags.platforms)?;
            let env = complete.closure.env.clone();
            let runs = Runs::Program(Box::new(complete));
            let declared = Declared { is_program: true, env, ..Declared::default() };
            return Ok((vec![(platform, runs)], declared));
        }
        let Compiled { servers, declared, .. } = self.servers(&flags.platforms, progress)?;
        let servers = servers.into_iter();
        Ok((servers.map(|(platform, server)| (platform, Runs::Server(server))).collect(), declared))
    }

    /// Its servers: those that pipkin carries, or what its source compiles to.
    pub(crate) fn servers(
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
            Self::Document(document) => document.compile(platforms),
            Self::Handler(source) => handler::compile(source, platforms, progress),
            Self::Program(program) => Err(no_server(program)),
        }
    }
}

fn no_server(program: &Program) -> Failure {
    let path = &program.path;
    Failure::usage(format!("pipkin run serves a folder or a handler, and {path} is a program"))
        .help(format!("run it yourself: {path}; pipkin build {path} makes an image of it"))
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
