//! The load: `wrk`, and what it says.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use super::case::Case;
use crate::shell::{Outcome, output};

/// One is too few to keep two CPUs busy, more gain nothing there.
const THREADS: usize = 2;

/// Seconds after which an answer counts as missing.
const TIMEOUT: &str = "10s";

/// What wrk has counted.
#[derive(Debug, PartialEq)]
pub(crate) struct Load {
    pub(crate) requests: u64,
    pub(crate) requests_per_s: f64,
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
    /// Connections and answers that went wrong.
    pub(crate) errors: u64,
}

/// Loads the server at `address` for `seconds`; a script that wrk needs goes into `folder`.
pub(crate) fn run(folder: &Path, case: &Case, address: SocketAddr, seconds: u64) -> Outcome<Load> {
    let mut wrk = Command::new("wrk");
    wrk.args(["--latency", "--timeout", TIMEOUT]);
    wrk.arg(format!("-t{THREADS}")).arg(format!("-c{}", case.connections));
    wrk.arg(format!("-d{seconds}s"));
    if case.closes {
        wrk.args(["-H", "Connection: close"]);
    }
    if case.pipelined > 1 {
        let path = folder.join("pipelined.lua");
        std::fs::write(&path, script(case.pipelined))?;
        wrk.arg("-s").arg(path);
    }
    let text = output(wrk.arg(format!("http://{address}{}", case.path)))?;
    parse(&text).ok_or_else(|| format!("wrk said what nobody understands:\n{text}").into())
}

/// Sends `depth` requests at once.
fn script(depth: usize) -> String {
    format!(
        "local batch
         function init() batch = string.rep(wrk.format(), {depth}) end
         function request() return batch end\n"
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
        requests: requests.parse().ok().filter(|&count| count > 0)?,
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
    fn nothing_was_answered() {
        assert_eq!(parse(&SAID.replace("139444", "0")), None);
        assert_eq!(parse(""), None);
    }
}
