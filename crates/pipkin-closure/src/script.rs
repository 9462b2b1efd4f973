//! The first line of a script, which names the program that runs it.
//!
//! Source: execve(2), "Interpreter scripts"; env(1).

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;

use crate::root::{Root, join};

/// Bytes of a first line at most, as in Linux.
const LINE_BYTES_MAX: usize = 256;
/// Options of env that split the one word behind it, and that may be written together with it.
const SPLITS: [&str; 4] = ["-S", "-vS", "-iS", "--split-string="];
/// What is between words there.
const BLANKS: [char; 2] = [' ', '\t'];
/// Where a program is looked for by its name, in this order.
pub const PATH: [&str; 6] =
    ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/// What follows `#!` in the first line of the file at `path`, which has no links in it; none when
/// it starts with something else.
pub(crate) fn first_line(root: &Root, path: &str) -> Option<String> {
    let start = root.start(path, LINE_BYTES_MAX as u64).ok()?;
    let rest = start.strip_prefix(b"#!")?;
    let end = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
    let line = String::from_utf8_lossy(&rest[..end]);
    let trimmed = line.trim_matches(BLANKS);
    // Of a longer line the kernel takes the start, unless that cuts the name.
    let is_cut = start.len() == LINE_BYTES_MAX && end == rest.len();
    let ends_with_name = !line.trim_start_matches(BLANKS).contains(BLANKS);
    (!is_cut || !ends_with_name).then(|| trimmed.to_owned())
}

/// The program in a first line and its only argument, which may have spaces in it.
pub(crate) fn words(line: &str) -> Vec<&str> {
    match line.split_once(BLANKS) {
        Some((program, rest)) => vec![program, rest.trim_matches(BLANKS)],
        None if line.is_empty() => Vec::new(),
        None => vec![line],
    }
}

/// The program that env is told to run in the first line `line`, with its arguments. Without an
/// option that splits it, what follows env is one word.
pub(crate) fn command_of_env(line: &str) -> Vec<&str> {
    let Some(&argument) = words(line).get(1) else { return Vec::new() };
    let Some(split) = SPLITS.iter().find_map(|option| argument.strip_prefix(option)) else {
        let is_option = argument.starts_with('-') || argument.contains('=');
        return if is_option { Vec::new() } else { vec![argument] };
    };
    let mut words = split.split_ascii_whitespace().peekable();
    while let Some(word) = words.peek() {
        match *word {
            "-u" | "-C" => drop(words.by_ref().take(2).count()),
            word if word.starts_with('-') || word.contains('=') => drop(words.next()),
            _ => break,
        }
    }
    words.collect()
}

/// Whether anybody may run the file.
pub(crate) fn is_executable(metadata: &Metadata) -> bool {
    metadata.mode() & 0o111 != 0
}

/// The path of the program that is called `name`.
pub(crate) fn in_path(root: &Root, name: &str) -> Option<String> {
    if name.starts_with('/') {
        return root.file(name).map(|_| name.into());
    }
    let runs = |path: &String| root.file(path).is_some_and(|found| is_executable(&found.metadata));
    PATH.iter().map(|folder| join(folder, name)).find(runs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_lines() {
        let check = |line: &str, expected: &[&str], of_env: &[&str]| {
            assert_eq!((words(line), command_of_env(line)), (expected.to_vec(), of_env.to_vec()));
        };
        check("", &[], &[]);
        check("/bin/sh", &["/bin/sh"], &[]);
        check("/bin/awk -e  -x y", &["/bin/awk", "-e  -x y"], &[]);
        check("/usr/bin/env sh -e", &["/usr/bin/env", "sh -e"], &["sh -e"]);
        check("/usr/bin/env -Ssh -e", &["/usr/bin/env", "-Ssh -e"], &["sh", "-e"]);
        check("/usr/bin/env python3", &["/usr/bin/env", "python3"], &["python3"]);
        let line = "/usr/bin/env -S -u B A=1 perl -w";
        check(line, &["/usr/bin/env", "-S -u B A=1 perl -w"], &["perl", "-w"]);
    }
}
