//! Builds the server for every platform whose `core` the toolchain has, so that `pipkin` carries
//! the executables and needs no compiler when it runs. And puts together the sources of what a
//! handler is compiled with, so that `pipkin` carries these, too.
//!
//! To add a platform: a line in `recipe::TARGETS`, a file in `pipkin-server/src/sys/`, and a
//! machine in `pipkin-elf`.

#[path = "build/carried.rs"]
mod carried;
#[path = "src/recipe.rs"]
mod recipe;

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The servers for each target, and the features of the stub that make them. They share what they
/// have in common.
const SERVERS: [(&str, &str); 2] =
    [("standard", "--features=freestanding"), ("extended", "--features=freestanding,extended")];

/// Finds the script from the top of the workspace. It asserts that no relocation is needed.
const SCRIPT: &str = "stub/link.ld";

fn main() {
    let crates = PathBuf::from(variable("CARGO_MANIFEST_DIR")).join("..");
    let stub = crates.join("../stub").canonicalize().expect("the stub's sources are there");
    println!("cargo::rerun-if-changed={}", crates.join("../Cargo.toml").display());
    println!("cargo::rerun-if-changed={}", crates.join("../Cargo.lock").display());
    for file in ["build.rs", "build", "src/recipe.rs"] {
        println!("cargo::rerun-if-changed={file}");
    }
    for file in ["Cargo.toml", "link.ld", "src"] {
        println!("cargo::rerun-if-changed={}", stub.join(file).display());
    }
    let out = PathBuf::from(variable("OUT_DIR"));
    let mut table = String::from("&[\n");
    for (architecture, target) in recipe::TARGETS {
        let programs = has_core(target).then(|| {
            SERVERS.map(|(name, features)| {
                let built = build(&stub, target, features, &out.join("stub"));
                // The next build of this target takes its place.
                let program = out.join(format!("{architecture}-{name}"));
                fs::copy(built, &program).expect("OUT_DIR is writable");
                format!("include_bytes!({program:?}).as_slice()")
            })
        });
        let programs =
            programs.map_or("None".into(), |programs| format!("Some([{}])", programs.join(", ")));
        writeln!(table, "    ({architecture:?}, {target:?}, {programs}),").expect("a string grows");
    }
    fs::write(out.join("stubs.rs"), table + "]\n").expect("OUT_DIR is writable");
    carried::write(&crates.join("..").canonicalize().expect("the workspace is there"), &out);
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"))
}

fn has_core(target: &str) -> bool {
    let rustc = &mut Command::new(variable("RUSTC"));
    let (folder, has_core) = recipe::core_for(rustc, target).expect("rustc runs");
    // A folder that is not there counts as changed, so one that appears is seen.
    println!("cargo::rerun-if-changed={}", folder.display());
    has_core
}

/// The path of the stub for `target` with `features`, built by a cargo of its own: the stub has
/// another profile and linker.
fn build(stub: &Path, target: &str, features: &str, target_dir: &Path) -> PathBuf {
    let mut cargo = Command::new(variable("CARGO"));
    recipe::prepare(&mut cargo, target, SCRIPT, &[]);
    cargo.args(["--locked", "--quiet", features, "--target-dir"]).arg(target_dir);
    let status = cargo.current_dir(stub).status().expect("cargo runs");
    assert!(status.success(), "the server does not build for {target}");
    target_dir.join(target).join(recipe::PROFILE).join("stub")
}
