//! Whether a server is as it was: its processes, what they have open, what memory they use.

use std::fs;
use std::time::{Duration, Instant};

use e2e::{Client, Server};

use super::{check_answers, children};

/// How long a server may take to let go of what it held for others.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(100);
const REST: Duration = Duration::from_millis(500);

/// What may stay: a few pages of the tables by descriptor, and of stack and buffers that the
/// first requests did not reach.
const SLACK_KIB: u64 = 64;

/// Connections that reach every worker: the kernel picks one by a hash of the port.
const WARM_CONNECTIONS: usize = 64;

/// The workers of a server, in the order of their start.
#[derive(Debug, PartialEq)]
pub(super) struct Health(Vec<Worker>);

#[derive(Debug, PartialEq)]
struct Worker {
    id: u32,
    descriptors: usize,
    memory_kib: u64,
}

impl Health {
    /// That of `server`, once every worker has had something to do.
    pub(super) fn of(server: &Server) -> Self {
        let clients: Vec<Client> = (0..WARM_CONNECTIONS)
            .map(|_| {
                let mut client = Client::connect(server.address);
                client.get("/");
                client
            })
            .collect();
        drop(clients);
        let mut last = Self::now(server);
        // All of them are gone when nothing has changed for a while.
        let at_rest = wait_until(|| {
            std::thread::sleep(REST);
            let before = std::mem::replace(&mut last, Self::now(server));
            before == last
        });
        assert!(at_rest, "the server does not come to rest: {last:#?}");
        last
    }

    fn now(server: &Server) -> Self {
        Self(children(server.id()).into_iter().filter_map(Worker::now).collect())
    }

    /// The processes.
    pub(super) fn workers(&self) -> Vec<u32> {
        self.0.iter().map(|worker| worker.id).collect()
    }

    /// The same processes answer, and have let go of everything.
    #[track_caller]
    pub(super) fn check(&self, server: &Server) {
        self.check_recovered(server);
        assert_eq!(children(server.id()), self.workers(), "a worker died");
    }

    /// As many processes answer, and have let go of everything.
    #[track_caller]
    pub(super) fn check_recovered(&self, server: &Server) {
        check_answers(server.address);
        let recovered = wait_until(|| self.is_health_of(server));
        assert!(recovered, "was {self:#?}, is {:#?}", Self::now(server));
    }

    fn is_health_of(&self, server: &Server) -> bool {
        let now = Self::now(server);
        let mut pairs = self.0.iter().zip(&now.0);
        self.0.len() == now.0.len() && pairs.all(|(before, now)| now.is_no_more_than(before))
    }
}

impl Worker {
    /// None when it has just ended.
    fn now(id: u32) -> Option<Self> {
        let descriptors = fs::read_dir(format!("/proc/{id}/fd")).ok()?.count();
        // Counted page by page; RssAnon of /proc/PID/status is inaccurate, as proc(5) says.
        let rollup = fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok()?;
        let line = rollup.lines().find_map(|line| line.strip_prefix("Anonymous:"))?;
        let memory_kib = line.trim().strip_suffix(" kB")?.parse().ok()?;
        Some(Self { id, descriptors, memory_kib })
    }

    fn is_no_more_than(&self, before: &Self) -> bool {
        self.descriptors <= before.descriptors && self.memory_kib <= before.memory_kib + SLACK_KIB
    }
}

/// Asks until it is so; whether it was in time.
pub(super) fn wait_until(mut is_so: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if is_so() {
            return true;
        }
        std::thread::sleep(PAUSE);
    }
    false
}
