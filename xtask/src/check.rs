//! Formatting, lints and tests.

use crate::bench;
use crate::debian::{self, Need};
use crate::shell::{Outcome, cargo, root, run as sh};

/// The packages that clippy sees only for their targets, and how they are built for these.
const CROSS: &[(&str, &str, &[&str])] = &[
    ("stub", "x86_64-unknown-linux-gnu", STANDARD),
    ("stub", "x86_64-unknown-linux-gnu", EXTENDED),
    ("stub", "aarch64-unknown-linux-gnu", STANDARD),
    ("stub", "aarch64-unknown-linux-gnu", EXTENDED),
    ("stub", "riscv64gc-unknown-linux-gnu", STANDARD),
    ("stub", "riscv64gc-unknown-linux-gnu", EXTENDED),
    ("launcher", "x86_64-unknown-linux-gnu", STANDARD),
    ("launcher", "aarch64-unknown-linux-gnu", STANDARD),
    ("launcher", "riscv64gc-unknown-linux-gnu", STANDARD),
    ("micro", "x86_64-unknown-linux-gnu", STANDARD),
    ("micro", "aarch64-unknown-linux-gnu", STANDARD),
    ("micro", "riscv64gc-unknown-linux-gnu", STANDARD),
    ("unpacker", "x86_64-unknown-linux-gnu", STANDARD),
    ("unpacker", "aarch64-unknown-linux-gnu", STANDARD),
    ("unpacker", "riscv64gc-unknown-linux-gnu", STANDARD),
    ("fuzz", "x86_64-unknown-linux-gnu", &["--release"]),
];

const STANDARD: &[&str] = &["--profile=stub", "--features=freestanding"];
const EXTENDED: &[&str] = &["--profile=stub", "--features=freestanding,extended"];

/// What the workspace has in another way: the servers of sites, since what it has is that of handlers,
/// and all of handlers.
const BESIDES: &[&[&str]] = &[
    &["--package", "pipkin-server"],
    &["--package", "pipkin-server", "--features", "extended"],
    &["--package", "pipkin-server", "--features", "handler,alloc"],
    &["--package", "pipkin-server", "--features", "launcher"],
    &["--package", "pipkin-server", "--features", "micro"],
    &["--package", "pipkin-handler"],
    &["--package", "pipkin-handler", "--features", "json"],
];

/// Formatting, then clippy with warnings denied, for the workspace and what it leaves out; the
/// rivals of the benches without clippy, for which all that they depend on would be built.
pub(crate) fn run(_: &[String]) -> Outcome {
    sh(&mut cargo(&["fmt", "--all", "--check"]))?;
    sh(cargo(&["fmt", "--check"]).current_dir(root().join("fuzz")))?;
    for rival in bench::RIVALS {
        sh(cargo(&["fmt", "--check"]).current_dir(bench::package(rival)))?;
    }
    sh(&mut cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    for package in BESIDES {
        sh(cargo(&["clippy", "--all-targets"]).args(*package).args(["--", "-D", "warnings"]))?;
    }
    for (folder, target, flags) in CROSS {
        let mut clippy = cargo(&["clippy", "--target", target]);
        clippy.args(*flags).args(["--", "-D", "warnings"]);
        sh(clippy.current_dir(root().join(folder)))?;
    }
    Ok(())
}

/// What tests compile and run, to compare with what real loaders do.
const NEEDS: &[Need] = &[
    ("gcc", "gcc"),
    ("/usr/include/stdio.h", "libc6-dev"),
    ("/usr/include/openssl/ssl.h", "libssl-dev"),
    ("musl-gcc", "musl-tools"),
    ("/usr/bin/perl", "perl"),
    ("/usr/bin/python3", "python3"),
    ("/usr/share/zoneinfo/Europe/Berlin", "tzdata"),
    ("/etc/ssl/certs/ca-certificates.crt", "ca-certificates"),
    ("readelf", "binutils"),
    ("chroot", "coreutils"),
    ("unshare", "util-linux"),
    ("mount", "mount"),
];

/// Unit and integration tests; the end-to-end tests skip themselves here.
pub(crate) fn test(_: &[String]) -> Outcome {
    debian::provide(NEEDS, "some tests of what programs need")?;
    sh(&mut cargo(&["test", "--workspace"]))?;
    BESIDES.iter().try_for_each(|package| sh(cargo(&["test"]).args(*package)))
}
