//! What it is not for, and what is said then.

use e2e::{ready, write};
use expect_test::{Expect, expect};

use crate::place::{FAILED, Place, USAGE, check_flags, check_in};

/// What is said of `input` in a place where `files` are.
#[track_caller]
fn check_input(files: &[(&str, &[u8])], input: &str, expected: Expect) {
    let Some(pipkin) = ready(&[]) else { return };
    let place = Place::new();
    for (name, document) in files {
        write(place.folder.path(), name, document);
    }
    let args = ["build", input, "--server", "micro", "-o", "out/a.tar"];
    check_in(&pipkin, &place, &args, FAILED, expected);
}

#[test]
fn too_long_a_document() {
    check_input(
        &[("a.html", &[b'x'; 16_385])],
        "a.html",
        expect![[r#"
            error: a.html is longer than 16384 bytes, the most that a micro server sends
             help: leave out --server micro, and give the folder of the file
        "#]],
    );
    check_input(
        &[],
        "/dev/zero",
        expect![[r#"
            error: a micro server serves one file, and /dev/zero is neither file nor folder
             help: give a file, or the folder of one
        "#]],
    );
}

#[test]
fn no_document() {
    check_input(
        &[],
        "gone.html",
        expect![[r#"
            error: cannot read gone.html: No such file or directory (os error 2)
             help: give a file, or the folder of one
        "#]],
    );
    check_input(
        &[],
        "site",
        expect![[r#"
            error: a micro server serves one file, and site has no file
             help: give a file; or leave out --server micro
        "#]],
    );
    check_input(
        &[("site/a/b.html", b"hi")],
        "site",
        expect![[r#"
            error: a micro server serves one file, and site has a folder and no file
             help: give a file; or leave out --server micro
        "#]],
    );
}

#[test]
fn several_documents() {
    check_input(
        &[("site/index.html", b"hi"), ("site/style.css", b"")],
        "site",
        expect![[r#"
            error: a micro server serves one file, and site has 2 entries
             help: give the one: site/index.html; or leave out --server micro
        "#]],
    );
    check_input(
        &[("site/a.html", b"hi"), ("site/b.html", b"hi"), ("site/c/d.html", b"hi")],
        "site",
        expect![[r#"
            error: a micro server serves one file, and site has 3 entries
             help: give the one: site/a.html; or leave out --server micro
        "#]],
    );
}

/// Flags that do not fit.
#[track_caller]
fn check_usage(args: &[&str], expected: Expect) {
    let args = [&["--server", "micro", "-o", "out/a.tar"], args].concat();
    check_flags(&args, USAGE, expected);
}

#[test]
fn flags_of_a_site() {
    check_usage(
        &["--spa"],
        expect![[r#"
            error: --spa is more than --server micro can do
             help: leave out one of the two
        "#]],
    );
    check_usage(
        &["--compress", "gzip"],
        expect![[r#"
            error: --compress is more than --server micro can do
             help: leave out one of the two
        "#]],
    );
    check_usage(
        &["--access-log"],
        expect![[r#"
            error: --access-log is more than --server micro can do
             help: leave out one of the two
        "#]],
    );
    check_usage(
        &["--env-js", "A"],
        expect![[r#"
            error: --env-js is more than --server micro can do
             help: leave out one of the two
        "#]],
    );
    check_usage(
        &["-e", "PORT=9000"],
        expect![[r#"
            error: -e is more than --server micro can do
             help: leave out one of the two
        "#]],
    );
}

#[test]
fn flags_of_other_inputs() {
    check_usage(
        &["--strip"],
        expect![[r#"
            error: --strip is for a program, and this is a file
             help: leave it out, or give the path of a program
        "#]],
    );
    check_usage(
        &["--as", "handler"],
        expect![[r#"
            error: --server micro is for a file to serve
             help: leave out --as, or --server
        "#]],
    );
    check_usage(
        &["--as", "program"],
        expect![[r#"
            error: --server micro is for a file to serve
             help: leave out --as, or --server
        "#]],
    );
    check_usage(
        &["-o", "type=bundle,dest=out/b"],
        expect![[r#"
            error: a bundle is of a program, and this is a file
             help: -o type=exe,dest=PATH writes a server that runs on any Linux
        "#]],
    );
}

#[test]
fn no_port() {
    check_usage(
        &["--", "127.0.0.1:80"],
        expect![[r#"
            error: a micro server listens on every address and takes a port alone, and not: 127.0.0.1:80
             help: -p gives the port; or leave out --server micro
        "#]],
    );
    check_usage(
        &["--", "tea"],
        expect![[r#"
            error: a micro server listens on every address and takes a port alone, and not: tea
             help: -p gives the port; or leave out --server micro
        "#]],
    );
    check_usage(
        &["--", "0"],
        expect![[r#"
            error: a micro server listens on every address and takes a port alone, and not: 0
             help: -p gives the port; or leave out --server micro
        "#]],
    );
    check_usage(
        &["--", "65536"],
        expect![[r#"
            error: a micro server listens on every address and takes a port alone, and not: 65536
             help: -p gives the port; or leave out --server micro
        "#]],
    );
    check_usage(
        &["--", "80", "81"],
        expect![[r#"
            error: a micro server listens on every address and takes a port alone, and not: 80 81
             help: -p gives the port; or leave out --server micro
        "#]],
    );
}

#[test]
fn no_such_server() {
    check_flags(
        &["--server", "nano", "-o", "out/a.tar"],
        USAGE,
        expect![[r#"
            error: invalid value 'nano' for '--server <SERVER>'
              [possible values: standard, micro]

            For more information, try '--help'.
        "#]],
    );
    check_usage(
        &["--platform", "linux/vax"],
        expect![[r#"
            error: there is no server for platform linux/vax
             help: choose from linux/amd64, linux/arm64, linux/riscv64
        "#]],
    );
}

#[test]
fn it_is_for_images() {
    let Some(pipkin) = ready(&[]) else { return };
    let args = ["run", "site", "--server", "micro"];
    check_in(
        &pipkin,
        &Place::with_page(),
        &args,
        USAGE,
        expect![[r#"
            error: unexpected argument '--server' found

              tip: to pass '--server' as a value, use '-- --server'

            Usage: pipkin run <INPUT> [-- <ARGS>...]

            For more information, try '--help'.
        "#]],
    );
}
