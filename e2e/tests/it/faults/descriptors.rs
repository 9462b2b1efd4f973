//! Descriptors that run out.

use std::collections::VecDeque;
use std::io::Read;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use e2e::{Client, Server, run};

use super::{HEAD, PLAIN, check_recovery, children, send};

const CONNECTIONS: usize = 12_000;

/// Connections that the clients keep open: more than two workers may have with 256 descriptors
/// each, fewer than a process may have where nobody raised its limit.
const KEPT: usize = 800;

/// Of them the first and the last, set off by more than the second that the server may count in.
const OLDEST: usize = 10;
const NEWEST: usize = 50;
const PAUSE: Duration = Duration::from_secs(2);

#[test]
fn twelve_thousand_connections_with_few_descriptors() {
    check_recovery(&["prlimit", "--nofile=256", "EXE", "127.0.0.1:PORT"], |server| {
        let served = |_| {
            let mut client = Client::connect(server.address);
            assert_eq!(client.get("/").body, b"small\n");
            client
        };
        let oldest: Vec<Client> = (0..OLDEST).map(served).collect();
        std::thread::sleep(PAUSE);
        let mut kept = VecDeque::new();
        for number in OLDEST..CONNECTIONS - NEWEST {
            kept.push_back(served(number));
            if kept.len() > KEPT {
                kept.pop_front();
            }
        }
        std::thread::sleep(PAUSE);
        let mut newest: Vec<Client> = (0..NEWEST).map(served).collect();
        for client in &mut newest {
            assert_eq!(client.get("/").body, b"small\n");
        }
        assert!(oldest.iter().all(Client::is_ended), "one of the oldest gave no way");
    });
}

/// Nothing can give way here: the server has to wait for a descriptor, and must not do so by
/// asking again and again.
#[test]
fn a_listener_waits_for_a_descriptor() {
    check_recovery(PLAIN, |server| {
        let workers = children(server.id());
        for &worker in &workers {
            limit_descriptors(worker, lowest_free(worker));
        }
        let mut waiting: Vec<TcpStream> = (0..10)
            .map(|_| send(server.address, &[HEAD, b"Connection: close\r\n\r\n"].concat()))
            .collect();
        let before = cpu_ticks(server);
        std::thread::sleep(Duration::from_secs(3));
        let ticks = cpu_ticks(server) - before;
        assert!(ticks < 30, "{ticks} hundredths of a second of CPU time for waiting");
        workers.iter().for_each(|&worker| limit_descriptors(worker, 1024));
        for client in &mut waiting {
            let mut answer = String::new();
            client.read_to_string(&mut answer).unwrap();
            assert!(answer.ends_with("small\n"), "{answer}");
        }
    });
}

/// The number that the next descriptor of `process` would have.
fn lowest_free(process: u32) -> u64 {
    let is_free = |number: &u64| !Path::new(&format!("/proc/{process}/fd/{number}")).exists();
    (3..).find(|number| is_free(number)).expect("it has few")
}

fn limit_descriptors(process: u32, count: u64) {
    let args = [format!("--pid={process}"), format!("--nofile={count}:")];
    run(Command::new("prlimit").args(args));
}

/// User and system time of all workers: fields 14 and 15 of proc(5), in hundredths of a second.
fn cpu_ticks(server: &Server) -> u64 {
    let ticks = |worker| {
        let stat = std::fs::read_to_string(format!("/proc/{worker}/stat")).unwrap();
        let fields = stat.rsplit_once(')').unwrap().1.split_whitespace();
        fields.skip(11).take(2).map(|field| field.parse::<u64>().unwrap()).sum::<u64>()
    };
    children(server.id()).into_iter().map(ticks).sum()
}
