//! Who a program is in its image: its user and group, and no more than an engine lets it do.
//!
//! Source: capabilities(7), credentials(7); the list is that of the containers of Docker.

use std::io::{stderr, stdout};

use rustix::fs::fchown;
use rustix::process::{DumpableBehavior, Gid, Uid, set_dumpable_behavior};
use rustix::thread::{
    CapabilitySet, CapabilitySets, configure_capability_in_ambient_set,
    remove_capability_from_bounding_set, set_capabilities, set_keep_capabilities, set_no_new_privs,
    set_thread_groups, set_thread_res_gid, set_thread_res_uid,
};

use super::namespaces::{self, Way};
use crate::failure::Failure;

/// What root may do in a container.
const OF_ROOT: CapabilitySet = CapabilitySet::CHOWN
    .union(CapabilitySet::DAC_OVERRIDE)
    .union(CapabilitySet::FOWNER)
    .union(CapabilitySet::FSETID)
    .union(CapabilitySet::KILL)
    .union(CapabilitySet::SETGID)
    .union(CapabilitySet::SETUID)
    .union(CapabilitySet::SETPCAP)
    .union(CapabilitySet::NET_BIND_SERVICE)
    .union(CapabilitySet::NET_RAW)
    .union(CapabilitySet::SYS_CHROOT)
    .union(CapabilitySet::MKNOD)
    .union(CapabilitySet::AUDIT_WRITE)
    .union(CapabilitySet::SETFCAP);

/// What any user may do there: engines let everyone listen at every port.
const OF_ALL: CapabilitySet = CapabilitySet::NET_BIND_SERVICE;

/// Capabilities are numbered up to here in any kernel.
const CAPABILITIES: u32 = 64;

/// Becomes `user`, for good.
///
/// # Errors
///
/// The kernel refuses.
pub(super) fn assume(user: (u32, u32), way: Way) -> Result<(), Failure> {
    let kept = if user.0 == 0 { OF_ROOT } else { OF_ALL };
    if way == Way::User {
        // Its root is already who the program runs as.
        let is_mapped = user == (0, 0);
        (!is_mapped).then(|| namespaces::become_user(user)).transpose()?;
        limit(kept);
    } else {
        limit(kept);
        set_user(user).map_err(cannot)?;
        // A container may lack it: then such ports are refused to the program.
        let _ = (user.0 != 0).then(|| keep(OF_ALL));
    }
    set_no_new_privs(true).map_err(cannot)
}

fn set_user((uid, gid): (u32, u32)) -> rustix::io::Result<()> {
    let (uid, gid) = (Uid::from_raw(uid), Gid::from_raw(gid));
    // So that it may open /dev/stdout, as logs do.
    fchown(stdout(), Some(uid), Some(gid))?;
    fchown(stderr(), Some(uid), Some(gid))?;
    set_keep_capabilities(true)?;
    set_thread_groups(&[])?;
    set_thread_res_gid(gid, gid, gid)?;
    set_thread_res_uid(uid, uid, uid)?;
    // As it was before: a tracer without all capabilities is to see what is run next.
    set_dumpable_behavior(DumpableBehavior::Dumpable)
}

/// Gives up what is not in `kept` for all that this process may become.
fn limit(kept: CapabilitySet) {
    let all = (0..CAPABILITIES).map(|number| CapabilitySet::from_bits_retain(1 << number));
    for capability in all.filter(|capability| !kept.contains(*capability)) {
        // The kernel does not know all of these numbers.
        let _ = remove_capability_from_bounding_set(capability);
    }
}

/// Keeps `capability`, and only that, through exec.
fn keep(capability: CapabilitySet) -> rustix::io::Result<()> {
    let sets =
        CapabilitySets { effective: capability, permitted: capability, inheritable: capability };
    set_capabilities(None, sets)?;
    configure_capability_in_ambient_set(capability, true)
}

fn cannot(error: rustix::io::Errno) -> Failure {
    Failure::new(format!("cannot become the user of the image: {error}"))
}
