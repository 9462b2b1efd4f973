//! How servers and handlers are compiled, which the build script and the program share: the
//! build script compiles the servers that the program carries, the program compiles handlers.

use std::env;
use std::ffi::OsStr;
use std::io;
use std::path::PathBuf;
use std::process::Command;

/// The architecture as images name it, and the target that a program is compiled for. A no_std
/// program takes nothing from the C library that a target's name ends with.
pub(crate) const TARGETS: [(&str, &str); 3] = [
    ("amd64", "x86_64-unknown-linux-gnu"),
    ("arm64", "aarch64-unknown-linux-gnu"),
    ("riscv64", "riscv64gc-unknown-linux-gnu"),
];

/// The profile, which the workspace's manifest has for the stub.
pub(crate) const PROFILE: &str = "stub";

/// How a program is compiled and linked, but for the script. No C compiler takes part: rustc's own
/// linker reads one script. The program is position independent.
const RUSTFLAGS: [&str; 19] = [
    // Not by a variable of cargo's, which would be for programs of the build, too.
    "-Clinker=rust-lld",
    "-Clinker-flavor=ld.lld",
    "-Clink-self-contained=no",
    "-Cdefault-linker-libraries=no",
    "-Crelocation-model=pie",
    "-Clink-arg=--no-dynamic-linker",
    "-Clink-arg=--build-id=none",
    "-Clink-arg=--gc-sections",
    // Without it a small constant can be pushed and popped, which is shorter than moving it.
    "-Cno-redzone=yes",
    // 865 bytes of 9,711, measured one by one for x86-64: callers know which registers a function leaves alone; nothing is computed
    // ahead of a loop to sit in a register; small functions stay functions; no instruction is copied
    // to save a branch.
    "-Cllvm-args=-enable-ipra",
    "-Cllvm-args=-disable-machine-licm",
    "-Cllvm-args=-inline-threshold=35",
    "-Cllvm-args=-bonus-inst-threshold=0",
    // 222 bytes of 8,978 by six out of 2,600 that were tried: blocks lie so that most jumps are not
    // needed; no loop gets a second counter; no load is done early on a path that may not need it, nor
    // kept for a later one that mostly does; branches stay branches; what ends alike ends in one place,
    // however short it is.
    "-Cllvm-args=-apply-ext-tsp-for-size=true",
    "-Cllvm-args=-disable-lsr=true",
    "-Cllvm-args=-enable-pre=false",
    "-Cllvm-args=-gvn-max-num-deps=1",
    "-Cllvm-args=-phi-node-folding-threshold=0",
    "-Cllvm-args=-tail-merge-size=1",
];

/// Makes `cargo` build for `target`, linked by `script`, which is found from the top of the
/// workspace: nothing of what the user set for other builds may reach the bytes. Variables come
/// before every configuration file; those of the profile are in the manifest, and complete.
pub(crate) fn prepare(cargo: &mut Command, target: &str, script: &str, more: &[String]) {
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        let foreign = ["CARGO_BUILD_", "CARGO_PROFILE_", "CARGO_TARGET_", "CARGO_ENCODED_"];
        if foreign.iter().any(|prefix| name.starts_with(prefix)) || name.contains("_WRAPPER") {
            cargo.env_remove(&*name);
        }
    }
    let flags = RUSTFLAGS.iter().map(|flag| (*flag).to_owned());
    let flags = flags.chain([format!("-Clink-arg=--script={script}")]).chain(more.iter().cloned());
    let mut flags: Vec<String> = flags.collect();
    flags.extend(features(target).map(str::to_owned));
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    // A variable that comes before the profile.
    cargo.env("CARGO_INCREMENTAL", "0");
    cargo.env("RUSTC_WRAPPER", "").env("RUSTC_WORKSPACE_WRAPPER", "");
    let profile = format!("--profile={PROFILE}");
    cargo.args(["build", &profile, "--target", target]);
}

/// What the code for `target` may use, where that is not as rustc has it.
fn features(target: &str) -> Option<&'static str> {
    match target.split('-').next()? {
        // Atomic operations would be functions of the toolchain's that ask a C library which of two
        // ways the CPU knows.
        "aarch64" => Some("-Ctarget-feature=-outline-atomics"),
        // The linker may make calls short: 650 bytes of 9,680.
        "riscv64gc" => Some("-Ctarget-feature=+relax"),
        _ => None,
    }
}

/// The folder in which `rustc`, run by `command`, has the libraries for `target`, and whether
/// `core` is among them: whether `rustup target add` has been there.
///
/// # Errors
///
/// It cannot be run, or has failed, as rustup's does for a toolchain that is not there.
pub(crate) fn core_for(command: &mut Command, target: &str) -> io::Result<(PathBuf, bool)> {
    let output = command.args(["--print=target-libdir", "--target", target]).output()?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        return Err(io::Error::other(reason.trim().trim_start_matches("error: ").to_owned()));
    }
    let folder = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    let entries = folder.read_dir().into_iter().flatten().flatten();
    let is_core = |name: &OsStr| name.to_string_lossy().starts_with("libcore-");
    let has_core = entries.into_iter().any(|entry| is_core(&entry.file_name()));
    Ok((folder, has_core))
}
