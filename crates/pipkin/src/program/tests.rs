use std::fs;
use std::io::Read as _;

use expect_test::{Expect, expect};
use pipkin_closure::{Entry as Kept, Left, Reason};
use pipkin_elf::Architecture;
use tempfile::TempDir;

use super::*;

const AMD64: Architecture = Architecture { e_machine: 62, is_64: true, is_big_endian: false };

/// A closure of `/bin/a`, a link to a program with a loader, and the folder with its files.
pub(crate) fn sample() -> (TempDir, Closure) {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str, mode| {
        let source = folder.path().join(name);
        fs::write(&source, content).unwrap();
        Found::File { source, mode, bytes: content.len() as u64 }
    };
    let by = |kind, by| Reason::new(kind, by, "");
    let entries = [
        ("/bin/a", Found::Link("../usr/bin/b".into()), Reason::start(Kind::Program, "")),
        ("/etc/passwd", Found::Made(b"root".to_vec()), by(Kind::Symbol, "/usr/bin/b")),
        ("/tmp", Found::Folder(0o1777), by(Kind::Symbol, "/usr/bin/b")),
        ("/usr/bin/b", file("b", "program", 0o755), by(Kind::Way, "/bin/a")),
        ("/usr/lib/ld.so", file("ld.so", "ld", 0o555), by(Kind::Loader, "/usr/bin/b")),
    ];
    let kept = entries.map(|(path, body, reason)| (path.to_owned(), Kept { body, reason }));
    let left = Left {
        name: "libx.so".into(),
        reason: Reason::new(Kind::DlopenNote, "/usr/bin/b", "x"),
        because: "it is not there".into(),
    };
    let closure = Closure {
        program: "/bin/a".into(),
        architecture: AMD64,
        interpreter: Vec::new(),
        env: Vec::new(),
        entries: kept.into(),
        left: vec![left],
        warnings: Vec::new(),
    };
    (folder, closure)
}

/// The platform that everything here is for.
pub(crate) fn amd64() -> Platform {
    "linux/amd64".parse().unwrap()
}

#[test]
fn a_tree_has_what_the_closure_has() {
    let (_folder, closure) = sample();
    let tree = tree(&amd64(), &closure).unwrap();
    let shown: Vec<_> =
        tree.entries.iter().map(|entry| (&*entry.path, entry.mode, entry.body.bytes())).collect();
    let expected = [
        ("/bin/a", 0o777, 0),
        ("/etc/passwd", 0o644, 4),
        ("/tmp", 0o1777, 0),
        ("/usr/bin/b", 0o755, 7),
        ("/usr/lib/ld.so", 0o555, 2),
    ];
    assert_eq!(shown, expected);
    assert_eq!((&*tree.program().path, tree.program_bytes()), ("/usr/bin/b", 7));
    assert_eq!((tree.files(), tree.bytes()), (3, 13));
}

#[test]
fn a_tree_says_how_its_bytes_split() {
    let check = |removed: &[&str], expected: &str| {
        let (_folder, mut closure) = sample();
        closure.entries.retain(|path, _| !removed.contains(&path.as_str()));
        let tree = tree(&amd64(), &closure).unwrap();
        assert_eq!(tree.split(|number| number.to_string()), expected);
    };
    check(&[], "program 7 + 2 files that it needs 6");
    check(&["/etc/passwd"], "program 7 + 1 file that it needs 2");
    check(&["/etc/passwd", "/usr/lib/ld.so"], "program 7 alone");
}

#[track_caller]
fn check_no_tree(change: impl FnOnce(&mut Closure), expected: &Expect) {
    let (folder, mut closure) = sample();
    change(&mut closure);
    let failure = tree(&amd64(), &closure).err().unwrap().to_string();
    expected.assert_eq(&failure.replace(&*folder.path().to_string_lossy(), "FOLDER"));
}

