//! Builds the servers and the launcher for every platform whose `core` the toolchain has, so that
//! `pipkin` carries the executables and needs no compiler when it runs. And puts together the sources
//! of what a handler is compiled with, so that `pipkin` carries these, too.
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

/// The programs for each target: their names, the package and its features that make them. They share
/// what they have in common.
const PROGRAMS: [(&str, &str, &str); 5] = [
    ("standard", "stub", "--features=freestanding"),
    ("extended", "stub", "--features=freestanding,extended"),
    ("micro", "micro", "--features=freestanding"),
    ("launcher", "launcher", "--features=freestanding"),
    ("unpacker", "unpacker", "--features=freestanding"),
];

fn main() {
    let top = PathBuf::from(variable("CARGO_MANIFEST_DIR")).join("../..");
    let top = top.canonicalize().expect("the workspace is there");
    for file in ["build.rs", "build", "src/recipe.rs"] {
        println!("cargo::rerun-if-changed={file}");
    }
    for file in ["Cargo.toml", "Cargo.lock", "stub", "launcher", "micro", "unpacker"] {
        println!("cargo::rerun-if-changed={}", top.join(file).display());
    }
    let out = PathBuf::from(variable("OUT_DIR"));
    let mut table = String::from("&[\n");
    for (architecture, target) in recipe::TARGETS {
        let programs = has_core(target).then(|| {
            PROGRAMS.map(|(name, package, features)| {
                let built = build(&top, package, target, features, &out.join("stub"));
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
    carried::write(&top, &out);
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

/// The path of the program of `package` for `target` with `features`, built by a cargo of its own: it
/// has another profile and linker.
fn build(top: &Path, package: &str, target: &str, features: &str, target_dir: &Path) -> PathBuf {
    let mut cargo = Command::new(variable("CARGO"));
    // Found from the top of the workspace. It asserts that no relocation is needed.
    let script = format!("{package}/link.ld");
    recipe::prepare(&mut cargo, target, &script, &[]);
    cargo.args(["--locked", "--quiet", features, "--target-dir"]).arg(target_dir);
    let status = cargo.current_dir(top.join(package)).status().expect("cargo runs");
    assert!(status.success(), "{package} does not build for {target}");
    target_dir.join(target).join(recipe::PROFILE).join(package)
}
