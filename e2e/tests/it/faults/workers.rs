//! Workers that die.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use e2e::{Server, signal};

use super::health::{Health, wait_until};
use super::{HEAD, PLAIN, check, check_answers, children, send};

/// Enough to have some on each worker.
const CONNECTIONS: usize = 32;
const THREADS: usize = 4;

/// Under load, before a worker is killed and after another has taken its place.
const LOAD: Duration = Duration::from_millis(500);

/// A connection, and the worker that has it.
struct Asker {
    stream: TcpStream,
    worker: u32,
}

#[test]
fn a_killed_worker_is_replaced() {
    check(PLAIN, |server| {
        for worker in children(server.id()) {
            signal(worker, "KILL");
            check_answers(server.address);
        }
    });
}

#[test]
fn a_worker_killed_under_load_takes_only_its_own_along() {
    let command = "exec EXE 127.0.0.1:PORT 2>EXE.stderr";
    check(&["sh", "-c", command], |server| {
        let health = Health::of(server);
        let askers = askers(server);
        let victim = askers[0].worker;
        let of_victim = askers.iter().filter(|asker| asker.worker == victim).count();
        let lost = under_load(askers, || {
            signal(victim, "KILL");
            let is_replaced = || {
                let workers = children(server.id());
                !workers.contains(&victim) && workers.len() == health.workers().len()
            };
            assert!(wait_until(is_replaced), "nobody takes the place of the worker");
        });
        assert_eq!(lost, vec![victim; of_victim], "of these workers connections were lost");
        (0..CONNECTIONS).for_each(|_| check_answers(server.address));
        health.check_recovered(server);
        let said = std::fs::read_to_string(format!("/proc/{}/fd/2", server.id())).unwrap();
        assert_eq!(said, "pipkin: a worker died and is replaced\n");
    });
}

/// Keeps all connections busy while `act` runs, and some time before and after; the workers of
/// those that were lost.
fn under_load(mut askers: Vec<Asker>, act: impl FnOnce()) -> Vec<u32> {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|_| askers.split_off(askers.len() - CONNECTIONS / THREADS))
            .map(|askers| scope.spawn(|| ask_until(&done, askers)))
            .collect();
        std::thread::sleep(LOAD);
        act();
        std::thread::sleep(LOAD);
        done.store(true, Ordering::Relaxed);
        let lost = threads.into_iter().map(|thread| thread.join().expect("no panic"));
        lost.collect::<Vec<Vec<u32>>>().concat()
    })
}

fn ask_until(done: &AtomicBool, mut askers: Vec<Asker>) -> Vec<u32> {
    let mut lost = Vec::new();
    while !done.load(Ordering::Relaxed) {
        askers.retain_mut(|asker| {
            let answered = asker.ask();
            if !answered {
                lost.push(asker.worker);
            }
            answered
        });
    }
    lost
}

impl Asker {
    /// False when the connection is lost.
    fn ask(&mut self) -> bool {
        let mut answer = Vec::new();
        let mut bytes = [0; 1024];
        if self.stream.write_all(&[HEAD, b"\r\n"].concat()).is_err() {
            return false;
        }
        while !answer.ends_with(b"\r\n\r\nsmall\n") {
            match self.stream.read(&mut bytes) {
                Ok(count @ 1..) => answer.extend(&bytes[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => panic!("no answer"),
                _ => return false,
            }
        }
        true
    }
}

/// Connections, each with the worker that accepted it.
fn askers(server: &Server) -> Vec<Asker> {
    let streams = (0..CONNECTIONS).map(|_| send(server.address, b""));
    let mut askers: Vec<Asker> = streams.map(|stream| Asker { stream, worker: 0 }).collect();
    for asker in &mut askers {
        assert!(asker.ask());
    }
    let sockets = sockets_of(&children(server.id()));
    let table = ["/proc/net/tcp", "/proc/net/tcp6"].map(|path| std::fs::read_to_string(path).ok());
    let table = table.map(Option::unwrap_or_default).concat();
    for asker in &mut askers {
        let link = format!("socket:[{}]", inode(&table, &asker.stream));
        let socket = sockets.iter().find(|(_, name)| *name == link);
        asker.worker = socket.expect("a worker has the connection").0;
    }
    askers
}

/// What the links in /proc/PID/fd say, with the process.
fn sockets_of(workers: &[u32]) -> Vec<(u32, String)> {
    let links = |worker: u32| {
        let entries = std::fs::read_dir(format!("/proc/{worker}/fd")).unwrap();
        let links = entries.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
        links.map(move |link| (worker, link.display().to_string()))
    };
    workers.iter().flat_map(|&worker| links(worker)).collect()
}

/// The number of the server's end of `stream` in the table of proc(5), whose addresses end with
/// the port in hexadecimal.
fn inode<'a>(table: &'a str, stream: &TcpStream) -> &'a str {
    let local = format!(":{:04X}", stream.peer_addr().unwrap().port());
    let remote = format!(":{:04X}", stream.local_addr().unwrap().port());
    let rows = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let mut rows = rows.filter(|row| row.len() > 9);
    let row = rows.find(|row| row[1].ends_with(&local) && row[2].ends_with(&remote));
    row.expect("the kernel knows the connection")[9]
}
