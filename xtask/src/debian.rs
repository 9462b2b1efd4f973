//! Programs that the tasks need from the system: installed as root on Debian, where the names
//! of the packages are known; named elsewhere.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::shell::{Outcome, command, has, run};
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

fn install(packages: &[&str]) -> Outcome {
    let apt = |args: &[&str]| {
        // Nobody is there to answer a question.
        run(command("apt-get", args).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    apt(&["-q", "update"])?;
    apt(&[&["-qy", "install"], packages].concat())
}
