//! The load: `wrk`, and what it says.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::case::{Case, FILES_PER_FOLDER};
use crate::shell::Outcome;

/// One is too few to keep two CPUs busy, more gain nothing there.
const THREADS: usize = 2;

/// Seconds after which an answer counts as missing.
const TIMEOUT: &str = "10s";

/// What wrk has counted.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Load {
    pub(crate) requests: u64,
    pub(crate) requests_per_s: f64,
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
    /// Connections and answers that went wrong.
    pub(crate) errors: u64,
}

/// Connections of one process at most: the usual limits leave it room for hardly more.
const CONNECTIONS_MAX: usize = 10_000;

/// Loads the server at `address` for `seconds`, from as many processes as it takes; a script that
/// these need goes into `folder`.
pub(crate) fn run(folder: &Path, case: &Case, address: SocketAddr, seconds: u64) -> Outcome<Load> {
    let processes = case.connections.div_ceil(CONNECTIONS_MAX);
    let connections = case.connections / processes;
    let start = |_| -> Outcome<Child> {
        let mut wrk = wrk(folder, case, connections, seconds)?;
        wrk.arg(format!("http://{address}{}", case.path));
        Ok(wrk.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?)
    };
    let running: Vec<Child> = (0..processes).map(start).collect::<Outcome<_>>()?;
    let loads: Vec<Load> = running.into_iter().map(said).collect::<Outcome<_>>()?;
    // One alone may still be connecting in the end.
    let load = loads.iter().fold(Load::default(), Load::and);
    if load.requests == 0 {
        return Err(format!("wrk got no answer in {seconds} s").into());
    }
    Ok(load)
}

/// What `wrk` says in the end.
fn said(wrk: Child) -> Outcome<Load> {
    let done = wrk.wait_with_output()?;
    let text = String::from_utf8_lossy(&done.stdout);
    let failure = || {
        let why = String::from_utf8_lossy(&done.stderr);
        format!("wrk said what nobody understands:\n{text}{why}")
    };
    Ok(parse(&text).ok_or_else(failure)?)
}

fn wrk(folder: &Path, case: &Case, connections: usize, seconds: u64) -> Outcome<Command> {
    let mut wrk = Command::new("wrk");
    wrk.args(["--latency", "--timeout", TIMEOUT]);
    // It wants a connection for each thread.
    wrk.arg(format!("-t{}", THREADS.min(connections))).arg(format!("-c{connections}"));
    wrk.arg(format!("-d{seconds}s"));
    if case.closes {
        wrk.args(["-H", "Connection: close"]);
    }
    if let Some(script) = script(case) {
        let path = folder.join("requests.lua");
        std::fs::write(&path, script)?;
        wrk.arg("-s").arg(path);
    }
    Ok(wrk)
}

impl Load {
    /// Both, of which the slower one has the latency.
    fn and(self, other: &Self) -> Self {
        Self {
            requests: self.requests + other.requests,
            requests_per_s: self.requests_per_s + other.requests_per_s,
            p50_us: self.p50_us.max(other.p50_us),
            p99_us: self.p99_us.max(other.p99_us),
            errors: self.errors + other.errors,
        }
    }
}

/// Where requests are not one after the other, all alike.
fn script(case: &Case) -> Option<String> {
    match (case.pipelined, case.files) {
        (1, 0) => None,
        (1, files) => Some(random(files)),
        (depth, _) => Some(pipelined(depth)),
    }
}

/// Sends `depth` requests at once.
fn pipelined(depth: usize) -> String {
    format!(
        "local batch
         function init() batch = string.rep(wrk.format(), {depth}) end
         function request() return batch end\n"
    )
}

/// Asks for any of `files`, each thread in an order of its own, the same in every run.
fn random(files: usize) -> String {
    format!(
        "local threads = 0
         function setup(thread) threads = threads + 1; thread:set('seed', threads) end
         function init() math.randomseed(seed) end
         function request()
            local n = math.random(0, {files} - 1)
            local folder = math.floor(n / {FILES_PER_FOLDER})
            local path = string.format('/%03d/%03d.txt', folder, n % {FILES_PER_FOLDER})
            return wrk.format(nil, path)
         end\n"
    )
}

fn parse(text: &str) -> Option<Load> {
    let value = |name: &str| text.lines().find_map(|line| line.trim().strip_prefix(name));
    let requests = text.lines().find_map(|line| line.trim().split_once(" requests in "))?.0;
    // Of several kinds, each `NAME COUNT`.
    let socket_errors = value("Socket errors:").unwrap_or_default().split(',');
    let socket_errors = socket_errors.filter_map(|kind| kind.trim().split_once(' '));
    let refused = value("Non-2xx or 3xx responses:").unwrap_or("0");
    let errors: u64 = socket_errors.filter_map(|(_, count)| count.parse::<u64>().ok()).sum();
    Some(Load {
        requests: requests.parse().ok()?,
        requests_per_s: value("Requests/sec:")?.trim().parse().ok()?,
        p50_us: microseconds(value("50%")?)?,
        p99_us: microseconds(value("99%")?)?,
        errors: errors + refused.trim().parse::<u64>().ok()?,
    })
}

/// `1.27ms` and the like.
fn microseconds(text: &str) -> Option<f64> {
    let text = text.trim();
    let unit = text.find(|c: char| c.is_ascii_alphabetic())?;
    let factor = match &text[unit..] {
        "us" => 1.0,
        "ms" => 1e3,
        "s" => 1e6,
        "m" => 60e6,
        _ => return None,
    };
    Some(text[..unit].parse::<f64>().ok()? * factor)
}

#[cfg(test)]
mod tests {
    use super::{Load, parse};

    const SAID: &str = "Running 2s test @ http://127.0.0.1:8080/
  2 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     0.92ms  420.56us   7.62ms   79.55%
    Req/Sec    35.03k     2.35k   41.46k    72.50%
  Latency Distribution
     50%  842.00us
     75%    1.10ms
     90%    1.42ms
     99%    2.39ms
  139444 requests in 2.00s, 162.91MB read
Requests/sec:  69688.51
Transfer/sec:     81.41MB
";

    #[test]
    fn a_good_run() {
        let load = Load {
            requests: 139_444,
            requests_per_s: 69_688.51,
            p50_us: 842.0,
            p99_us: 2390.0,
            errors: 0,
        };
        assert_eq!(parse(SAID), Some(load));
    }

    #[test]
    fn errors_are_counted() {
        let errors = "  Socket errors: connect 1, read 20, write 300, timeout 4000
  Non-2xx or 3xx responses: 50000
Requests/sec:";
        assert_eq!(parse(&SAID.replace("Requests/sec:", errors)).unwrap().errors, 54_321);
    }

    #[test]
    fn loads_add_up() {
        let load = |requests: u64, p99_us: f64| Load {
            requests,
            requests_per_s: requests as f64 / 2.0,
            p50_us: 1.0,
            p99_us,
            errors: 1,
        };
        let both = load(10, 4.0).and(&load(30, 3.0));
        let expected = Load { requests_per_s: 20.0, errors: 2, ..load(40, 4.0) };
        assert_eq!(both, expected);
    }

    #[test]
    fn nothing_was_answered_or_said() {
        assert_eq!(parse(&SAID.replace("139444", "0")).unwrap().requests, 0);
        assert_eq!(parse(""), None);
    }
}
