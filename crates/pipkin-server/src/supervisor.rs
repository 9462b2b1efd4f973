//! The first process: it opens the listeners, keeps a worker on each, and ends them in order.
//!
//! A listener outlives its worker: when a worker dies, connections that wait on its listener are
//! served by the worker that replaces it. To stop, the supervisor shuts the listeners down, which
//! each worker's epoll reports, whatever process did it.

use crate::event::{DRAIN_SECONDS, Worker};
use crate::sys::{
    Address, CHLD, End, Errno, FOREVER, Fd, INT, Process, Signals, TERM, block_signals, complain,
    cpus_allowed, die_with_parent, exit, fork, let_children_be_reaped, listener, reap, shutdown,
    wait_for_signal,
};
use crate::{Start, address};

/// Workers at most; more CPUs than this share them.
const WORKERS_MAX: usize = 64;

/// A listener and the process that serves it.
#[derive(Clone, Copy)]
struct Post {
    listener: Fd,
    worker: Process,
}

/// Serves the content until SIGTERM or SIGINT, then ends the process with status 0; with status 1
/// and a line on stderr when it cannot listen.
pub fn run(start: Start) -> ! {
    let content = pipkin_format::Content::new(start.content());
    // Set to nothing is not set.
    let variable = |name| start.variable(name).filter(|value| !value.is_empty());
    let (host, port) = (variable(b"HOST="), variable(b"PORT="));
    let Some(address) = address::resolve(start.argument(), host, port, content.port()) else {
        fail(b"not [A.B.C.D:]PORT, HOST=A.B.C.D, PORT=PORT\n")
    };
    block_signals(Signals::BLOCKED);
    let_children_be_reaped();
    let mut posts = [Post { listener: Fd(0), worker: Process::default() }; WORKERS_MAX];
    let posts = posts.get_mut(..WORKERS_MAX.min(cpus_allowed() as usize)).unwrap_or_default();
    open(posts, address);
    for post in posts.iter_mut() {
        post.worker = hire(start, post.listener);
    }
    supervise(start, posts)
}

/// Opens the listeners, all at the same address.
fn open(posts: &mut [Post], address: Address) {
    let mut shared = false;
    for post in posts {
        post.listener = match listener(address, shared) {
            Ok(fd) => fd,
            Err(Errno::ADDRINUSE) => fail(b"the port is in use\n"),
            Err(Errno::ACCES) => fail(b"the port is not allowed\n"),
            Err(_) => fail(b"not an address of this machine\n"),
        };
        shared = true;
    }
}

/// Replaces workers that are killed until a signal asks to stop. A worker that ends by itself has
/// said why, and would do so again: that ends the server.
///
/// Children of others are reaped and mean nothing: the first process of a container inherits them,
/// and so does one that a shell has become.
fn supervise(start: Start, posts: &mut [Post]) -> ! {
    while !matches!(wait_for_signal(Signals::SUPERVISED, FOREVER), Ok(TERM | INT)) {
        while let Ok((dead, killed)) = reap() {
            for post in posts.iter_mut().filter(|post| post.worker == dead) {
                if !killed {
                    exit(1)
                }
                complain(b"pipkin: a worker died and is replaced\n");
                post.worker = hire(start, post.listener);
            }
        }
    }
    stop(posts)
}

/// Waits for the workers to drain. Those that do not, or for which a second signal does not wait,
/// end with this process.
fn stop(posts: &[Post]) -> ! {
    let mut left = posts.len();
    for post in posts {
        shutdown(post.listener, End::Both);
    }
    while wait_for_signal(Signals::SUPERVISED, DRAIN_SECONDS + 1) == Ok(CHLD) {
        while let Ok((dead, _)) = reap() {
            left -= posts.iter().filter(|post| post.worker == dead).count();
        }
        if left == 0 {
            break;
        }
    }
    exit(0)
}

/// A new worker on `listener`.
fn hire(start: Start, listener: Fd) -> Process {
    match fork() {
        Ok(Some(worker)) => worker,
        Ok(None) => {
            die_with_parent();
            let _ = Worker::work(start.content(), listener);
            fail(b"no memory or descriptors\n")
        }
        Err(_) => fail(b"no more processes\n"),
    }
}

/// Says why it cannot listen, and ends.
fn fail(reason: &[u8]) -> ! {
    complain(b"pipkin: cannot listen: ");
    complain(reason);
    exit(1)
}
