//! Memory of connections on which nothing happens.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use results::{Chart, Table};

use super::case::CASES;
use super::place::Place;
use super::rival::{RIVALS, Rival, push_absent};
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

/// Measures every rival that keeps connections.
pub(super) fn compare(place: &Place, options: &Options) -> Outcome<Table> {
    place.record(&CASES[0])?;
    let rivals = || RIVALS.iter().filter(|rival| rival.keeps_alive);
    let mut field: Vec<(&Rival, Vec<Memory>)> =
        rivals().filter(|rival| rival.is_here()).map(|rival| (rival, Vec::new())).collect();
    for round in 1..=options.rounds {
        eprintln!("10,000 idle connections: round {round} of {}", options.rounds);
        for (rival, found) in &mut field {
            found.push(measure(&rival.start(place, None)?)?);
        }
    }
    let title =
        format!("10,000 idle connections, each after one answer: medians of {}", options.rounds);
    let columns = [("before", "KiB", 0), ("more", "KiB", 0), ("per connection", "B", 1)];
    let mut table = Table::new(NAME, &title, &columns);
    for (rival, found) in &field {
        push(&mut table, rival, found);
    }
    push_absent(&mut table, rivals());
    table.chart = Some(Chart::Bars { column: 0, is_log: true });
    Ok(table)
}

fn push(table: &mut Table, rival: &Rival, found: &[Memory]) {
    let before = median(found.iter().map(|memory| memory.before_kib));
    let more = median(found.iter().map(|memory| memory.more_kib));
    let each = more as f64 * 1024.0 / CONNECTIONS as f64;
    let is_ours = rival.name == PIPKIN;
    let row = table.push(rival.name, is_ours, &[before as f64, more as f64, each].map(Some));
    row.note = rival.note.map(String::from);
    if is_ours {
        let holds = if more < MORE_KIB_MAX { "holds" } else { "MISSED" };
        table.notes.push(format!("goal: fewer than {MORE_KIB_MAX} KiB more: {more}, {holds}"));
    }
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
