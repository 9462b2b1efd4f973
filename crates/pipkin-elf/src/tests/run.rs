//! Programs that compilers of this machine make, which do the same when they are stripped.

use std::fs::{self, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use std::thread::sleep;
use std::time::Duration;

use crate::{Object, strip};

/// Something of everything that a C library prepares before main: a constructor, a variable of a
/// thread, one that starts as zero, and a literal.
const HOSTED: &str = "
    #include <stdio.h>
    static __thread int local = 3; static int zero[5000]; static int set = 4;
    __attribute__((constructor)) static void before(void) { set += 1; }
    int main(int argc, char **argv) {
        return printf(\"%d %d %d %d %s\\n\", argc, local, zero[4999], set, argv[1]) - 12;
    }";

/// Two system calls, for no library.
const BARE: &str = "
    static long call(long number, long a, const char *b, long c) {
        long result;
        __asm__ volatile(\"syscall\" : \"=a\"(result)
            : \"a\"(number), \"D\"(a), \"S\"(b), \"d\"(c) : \"rcx\", \"r11\", \"memory\");
        return result;
    }
    void _start(void) { call(1, 1, \"hello\\n\", 6); call(60, 7, 0, 0); }";

/// Compiles `source`, if the compiler is there and can; the output of the program and of what
/// is left of it is the same, and the latter without sections.
fn check_compiled(compiler: &str, arguments: &[&str], source: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("program");
    fs::write(path.with_extension("c"), source).unwrap();
    let mut compile = Command::new(compiler);
    compile.current_dir(&folder).args(["-o", "program", "program.c"]).args(arguments);
    if !compile.output().is_ok_and(|output| output.status.success()) {
        return eprintln!("skipped: no {compiler} {arguments:?}");
    }
    check(&path, &["argument"]);
}

#[track_caller]
fn check(path: &Path, arguments: &[&str]) {
    let whole = fs::read(path).unwrap();
    let out = strip(&whole).unwrap();
    assert!(out.len() < whole.len(), "{path:?}");
    check_needs(&out, &whole);
    let folder = tempfile::tempdir().unwrap();
    let stripped = folder.path().join("stripped");
    fs::write(&stripped, &out).unwrap();
    fs::set_permissions(&stripped, Permissions::from_mode(0o755)).unwrap();
    let expected = run(path, arguments);
    assert!(!expected.stdout.is_empty(), "{path:?}");
    assert_eq!(run(&stripped, arguments), expected, "{path:?}");
}

#[track_caller]
fn check_needs(out: &[u8], whole: &[u8]) {
    let [out, whole] = [out, whole].map(|bytes| Object::read(bytes).unwrap());
    let paths = |object: &Object<'_>| {
        [object.interpreter(), object.runpath()].map(|path| path.map(str::to_owned))
    };
    assert_eq!(paths(&out), paths(&whole));
    assert_eq!((out.needed(), out.imports()), (whole.needed(), whole.imports()));
    assert!(out.literals(4).eq(whole.literals(4)));
}

/// What a program says. While another thread starts a program, that one holds for a moment what
/// is open for writing here.
pub(super) fn run(path: &Path, arguments: &[&str]) -> Output {
    for _ in 0..1_000 {
        match Command::new(path).args(arguments).output() {
            Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => {
                sleep(Duration::from_millis(5));
            }
            output => return output.unwrap(),
        }
    }
    panic!("{path:?} stays busy");
}

#[test]
fn programs_with_a_c_library_run_without_sections() {
    for arguments in [&[][..], &["-g"], &["-no-pie"], &["-static"], &["-static-pie"]] {
        check_compiled("gcc", arguments, HOSTED);
    }
    check_compiled("musl-gcc", &["-static"], HOSTED);
}

#[test]
fn programs_without_a_library_run_without_sections() {
    if !cfg!(target_arch = "x86_64") {
        return eprintln!("skipped: the system calls are those of x86-64");
    }
    let layouts = ["-g", "-Wl,-z,noseparate-code", "-Wl,-n", "-Wl,-N", "-Wl,--build-id=none"];
    for layout in layouts {
        check_compiled("gcc", &["-nostdlib", "-static", layout], BARE);
    }
}

#[test]
fn programs_in_rust_and_go_run_without_sections() {
    check(&std::env::current_exe().unwrap(), &["--list"]);
    match Path::new("/usr/bin/go").canonicalize() {
        Ok(go) => check(&go, &["version"]),
        Err(_) => eprintln!("skipped: there is no Go"),
    }
}
