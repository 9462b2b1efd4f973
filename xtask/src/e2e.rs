//! The end-to-end tests: the release `pipkin`, with real engines and tools.

use std::path::Path;

use crate::debian::Need;
use crate::shell::{Outcome, cargo, command, has, output, pipkin, run as sh};
use crate::{daemon, debian, skip::skip};

/// One file of the OCI image specification's JSON schemas.
const SCHEMA: &str =
    "/usr/share/gocode/src/github.com/opencontainers/image-spec/schema/config-schema.json";

const NEEDS: &[Need] = &[
    ("dockerd", "docker.io"),
    ("docker", "docker.io"),
    ("podman", "podman"),
    ("runc", "runc"),
    ("skopeo", "skopeo"),
    ("umoci", "umoci"),
    ("chromium", "chromium"),
    ("chromedriver", "chromium-driver"),
    ("qemu-aarch64-static", "qemu-user-static"),
    ("qemu-riscv64-static", "qemu-user-static"),
    ("curl", "curl"),
    ("kill", "procps"),
    ("readelf", "binutils"),
    ("mount", "mount"),
    ("ip", "iproute2"),
    ("nsenter", "util-linux"),
    ("prlimit", "util-linux"),
    ("mkfifo", "coreutils"),
    ("setpriv", "util-linux"),
    (SCHEMA, "golang-github-opencontainers-image-spec-dev"),
    // Programs that are made into images, and what compiles others.
    ("jq", "jq"),
    ("git", "git"),
    ("openssl", "openssl"),
    ("sqlite3", "sqlite3"),
    ("/usr/bin/perl", "perl"),
    ("/usr/bin/python3", "python3"),
    ("/usr/lib/python3.11/ensurepip/__init__.py", "python3-venv"),
    ("/usr/lib/postgresql/15/bin/psql", "postgresql"),
    ("/usr/sbin/nginx", "nginx"),
    ("/bin/busybox", "busybox-static"),
    ("/usr/share/zoneinfo/Europe/Berlin", "tzdata"),
    ("/etc/ssl/certs/ca-certificates.crt", "ca-certificates"),
    ("g++", "g++"),
    ("go", "golang-go"),
    ("ghc", "ghc"),
    ("/usr/share/doc/libghc-warp-dev/copyright", "libghc-warp-dev"),
    ("musl-gcc", "musl-tools"),
];

/// What a program for another architecture is made of, there.
const FOREIGN: &[&str] = &["jq", "libjq1", "libonig5", "libc6"];

/// Prepares the system and runs the tests whose names contain one of `filters`.
pub(crate) fn run(filters: &[String]) -> Outcome {
    debian::provide(NEEDS, "some end-to-end tests")?;
    documentation()?;
    let pipkin = pipkin()?;
    let _daemon = daemon::start()?;
    let mut tests = cargo(&["test", "--package", "e2e", "--"]);
    if let Some(root) = debian::foreign_root("arm64", FOREIGN)? {
        tests.env("PIPKIN_ARM64_ROOT", root);
    }
    sh(tests.args(filters).env("PIPKIN_E2E", "1").env("PIPKIN", pipkin))
}

/// The documentation that comes with the toolchain is the large input.
fn documentation() -> Outcome {
    let sysroot = output(&mut command("rustc", &["--print", "sysroot"]))?;
    if Path::new(sysroot.trim()).join("share/doc/rust/html/index.html").exists() {
        return Ok(());
    }
    if !has("rustup") {
        return skip("tests on the Rust documentation", "the toolchain came without it");
    }
    sh(&mut command("rustup", &["component", "add", "rust-docs"]))
}
