//! The first process: it opens the listener, keeps the workers, and ends them in order.
//!
//! Each worker has a listener of its own, between which the kernel spreads connections: of workers
//! with one listener, the first that is free takes them all. A listener outlives its worker, so
//! connections that wait on it are served by the worker that replaces a dead one. To stop, the
//! supervisor shuts the listeners down, which each worker's epoll reports, whatever process did it.

use pipkin_format::Content;

use crate::Start;
use crate::address::Parts;
use crate::desk::{self, Desk};
use crate::event::{DRAIN_SECONDS, Worker};
use crate::sys::{
    CHLD, End, Errno, FOREVER, Fd, Files, INT, INTERRUPTED, TERM, Text, complain, cpus_allowed,
    executable, exit, fork, harden, hold_signals, is_healthy, listener, reap, shutdown,
    wait_for_signal, worker,
};

/// Workers at most; more CPUs than this share them.
pub(crate) const WORKERS_MAX: usize = 64;

const NO_MEMORY: &[u8] = b"no memory or descriptors\n";

/// Serves the content until SIGTERM or SIGINT, then ends the process with status 0; with status 1
/// and a line on stderr when it cannot listen.
#[inline(always)]
pub fn run(start: Start) -> ! {
    #[cfg(feature = "handler")]
    start.remember();
    let content = Content::new(start.content());
    let mut argument = start.argument();
    let mut rest = argument;
    let asks = rest.skip(c"health") && rest.is_empty();
    if asks {
        argument = rest;
    }
    let (host, port) = (start.variable(c"HOST="), start.variable(c"PORT="));
    let mut parts = Parts::default();
    parts.address.set_port(desk::port(&start, &content));
    if !parts.resolve(argument, host, port) {
        fail(b"not [ADDRESS:]PORT, HOST=ADDRESS, PORT=PORT\n")
    }
    let address = &mut parts.address;
    if asks {
        let is_healthy = is_healthy(address, b"OPTIONS * HTTP/1.0\r\n\r\n");
        exit(u8::from(!is_healthy));
    }
    let Ok(worker) = worker(content) else { fail(NO_MEMORY) };
    let workers = workers(start.variable(c"WORKERS="), &mut worker.desk);
    if workers == 0 {
        fail(b"not WORKERS=NUMBER\n")
    }
    worker.file = executable(&content);
    worker.prepare(&start);
    let workers = WORKERS_MAX.min(workers as usize);
    let mut shares = false;
    for post in &mut worker.posts[..workers] {
        post.listener = match listener(address, shares) {
            Ok(fd) => fd,
            Err(Errno::ADDRINUSE) => fail(b"the port is in use\n"),
            Err(Errno::ACCES) => fail(b"the port is not allowed\n"),
            Err(_) => fail(b"not an address of this machine\n"),
        };
        shares = true;
    }
    hold_signals();
    harden();
    supervise(worker, workers)
}

/// A listener and the process that serves it; 0 for none.
pub(crate) struct Post {
    worker: u32,
    listener: Fd,
}

/// Starts workers, and replaces those that are killed, until a signal asks to stop; then waits for
/// all to end. The memory of each is a copy of `worker`, which never works itself, and has the posts.
///
/// Children of others mean nothing: the first process of a container inherits them, and so does
/// one that a shell has become.
#[inline(always)]
fn supervise(worker: &mut Worker, workers: usize) -> ! {
    let (mut left, mut seconds) = (workers, FOREVER);
    while left != 0 {
        for post in &mut worker.posts[..workers] {
            if post.worker == 0 && seconds == FOREVER {
                post.worker = match fork() {
                    Ok(0) => {
                        let listener = post.listener;
                        worker.work(listener);
                        fail(NO_MEMORY)
                    }
                    Ok(id) => id,
                    Err(_) => fail(b"no more processes\n"),
                }
            }
        }
        if let (Ok(id @ 1..), killed) = reap() {
            for post in worker.posts[..workers].iter_mut().filter(|post| post.worker == id) {
                post.worker = 0;
                if seconds != FOREVER {
                    left -= 1;
                    continue;
                }
                // One that ends by itself has said why, and would do so again.
                if !killed {
                    exit(1)
                }
                complain(b"pipkin: a worker died and is replaced\n");
            }
            continue;
        }
        match wait_for_signal(seconds) {
            CHLD | INTERRUPTED => {}
            // Workers that do not drain, or for which a second signal does not wait, end with this
            // process.
            _ if seconds != FOREVER => break,
            TERM | INT => {
                for post in &worker.posts[..workers] {
                    shutdown(post.listener, End::Both);
                }
                seconds = DRAIN_SECONDS + 1;
            }
            _ => {}
        }
    }
    exit(0)
}

/// How many workers there are to be: as many as `wanted`, which may be nothing, or as can run at a
/// time by the CPUs that are allowed and the time on them. 0 when `wanted` is no number from 1. What it
/// is told goes to `space`, a new desk.
///
/// Source: "cpu.max" in the kernel's documentation of control groups, and "CFS Bandwidth Control"
/// for their first version.
#[inline(always)]
fn workers(mut wanted: Text<'_>, space: &mut Desk) -> u32 {
    if !wanted.is_empty() {
        let workers = wanted.number();
        return if wanted.is_empty() { workers } else { 0 };
    }
    // Of both versions there is one.
    let mut files = Files::new();
    files.add(c"/sys/fs/cgroup/cpu.max", 0);
    files.add(c"/sys/fs/cgroup/cpu/cpu.cfs_quota_us", 0);
    files.add(c"/sys/fs/cgroup/cpu/cpu.cfs_period_us", 0);
    let mut text = files.text();
    let quota = text.number();
    text.byte();
    let period = text.number();
    let workers = cpus_allowed(&mut space.path);
    if quota == 0 || period == 0 { workers } else { workers.min(quota.div_ceil(period)) }
}

/// Says why it cannot listen, and ends.
fn fail(reason: &[u8]) -> ! {
    complain(b"pipkin: cannot listen: ");
    complain(reason);
    exit(1)
}
