//! Command lines that make no sense.

use expect_test::{Expect, expect};

use crate::place::{USAGE, check_flags};

/// Flags that say what cannot be.
#[track_caller]
fn check_usage(args: &[&str], expected: Expect) {
    check_flags(args, USAGE, expected);
}

#[test]
fn bad_tag() {
    check_usage(
        &["-t", "Site", "-o", "out/a.tar"],
        expect![[r#"
        error: invalid value 'Site' for '--tag <NAME[:TAG]>': image name `Site` has the upper-case `S` at position 1: names are lower-case, write `site`

        For more information, try '--help'.
    "#]],
    );
    check_usage(
        &["-t", "site:", "-o", "out/a.tar"],
        expect![[r#"
        error: invalid value 'site:' for '--tag <NAME[:TAG]>': image name `site:` has nothing after the `:`: write NAME:TAG

        For more information, try '--help'.
    "#]],
    );
    check_usage(
        &["-t", "", "-o", "out/a.tar"],
        expect![[r#"
        error: invalid value '' for '--tag <NAME[:TAG]>': the image name is empty: write NAME or NAME:TAG

        For more information, try '--help'.
    "#]],
    );
}

#[test]
fn bad_port() {
    check_usage(
        &["--port", "0", "-o", "out/a.tar"],
        expect![[r#"
        error: invalid value '0' for '--port <PORT>': a port is a number from 1 to 65535

        For more information, try '--help'.
    "#]],
    );
    check_usage(
        &["--port", "65536", "-o", "out/a.tar"],
        expect![[r#"
        error: invalid value '65536' for '--port <PORT>': a port is a number from 1 to 65535

        For more information, try '--help'.
    "#]],
    );
    check_usage(
        &["--port", "http", "-o", "out/a.tar"],
        expect![[r#"
        error: invalid value 'http' for '--port <PORT>': a port is a number from 1 to 65535

        For more information, try '--help'.
    "#]],
    );
}

#[test]
fn bad_platform() {
    check_usage(
        &["--platform", "linux/vax", "-o", "out/a.tar"],
        expect![[r#"
        error: there is no server for platform linux/vax
         help: choose from linux/amd64, linux/arm64, linux/riscv64
    "#]],
    );
    check_usage(
        &["--platform", "windows/amd64", "-o", "out/a.tar"],
        expect![[r#"
        error: invalid value 'windows/amd64' for '--platform <LIST>': platform `windows/amd64` is for `windows`, and these images are for linux: write linux/amd64

        For more information, try '--help'.
    "#]],
    );
    let twice = "linux/amd64,linux/amd64";
    check_usage(
        &["--platform", twice, "-o", "type=oci,dest=out/a"],
        expect![[r#"
        error: platform linux/amd64 is given twice
    "#]],
    );
}

#[test]
fn several_platforms_in_one_archive() {
    check_usage(
        &["--platform", "linux/amd64,linux/arm64", "-o", "out/a.tar"],
        expect![[r#"
        error: out/a.tar takes one platform, and several are given
         help: -o type=oci,dest=PATH takes an index; or build one --platform at a time
    "#]],
    );
}

#[test]
fn bad_output() {
    check_usage(
        &["-o", "type=zip,dest=out/a.zip"],
        expect![[r#"
        error: invalid value 'type=zip,dest=out/a.zip' for '--output <KIND,dest=PATH>': there is no output type `zip`: choose docker, oci, dir, rootfs.tar.xz, exe or bundle

        For more information, try '--help'.
    "#]],
    );
    check_usage(
        &["-o", "type=dir"],
        expect![[r#"
        error: -o type=dir does not say where to
         help: -o type=dir,dest=PATH
    "#]],
    );
    check_usage(
        &["-o", "-", "--json"],
        expect![[r#"
        error: -o - and --json both write to stdout
         help: give the archive a file: -o NAME.tar
    "#]],
    );
}

#[test]
fn unknown_flag() {
    check_usage(
        &["--outputs", "out/a.tar"],
        expect![[r#"
        error: unexpected argument '--outputs' found

          tip: a similar argument exists: '--output'
          tip: to pass '--outputs' as a value, use '-- --outputs'

        Usage: pipkin build --output <KIND,dest=PATH> <INPUT> [-- <ARGS>...]

        For more information, try '--help'.
    "#]],
    );
}

#[test]
fn bad_budget() {
    check_usage(
        &["--budget", "lots", "-o", "out/a.tar"],
        expect![[r#"
        error: invalid value 'lots' for '--budget <SIZE>': write it as bytes or with a unit: 4096, 4kB, 1MiB

        For more information, try '--help'.
    "#]],
    );
}

#[test]
fn bad_user() {
    check_usage(
        &["--user", "nobody", "-o", "out/a.tar"],
        expect![[r#"
        error: invalid value 'nobody' for '--user <UID[:GID]>': write it in numbers, such as 65532:65532: a name would need a passwd file

        For more information, try '--help'.
    "#]],
    );
}
