//! `cargo install` gives a program that needs nothing of the tree that it came from.

use std::path::Path;
use std::process::Command;

use e2e::{ready, run, write};

#[test]
fn an_installed_pipkin_builds() {
    let Some(pipkin) = ready(&["cargo"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    // What the release build has compiled is not compiled again.
    let target = pipkin.path().parent().and_then(Path::parent).unwrap();
    let mut install = Command::new("cargo");
    install.args(["install", "--quiet", "--locked", "--path", "crates/pipkin", "--root"]);
    install.arg(folder.path()).arg("--target-dir").arg(target);
    run(install.current_dir(workspace));
    write(&folder.path().join("public"), "index.html", "hello\n");
    let mut build = Command::new(folder.path().join("bin/pipkin"));
    build.args(["build", "public", "--platform", "linux/arm64", "-o", "site.tar"]);
    run(build.current_dir(folder.path()));
    assert!(folder.path().join("site.tar").is_file());
}
