//! The rules of musl's dynamic linker.

use std::fs;

use crate::lab::{Lab, MUSL, are_here, libraries, said, sound};

/// A root with musl in it.
fn lab() -> Option<Lab> {
    let lab = Lab::new().filter(|_| are_here(&["/usr/bin/musl-gcc", MUSL]))?;
    lab.copy(MUSL);
    Some(lab)
}

#[track_caller]
fn check(lab: &Lab, program: &str, expected: &[&str]) {
    let closure = lab.find(program).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(libraries(&closure).iter().collect::<Vec<_>>(), expected, "found");
    assert_eq!(lab.loaded_by_musl(program).iter().collect::<Vec<_>>(), expected, "loaded");
    sound(&closure);
    assert_eq!(said(&closure, &[]), "ran\n");
}

#[test]
fn folders_of_a_file() {
    let Some(lab) = lab() else { return };
    lab.musl_program("/bin/p", &["liba.so", "libpthread.so.0"], &[]);
    lab.library("/usr/local/lib/liba.so", "liba.so", &["libc.so"], &[]);
    lab.library("/first/liba.so", "liba.so", &[], &[]);
    check(&lab, "/bin/p", &["/usr/local/lib/liba.so"]);
    lab.write("/etc/ld-musl-x86_64.path", "/none:/first\n/usr/lib\n");
    check(&lab, "/bin/p", &["/first/liba.so"]);
    assert!(lab.find("/bin/p").unwrap().entries.contains_key("/etc/ld-musl-x86_64.path"));
    lab.write("/etc/ld-musl-x86_64.path", "/usr/lib\n");
    let error = lab.find("/bin/p").unwrap_err();
    assert_eq!(error.to_string(), "/bin/p needs liba.so, which is not in /usr/lib");
}

/// RPATH and RUNPATH are the same, and both are inherited.
#[test]
fn runpaths_are_inherited() {
    let Some(lab) = lab() else { return };
    lab.musl_program("/opt/bin/p", &["liba.so"], &["-Wl,-rpath,$ORIGIN/../lib:/l"]);
    lab.library("/opt/lib/liba.so", "liba.so", &["libb.so"], &["-Wl,-rpath,/a"]);
    lab.library("/l/libb.so", "libb.so", &["libd.so"], &[]);
    lab.library("/a/libd.so", "libd.so", &[], &[]);
    lab.library("/l/libd.so", "libd.so", &[], &[]);
    check(&lab, "/opt/bin/p", &["/a/libd.so", "/l/libb.so", "/opt/lib/liba.so"]);
}

/// musl does not read sonames: the name that was searched for is the name of the file.
#[test]
fn sonames_mean_nothing() {
    let Some(lab) = lab() else { return };
    lab.musl_program("/bin/p", &["liba.so", "libb.so"], &["-Wl,-rpath,/l"]);
    lab.library("/l/liba.so", "libb.so", &[], &[]);
    lab.library("/l/libb.so", "libx.so", &[], &[]);
    check(&lab, "/bin/p", &["/l/liba.so", "/l/libb.so"]);
}

/// One of which only the path was asked for is not known by its name, unless it is the same file.
#[test]
fn names_with_slashes() {
    let Some(lab) = lab() else { return };
    lab.musl_program("/bin/p", &["/x/liba.so", "liba.so", "libb.so"], &["-Wl,-rpath,/l"]);
    lab.library("/x/liba.so", "liba.so", &[], &[]);
    lab.library("/l/liba.so", "liba.so", &[], &[]);
    lab.link("/l/libb.so", "../x/liba.so");
    check(&lab, "/bin/p", &["/l/liba.so", "/x/liba.so"]);
}

/// Another token than `$ORIGIN` makes the whole path void.
#[test]
fn other_tokens() {
    let Some(lab) = lab() else { return };
    lab.musl_program("/bin/p", &["liba.so"], &["-Wl,-rpath,/l:/$LIB"]);
    lab.library("/l/liba.so", "liba.so", &[], &[]);
    lab.library("/usr/lib/liba.so", "liba.so", &[], &[]);
    check(&lab, "/bin/p", &["/usr/lib/liba.so"]);
}

#[test]
fn folders_that_are_gone() {
    let Some(lab) = lab() else { return };
    lab.musl_program("/bin/p", &[], &[]);
    fs::remove_file(lab.at(MUSL)).unwrap();
    let error = lab.find("/bin/p").unwrap_err();
    assert_eq!(error.to_string(), format!("/bin/p is loaded by {MUSL}, which is not there"));
}
