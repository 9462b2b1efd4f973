//! What the server does to itself before it reads a byte of anybody's: its workers give up what
//! they do not need, and are as many as the machine has room for. And where it listens by IPv6.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use e2e::{Client, Server, children, free_port, ready, run, signal, wait, write};

use crate::docker::{Container, docker, load};
use crate::listen::{Exe, check, check_refused};

/// What anything may take that a server does after it listens.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a number of workers has to stand before it is believed.
const STANDS: Duration = Duration::from_millis(200);

/// Waits until `holds`; false when it does not come to that.
fn eventually(mut holds: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    while !holds() {
        if start.elapsed() > PATIENCE {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    true
}

/// The lines of /proc/PROCESS/status that say what it may still do; nothing of one that is gone.
fn seals(process: u32) -> Vec<String> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let names = ["NoNewPrivs:", "Seccomp:"];
    let named = |line: &&str| names.iter().any(|name| line.starts_with(name));
    status.lines().filter(named).map(|line| line.replace('\t', " ")).collect()
}

/// A worker listens before it is sealed, so this waits.
#[track_caller]
fn check_sealed(worker: u32) {
    let sealed = || seals(worker) == ["NoNewPrivs: 1", "Seccomp: 2"];
    assert!(eventually(sealed), "worker {worker}: {:?}", seals(worker));
}

#[test]
fn workers_are_sealed() {
    let Some(exe) = Exe::new() else { return };
    let port = free_port();
    let server = Server::start(&mut exe.command(&["127.0.0.1:{}"], port), port);
    let workers = children(server.id());
    assert!(!workers.is_empty(), "the server has workers");
    workers.iter().for_each(|worker| check_sealed(*worker));
    // So is one that replaces another.
    signal(workers[0], "KILL");
    let is_replaced = || {
        let now = children(server.id());
        now.len() == workers.len() && !now.contains(&workers[0])
    };
    assert!(eventually(is_replaced), "worker {} is not replaced", workers[0]);
    children(server.id()).into_iter().for_each(check_sealed);
    assert_eq!(Client::connect(server.address).get("/").body, b"hello\n");
    assert_eq!(server.stop("TERM").code(), Some(0));
}

/// The server `process` comes to have `expected` workers, and keeps to it.
#[track_caller]
fn check_workers(process: u32, expected: usize, why: &str) {
    let count = || children(process).len();
    let stands = eventually(|| count() == expected);
    std::thread::sleep(STANDS);
    assert!(stands && count() == expected, "{why}: {} workers, not {expected}", count());
}

#[test]
fn the_number_of_workers_is_chosen() {
    let Some(exe) = Exe::new() else { return };
    for (words, expected) in
        [(["{}", "WORKERS=3"], 3), (["{}", "WORKERS=1"], 1), (["{}", "WORKERS="], cpus())]
    {
        let port = free_port();
        let server = Server::start(&mut exe.command(&words, port), port);
        check_workers(server.id(), expected, words[1]);
        assert_eq!(server.stop("TERM").code(), Some(0));
    }
}

#[test]
fn no_number_of_workers() {
    for variable in ["WORKERS=0", "WORKERS=x", "WORKERS=-1", "WORKERS=1.5", "WORKERS=3 "] {
        check_refused(&["{}", variable]);
    }
}

/// CPUs that this process may use, whatever its quota is.
fn cpus() -> usize {
    String::from_utf8(run(&mut Command::new("nproc"))).unwrap().trim().parse().unwrap()
}

/// In a root where cgroup `files` say so, there are `expected` workers, or fewer on fewer CPUs.
#[track_caller]
fn check_quota(files: &[(&str, &str)], words: &[&str], expected: usize) {
    if ready(&["chroot", "root", "nproc"]).is_none() {
        return;
    }
    let Some(exe) = Exe::new() else { return };
    let (root, port) = (tempfile::tempdir().unwrap(), free_port());
    fs::copy(&exe.path, root.path().join("site")).unwrap();
    files.iter().for_each(|(name, text)| write(&root.path().join("sys/fs/cgroup"), name, text));
    let server = Server::start(&mut chroot(root.path(), words, port), port);
    check_workers(server.id(), expected, &format!("{files:?} {words:?}"));
}

/// `/site` in `root`, still as root, whose folder nobody else may enter.
fn chroot(root: &Path, words: &[&str], port: u16) -> Command {
    let mut command = Command::new("chroot");
    command.arg(root).args(["/site", &format!("127.0.0.1:{port}")]);
    command.envs(words.iter().filter_map(|word| word.split_once('=')));
    command
}

/// Source: kernel, cgroup-v2.rst, cpu.max: `$MAX $PERIOD` in microseconds.
#[test]
fn a_quota_of_cgroup_2_is_rounded_up() {
    let check = |text: &str, words: &[&str], expected| {
        check_quota(&[("cpu.max", text)], words, expected);
    };
    check("50000 100000\n", &[], 1);
    check("100000 100000\n", &[], 1);
    check("100001 100000\n", &[], 2.min(cpus()));
    check("150000 100000\n", &[], 2.min(cpus()));
    check("1500 1000\n", &[], 2.min(cpus()));
    check("6400000 100000\n", &[], 64.min(cpus()));
    check("max 100000\n", &[], cpus());
    // What cannot be understood is no quota.
    check("", &[], cpus());
    check("tea\n", &[], cpus());
    check("100000 0\n", &[], cpus());
    // Who says a number means it.
    check("100000 100000\n", &["WORKERS=3"], 3);
}

/// Source: kernel, sched-bwc.rst: -1 is no quota.
#[test]
fn a_quota_of_cgroup_1_is_rounded_up() {
    let check = |quota: &str, expected| {
        let period = ("cpu/cpu.cfs_period_us", "100000\n");
        check_quota(&[("cpu/cpu.cfs_quota_us", quota), period], &[], expected);
    };
    check("50000\n", 1);
    check("100000\n", 1);
    check("100001\n", 2.min(cpus()));
    check("-1\n", cpus());
}

/// As Docker makes a quota, by whichever cgroups this machine has.
#[test]
fn a_quota_that_docker_makes() {
    let needs = ["docker", "docker daemon", "root", "nproc"];
    let Some(pipkin) = ready(&needs) else { return };
    let image = load(&pipkin, "pipkin-e2e/quota:1", &[]);
    for (option, expected) in [
        ("--cpus=0.5", 1),
        ("--cpus=1", 1),
        ("--cpus=1.5", 2.min(cpus())),
        ("--cpuset-cpus=0", 1),
        ("--env=WORKERS=3", 3),
    ] {
        let container = Container(docker(&["run", "-d", option, &image.0]));
        let process = docker(&["inspect", "-f", "{{.State.Pid}}", &container.0]);
        check_workers(process.parse().unwrap(), expected, option);
    }
}

#[test]
fn an_ipv6_address() {
    check(&["[::1]:{}"], &["::1"]);
    check(&["[0:0:0:0:0:0:0:1]:{}"], &["::1"]);
    check(&["PORT={}", "HOST=::1"], &["::1"]);
    check(&["{}", "HOST=::1"], &["::1"]);
    check(&["127.0.0.1:{}", "HOST=::1"], &["127.0.0.1"]);
    check(&["[::1]:{}", "HOST=127.0.0.1"], &["::1"]);
    // An IPv4 address in IPv6's clothes, RFC 4291, section 2.5.5.2.
    check(&["[::ffff:127.0.0.1]:{}"], &["127.0.0.1"]);
}

#[test]
fn no_ipv6_address() {
    for argument in ["[::1]", "[::1]:", "[::1]:0", "[::1]80", "[::g]:80", "[::1%lo]:80"] {
        check_refused(&[argument]);
    }
    for argument in ["[1::2::3]:80", "[1:2:3:4:5:6:7]:80", "[1:2:3:4:5:6:7:8:9]:80"] {
        check_refused(&[argument]);
    }
    for host in ["HOST=::g", "HOST=1::2::3", "HOST=1:2", "HOST=::12345"] {
        check_refused(&["PORT={}", host]);
    }
}

/// Source: RFC 3849, addresses that nobody has.
#[test]
fn not_an_ipv6_address_of_this_machine() {
    check_refused(&["[2001:db8::1]:{}"]);
    check_refused(&["PORT={}", "HOST=2001:db8::1"]);
}

/// The health check asks where the server listens, also in a root without anything else.
#[test]
fn it_asks_itself() {
    let Some(exe) = Exe::new() else { return };
    for (ip, words) in [
        ("127.0.0.1", ["PORT={}", "HOST="]),
        ("127.0.0.1", ["PORT={}", "HOST=127.0.0.1"]),
        ("127.0.0.2", ["PORT={}", "HOST=127.0.0.2"]),
        ("::1", ["PORT={}", "HOST=::1"]),
    ] {
        let port = free_port();
        let health =
            || wait(&mut exe.command(&[&words[..], &["health"]].concat(), port).spawn().unwrap());
        assert_eq!(health().code(), Some(1), "{words:?}: nobody listens yet");
        let at = std::net::SocketAddr::new(ip.parse().unwrap(), port);
        let server = Server::start_at(&mut exe.command(&words, port), at);
        assert_eq!(health().code(), Some(0), "{words:?}");
        assert_eq!(server.stop("TERM").code(), Some(0));
        assert_eq!(health().code(), Some(1), "{words:?}: nobody listens any more");
    }
}
