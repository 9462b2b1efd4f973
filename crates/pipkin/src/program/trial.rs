//! `--verify`: runs a program in the files of its image, and compares with the host.

mod judge;
mod points;
mod repair;

use std::path::Path;

use rustix::fs::{StatVfsMountFlags, statvfs};
use rustix::process::geteuid;

use super::run::{self, Inside, Outcome, Plan, Run};
use crate::failure::Failure;
use points::Points;

pub(super) use repair::{Verified, verify};

/// What came of running a program with the folder `root` as its root, as `user` (uid and gid), in
/// namespaces of its own.
///
/// The program has what engines give it: `/proc`, `/sys`, `/dev`, `/etc/hosts` and `/etc/resolv.conf`;
/// and the network of the host, so ports are to be free. Its root is read-only but for `/tmp`, where
/// the image has that. `root` is a folder of ours: it gets the mode of a root, what the program writes
/// stays in it, and what engines add is in it while the program runs.
///
/// # Errors
///
/// Namespaces are not allowed here. That the program cannot be started is an outcome.
pub(crate) fn trial(root: &Path, user: (u32, u32), run: &Run<'_>) -> Result<Outcome, Failure> {
    check_runs(root)?;
    let points = Points::make(root)?;
    let root = root.canonicalize().map_err(|error| Failure::io(root, error))?;
    let inside = Some(Inside { root: root.into(), user, way: None });
    let plan = Plan { argv: run.argv.to_vec(), env: run.env.to_vec(), inside };
    let outcome = run::run(&plan, run);
    drop(points);
    outcome
}

/// That a program may be run in `root` at all: by root, who can change that, or by anybody.
fn check_runs(root: &Path) -> Result<(), Failure> {
    let found = statvfs(root).map_err(|error| Failure::io(root, error.into()))?;
    if found.f_flag.contains(StatVfsMountFlags::NOEXEC) && !geteuid().is_root() {
        let place = root.parent().unwrap_or(root).display();
        return Err(Failure::new(format!(
            "cannot try a program in {place}, which is mounted noexec"
        ))
        .help("set TMPDIR to a folder in which programs can be run"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
