//! Runs of the fuzz targets, on the stable toolchain: libFuzzer needs only the coverage that
//! `-Cpasses=sancov-module` adds, no sanitizer.

mod target;

use std::path::PathBuf;
use std::sync::Mutex;
use std::thread;

use crate::debian::{self, Need};
use crate::shell::{Outcome, cargo, has, metadata, root, run as sh, target};
use crate::skip::skip;
use target::Target;

/// What cargo-fuzz passes, less the sanitizer, which is unstable. The parsers hold no unsafe
/// code, so what fuzzing finds in them are panics; debug assertions catch overflow.
const RUSTFLAGS: &str = "-Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    --cfg fuzzing -Cdebug-assertions -Ccodegen-units=1";

/// Named, so that cargo leaves the build scripts, which run here too, uninstrumented.
const TRIPLE: &str = "x86_64-unknown-linux-gnu";

/// libfuzzer-sys builds libFuzzer.
const COMPILER: Need = ("g++", "g++");

const SECONDS: u64 = 60;

/// Takes what was found worth keeping into the committed corpus.
const KEEP: &str = "--keep";

/// What the command line asks for.
#[derive(Debug, PartialEq)]
struct Wish {
    /// In the order given; all of them when none is.
    targets: Vec<String>,
    /// How long each is run.
    seconds: u64,
    /// The one input to run instead, of one target.
    input: Option<PathBuf>,
    keep: bool,
}

/// Runs the targets in `args`, or all of them, for the seconds in `args`; or one of them on one
/// file; or keeps what they found.
pub(crate) fn run(args: &[String]) -> Outcome {
    debian::provide(&[COMPILER], "fuzzing")?;
    if !has(COMPILER.0) {
        return Ok(());
    }
    if !cfg!(target_arch = "x86_64") {
        return skip("fuzzing", "coverage was checked on x86-64 only");
    }
    let metadata = metadata("fuzz/Cargo.toml")?;
    let wish = Wish::new(args, &names(&metadata))?;
    let built = metadata["target_directory"].as_str().ok_or("fuzz: no target_directory")?;
    let programs = PathBuf::from(built).join(TRIPLE).join("release");
    let work = target()?.join("fuzz-runs");
    let targets: Vec<_> =
        wish.targets.iter().map(|name| Target::new(name, &programs, &work)).collect();
    build()?;
    match &wish.input {
        Some(input) => targets[0].repeat(input),
        None if wish.keep => targets.iter().try_for_each(Target::keep),
        None => fuzz(&targets, wish.seconds),
    }
}

/// The programs of the fuzz package, each a target.
fn names(metadata: &serde_json::Value) -> Vec<String> {
    let programs = metadata["packages"][0]["targets"].as_array().into_iter().flatten();
    programs.filter_map(|program| Some(program["name"].as_str()?.into())).collect()
}

impl Wish {
    fn new(args: &[String], known: &[String]) -> Outcome<Self> {
        let mut wish = Self { targets: Vec::new(), seconds: SECONDS, input: None, keep: false };
        for arg in args {
            match arg.parse() {
                Ok(seconds) => wish.seconds = seconds,
                Err(_) if known.contains(arg) => wish.targets.push(arg.clone()),
                Err(_) if arg == KEEP => wish.keep = true,
                Err(_) if root().join(arg).is_file() => wish.input = Some(root().join(arg)),
                Err(_) => return Err(format!("no target {arg:?}: {}", known.join(", ")).into()),
            }
        }
        if wish.input.is_some() && wish.targets.len() != 1 {
            return Err("one input is for one target: cargo xtask fuzz TARGET INPUT".into());
        }
        if wish.targets.is_empty() {
            wish.targets = known.to_vec();
        }
        Ok(wish)
    }
}

fn build() -> Outcome {
    let mut build = cargo(&["build", "--release", "--target", TRIPLE, "--bins"]);
    sh(build.current_dir(root().join("fuzz")).env("RUSTFLAGS", RUSTFLAGS))
}

/// Runs each target, as many at once as there are CPUs; a target that fails stops no other.
fn fuzz(targets: &[Target], seconds: u64) -> Outcome {
    let at_once = thread::available_parallelism()?.get().min(targets.len());
    let waiting = Mutex::new(targets.iter());
    let next = || waiting.lock().ok()?.next();
    let work = || {
        let done = std::iter::from_fn(next).map(|target| target.fuzz(seconds));
        done.filter_map(Result::err).collect::<Vec<String>>()
    };
    let failures: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = (0..at_once).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("no panic")).collect()
    });
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n").into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(args: &[&str], expected: Result<(&[&str], u64, bool), &str>) {
        let owned = |list: &[&str]| list.iter().map(|&word| word.into()).collect::<Vec<String>>();
        let wish = Wish::new(&owned(args), &owned(&["elf", "request"]));
        let expected = expected.map(|(targets, seconds, keep)| {
            let targets = owned(targets);
            Wish { targets, seconds, input: None, keep }
        });
        assert_eq!(wish.map_err(|e| e.to_string()), expected.map_err(String::from), "{args:?}");
    }

    #[test]
    fn wishes() {
        check(&[], Ok((&["elf", "request"], SECONDS, false)));
        check(&["5"], Ok((&["elf", "request"], 5, false)));
        check(&["request"], Ok((&["request"], SECONDS, false)));
        check(&["request", "5"], Ok((&["request"], 5, false)));
        check(&["--keep", "elf"], Ok((&["elf"], SECONDS, true)));
        check(&["tea"], Err("no target \"tea\": elf, request"));
        let usage = "one input is for one target: cargo xtask fuzz TARGET INPUT";
        check(&["Cargo.toml"], Err(usage));
        let input = Wish::new(&["elf", "Cargo.toml"].map(String::from), &["elf".into()]);
        assert_eq!(input.unwrap().input, Some(root().join("Cargo.toml")));
    }
}
