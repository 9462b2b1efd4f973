//! What the kernel opens by itself to run a file: the interpreter of a script, and the one that a
//! program names in `PT_INTERP`.
//!
//! Source: execve(2).

use std::fs::{File, Metadata};
use std::io::Read as _;

use nix::unistd::Pid;
use pipkin_elf::Object;
use rustix::fs::OFlags;

use super::place;

/// How many interpreters a script may have, each the interpreter of the one before.
const DEPTH_MAX: usize = 5;
/// `BINPRM_BUF_SIZE`: the kernel reads no more of a first line.
const LINE_BYTES_MAX: usize = 256;
/// How much of a program is read: its headers are at one of its ends, or nearly.
const PROGRAM_BYTES_MAX: u64 = 512 << 20;

/// `path` and the interpreters behind it, each with whether `task` has it.
pub(super) fn chain(task: Pid, path: String) -> Vec<(String, bool)> {
    let mut chain = Vec::new();
    let mut next = path;
    for _ in 0..=DEPTH_MAX {
        let is_there = place::in_root(task, &next, OFlags::PATH).is_some();
        let named = interpreter(task, &next);
        chain.push((next, is_there));
        let Some(name) = named.and_then(|name| place::absolute(task, None, &name)) else { break };
        next = name;
    }
    chain
}

/// The interpreter that a file names.
fn interpreter(task: Pid, path: &str) -> Option<String> {
    // A pipe that nobody writes to must not stop us.
    let mut file = File::from(place::in_root(task, path, OFlags::RDONLY | OFlags::NONBLOCK)?);
    file.metadata().ok().filter(Metadata::is_file)?;
    let mut head = Vec::new();
    file.by_ref().take(LINE_BYTES_MAX as u64).read_to_end(&mut head).ok()?;
    if let Some(line) = head.strip_prefix(b"#!") {
        return of_script(line);
    }
    let mut program = head;
    file.take(PROGRAM_BYTES_MAX).read_to_end(&mut program).ok()?;
    Object::read(&program).ok()?.interpreter().map(String::from)
}

/// The first word of what follows `#!`.
fn of_script(line: &[u8]) -> Option<String> {
    let line = line.split(|byte| *byte == b'\n').next()?;
    let mut words = line.split(|byte| matches!(byte, b' ' | b'\t'));
    String::from_utf8(words.find(|word| !word.is_empty())?.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Option<&str>) {
        assert_eq!(of_script(line.as_bytes()).as_deref(), expected, "{line:?}");
    }

    #[test]
    fn first_lines() {
        check("/bin/sh\nx", Some("/bin/sh"));
        check(" \t/usr/bin/env python3 -u\n", Some("/usr/bin/env"));
        check("/bin/sh", Some("/bin/sh"));
        check("\n/bin/sh", None);
        check("", None);
    }
}
