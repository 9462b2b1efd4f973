//! What is no program, or cannot be complete, and what is said of it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use e2e::{ready, run, run_any};

/// Builds by the command line `line` in `folder`, and compares the exit code and what is said, in which
/// the folder is `FOLDER`. Nothing is left behind.
#[track_caller]
fn check(folder: &Path, line: &str, code: i32, expected: &str) {
    let Some(pipkin) = ready(&[]) else { return };
    let before = names(folder);
    let mut build = pipkin.command(folder, ["build", "-o", "image.tar", "-q"]);
    let output = run_any(build.args(line.split(' ')));
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.replace(&folder.display().to_string(), "FOLDER");
    assert_eq!((said.trim_end(), output.status.code()), (expected, Some(code)), "{line}");
    assert_eq!(names(folder), before, "something is left behind by {line}");
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// An executable file with `text` in `folder`.
fn executable(folder: &Path, name: &str, text: &[u8]) {
    fs::write(folder.join(name), text).unwrap();
    fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn no_program() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    executable(at, "text", b"no program\n");
    executable(at, "empty", b"");
    executable(at, "cut", b"\x7fELF\x02\x01\x01");
    fs::write(at.join("plain"), "#!/bin/sh\n").unwrap();
    check(
        at,
        "./text",
        1,
        "error: ./text is neither a folder nor a program, which starts with the magic \
         of ELF or with #!\n help: to serve it, give the folder that holds it: .; alone, `pipkin \
         build --server micro` takes it",
    );
    check(
        at,
        "./empty",
        1,
        "error: ./empty is neither a folder nor a program, which starts with the magic \
         of ELF or with #!\n help: to serve it, give the folder that holds it: .; alone, `pipkin \
         build --server micro` takes it",
    );
    check(
        at,
        "./cut",
        1,
        "error: cannot use FOLDER/cut: this is an ELF file that ends before its \
         headers say",
    );
    check(
        at,
        "./plain --as program",
        1,
        "error: FOLDER/plain is not executable\n help: chmod +x FOLDER/plain",
    );
    check(
        at,
        "./nothing --as program",
        1,
        "error: cannot read ./nothing: there is no such file or folder\n help: check \
         the spelling: it is the folder with your index.html, or a program such as \
         /usr/bin/jq",
    );
}

#[test]
fn scripts() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    executable(at, "missing", b"#!/no/such/shell\n");
    executable(at, "env", b"#!/usr/bin/env no-such-program\n");
    executable(at, "itself", format!("#!{}/itself\n", at.display()).as_bytes());
    check(
        at,
        "./missing",
        1,
        "error: FOLDER/missing is run by /no/such/shell, which is not there\n help: \
         install /no/such/shell, or correct the first line of the script",
    );
    check(
        at,
        "./env",
        1,
        "error: FOLDER/env is run by no-such-program, which is not there\n help: \
         install no-such-program, or correct the first line of the script",
    );
    check(
        at,
        "./itself",
        1,
        "error: FOLDER/itself is run by a script that is run by a script, and so on",
    );
}

#[test]
fn a_missing_library() {
    let Some(_) = ready(&["gcc"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(at.join("gone.c"), "int gone(void) { return 0; }\n").unwrap();
    fs::write(at.join("middle.c"), "int gone(void);\nint middle(void) { return gone(); }\n")
        .unwrap();
    fs::write(at.join("program.c"), "int middle(void);\nint main() { return middle(); }\n")
        .unwrap();
    let gcc = |args: &str| {
        run(Command::new("gcc").args(args.split_whitespace()).current_dir(at));
    };
    gcc("-shared -fPIC -o libgone.so gone.c");
    gcc("-shared -fPIC -o libmiddle.so middle.c -L. -lgone");
    gcc("-o program program.c -L. -lmiddle -Wl,-rpath-link,. -Wl,-rpath,$ORIGIN");
    fs::remove_file(at.join("libgone.so")).unwrap();
    check(
        at,
        "./program",
        1,
        "error: FOLDER/libmiddle.so, needed by FOLDER/program, needs libgone.so, \
         which is not in /lib/x86_64-linux-gnu, /usr/lib/x86_64-linux-gnu, /lib, \
         /usr/lib\n help: install what brings libgone.so, or leave it: --exclude \
         '**/libgone.so'",
    );
}

#[test]
fn rights() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::copy("/bin/true", at.join("setuid")).unwrap();
    fs::set_permissions(at.join("setuid"), fs::Permissions::from_mode(0o4755)).unwrap();
    check(
        at,
        "./setuid",
        1,
        "error: FOLDER/setuid is setuid or setgid: it would give everybody the rights \
         of its owner\n help: --allow-setuid takes it all the same",
    );
}

#[test]
fn flags() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::create_dir(at.join("root")).unwrap();
    fs::write(at.join("list"), "/etc/hosts\nrelative\n").unwrap();
    check(
        at,
        "/bin/true --root root",
        1,
        "error: there is no /bin/true\n help: give the path of a program, with --root \
         as seen in there",
    );
    check(
        at,
        "/bin/true --root none",
        1,
        "error: cannot read folder none: there is no such folder\n help: --root is the \
         folder in which the / of the program is",
    );
    check(
        at,
        "/bin/true --platform linux/arm64",
        2,
        "error: /bin/true is for linux/amd64, and not for linux/arm64\n help: leave \
         --platform out, or give a root of that platform: --root DIR",
    );
    check(
        at,
        "/bin/true --include /no/such/file",
        1,
        "error: there is no /no/such/file, which --include asks for\n help: check the \
         spelling",
    );
    check(
        at,
        "/bin/true --keep-list list",
        1,
        "error: there is no FOLDER/relative, which list:2 asks for\n help: check the \
         spelling",
    );
}

#[test]
fn values_of_flags() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    check(
        at,
        "/bin/true --tz Nowhere/Else",
        2,
        "error: there is no time zone Nowhere/Else in /usr/share/zoneinfo\n help: name \
         it like Europe/Berlin; the package is tzdata",
    );
    check(
        at,
        "/bin/true --gconv KLINGON",
        2,
        "error: there is no character set KLINGON\n help: iconv --list names those \
         that there are",
    );
    check(
        at,
        "/bin/true --spa",
        2,
        "error: --spa is for what pipkin serves, and /bin/true is a program\n help: \
         leave it out",
    );
    check(
        at,
        "/bin/true --trace-http /",
        2,
        "error: --trace-http asks a server that runs, and none does\n help: give \
         --trace or --verify, too",
    );
    check(
        at,
        "/bin/true --trace='",
        2,
        "error: invalid value ''' for '--trace[=<ARGS>]': a quote is open at its \
         end\n\nFor more information, try '--help'.",
    );
    check(
        at,
        ". --trace",
        2,
        "error: --trace is for a program, and this is a folder\n help: leave it out, \
         or give the path of a program",
    );
}
