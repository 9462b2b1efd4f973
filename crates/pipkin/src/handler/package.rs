//! A cargo package with a handler in its library, as `cargo metadata` tells of it.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::cargo;
use crate::failure::Failure;

/// The crate that makes a package a handler.
pub(super) const CRATE: &str = "pipkin-handler";

/// A package whose library is a handler.
#[derive(Debug)]
pub(crate) struct Package {
    /// Its folder as the user typed it.
    pub(super) typed: PathBuf,
    /// Its canonical folder.
    pub(super) folder: PathBuf,
    pub(super) name: String,
    /// Where its workspace is, which has the lock file.
    pub(super) workspace: PathBuf,
    /// Where its `pipkin-handler` comes from.
    pub(super) handler: Origin,
    /// The folders of packages that it uses by their paths.
    pub(super) used: Vec<PathBuf>,
}

/// Where a dependency comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// A registry, in whose place the sources come that pipkin carries.
    Registry,
    /// A folder.
    Path(PathBuf),
    /// A repository: its address, and which commit of it as cargo writes it, such as `branch=x`.
    Git { url: String, which: Option<String> },
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Described>,
    workspace_root: PathBuf,
}

#[derive(Deserialize)]
struct Described {
    name: String,
    manifest_path: PathBuf,
    targets: Vec<Target>,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    source: Option<String>,
    path: Option<PathBuf>,
    kind: Option<String>,
}

impl Package {
    /// The package in `typed`.
    ///
    /// # Errors
    ///
    /// There is none, or it is no handler.
    pub(super) fn find(typed: &Path) -> Result<Self, Failure> {
        let shown = typed.display();
        let manifest = typed.join("Cargo.toml");
        if !manifest.is_file() {
            return Err(Failure::new(format!("there is no Cargo.toml in {shown}"))
                .help("give the folder of a cargo package, or a source file such as hello.rs"));
        }
        let unreadable =
            |error| Failure::new(format!("cannot read {}: {error}", manifest.display()));
        let folder = typed.canonicalize().map_err(unreadable)?;
        let metadata: Metadata = cargo::metadata(&folder, &manifest)?;
        let Metadata { packages, workspace_root } = metadata;
        let is_it = |package: &Described| package.manifest_path == folder.join("Cargo.toml");
        let Some(package) = packages.iter().find(|package| is_it(package)) else {
            return Err(is_no_package(typed, &packages));
        };
        let handler = origin(package).ok_or_else(|| is_no_handler(typed))?;
        if !package.targets.iter().any(Target::is_library) {
            return Err(Failure::new(format!("{shown} has no library, so no handler is in it"))
                .help("a handler is a library, so that cargo tests it: name it src/lib.rs"));
        }
        let used = package.dependencies.iter().filter_map(|used| used.path.clone()).collect();
        let (typed, name) = (typed.into(), package.name.clone());
        Ok(Self { typed, folder, name, workspace: workspace_root, handler, used })
    }
}

impl Target {
    fn is_library(&self) -> bool {
        self.kind.iter().any(|kind| kind == "lib" || kind == "rlib")
    }
}

/// Where its `pipkin-handler` comes from, if it is among what the program uses.
fn origin(package: &Described) -> Option<Origin> {
    let is_it = |used: &&Dependency| used.name == CRATE && used.kind.is_none();
    let used = package.dependencies.iter().find(is_it)?;
    if let Some(path) = &used.path {
        return Some(Origin::Path(path.clone()));
    }
    let git = used.source.as_deref().and_then(|source| source.strip_prefix("git+"));
    Some(git.map_or(Origin::Registry, |git| {
        let url = git.split(['?', '#']).next().unwrap_or_default().to_owned();
        let which = git.split_once('?').map(|(_, which)| which);
        let which = which.and_then(|which| which.split(['#', '&']).next()).map(Into::into);
        Origin::Git { url, which }
    }))
}

fn is_no_handler(typed: &Path) -> Failure {
    let typed = typed.display();
    Failure::new(format!(
        "{typed} is a cargo package without {CRATE} in its [dependencies], so it is no handler"
    ))
    .help(format!("cargo add {CRATE}; or --as site to serve the folder as it is, with its sources"))
}

fn is_no_package(typed: &Path, packages: &[Described]) -> Failure {
    let handlers = packages.iter().filter(|package| origin(package).is_some());
    let folders: Vec<String> = handlers
        .filter_map(|package| Some(package.manifest_path.parent()?.display().to_string()))
        .collect();
    let failure = Failure::new(format!("{} is a workspace of packages", typed.display()));
    match &folders[..] {
        [] => failure.help("give the folder of one; or --as site to serve it as it is"),
        folders => failure.help(format!("give the folder of one: {}", folders.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(
        source: Option<&str>,
        path: Option<&str>,
        kind: Option<&str>,
        expected: Option<&Origin>,
    ) {
        let dependency = Dependency {
            name: CRATE.into(),
            source: source.map(Into::into),
            path: path.map(Into::into),
            kind: kind.map(Into::into),
        };
        let described = Described {
            name: "app".into(),
            manifest_path: "/app/Cargo.toml".into(),
            targets: Vec::new(),
            dependencies: vec![dependency],
        };
        assert_eq!(origin(&described).as_ref(), expected);
    }

    #[test]
    fn origins() {
        let registry = "registry+https://github.com/rust-lang/crates.io-index";
        check(Some(registry), None, None, Some(&Origin::Registry));
        check(None, Some("/there"), None, Some(&Origin::Path("/there".into())));
        check(Some(registry), None, Some("dev"), None);
        let url = || "https://x.org/y".to_owned();
        let git = |which: Option<&str>| Origin::Git { url: url(), which: which.map(Into::into) };
        check(Some("git+https://x.org/y"), None, None, Some(&git(None)));
        check(Some("git+https://x.org/y?branch=z"), None, None, Some(&git(Some("branch=z"))));
        check(Some("git+https://x.org/y?rev=1#1234"), None, None, Some(&git(Some("rev=1"))));
    }
}
