//! Short runs of the fuzz targets, on the stable toolchain: libFuzzer needs only the
//! coverage that `-Cpasses=sancov-module` adds, no sanitizer.

use crate::debian::{self, Need};
use crate::shell::{Outcome, cargo, has, metadata, root, run as sh, target};
use crate::skip::skip;

/// What cargo-fuzz passes, less the sanitizer, which is unstable. The parsers hold no unsafe
/// code, so what fuzzing finds in them are panics; debug assertions catch overflow.
const RUSTFLAGS: &str = "-Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    --cfg fuzzing -Cdebug-assertions -Ccodegen-units=1";

/// Named, so that cargo leaves the build scripts, which run here too, uninstrumented.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// libfuzzer-sys builds libFuzzer.
const COMPILER: Need = ("g++", "g++");

const SECONDS: &str = "10";

/// Runs each target for the seconds in `args`.
pub(crate) fn run(args: &[String]) -> Outcome {
    debian::provide(&[COMPILER], "fuzzing")?;
    if !has(COMPILER.0) {
        return Ok(());
    }
    if !cfg!(target_arch = "x86_64") {
        return skip("fuzzing", "coverage was checked on x86-64 only");
    }
    let seconds = args.first().map_or(SECONDS, String::as_str);
    targets()?.iter().try_for_each(|name| fuzz(name, seconds))
}

/// The programs of the fuzz package, each a target.
fn targets() -> Outcome<Vec<String>> {
    let metadata = metadata("fuzz/Cargo.toml")?;
    let programs = metadata["packages"][0]["targets"].as_array().ok_or("fuzz: no targets")?;
    Ok(programs.iter().filter_map(|program| Some(program["name"].as_str()?.into())).collect())
}

/// What libFuzzer finds goes below target/, next to the corpus that it grows there; the
/// committed corpus is only read.
fn fuzz(name: &str, seconds: &str) -> Outcome {
    let work = target()?.join("fuzz-runs").join(name);
    std::fs::create_dir_all(&work)?;
    let seeds = root().join("fuzz/corpus").join(name);
    let mut fuzz = cargo(&["run", "--release", "--target", TARGET, "--bin", name, "--"]);
    fuzz.current_dir(root().join("fuzz")).env("RUSTFLAGS", RUSTFLAGS).arg(&work);
    if seeds.exists() {
        fuzz.arg(seeds);
    }
    fuzz.arg(format!("-max_total_time={seconds}")).arg("-verbosity=0");
    sh(fuzz.arg(format!("-artifact_prefix={}/crash-", work.display())))
}
