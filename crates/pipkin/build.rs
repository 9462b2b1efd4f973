//! Builds the server for every platform whose `core` the toolchain has, so that `pipkin` carries
//! the executables and needs no compiler when it runs.
//!
//! To add a platform: a line in `TARGETS`, a file in `pipkin-server/src/sys/`, and a machine in
//! `pipkin-elf`.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The architecture as images name it, and the target that the server is compiled for. A no_std
/// program takes nothing from the C library that a target's name ends with.
const TARGETS: [(&str, &str); 2] =
    [("amd64", "x86_64-unknown-linux-gnu"), ("arm64", "aarch64-unknown-linux-gnu")];

/// The servers for each target, and the features of the stub that make them. They share what they
/// have in common.
const SERVERS: [(&str, &str); 2] =
    [("standard", "--features=freestanding"), ("extended", "--features=freestanding,extended")];

/// How the stub is compiled and linked. No C compiler takes part: rustc's own linker reads one
/// script. The program is position independent and needs no relocation, which the script asserts.
const RUSTFLAGS: [&str; 11] = [
    "-Clinker-flavor=ld.lld",
    "-Clink-self-contained=no",
    "-Cdefault-linker-libraries=no",
    "-Crelocation-model=pie",
    "-Clink-arg=--script=stub/link.ld",
    "-Clink-arg=--no-dynamic-linker",
    "-Clink-arg=--build-id=none",
    "-Clink-arg=--gc-sections",
    // 930 bytes of 10,970: callers know which registers a function leaves alone; nothing is computed
    // ahead of a loop to sit in a register; small functions stay functions.
    "-Cllvm-args=-enable-ipra",
    "-Cllvm-args=-disable-machine-licm",
    "-Cllvm-args=-inline-threshold=35",
];

fn main() {
    let crates = PathBuf::from(variable("CARGO_MANIFEST_DIR")).join("..");
    let stub = crates.join("../stub").canonicalize().expect("the stub's sources are there");
    println!("cargo::rerun-if-changed={}", crates.join("../Cargo.toml").display());
    for sources in ["pipkin-server", "pipkin-format"] {
        println!("cargo::rerun-if-changed={}", crates.join(sources).join("src").display());
    }
    for file in ["Cargo.toml", "link.ld", "src"] {
        println!("cargo::rerun-if-changed={}", stub.join(file).display());
    }
    let out = PathBuf::from(variable("OUT_DIR"));
    let mut table = String::from("&[\n");
    for (architecture, target) in TARGETS {
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
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"))
}

/// Whether `rustup target add` has been there.
fn has_core(target: &str) -> bool {
    let output = Command::new(variable("RUSTC"))
        .args(["--print=target-libdir", "--target", target])
        .output()
        .expect("rustc runs");
    let folder = String::from_utf8(output.stdout).expect("a path in UTF-8");
    // A folder that is not there counts as changed, so one that appears is seen.
    println!("cargo::rerun-if-changed={}", folder.trim());
    let entries = fs::read_dir(folder.trim()).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with("libcore-"))
}

/// The path of the stub for `target` with `features`, built by a cargo of its own: the stub has another profile
/// and linker, and nothing of what the user set for other builds may reach its bytes. Variables
/// come before every configuration file; those of the profile are in the workspace's manifest,
/// and complete.
fn build(stub: &Path, target: &str, features: &str, target_dir: &Path) -> PathBuf {
    let mut cargo = Command::new(variable("CARGO"));
    cargo.args(["build", "--locked", "--quiet", "--profile=stub", features]);
    cargo.args(["--target", target, "--target-dir"]).arg(target_dir).current_dir(stub);
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        let foreign = ["CARGO_BUILD_", "CARGO_PROFILE_", "CARGO_TARGET_", "CARGO_ENCODED_"];
        if foreign.iter().any(|prefix| name.starts_with(prefix)) || name.contains("_WRAPPER") {
            cargo.env_remove(&*name);
        }
    }
    let linker = format!("CARGO_TARGET_{}_LINKER", target.to_uppercase().replace('-', "_"));
    cargo.env(linker, "rust-lld").env("CARGO_ENCODED_RUSTFLAGS", RUSTFLAGS.join("\u{1f}"));
    cargo.env("RUSTC_WRAPPER", "").env("RUSTC_WORKSPACE_WRAPPER", "");
    let status = cargo.status().expect("cargo runs");
    assert!(status.success(), "the server does not build for {target}");
    target_dir.join(target).join("stub/stub")
}
