//! What tests of running programs share.

use std::path::Path;
use std::time::Duration;

use super::{Limits, Run};

/// Short limits, on a machine that may be busy with other tests.
pub(in crate::program) const LIMITS: Limits = Limits {
    run: Duration::from_secs(30),
    rest: Duration::from_secs(1),
    end: Duration::from_millis(500),
};

/// `/usr/bin/NAME`, if that is there.
pub(in crate::program) fn find(name: &str) -> Option<String> {
    let path = format!("/usr/bin/{name}");
    let is_there = Path::new(&path).exists();
    if !is_there {
        eprintln!("skipped: there is no {path}");
    }
    is_there.then_some(path)
}

/// Owned arguments.
pub(in crate::program) fn argv(argv: &[&str]) -> Vec<String> {
    argv.iter().map(ToString::to_string).collect()
}

/// A run of `argv` with what every program has.
pub(in crate::program) fn run<'a>(argv: &'a [String], env: &'a [(String, String)]) -> Run<'a> {
    Run { argv, env, http: &[], limits: LIMITS, is_interrupted: || false }
}

/// A C program, if there is a compiler.
pub(in crate::program) fn compile(folder: &Path, source: &str, flags: &[&str]) -> Option<String> {
    let compiler = find("gcc")?;
    let (program, file) = (folder.join("compiled"), folder.join("source.c"));
    std::fs::write(&file, source).unwrap();
    let mut gcc = std::process::Command::new(compiler);
    let status = gcc.args(flags).arg("-o").args([&program, &file]).status().unwrap();
    status.success().then(|| program.into_os_string().into_string().unwrap())
}
