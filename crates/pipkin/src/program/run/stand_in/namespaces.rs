//! Namespaces for a trial: of mounts, processes, System V IPC, the host's name, and users where we are
//! not root. The network stays: what a program talks to may be on this machine.
//!
//! Source: namespaces(7), user_namespaces(7).

use std::fs;
use std::io;

use nix::sched::{CloneFlags, unshare};
use rustix::process::{getegid, geteuid};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// How a trial gets what it needs.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(in crate::program) enum Way {
    /// As root of the host: the program gets its user by setuid.
    Root,
    /// In a user namespace, as its root.
    User,
    /// As root of a container that may not make namespaces: by chroot alone.
    Chroot,
}

/// Goes into namespaces; only what is started afterwards is in that of processes.
///
/// # Errors
///
/// The kernel, or who is in charge of this machine, does not allow it.
pub(super) fn enter() -> Result<Way, Failure> {
    let ours = CloneFlags::CLONE_NEWNS
        | CloneFlags::CLONE_NEWPID
        | CloneFlags::CLONE_NEWIPC
        | CloneFlags::CLONE_NEWUTS;
    let user = (geteuid().as_raw(), getegid().as_raw());
    let is_root = user.0 == 0;
    // Without a user namespace first: there, no port below 1024 could be listened at, which engines
    // allow.
    if is_root && unshare(ours).is_ok() {
        return Ok(Way::Root);
    }
    match unshare(ours | CloneFlags::CLONE_NEWUSER) {
        Ok(()) => map(user, (0, 0)).map(|()| Way::User),
        Err(_) if is_root => Ok(Way::Chroot),
        Err(error) => Err(cannot(error)),
    }
}

/// A user namespace below this one, in which root is `user` and can do nothing else.
///
/// # Errors
///
/// There are no more user namespaces.
pub(super) fn become_user(user: (u32, u32)) -> Result<(), Failure> {
    unshare(CloneFlags::CLONE_NEWUSER).map_err(cannot)?;
    map((0, 0), user)
}

/// Says which user `outside` is called what `inside` of a namespace.
fn map(outside: (u32, u32), inside: (u32, u32)) -> Result<(), Failure> {
    let write =
        |name: &str, text: String| fs::write(format!("/proc/self/{name}"), text).map_err(cannot);
    write("setgroups", "deny".into())?;
    write("uid_map", format!("{} {} 1", inside.0, outside.0))?;
    write("gid_map", format!("{} {} 1", inside.1, outside.1))
}

fn cannot(error: impl Into<io::Error>) -> Failure {
    Failure::new(format!("no user namespace: {}", error.into()))
}
