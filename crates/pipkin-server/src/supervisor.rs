//! The first process: it opens the listener, keeps the workers, and ends them in order.
//!
//! All workers accept from one listener, so a connection that waits is served by whoever is free,
//! and none is lost when a worker dies. To stop, the supervisor shuts the listener down, which
//! each worker's epoll reports, whatever process did it.
//!
//! A worker is a clone that its parent is told of by a signal of its own. So children of others,
//! which the first process of a container inherits, are never taken for workers; the kernel reaps
//! them.

use pipkin_format::Content;

use crate::event::{DRAIN_SECONDS, Worker};
use crate::sys::{
    Child, End, Errno, FOREVER, Fd, INT, TERM, WORKER, complain, cpus_allowed, exit, fork, harden,
    hold_signals, is_healthy, listener, read, reap, shutdown, wait_for_signal,
};
use crate::{Start, address};

/// Workers at most; more CPUs than this share them.
const WORKERS_MAX: u32 = 64;

/// Serves the content until SIGTERM or SIGINT, then ends the process with status 0; with status 1
/// and a line on stderr when it cannot listen.
pub fn run(start: Start) -> ! {
    let content = Content::new(start.content());
    // Set to nothing is not set.
    let variable = |name| start.variable(name).filter(|value| !value.is_empty());
    let (host, port) = (variable(b"HOST="), variable(b"PORT="));
    let argument = start.argument();
    let asks = argument == Some(b"health");
    let argument = argument.filter(|_| !asks);
    let Some(mut address) = address::resolve(argument, host, port, content.port()) else {
        fail(b"not [ADDRESS:]PORT, HOST=ADDRESS, PORT=PORT\n")
    };
    if asks {
        let is_healthy = is_healthy(&mut address, b"OPTIONS * HTTP/1.0\r\n\r\n") == Ok(true);
        exit(u8::from(!is_healthy));
    }
    let Some(workers) = workers(variable(b"WORKERS=")) else { fail(b"not WORKERS=NUMBER\n") };
    let listener = match listener(&mut address) {
        Ok(fd) => fd,
        Err(Errno::ADDRINUSE) => fail(b"the port is in use\n"),
        Err(Errno::ACCES) => fail(b"the port is not allowed\n"),
        Err(_) => fail(b"not an address of this machine\n"),
    };
    hold_signals();
    harden();
    for _ in 0..workers {
        hire(content, listener);
    }
    let mut seconds = FOREVER;
    loop {
        match reap() {
            Child::None => exit(0),
            Child::Ended { .. } if seconds != FOREVER => {}
            Child::Ended { killed: true } => {
                complain(b"pipkin: a worker died and is replaced\n");
                hire(content, listener);
            }
            // It has said why, and would do so again.
            Child::Ended { killed: false } => exit(1),
            Child::AtWork => match wait_for_signal(seconds) {
                Ok(WORKER) => {}
                // Workers that do not drain, or for which a second signal does not wait, end with
                // this process.
                _ if seconds != FOREVER => exit(0),
                Ok(TERM | INT) => {
                    shutdown(listener, End::Both);
                    seconds = DRAIN_SECONDS + 1;
                }
                _ => {}
            },
        }
    }
}

/// How many workers there are to be: as many as `wanted`, or as can run at a time by the CPUs that
/// are allowed and the time on them.
///
/// Source: "cpu.max" in the kernel's documentation of control groups, and "CFS Bandwidth Control"
/// for their first version.
fn workers(wanted: Option<&[u8]>) -> Option<u32> {
    if let Some(wanted) = wanted {
        return address::number(wanted).map(|wanted| wanted.min(WORKERS_MAX));
    }
    let (mut first, mut second) = ([0; 32], [0; 32]);
    let mut quota = words(read(c"/sys/fs/cgroup/cpu.max", &mut first));
    let mut period = quota.1;
    if quota.0.is_empty() {
        quota = words(read(c"/sys/fs/cgroup/cpu/cpu.cfs_quota_us", &mut first));
        period = words(read(c"/sys/fs/cgroup/cpu/cpu.cfs_period_us", &mut second)).0;
    }
    let mut workers = WORKERS_MAX.min(cpus_allowed());
    if let (Some(quota), Some(period)) = (address::number(quota.0), address::number(period)) {
        workers = workers.min(quota.div_ceil(period));
    }
    Some(workers)
}

/// The first two words of a line.
fn words(text: &[u8]) -> (&[u8], &[u8]) {
    let mut words = text.split(|&byte| byte <= b' ');
    (words.next().unwrap_or_default(), words.next().unwrap_or_default())
}

/// Starts a worker.
fn hire(content: Content<'static>, listener: Fd) {
    match fork() {
        Ok(0) => {
            let _ = Worker::work(content, listener);
            fail(b"no memory or descriptors\n")
        }
        Ok(_) => {}
        Err(_) => fail(b"no more processes\n"),
    }
}

/// Says why it cannot listen, and ends.
fn fail(reason: &[u8]) -> ! {
    complain(b"pipkin: cannot listen: ");
    complain(reason);
    exit(1)
}
