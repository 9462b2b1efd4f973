//! Programs that the tasks need from the system: installed as root on Debian, where the names
//! of the packages are known; named elsewhere.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::shell::{Outcome, command, has, run, target};
use crate::skip::skip;

/// A program, or the path of a file, and the Debian package that brings it.
pub(crate) type Need = (&'static str, &'static str);

/// Installs what is missing, or says what is missing and that `what` skips for it.
pub(crate) fn provide(needs: &[Need], what: &str) -> Outcome {
    let mut packages = missing(needs);
    if !packages.is_empty() && is_root() && Path::new("/etc/debian_version").exists() {
        install(&packages)?;
        packages = missing(needs);
    }
    let missing = |package| skip(what, &format!("{package} is missing"));
    packages.into_iter().try_for_each(missing)
}

/// True when this process may do anything.
pub(crate) fn is_root() -> bool {
    Path::new("/proc/self").metadata().is_ok_and(|process| process.uid() == 0)
}

/// The packages to install, each once.
fn missing(needs: &[Need]) -> Vec<&'static str> {
    let absent = needs.iter().filter(|(need, _)| !has(need) && !Path::new(need).is_file());
    let mut packages: Vec<_> = absent.map(|(_, package)| *package).collect();
    packages.dedup();
    packages
}

/// A root filesystem of `architecture` with the files of `packages` and nothing set up, made once;
/// none where there is no Debian to take them from.
pub(crate) fn foreign_root(architecture: &str, packages: &[&str]) -> Outcome<Option<PathBuf>> {
    let root = target()?.join(format!("{architecture}-root"));
    if root.exists() {
        return Ok(Some(root));
    }
    if !Path::new("/etc/debian_version").exists() || !has("dpkg-deb") {
        skip("tests of another architecture", "they take its packages from Debian")?;
        return Ok(None);
    }
    let work = tempfile::tempdir_in(target()?)?;
    let at = |name: &str| work.path().join(name).display().to_string();
    for folder in ["state/lists/partial", "cache/archives/partial", "root"] {
        fs::create_dir_all(at(folder))?;
    }
    fs::write(at("status"), "")?;
    // A state of its own: this system knows nothing of the other architecture, and need not.
    let settings = [
        format!("Dir::State={}", at("state")),
        format!("Dir::State::status={}", at("status")),
        format!("Dir::Cache={}", at("cache")),
        format!("APT::Architecture={architecture}"),
        format!("APT::Architectures={architecture}"),
        "APT::Sandbox::User=root".into(),
    ];
    let apt = |args: &[&str]| {
        let settings = settings.iter().flat_map(|setting| ["-o", setting]);
        run(command("apt-get", args).args(settings).current_dir(work.path()))
    };
    apt(&["-q", "update"])?;
    apt(&[&["-q", "download"], packages].concat())?;
    for entry in fs::read_dir(work.path())? {
        let package = entry?.path().display().to_string();
        if package.ends_with(".deb") {
            run(&mut command("dpkg-deb", &["-x", &package, &at("root")]))?;
        }
    }
    fs::rename(at("root"), &root)?;
    Ok(Some(root))
}

fn install(packages: &[&str]) -> Outcome {
    let apt = |args: &[&str]| {
        // Nobody is there to answer a question.
        run(command("apt-get", args).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    apt(&["-q", "update"])?;
    apt(&[&["-qy", "install"], packages].concat())
}
