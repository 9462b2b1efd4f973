//! Interpreters and scripts: what they run is named in no ELF file.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use e2e::{example, ready, run};

use super::places::{Case, Made, check, here};

const PYTHON: &str = "/usr/bin/python3";
const NEEDS: [&str; 5] = ["docker", "docker daemon", "chroot", "root", "tar"];

/// An executable file.
fn script(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

const PYTHON_LINES: &str = r#"
import ctypes, decimal, json, sqlite3, ssl, sys, zoneinfo, datetime, hashlib
context = ssl.create_default_context()
print(len(context.get_ca_certs()) > 50)
print(sqlite3.connect(":memory:").execute("select sqlite_version()").fetchone())
there = datetime.datetime(2026, 7, 1, 12, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))
print(there.isoformat(), decimal.Decimal(1) / 7, hashlib.sha256(b"x").hexdigest())
print(ctypes.CDLL(None).strlen(b"abc"), json.dumps({"ü": 1}), sys.stdin.read())
"#;

#[test]
fn python() {
    let Some(pipkin) = ready(&[&NEEDS[..], &[PYTHON]].concat()) else { return };
    let flags = ["--tz", "Europe/Berlin"];
    let case = Case { program: PYTHON, flags: &flags, args: &["-c", PYTHON_LINES], stdin: "in" };
    check(&pipkin, "python", &case);
}

#[test]
fn the_example() {
    let Some(pipkin) = ready(&[&NEEDS[..], &[PYTHON]].concat()) else { return };
    let program = example().with_file_name("words.py").canonicalize().unwrap();
    let program = program.display().to_string();
    let case = Case { program: &program, flags: &[], args: &[], stdin: "a b a" };
    check(&pipkin, "words", &case);
}

/// What a trace saw is all that there is of the library then.
#[test]
fn python_traced() {
    let Some(pipkin) = ready(&[&NEEDS[..], &[PYTHON]].concat()) else { return };
    let lines = "import json, sys; print(json.dumps(sys.argv))";
    let args = ["-c", lines];
    let trace = format!("--trace=-c '{lines}'");
    let case = Case { program: PYTHON, flags: &[&trace], args: &args, stdin: "" };
    check(&pipkin, "python-traced", &case);
}

/// The tag, name and content of the only files that a wheel needs.
const WHEEL: &str = r#"
import zipfile
with zipfile.ZipFile("greet-1.0-py3-none-any.whl", "w") as wheel:
    wheel.writestr("greet.py", "def greet(name): return 'hello ' + name\n")
    about = "greet-1.0.dist-info/"
    wheel.writestr(about + "METADATA", "Metadata-Version: 2.1\nName: greet\nVersion: 1.0\n")
    wheel.writestr(about + "WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
    wheel.writestr(about + "RECORD", "")
"#;

#[test]
fn a_virtual_environment_with_a_wheel() {
    let needs = [&NEEDS[..], &[PYTHON, "/usr/lib/python3.11/ensurepip"]].concat();
    let Some(pipkin) = ready(&needs) else { return };
    let folder = tempfile::tempdir().unwrap();
    let at = |path: &str| folder.path().join(path);
    let python = || {
        let mut python = Command::new(PYTHON);
        python.current_dir(folder.path()).env_remove("PYTHONHOME").env("HOME", folder.path());
        python
    };
    run(python().args(["-c", WHEEL]));
    run(python().args(["-m", "venv", "venv"]));
    let mut pip = Command::new(at("venv/bin/python"));
    pip.args(["-m", "pip", "install", "-q", "--no-index", "--no-deps"]);
    run(pip.current_dir(folder.path()).arg("greet-1.0-py3-none-any.whl"));
    let line = format!("#!{}\n", at("venv/bin/python").display());
    script(&at("app"), &(line + "import sys, greet\nprint(greet.greet(sys.argv[1]))\n"));
    let program = at("app").display().to_string();
    let flags = ["--exclude", "**/site-packages/pip"];
    let case = Case { program: &program, flags: &flags, args: &["you"], stdin: "" };
    check(&pipkin, "venv", &case);
}

#[test]
fn perl() {
    let Some(pipkin) = ready(&[&NEEDS[..], &["/usr/bin/perl"]].concat()) else { return };
    let lines = r#"use POSIX; use Encode; use List::Util "sum"; use Digest::SHA "sha1_hex";
        print floor(2.5), sum(1..4), sha1_hex("x"), encode("UTF-16BE", "ab"), <STDIN>"#;
    let args = ["-e", lines];
    let case = Case { program: "/usr/bin/perl", flags: &[], args: &args, stdin: "in" };
    let made = Made::new(&pipkin, "perl", case.program, case.flags).furnished();
    made.check(case.args, case.stdin, &here(&case));
}

/// What a shell runs is seen by running it.
#[test]
fn a_shell_script() {
    let Some(pipkin) = ready(&NEEDS) else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app");
    script(&path, "#!/bin/sh\nsort | sed s/^/$1/\n");
    let program = path.display().to_string();
    let case = Case { program: &program, flags: &["--trace=x"], args: &["y"], stdin: "b\na\n" };
    check(&pipkin, "sh", &case);
}

/// The interpreter that env finds by its name.
#[test]
fn a_script_for_env() {
    let Some(pipkin) = ready(&NEEDS) else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app");
    script(&path, "#!/usr/bin/env -S perl -w\nprint \"args @ARGV\\n\";\n");
    let program = path.display().to_string();
    check(&pipkin, "env", &Case { program: &program, flags: &[], args: &["y"], stdin: "" });
}