#[test]
fn what_is_no_tree() {
    let kept = |body| Kept { body, reason: Reason::start(Kind::Included, "--include") };
    let below = |path: &str| {
        let entry = (path.to_owned(), kept(Found::Made(Vec::new())));
        move |closure: &mut Closure| closure.entries.extend([entry])
    };
    check_no_tree(
        below("/usr/bin/b/x/y"),
        &expect![[r#"
            error: /usr/bin/b/x/y would be below /usr/bin/b, which is no folder
             help: give what is included another place: --include PATH:DEST"#]],
    );
    check_no_tree(
        below("/bin/a/x"),
        &expect![[r#"
            error: /bin/a/x would be below /bin/a, which is no folder
             help: give what is included another place: --include PATH:DEST"#]],
    );
    check_no_tree(
        |closure| drop(closure.entries.remove("/usr/bin/b")),
        &expect!["error: there is no /usr/bin/b in the image"],
    );
    let rewrite = |closure: &mut Closure| {
        let Found::File { source, .. } = &closure.entries["/usr/lib/ld.so"].body else { return };
        fs::write(source, "longer").unwrap();
    };
    check_no_tree(
        rewrite,
        &expect![[r#"
            error: cannot read FOLDER/ld.so: it was changed or removed meanwhile
             help: end what is writing to it, then try again"#]],
    );
}

#[test]
fn what_a_build_writes_is_not_packed() {
    let (folder, mut closure) = sample();
    let asked = closure.entries.get_mut("/usr/lib/ld.so").unwrap();
    asked.reason = Reason::start(Kind::Included, "--include");
    let mut complete = Complete { closure, _made: None };
    complete.leave(&[folder.path().join("ld.so"), folder.path().join("b")]);
    let Closure { entries, left, .. } = complete.closure;
    assert!(entries.contains_key("/usr/bin/b") && !entries.contains_key("/usr/lib/ld.so"));
    let left = left.last().map(|left| (left.name.as_str(), left.because.as_str()));
    assert_eq!(left, Some(("/usr/lib/ld.so", "this build writes it")));
}

#[test]
fn what_needs_a_loader_is_not_static() {
    let (_folder, mut closure) = sample();
    assert!(!closure.is_static());
    closure.entries.remove("/usr/lib/ld.so");
    assert!(closure.is_static());
    closure.interpreter = vec!["/bin/sh".into()];
    assert!(!closure.is_static());
}

#[track_caller]
fn check_platform(e_machine: u16, wanted: &[&str], expected: &str) {
    let (_folder, mut closure) = sample();
    closure.architecture.e_machine = e_machine;
    closure.architecture.is_64 = e_machine != 40;
    let wanted: Vec<Platform> = wanted.iter().map(|text| text.parse().unwrap()).collect();
    let shown = platform(&closure, &wanted);
    let shown = shown.map_or_else(|failure| failure.to_string(), |platform| platform.to_string());
    assert_eq!(shown, expected);
}

#[test]
fn the_program_says_its_platform() {
    check_platform(62, &[], "linux/amd64");
    check_platform(62, &["linux/amd64"], "linux/amd64");
    check_platform(62, &["linux/amd64/v3"], "linux/amd64/v3");
    check_platform(40, &[], "linux/arm/v7");
    check_platform(40, &["linux/arm/v6"], "linux/arm/v6");
    check_platform(
        62,
        &["linux/arm64"],
        "error: /bin/a is for linux/amd64, and not for linux/arm64\n help: leave --platform out, or \
         give a root of that platform: --root DIR",
    );
    check_platform(
        62,
        &["linux/amd64", "linux/arm64"],
        "error: /bin/a is for linux/amd64 alone, and several are given\n help: leave --platform out",
    );
    check_platform(
        4,
        &[],
        "error: /bin/a is for machine 4, which no engine has a name for\n help: give a program for \
         an architecture of Linux",
    );
}

#[test]
fn the_ledger() {
    let (_folder, mut closure) = sample();
    closure.entries.retain(|path, _| path.len() < 11);
    let tree = tree(&amd64(), &closure).unwrap();
    let mut ledger = Vec::new();
    ledger::write(&closure, &tree, &mut ledger).unwrap();
    expect![[r#"
        {
          "program": "/bin/a",
          "architecture": "amd64",
          "kept": [
            {
              "path": "/bin/a",
              "kind": "link",
              "bytes": 0,
              "reason": {
                "kind": "program",
                "by": null,
                "detail": ""
              }
            },
            {
              "path": "/tmp",
              "kind": "folder",
              "bytes": 0,
              "reason": {
                "kind": "symbol",
                "by": "/usr/bin/b",
                "detail": ""
              }
            },
            {
              "path": "/usr/bin/b",
              "kind": "file",
              "bytes": 7,
              "reason": {
                "kind": "way",
                "by": "/bin/a",
                "detail": ""
              }
            }
          ],
          "left": [
            {
              "name": "libx.so",
              "reason": {
                "kind": "dlopen-note",
                "by": "/usr/bin/b",
                "detail": "x"
              },
              "because": "it is not there"
            }
          ]
        }
    "#]]
    .assert_eq(&String::from_utf8(ledger).unwrap());
}

/// The sample with the bytes of `elf` for a program, and the warnings and the length after stripping.
fn stripped(elf: &[u8]) -> (Vec<String>, u64) {
    let (folder, mut closure) = sample();
    let Found::File { source, bytes, .. } =
        &mut closure.entries.get_mut("/usr/bin/b").unwrap().body
    else {
        panic!("not a file")
    };
    fs::write(&*source, elf).unwrap();
    *bytes = elf.len() as u64;
    let made = strip::strip(&mut closure).unwrap();
    let tree = tree(&amd64(), &closure).unwrap();
    let mut content = Vec::new();
    tree.program().body.reader().read_to_end(&mut content).unwrap();
    assert!(content[..16] == elf[..16] && content.len() as u64 == tree.program_bytes());
    drop((made, folder));
    (closure.warnings.clone(), tree.program_bytes())
}

#[test]
fn what_nothing_loads_is_stripped() {
    let own = fs::read("/proc/self/exe").unwrap();
    let (warnings, bytes) = stripped(&own);
    assert!(warnings.is_empty() && bytes < own.len() as u64 / 2, "{bytes} {warnings:?}");
    let payload = [&own[..], b"payload"].concat();
    let (warnings, bytes) = stripped(&payload);
    assert_eq!(bytes, payload.len() as u64);
    let expected = format!(
        "/usr/bin/b is not stripped: this is an ELF file with 7 bytes at {:#x} that are not loaded, \
         and that the program may read itself",
        own.len()
    );
    assert_eq!(warnings, [expected]);
    let script = b"#!/bin/sh\n".repeat(9);
    assert_eq!(stripped(&script), (vec![], script.len() as u64));
}
