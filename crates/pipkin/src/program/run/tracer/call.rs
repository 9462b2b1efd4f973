//! The system calls that name files, by architecture: which argument is what.
//!
//! Source: the kernel's tables `arch/x86/entry/syscalls/syscall_{32,64}.tbl` and
//! `include/uapi/asm-generic/unistd.h`; the flags of open(2) that stand here are the same in all.

/// Architectures as `PTRACE_GET_SYSCALL_INFO` has them: `AUDIT_ARCH_*`.
pub(super) const X86_64: u32 = 0xC000_003E;
pub(super) const I386: u32 = 0x4000_0003;
pub(super) const AARCH64: u32 = 0xC000_00B7;

/// Flags of open(2).
pub(super) const ACCESS_MODE: u64 = 0o3;
pub(super) const WRITE_ONLY: u64 = 0o1;
pub(super) const TRUNCATE: u64 = 0o1000;
pub(super) const PATH_ONLY: u64 = 0o10_000_000;
/// The bit of `O_TMPFILE` that is its own.
pub(super) const UNNAMED: u64 = 0o20_000_000;

/// What creat(2) stands for.
pub(super) const CREATE: u64 = 0o100 | WRITE_ONLY | TRUNCATE;

/// A system call that names a file. Numbers are positions of arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) kind: Kind,
    /// The folder that the path is relative to; the current one, when there is none.
    pub(super) folder: Option<usize>,
    pub(super) path: usize,
    pub(super) flags: Flags,
}

/// What is done with the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It is opened.
    Open,
    /// It is asked about.
    Look,
    /// It is run.
    Run,
    /// It is a folder that is gone into.
    Enter,
}

/// Where the flags of open(2) are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flags {
    /// There are only these.
    Fixed(u64),
    /// In an argument.
    In(usize),
    /// At the beginning of what an argument points to: openat2(2).
    At(usize),
}

const fn plain(kind: Kind) -> Call {
    Call { kind, folder: None, path: 0, flags: Flags::Fixed(0) }
}

const fn at(kind: Kind) -> Call {
    Call { kind, folder: Some(0), path: 1, flags: Flags::Fixed(0) }
}

const OPEN: Call = Call { flags: Flags::In(1), ..plain(Kind::Open) };
const CREAT: Call = Call { flags: Flags::Fixed(CREATE), ..plain(Kind::Open) };
const OPENAT: Call = Call { flags: Flags::In(2), ..at(Kind::Open) };
const OPENAT2: Call = Call { flags: Flags::At(2), ..at(Kind::Open) };
const LOOK: Call = plain(Kind::Look);
const LOOK_AT: Call = at(Kind::Look);
const RUN: Call = plain(Kind::Run);
const RUN_AT: Call = at(Kind::Run);
const ENTER: Call = plain(Kind::Enter);

/// The calls of an architecture, each with its number and name.
type Table = &'static [(u64, &'static str, Call)];

const OF_X86_64: Table = &[
    (2, "open", OPEN),
    (4, "stat", LOOK),
    (6, "lstat", LOOK),
    (21, "access", LOOK),
    (59, "execve", RUN),
    (80, "chdir", ENTER),
    (85, "creat", CREAT),
    (89, "readlink", LOOK),
    (257, "openat", OPENAT),
    (262, "newfstatat", LOOK_AT),
    (267, "readlinkat", LOOK_AT),
    (269, "faccessat", LOOK_AT),
    (322, "execveat", RUN_AT),
    (332, "statx", LOOK_AT),
    (437, "openat2", OPENAT2),
    (439, "faccessat2", LOOK_AT),
];

const OF_I386: Table = &[
    (5, "open", OPEN),
    (8, "creat", CREAT),
    (11, "execve", RUN),
    (12, "chdir", ENTER),
    (33, "access", LOOK),
    (85, "readlink", LOOK),
    (106, "stat", LOOK),
    (107, "lstat", LOOK),
    (195, "stat64", LOOK),
    (196, "lstat64", LOOK),
    (295, "openat", OPENAT),
    (300, "fstatat64", LOOK_AT),
    (305, "readlinkat", LOOK_AT),
    (307, "faccessat", LOOK_AT),
    (358, "execveat", RUN_AT),
    (383, "statx", LOOK_AT),
    (437, "openat2", OPENAT2),
    (439, "faccessat2", LOOK_AT),
];

const OF_AARCH64: Table = &[
    (48, "faccessat", LOOK_AT),
    (49, "chdir", ENTER),
    (56, "openat", OPENAT),
    (78, "readlinkat", LOOK_AT),
    (79, "newfstatat", LOOK_AT),
    (221, "execve", RUN),
    (281, "execveat", RUN_AT),
    (291, "statx", LOOK_AT),
    (437, "openat2", OPENAT2),
    (439, "faccessat2", LOOK_AT),
];

/// The call with a number, if it names a file.
pub(super) fn find(architecture: u32, number: u64) -> Option<Call> {
    let table = match architecture {
        X86_64 => OF_X86_64,
        I386 => OF_I386,
        AARCH64 => OF_AARCH64,
        _ => return None,
    };
    table.iter().find(|row| row.0 == number).map(|row| row.2)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[track_caller]
    fn check(architecture: u32, number: u64, expected: Option<Call>) {
        assert_eq!(find(architecture, number), expected);
    }

    #[test]
    fn numbers_are_those_of_their_architecture() {
        check(X86_64, 59, Some(RUN));
        check(I386, 11, Some(RUN));
        check(AARCH64, 221, Some(RUN));
        check(X86_64, 11, None);
        check(X86_64, 0x4000_0002, None);
        check(0x4000_0028, 5, None);
    }

    /// Compares with what C programs are compiled with, where that is installed.
    #[track_caller]
    fn check_table(table: Table, header: &str, prefix: &str) {
        let Ok(header) = fs::read_to_string(header) else {
            eprintln!("skipped: there is no {header}");
            return;
        };
        for (number, name, _) in table {
            let line = format!("{prefix}{name} {number}");
            assert!(header.lines().any(|it| it == line), "{line}");
        }
    }

    #[test]
    fn numbers_are_those_of_the_headers() {
        let folder = "/usr/include/x86_64-linux-gnu/asm";
        check_table(OF_X86_64, &format!("{folder}/unistd_64.h"), "#define __NR_");
        check_table(OF_I386, &format!("{folder}/unistd_32.h"), "#define __NR_");
    }
}
