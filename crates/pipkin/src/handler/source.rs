//! What a handler is written in: a file alone, or a cargo package.

use std::io;
use std::path::{Path, PathBuf};

use super::package::Package;
use crate::failure::Failure;

/// The source of a handler.
#[derive(Debug)]
pub(crate) enum Source {
    /// A file with nothing else in its folder.
    File(File),
    /// A library that depends on `pipkin-handler`.
    Package(Package),
}

/// A source file.
#[derive(Debug)]
pub(crate) struct File {
    /// As the user typed it.
    typed: PathBuf,
    /// The canonical folder, and the name in it.
    pub(super) path: PathBuf,
}

impl Source {
    /// The source at `path`.
    ///
    /// # Errors
    ///
    /// There is none.
    pub(crate) fn find(path: &Path) -> Result<Self, Failure> {
        if path.is_dir() { Package::find(path).map(Self::Package) } else { File::find(path) }
    }

    /// Where it is, as the user typed it.
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::File(file) => &file.typed,
            Self::Package(package) => &package.typed,
        }
    }

    /// The name of the file, or of the package.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::File(file) => {
                file.path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
            }
            Self::Package(package) => package.name.clone(),
        }
    }

    /// The folder that paths in the source are relative to.
    pub(crate) fn folder(&self) -> &Path {
        match self {
            Self::File(file) => file.path.parent().unwrap_or(Path::new("/")),
            Self::Package(package) => &package.folder,
        }
    }

    /// What it is made of, as far as that is known before it is compiled.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        match self {
            Self::File(file) => vec![file.path.clone()],
            Self::Package(package) => {
                ["Cargo.toml", "src"].map(|name| package.folder.join(name)).into()
            }
        }
    }

    /// The start of each path that the compiler tells, and what the user typed instead of it.
    pub(super) fn shown(&self) -> (String, String) {
        let folder_as_typed = match self {
            Self::File(file) => file.typed.parent().unwrap_or(Path::new("")),
            Self::Package(package) => &package.typed,
        };
        let typed = match folder_as_typed.to_string_lossy() {
            here if matches!(&*here, "" | ".") => String::new(),
            there => format!("{}/", there.trim_end_matches('/')),
        };
        (format!("{}/", self.folder().display()), typed)
    }
}

impl File {
    fn find(path: &Path) -> Result<Source, Failure> {
        let name = path.file_name().ok_or(io::ErrorKind::NotFound.into());
        let file = name.and_then(|name| {
            path.metadata()?;
            let folder = path.parent().filter(|folder| *folder != Path::new(""));
            Ok(folder.unwrap_or(Path::new(".")).canonicalize()?.join(name))
        });
        match file {
            Ok(path_there) if path_there.to_str().is_some() => {
                Ok(Source::File(Self { typed: path.into(), path: path_there }))
            }
            Ok(_) => Err(Failure::new(format!(
                "cannot compile {}: its path is not UTF-8, which the compiler needs",
                path.display()
            ))
            .help("give the file or its folder another name")),
            Err(error) => Err(cannot_read(path, &error)),
        }
    }
}

fn cannot_read(path: &Path, error: &io::Error) -> Failure {
    let path = path.display();
    if error.kind() == io::ErrorKind::NotFound {
        Failure::new(format!("cannot read {path}: there is no such file"))
            .help("check the spelling: it is the Rust source with your handler")
    } else {
        Failure::new(format!("cannot read {path}: {error}"))
    }
}
