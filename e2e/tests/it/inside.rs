//! A container from inside: its network, where the host cannot reach it, and what its processes
//! may do.

use std::fs;
use std::process::{Command, Output};
use std::time::Duration;

use e2e::{children, example, pages, run_any};

/// The user of an image that names no other.
const USER: &str = "65532";

/// Asks for every page of `examples/site` in the network of `process`.
pub(crate) fn check_site(process: u32) {
    wait_for(process);
    for page in pages(&example()) {
        let got = curl(process, &page.path);
        assert!(got.stdout == fs::read(&page.file).unwrap(), "{} has other bytes", page.path);
    }
}

/// curl in the network of `process`.
pub(crate) fn curl(process: u32, path: &str) -> Output {
    let mut curl = Command::new("nsenter");
    curl.args(["-t", &process.to_string(), "-n", "curl", "-fsS"]);
    run_any(curl.arg(format!("http://127.0.0.1:8080{path}")))
}

pub(crate) fn wait_for(process: u32) {
    let answers = || {
        std::thread::sleep(Duration::from_millis(50));
        curl(process, "/").status.success()
    };
    assert!((0..100).any(|_| answers()), "nobody answers in the container");
}

/// The server and its workers are nobody in particular, can do nothing that others cannot, and
/// can win nothing by running something.
pub(crate) fn check_powerless(process: u32) {
    let workers = children(process);
    assert!(!workers.is_empty(), "process {process} has no workers");
    for process in workers.into_iter().chain([process]) {
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
        let says = |name: &str| {
            let value = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            value.unwrap_or_else(|| panic!("no {name} in {status}")).trim()
        };
        for name in ["Uid", "Gid"] {
            assert_eq!(says(name), [USER; 4].join("\t"), "{name} of process {process}");
        }
        for name in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
            assert_eq!(says(name), "0".repeat(16), "{name} of process {process}");
        }
        assert_eq!((says("NoNewPrivs"), says("Seccomp")), ("1", "2"), "process {process}");
    }
}
