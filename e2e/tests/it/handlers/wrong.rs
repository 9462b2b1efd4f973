//! Sources that are no handlers, and what is said of them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Output;

use e2e::{ready, run_any, write};
use expect_test::{Expect, expect};

use super::package::{LIBRARY, dependency, package, used};
use crate::place::{FAILED, Place, USAGE, check_said};

/// `pipkin ARGS` after `make`, with an expected exit code and story.
#[track_caller]
fn check_args(make: impl FnOnce(&Place), args: &[&str], code: i32, expected: Expect) {
    let Some(pipkin) = ready(&["cargo"]) else { return };
    let place = Place::new();
    make(&place);
    let args = [&["build"], args, &["-o", "out/a.tar"]].concat();
    let mut command = pipkin.command(place.folder.path(), args);
    check_said(&run_any(place.prepare(&mut command)), code, expected);
    place.check_clean();
}

#[track_caller]
fn check(make: impl FnOnce(&Place), input: &str, expected: Expect) {
    check_args(make, &[input], FAILED, expected);
}

fn source(text: &str) -> impl FnOnce(&Place) {
    move |place| write(&place.path("site"), "a.rs", format!("use pipkin_handler::*;\n{text}"))
}

const HELLO: &str = "fn hello(_: &Request) -> Response { Response::text(\"\") }\n";

