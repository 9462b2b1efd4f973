//! Memory of connections on which nothing happens.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::case::CASES;
use super::place::Place;
use super::rival::{RIVALS, Rival};
use crate::bench::load::{Options, PIPKIN, Server};
use crate::bench::median;
use crate::shell::Outcome;

pub(super) const NAME: &str = "idle";

const CONNECTIONS: usize = 10_000;

/// The goal: what they may cost pipkin, in memory of its processes.
const MORE_KIB_MAX: u64 = 1_000_000 / 1024;

/// In which a server finishes what it does after an answer.
const SETTLE: Duration = Duration::from_millis(500);

/// What one server had before the connections, and with them.
struct Memory {
    before_kib: u64,
    more_kib: u64,
}

/// Measures every rival that keeps connections, and prints the table.
pub(super) fn compare(place: &Place, options: &Options) -> Outcome {
    place.record(&CASES[0])?;
    let mut field: Vec<(&Rival, Vec<Memory>)> = RIVALS
        .iter()
        .filter(|rival| rival.keeps_alive && rival.is_here())
        .map(|rival| (rival, Vec::new()))
        .collect();
    for _ in 0..options.rounds {
        for (rival, found) in &mut field {
            found.push(measure(&rival.start(place, None)?)?);
        }
    }
    let rounds = options.rounds;
    println!("10,000 idle connections, each after one answer ({NAME}): medians of {rounds}, KiB");
    println!("  {:<9}{:>10} {:>10} {:>18}", "", "before", "more", "B per connection");
    for (rival, found) in &field {
        let before = median(found.iter().map(|memory| memory.before_kib));
        let more = median(found.iter().map(|memory| memory.more_kib));
        let each = more as f64 * 1024.0 / CONNECTIONS as f64;
        println!("  {:<9}{before:>10} {more:>10} {each:>18.1}", rival.name);
        if rival.name == PIPKIN {
            let holds = if more < MORE_KIB_MAX { "holds" } else { "MISSED" };
            println!("  goal: fewer than {MORE_KIB_MAX} KiB more: {more}, {holds}");
        }
    }
    Ok(())
}

fn measure(server: &Server) -> Outcome<Memory> {
    // The first request is not what the memory of many is about.
    server.answer(&CASES[0])?;
    std::thread::sleep(SETTLE);
    let before_kib = server.memory().no_file_kib;
    let bytes = server.answer(&CASES[0])?.len();
    let connections: Vec<TcpStream> =
        (0..CONNECTIONS).map(|_| idle(server.address, bytes)).collect::<Outcome<_>>()?;
    std::thread::sleep(SETTLE);
    let more_kib = server.memory().no_file_kib.saturating_sub(before_kib);
    drop(connections);
    Ok(Memory { before_kib, more_kib })
}

/// A connection that has had an answer of so many bytes.
fn idle(address: SocketAddr, bytes: usize) -> Outcome<TcpStream> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let path = CASES[0].path;
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n").as_bytes())?;
    stream.read_exact(&mut vec![0; bytes])?;
    Ok(stream)
}
