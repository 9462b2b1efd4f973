//! The world around a program in its image: its files as root, read-only, and what an engine adds.
//!
//! Source: mount(2), pivot_root(2), "Default Filesystems" of the OCI runtime specification.

use std::env::set_current_dir;
use std::ffi::CStr;
use std::fmt;
use std::fs::{self, DirBuilder, File};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _, symlink};
use std::path::Path;

use rustix::fs::{CWD, FileType, Mode, makedev, mknodat, statvfs};
use rustix::mount::{
    MountFlags, MountPropagationFlags, UnmountFlags, mount, mount_bind, mount_bind_recursive,
    mount_change, mount_remount, unmount,
};
use rustix::process::{chroot, pivot_root, umask};

use super::namespaces::Way;
use crate::failure::Failure;

/// Devices, with their numbers for where they cannot be shared with the host.
const DEVICES: &[(&str, u32, u32)] = &[
    ("null", 1, 3),
    ("zero", 1, 5),
    ("full", 1, 7),
    ("random", 1, 8),
    ("urandom", 1, 9),
    ("tty", 5, 0),
];

/// Links in `/dev`.
const LINKS: &[(&str, &str)] = &[
    ("fd", "/proc/self/fd"),
    ("stdin", "/proc/self/fd/0"),
    ("stdout", "/proc/self/fd/1"),
    ("stderr", "/proc/self/fd/2"),
];

/// Folders that stay writable, if the image has them for everyone to write to.
const TEMPORARY: &[&str] = &["tmp", "var/tmp", "run"];

const NO_DATA: Option<&CStr> = None;

/// Makes `root` the root of this process.
///
/// # Errors
///
/// The kernel refuses a step that a program cannot do without.
pub(super) fn enter(root: &Path, way: Way) -> Result<(), Failure> {
    umask(Mode::empty());
    set_current_dir(root).map_err(cannot("go into the root"))?;
    if way == Way::Chroot {
        make_devices();
        chroot(".").map_err(cannot("change the root"))?;
    } else {
        fill(root)?;
        pivot_root(".", ".").map_err(cannot("change the root"))?;
        // The old one is now on top of it.
        unmount(".", UnmountFlags::DETACH).map_err(cannot("leave the old root"))?;
    }
    set_current_dir("/").map_err(cannot("go into the root"))?;
    umask(Mode::WGRP | Mode::WOTH);
    Ok(())
}

/// Mounts what belongs there.
fn fill(root: &Path) -> Result<(), Failure> {
    let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
    mount_change("/", private).map_err(cannot("make mounts private"))?;
    mount_bind_recursive(root, root).map_err(cannot("mount the root"))?;
    // What was there is now below that mount.
    set_current_dir(root).map_err(cannot("go into the root"))?;
    mount_dev()?;
    mount_proc()?;
    let mut writable = TEMPORARY.iter().filter(|folder| is_for_everyone(folder));
    // A mount of its own, which does not become read-only with that of the root.
    writable.try_for_each(|it| mount_bind(*it, *it)).map_err(cannot("mount a folder"))?;
    // An engine has it read-only, too; few programs look there.
    let _ = is_folder("sys").then(|| mount_bind_recursive("/sys", "sys"));
    // A host that mounts with other flags may not let us: then the program can write where its user can.
    let flags = MountFlags::BIND | MountFlags::RDONLY;
    let _ =
        mount_remount(".", flags, "").or_else(|_| mount_remount(".", flags | flags_of_root(), ""));
    Ok(())
}

/// What must stay as it is when the root is mounted again in a user namespace, because the host has
/// it so. Otherwise programs can be run in it, even if the host has its temporary files where none
/// can.
fn flags_of_root() -> MountFlags {
    let found = statvfs(".").map_or(0, |found| found.f_flag.bits());
    // The numbers of ST_NOSUID, ST_NODEV, ST_NOEXEC are those of MS_NOSUID and so on.
    let kept = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    MountFlags::from_bits_truncate(found as u32) & kept
}

fn mount_dev() -> Result<(), Failure> {
    if !is_folder("dev") {
        return Err(Failure::new("cannot mount dev: it is no folder"));
    }
    let safe = MountFlags::NOSUID | MountFlags::NODEV;
    mount("tmpfs", "dev", "tmpfs", safe, Some(c"mode=755")).map_err(cannot("mount dev"))?;
    for (name, ..) in DEVICES {
        let (host, here) = (format!("/dev/{name}"), format!("dev/{name}"));
        File::create(&here).map_err(cannot(&format!("make {here}")))?;
        mount_bind(&host, &here).map_err(cannot(&format!("mount {here}")))?;
    }
    for (name, target) in LINKS {
        symlink(target, format!("dev/{name}")).map_err(cannot(&format!("make dev/{name}")))?;
    }
    DirBuilder::new().mode(0o1777).create("dev/shm").map_err(cannot("make dev/shm"))
}

/// The processes of this namespace; those of the host, where a part of its own `/proc` is hidden
/// from it.
fn mount_proc() -> Result<(), Failure> {
    if !is_folder("proc") {
        return Err(Failure::new("cannot mount proc: it is no folder"));
    }
    let safe = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    let own = mount("proc", "proc", "proc", safe, NO_DATA);
    own.or_else(|_| mount_bind_recursive("/proc", "proc")).map_err(cannot("mount proc"))
}

/// Devices in the folder itself: all that there is without mounts. What cannot be made is missing.
fn make_devices() {
    for (name, major, minor) in DEVICES.iter().filter(|_| is_folder("dev")) {
        let path = format!("dev/{name}");
        let mode = Mode::from_raw_mode(0o666);
        let _ = mknodat(CWD, &path, FileType::CharacterDevice, mode, makedev(*major, *minor));
    }
}

fn is_folder(path: &str) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
}

fn is_for_everyone(path: &str) -> bool {
    let mode = |path: &str| fs::symlink_metadata(path).map_or(0, |it| it.permissions().mode());
    is_folder(path) && mode(path) & 0o002 != 0
}

fn cannot<E: fmt::Display>(what: &str) -> impl Fn(E) -> Failure {
    move |error| Failure::new(format!("cannot {what}: {error}"))
}