#[test]
fn no_file() {
    check(
        |_| (),
        "gone.rs",
        expect![[r#"
        error: cannot read gone.rs: there is no such file
         help: check the spelling: it is the Rust source with your handler
    "#]],
    );
    check(
        |_| (),
        "site/../gone.rs",
        expect![[r#"
        error: cannot read site/../gone.rs: there is no such file
         help: check the spelling: it is the Rust source with your handler
    "#]],
    );
}

#[test]
fn no_handler() {
    check(
        source(""),
        "site/a.rs",
        expect![[r#"
            warning: unused import: `pipkin_handler::*`
             --> site/a.rs:1:5
              |
            1 | use pipkin_handler::*;
              |     ^^^^^^^^^^^^^^^^^
              |
              = note: `#[warn(unused_imports)]` (part of `#[warn(unused)]`) on by default

            error: there is no handler in site/a.rs
             help: add `handler!(NAME);` for your `fn NAME(_: &Request) -> Response`, or `routes!`; or `program!(NAME);` for a `fn NAME()` that runs once
        "#]],
    );
}

#[test]
fn two_handlers() {
    let text = format!("handler!(hello);\nhandler!(hello);\n{HELLO}");
    check(
        source(&text),
        "site/a.rs",
        expect![[r#"
            error: symbol `pipkin_heap` is already defined
             --> site/a.rs:3:1
              |
            3 | handler!(hello);
              | ^^^^^^^^^^^^^^^
              |
              = note: this error originates in the macro `$crate::link_heap` which comes from the expansion of the macro `handler` (in Nightly builds, run with -Z macro-backtrace for more info)

            error: cannot compile site/a.rs, as the compiler says above
             help: one `handler!`, `routes!` or `program!` is a program's: make several handlers into `routes!`
        "#]],
    );
}

#[test]
fn an_error_of_the_compiler() {
    let text = "handler!(hello);\n\nfn hello(_: &Request) -> Response { 7 }\n";
    check(
        source(text),
        "site/a.rs",
        expect![[r#"
        error[E0308]: mismatched types
         --> site/a.rs:4:37
          |
        4 | fn hello(_: &Request) -> Response { 7 }
          |                          --------   ^ expected `Response`, found integer
          |                          |
          |                          expected `_::Response` because of return type

        error: cannot compile site/a.rs, as the compiler says above
    "#]],
    );
}

#[test]
fn std_in_the_source() {
    let text = format!("use std::fs;\nhandler!(hello);\n{HELLO}");
    check(
        source(&text),
        "site/a.rs",
        expect![[r#"
        error[E0432]: unresolved import `std`
         --> site/a.rs:2:5
          |
        2 | use std::fs;
          |     ^^^ use of unresolved module or unlinked crate `std`
          |
          = help: if you wanted to use a crate named `std`, use `cargo add std` to add it to your `Cargo.toml`

        error: cannot compile site/a.rs, as the compiler says above
         help: a handler has no std: most of it is in core, and what allocates is in alloc
    "#]],
    );
}

#[test]
fn no_folder_for_a_site() {
    check(
        source("routes! { \"/*\" => site(\"gone\") }\n"),
        "site/a.rs",
        expect![[r#"
        error: cannot embed site/gone: there is no such folder
         help: `site` in routes! names it from where the source file is, or the package
    "#]],
    );
}

#[test]
fn routes_are_wrong_at_their_lines() {
    let route =
        |route: &str| format!("routes! {{\n    GET \"/\" => hello,\n    {route}\n}}\n{HELLO}");
    check_lines(
        &route("GET \"users\" => hello,"),
        expect![[r#"
        error[E0277]: a route's pattern is a path such as "/users/:id" or "/files/*"
        --> site/a.rs:4:9
        error[E0080]: evaluation panicked: a route's pattern begins with a slash
        --> site/a.rs:2:1
        error: cannot compile site/a.rs, as the compiler says above"#]],
    );
    check_lines(
        &route("GTE \"/users\" => hello,"),
        expect![[r#"
        error[E0425]: cannot find value `GTE` in module `$crate::made::method`
        --> site/a.rs:4:5
        error: cannot compile site/a.rs, as the compiler says above"#]],
    );
}

/// [`check_lines`] of a source with these settings of its image.
#[track_caller]
fn check_setting(settings: &str, expected: Expect) {
    check_lines(&format!("image! {{\n{settings}\n}}\nhandler!(hello);\n{HELLO}"), expected);
}

/// The lines that say what and where: what rustc says besides is its own.
#[expect(clippy::needless_pass_by_value, reason = "as `expect!` is meant to be used")]
#[track_caller]
fn check_lines(text: &str, expected: Expect) {
    let Some(pipkin) = ready(&["cargo"]) else { return };
    let place = Place::new();
    source(text)(&place);
    let mut command =
        pipkin.command(place.folder.path(), ["build", "site/a.rs", "-o", "out/a.tar"]);
    let Output { stderr, status, .. } = run_any(place.prepare(&mut command));
    assert_eq!(status.code(), Some(FAILED));
    let said = String::from_utf8(stderr).unwrap();
    let is_first = |line: &&str| line.starts_with("error") || line.contains("--> site/");
    let lines: Vec<_> = said.lines().filter(is_first).map(str::trim_start).collect();
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn settings_are_wrong_at_their_lines() {
    check_setting(
        "port: 1,\nport: 2",
        expect![[r#"
        error[E0415]: identifier `port` is bound more than once in this parameter list
        --> site/a.rs:4:1
        error: cannot compile site/a.rs, as the compiler says above"#]],
    );
    check_setting(
        "tag: \"Hello\"",
        expect![[r#"
        error[E0277]: a `tag` is NAME or NAME:TAG, the name in lower case, such as "hello:latest"
        --> site/a.rs:3:6
        error: cannot compile site/a.rs, as the compiler says above"#]],
    );
    check_setting(
        "tag: \"a\",\nport: 0",
        expect![[r#"
        error[E0277]: a `port` is a number from 1 to 65535
        --> site/a.rs:4:7
        error: cannot compile site/a.rs, as the compiler says above"#]],
    );
    check_setting(
        "port: 70000",
        expect![[r#"
        error: literal out of range for `u16`
        --> site/a.rs:3:7
        error: cannot compile site/a.rs, as the compiler says above"#]],
    );
    check_setting(
        "user: \"nobody\"",
        expect![[r#"
        error[E0277]: a `user` is UID or UID:GID in numbers, such as "1000:1000"
        --> site/a.rs:3:7
        error: cannot compile site/a.rs, as the compiler says above"#]],
    );
    check_setting(
        "env: [\n\"A=1\",\n\"B\"\n]",
        expect![[r#"
        error[E0277]: a variable in `env` is NAME=VALUE, such as "GREETING=hello"
        --> site/a.rs:5:1
        error: cannot compile site/a.rs, as the compiler says above"#]],
    );
    check_setting(
        "labels: [\"a=b\\n\"]",
        expect![[r#"
        error[E0277]: a label in `labels` is NAME=VALUE, such as "org.example.team=blue"
        --> site/a.rs:3:10
        error: cannot compile site/a.rs, as the compiler says above"#]],
    );
    check_setting(
        "args: [\"\\0\"]",
        expect![[r#"
        error[E0277]: an argument in `args` is a line of text without NUL
        --> site/a.rs:3:8
        error: cannot compile site/a.rs, as the compiler says above"#]],
    );
}

#[test]
fn settings_are_of_their_types() {
    check_setting(
        "platforms: [\"linux/amd64\", \"linux/x\"]",
        expect![[r#"
        error[E0277]: a platform in `platforms` is "linux/amd64", "linux/arm64" or "linux/riscv64"
        --> site/a.rs:3:28
        error: cannot compile site/a.rs, as the compiler says above"#]],
    );
    check_setting(
        "platforms: \"linux/amd64\"",
        expect![[r#"
        error[E0308]: mismatched types
        --> site/a.rs:3:12
        error: cannot compile site/a.rs, as the compiler says above"#]],
    );
    check_setting(
        "tug: \"a\"",
        expect![[r#"
        error[E0433]: cannot find `tug` in `image_setting`
        --> site/a.rs:3:1
        error: cannot compile site/a.rs, as the compiler says above"#]],
    );
    check_setting(
        "port: \"80\"",
        expect![[r#"
        error[E0308]: mismatched types
        --> site/a.rs:3:7
        error[E0308]: mismatched types
        --> site/a.rs:3:7
        error[E0308]: mismatched types
        --> site/a.rs:3:7
        error: cannot compile site/a.rs, as the compiler says above"#]],
    );
}

#[test]
fn a_dependency_needs_std() {
    let make = |place: &Place| {
        let used = used(place, "pub fn hello() -> &'static str { \"\" }\n");
        package(place, &(dependency() + &used), LIBRARY);
    };
    check(
        make,
        "site",
        expect![[r#"
            error: cannot link site: the crate used_crate uses std, and a handler has none
             help: turn its std off where Cargo.toml asks for it, mostly by default-features = false, or use another crate; `cargo tree` says who asks for used_crate
        "#]],
    );
}

#[test]
fn the_package_needs_std() {
    let library = LIBRARY.replace("#![no_std]", "").replace("used_crate::hello()", "\"\"");
    check(
        |place| package(place, &dependency(), &library),
        "site",
        expect![[r#"
        error: cannot link site: it uses std, and a handler has none
         help: add #![no_std] at the top of src/lib.rs
    "#]],
    );
}

#[test]
fn no_handler_in_the_package() {
    let library = "#![no_std]\npub fn hello() {}\n";
    check(
        |place| package(place, &dependency(), library),
        "site",
        expect![[r#"
            error: there is no handler in site
             help: add `handler!(NAME);` for your `fn NAME(_: &Request) -> Response`, or `routes!`; or `program!(NAME);` for a `fn NAME()` that runs once
        "#]],
    );
}

#[test]
fn a_package_without_a_library() {
    let make = |place: &Place| {
        package(place, &dependency(), "");
        write(&place.path("site"), "src/main.rs", "fn main() {}\n");
    };
    check(
        make,
        "site",
        expect![[r#"
        error: site has no library, so no handler is in it
         help: a handler is a library, so that cargo tests it: name it src/lib.rs
    "#]],
    );
}

#[test]
fn a_package_without_pipkin() {
    check(
        |place| package(place, "", "pub fn hello() {}\n"),
        "site",
        expect![[r#"
        error: site is a cargo package without pipkin-handler in its [dependencies], so it is no handler
         help: cargo add pipkin-handler; or --as site to serve the folder as it is, with its sources
    "#]],
    );
    let page = |place: &Place| write(&place.path("site"), "index.html", "hello\n");
    check_args(
        page,
        &["site", "--as", "handler"],
        FAILED,
        expect![[r#"
        error: there is no Cargo.toml in site
         help: give the folder of a cargo package, or a source file such as hello.rs
    "#]],
    );
}

#[test]
fn a_workspace() {
    let manifest = "[workspace]\nmembers = []\n";
    let make = |place: &Place| write(&place.path("site"), "Cargo.toml", manifest);
    check(
        make,
        "site",
        expect![[r#"
        error: site is a workspace of packages
         help: give the folder of one; or --as site to serve it as it is
    "#]],
    );
}

#[test]
fn flags_of_a_folder() {
    let text = format!("handler!(hello);\n{HELLO}");
    for (flag, expected) in [
        (
            "--base-path=/x",
            expect![[r#"
            error: --base-path is for a folder of files, and this is a handler
             help: the routes in the source say where everything is
        "#]],
        ),
        (
            "--access-log",
            expect![[r#"
            error: --access-log is for a folder of files, and this is a handler
             help: leave it out; a handler can write to stderr
        "#]],
        ),
        (
            "--csp",
            expect![[r#"
            error: a flag among --spa, --compress and --csp is for a folder of files, and this is a handler
             help: embed a folder by routes!
        "#]],
        ),
        (
            "--platform=linux/s390x",
            expect![[r#"
            error: there is no server for platform linux/s390x
             help: choose from linux/amd64, linux/arm64, linux/riscv64
        "#]],
        ),
    ] {
        check_args(source(&text), &["site/a.rs", flag], USAGE, expected);
    }
}

#[test]
fn what_would_replace_the_source() {
    let Some(pipkin) = ready(&["cargo"]) else { return };
    let place = Place::new();
    source(&format!("handler!(hello);\n{HELLO}"))(&place);
    let args = ["build", "site/a.rs", "-o", "site/a.rs"];
    let mut command = pipkin.command(place.folder.path(), args);
    check_said(
        &run_any(place.prepare(&mut command)),
        USAGE,
        expect![[r#"
        error: site/a.rs holds the source
         help: give another path
    "#]],
    );
}

/// The server would send what was in the space of its own.
#[test]
fn a_feed_in_the_place_of_another() {
    check(
        source(
            "handler!(h);\nfn h(_: &Request) -> Stream {\n    Stream::events(|feed| {\n        \
             *feed = Feed::new(0, &mut []);\n        Next::End\n    })\n}\n",
        ),
        "site/a.rs",
        expect![[r#"
            error[E0599]: no function or associated item named `new` found for struct `_::Feed<'a>` in the current scope
             --> site/a.rs:5:23
              |
            5 |         *feed = Feed::new(0, &mut []);
              |                       ^^^ function or associated item not found in `_::Feed<'_>`

            error: cannot compile site/a.rs, as the compiler says above
        "#]],
    );
}

/// `pipkin build site/a.rs` where the toolchain is `programs`, each a shell script.
#[track_caller]
fn check_toolchain(programs: &[(&str, &str)], args: &[&str], expected: Expect) {
    let Some(pipkin) = ready(&["cargo"]) else { return };
    let place = Place::new();
    source(&format!("handler!(hello);\n{HELLO}"))(&place);
    for (name, script) in programs {
        write(&place.path("bin"), name, format!("#!/bin/sh\n{script}\n"));
        let program = place.path("bin").join(name);
        fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let args = [&["build", "site/a.rs", "-o", "out/a.tar"], args].concat();
    let mut command = pipkin.command(place.folder.path(), args);
    command.env("PATH", place.path("bin"));
    check_said(&run_any(place.prepare(&mut command)), FAILED, expected);
    place.check_clean();
}

#[test]
fn no_toolchain_or_one_without_the_target() {
    check_toolchain(
        &[],
        &[],
        expect![[r#"
        error: cannot compile: there is no rustc on the PATH
         help: install Rust with rustup, or add its folder bin to PATH; a folder of files needs none
    "#]],
    );
    let rustup = "echo \"error: toolchain '1.2.3' is not installed\" >&2; exit 1";
    check_toolchain(
        &[("rustc", rustup)],
        &[],
        expect![[r#"
        error: cannot run rustc: toolchain '1.2.3' is not installed
    "#]],
    );
    let rustc = [("rustc", "echo /nowhere")];
    check_toolchain(
        &rustc,
        &["--platform", "linux/arm64"],
        expect![[r#"
        error: cannot compile site/a.rs for linux/arm64: the toolchain lacks the target aarch64-unknown-linux-gnu
         help: rustup target add aarch64-unknown-linux-gnu
    "#]],
    );
}
