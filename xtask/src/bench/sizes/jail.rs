//! Commands in a root filesystem, with processes, mounts and a loopback network of their own, all of
//! which end with the command.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::debian::{self, Need};
use crate::shell::Outcome;

const NEEDS: &[Need] = &[
    ("unshare", "util-linux"),
    ("mount", "mount"),
    ("ip", "iproute2"),
    ("chroot", "coreutils"),
    ("curl", "curl"),
];

/// Longer than the slowest of these commands takes, which is a trace of node.
const SECONDS_MAX: &str = "300";

/// What an engine gives a container, too.
const PREPARE: &str = r#"
root=$1
shift
ip link set lo up
mkdir -p "$root/proc" "$root/dev"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
"#;

const RUN: &str = r#""$@""#;

/// A server has ten seconds to start.
const SERVE: &str = r#"
"$@" >&2 &
for attempt in $(seq 100); do
    curl --silent --fail --max-time 2 http://127.0.0.1:8080/ && exit
    sleep 0.1
done
exit 1
"#;

/// What `argv` prints, run for `root`, which it has to enter by itself.
pub(super) fn run(root: &Path, argv: &[String]) -> Outcome<String> {
    jail(root, RUN, argv)
}

/// What the server that `argv` starts answers to GET / at port 8080.
pub(super) fn serve(root: &Path, argv: &[String]) -> Outcome<String> {
    jail(root, SERVE, argv)
}

fn jail(root: &Path, script: &str, argv: &[String]) -> Outcome<String> {
    debian::provide(NEEDS, "to run what was built")?;
    let mut timeout = Command::new("timeout");
    timeout.args(["--kill-after=5", SECONDS_MAX]);
    timeout.args(["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child"]);
    timeout.args(["sh", "-euc", &format!("{PREPARE}{script}"), "sh"]).arg(root).args(argv);
    let done = timeout.stdin(Stdio::null()).output()?;
    if done.status.success() {
        return Ok(String::from_utf8(done.stdout)?);
    }
    let said = String::from_utf8_lossy(&done.stderr);
    Err(format!("{}: {}\n{said}", argv.join(" "), done.status).into())
}
