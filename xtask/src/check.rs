//! Formatting, lints and tests.

use crate::shell::{Outcome, cargo, root, run as sh};

/// Packages outside the workspace, each with the targets that it is checked for.
const EXCLUDED: &[(&str, &[&str])] = &[
    ("stub", &["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"]),
    ("fuzz", &["x86_64-unknown-linux-gnu"]),
];

/// Formatting, then clippy with warnings denied, for the workspace and the excluded packages.
pub(crate) fn run(_: &[String]) -> Outcome {
    sh(&mut cargo(&["fmt", "--all", "--check"]))?;
    sh(&mut cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    for (package, targets) in EXCLUDED {
        if root().join(package).join("Cargo.toml").exists() {
            check_excluded(package, targets)?;
        }
    }
    Ok(())
}

/// Works in the folder of the package, so that its own cargo configuration counts.
fn check_excluded(package: &str, targets: &[&str]) -> Outcome {
    let folder = root().join(package);
    sh(cargo(&["fmt", "--check"]).current_dir(&folder))?;
    for target in targets {
        let args = ["clippy", "--release", "--target", target, "--", "-D", "warnings"];
        sh(cargo(&args).current_dir(&folder))?;
    }
    Ok(())
}

/// Unit and integration tests; the end-to-end tests skip themselves here.
pub(crate) fn test(_: &[String]) -> Outcome {
    sh(&mut cargo(&["test", "--workspace"]))
}
