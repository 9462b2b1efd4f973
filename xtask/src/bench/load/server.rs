//! A running server: what it answers, and what its processes use.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::case::Case;
use crate::shell::{Outcome, succeeds};

/// How long a server may take to start, to answer and to end.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(10);

/// Of the unit of /proc/PID/stat, `USER_HZ`, which is 100 per second on every machine.
const TICK_US: u64 = 10_000;

/// A server, which ends with this value.
pub(crate) struct Server {
    children: Vec<Child>,
    pub(crate) address: SocketAddr,
}

/// What the processes of a server have in memory.
pub(crate) struct Memory {
    /// That which belongs to no file.
    pub(crate) no_file_kib: u64,
    /// With the pages of their executables.
    pub(crate) resident_kib: u64,
}

/// A port of 127.0.0.1 that nobody uses now.
pub(crate) fn free_port() -> Outcome<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

impl Server {
    /// Runs `commands`, which together are one server, and waits until it listens.
    pub(crate) fn start(commands: Vec<Command>, port: u16) -> Outcome<Self> {
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let mut server = Self { children: Vec::new(), address };
        for mut command in commands {
            let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            server.children.push(quiet.spawn()?);
        }
        let start = Instant::now();
        while TcpStream::connect(address).is_err() {
            if start.elapsed() > PATIENCE || server.has_ended()? {
                return Err(format!("does not listen on {address}").into());
            }
            std::thread::sleep(PAUSE);
        }
        Ok(server)
    }

    fn has_ended(&mut self) -> Outcome<bool> {
        let mut ended = self.children.iter_mut().map(Child::try_wait);
        Ok(ended.try_fold(false, |any, status| status.map(|status| any || status.is_some()))?)
    }

    /// The whole answer to one request of `case`.
    pub(crate) fn answer(&self, case: &Case) -> Outcome<Vec<u8>> {
        let connection = if case.closes { "Connection: close\r\n" } else { "" };
        let mut stream = BufReader::new(TcpStream::connect(self.address)?);
        stream.get_ref().set_read_timeout(Some(PATIENCE))?;
        let host = self.address;
        let head = format!("GET {} HTTP/1.1\r\nHost: {host}\r\n{connection}\r\n", case.path);
        stream.get_mut().write_all(head.as_bytes())?;
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            if stream.read_until(b'\n', &mut answer)? == 0 {
                return Err("the answer breaks off".into());
            }
        }
        let head_bytes = answer.len();
        answer.resize(head_bytes + case.body_bytes, 0);
        stream.read_exact(&mut answer[head_bytes..])?;
        Ok(answer)
    }

    /// Whether it serves the file of `case`, whole and as it is.
    pub(crate) fn check(&self, case: &Case) -> Outcome {
        let answer = self.answer(case)?;
        let (head, _) = answer.split_at(answer.len() - case.body_bytes);
        let head = String::from_utf8_lossy(head).to_ascii_lowercase();
        let length = format!("\r\ncontent-length: {}\r\n", case.body_bytes);
        if head.starts_with("http/1.") && head[8..].starts_with(" 200") && head.contains(&length) {
            return Ok(());
        }
        Err(format!("answers {} with {head:?}", case.path).into())
    }

    /// All its processes.
    fn processes(&self) -> Vec<u32> {
        let mut processes: Vec<u32> = self.children.iter().map(Child::id).collect();
        let mut seen = 0;
        while let Some(&id) = processes.get(seen) {
            // None when it has just ended.
            let path = format!("/proc/{id}/task/{id}/children");
            let children = fs::read_to_string(path).unwrap_or_default();
            processes.extend(children.split_whitespace().filter_map(|id| id.parse::<u32>().ok()));
            seen += 1;
        }
        processes
    }

    /// CPU time of all its processes that live, in user and kernel mode.
    pub(crate) fn cpu_us(&self) -> Outcome<u64> {
        let stats = self.processes().into_iter();
        let stats = stats.filter_map(|id| fs::read_to_string(format!("/proc/{id}/stat")).ok());
        stats.map(|stat| Ok(ticks(&stat).ok_or("/proc/PID/stat: no times")? * TICK_US)).sum()
    }

    /// Memory of all its processes, by smaps_rollup in proc(5): pages that processes share are
    /// counted once, since each process has its part of them.
    pub(crate) fn memory(&self) -> Memory {
        let rollup = |id| fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok();
        let rollups: Vec<String> = self.processes().into_iter().filter_map(rollup).collect();
        let sum_kib = |field: &str| -> u64 {
            let lines = rollups.iter().flat_map(|rollup| rollup.lines());
            let values = lines.filter_map(|line| line.strip_prefix(field)?.strip_suffix(" kB"));
            values.filter_map(|value| value.trim().parse::<u64>().ok()).sum()
        };
        Memory {
            no_file_kib: sum_kib("Pss_Anon:") + sum_kib("Pss_Shmem:"),
            resident_kib: sum_kib("Pss:"),
        }
    }
}

impl Drop for Server {
    /// SIGTERM, for a server takes its workers along; nothing may panic here.
    fn drop(&mut self) {
        let processes = self.processes();
        for child in &self.children {
            succeeds(Command::new("kill").args(["-TERM", &child.id().to_string()]));
        }
        let start = Instant::now();
        while !matches!(self.has_ended(), Ok(true)) && start.elapsed() < PATIENCE {
            std::thread::sleep(PAUSE);
        }
        for child in &mut self.children {
            if let Ok(None) = child.try_wait() {
                let ids = processes.iter().map(u32::to_string);
                succeeds(Command::new("kill").arg("-KILL").args(ids));
            }
            child.wait().ok();
        }
    }
}

/// `utime` and `stime`, fields 14 and 15 of proc(5); field 2, a name, ends with the last
/// parenthesis.
fn ticks(stat: &str) -> Option<u64> {
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    Some(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?)
}

#[cfg(test)]
mod tests {
    #[test]
    fn times_stand_behind_the_name() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194560 5 0 0 0 120 34 9 9 20 0 1 0 1";
        assert_eq!(super::ticks(stat), Some(154));
        assert_eq!(super::ticks("7 (a) S 1"), None);
    }
}
