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
    ("curl", "curl"),
    ("kill", "procps"),
    ("readelf", "binutils"),
    ("mount", "mount"),
    ("nsenter", "util-linux"),
    ("prlimit", "util-linux"),
    ("mkfifo", "coreutils"),
    ("setpriv", "util-linux"),
    (SCHEMA, "golang-github-opencontainers-image-spec-dev"),
];

/// Prepares the system and runs the tests whose names contain one of `filters`.
pub(crate) fn run(filters: &[String]) -> Outcome {
    debian::provide(NEEDS, "some end-to-end tests")?;
    documentation()?;
    let pipkin = pipkin()?;
    let _daemon = daemon::start()?;
    let mut tests = cargo(&["test", "--package", "e2e", "--"]);
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
