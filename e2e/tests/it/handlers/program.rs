//! Sources with `program!`: what runs once, and what is said of those that are wrong.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Output};

use e2e::{Pipkin, ready, run, run_any, write};
use expect_test::{Expect, expect};
use serde_json::{Value, json};

use crate::place::{FAILED, Place, USAGE, check_said};

/// For each platform, what runs its programs here.
const RUNNERS: &[(&str, &str)] =
    &[("linux/amd64", "qemu-x86_64-static"), ("linux/arm64", "qemu-aarch64-static")];

/// Something of everything: arguments, a variable, a heap, formatting, a variable of its own, an
/// array that wants an aligned stack, a failure, and a status.
const SOURCE: &str = r#"
use core::sync::atomic::{AtomicU8, Ordering::Relaxed};
use pipkin_handler::*;

image! { env: ["GREETING=hello"], args: ["a"] }
program!(main, heap_bytes_max: 1 << 20);

static COUNT: AtomicU8 = AtomicU8::new(7);

#[repr(align(16))]
struct Aligned([u8; 64]);

fn main(arguments: Arguments) -> u8 {
    let all: Vec<_> = arguments.skip(1).map(String::from_utf8_lossy).collect();
    let aligned = core::hint::black_box(Aligned([1; 64]));
    let at = core::ptr::from_ref(&aligned).addr() % 16;
    print(format!("{} {all:?} {at}\n", variable("GREETING").unwrap_or("nothing")));
    eprint("said\n");
    if all.len() > 2 {
        panic!("{} are too many", all.len());
    }
    COUNT.fetch_add(aligned.0[all.len()], Relaxed) + all.len() as u8
}
"#;

/// A place with `site/a.rs`.
fn place(text: &str) -> Place {
    let place = Place::new();
    write(&place.path("site"), "a.rs", text);
    place
}

/// The executable of SOURCE for `platform`, with `flags`, in `out/exe`.
fn built(pipkin: &Pipkin, platform: &str, flags: &[&str]) -> Place {
    let place = place(SOURCE);
    let args = ["build", "site/a.rs", "-q", "--platform", platform, "-o", "type=exe,dest=out/exe"];
    let mut command = pipkin.command(place.folder.path(), [&args, flags].concat());
    run(place.prepare(&mut command));
    place
}

#[track_caller]
fn check_output(done: &Output, stdout: &str, stderr: &str, code: i32) {
    let text = String::from_utf8_lossy;
    assert_eq!((&*text(&done.stdout), &*text(&done.stderr)), (stdout, stderr));
    assert_eq!(done.status.code(), Some(code));
}

#[test]
fn what_a_program_can_do() {
    let runners: Vec<_> = RUNNERS.iter().map(|(_, runner)| *runner).collect();
    let Some(pipkin) = ready(&[&["cargo"], &runners[..]].concat()) else { return };
    for (platform, runner) in RUNNERS {
        for flags in [&[][..], &["--golf"]] {
            let place = built(&pipkin, platform, flags);
            let run = |args: &[&str]| {
                let mut command = Command::new(runner);
                run_any(command.arg(place.path("out/exe")).args(args).env("GREETING", "hi"))
            };
            check_output(&run(&[]), "hi [] 0\n", "said\n", 7);
            check_output(&run(&["x", "y z"]), "hi [\"x\", \"y z\"] 0\n", "said\n", 9);
            let panic = "said\npanicked at a.rs:20:9:\n3 are too many\n";
            check_output(&run(&["1", "2", "3"]), "hi [\"1\", \"2\", \"3\"] 0\n", panic, 101);
        }
    }
}

#[test]
fn pipkin_runs_it_with_arguments() {
    let Some(pipkin) = ready(&["cargo"]) else { return };
    let place = place(SOURCE);
    let run = |args: &[&str]| {
        let mut command =
            pipkin.command(place.folder.path(), [&["run", "site/a.rs"], args].concat());
        run_any(place.prepare(&mut command))
    };
    check_output(&run(&[]), "hello [\"a\"] 0\n", "said\n", 8);
    check_output(&run(&["-e", "GREETING=", "--", "x", "y"]), " [\"x\", \"y\"] 0\n", "said\n", 9);
}

/// Names that the macros have used, and that an import of all could bring, are the user's.
#[test]
fn names_are_free() {
    let Some(pipkin) = ready(&["cargo"]) else { return };
    let user = "
use pipkin_handler::*;
const LIMITS: usize = 1 << 20;
enum Status { Three }
trait Main { fn run(&self) -> u8; }
impl<F: Fn() -> u8> Main for F { fn run(&self) -> u8 { self() } }
trait Count { fn status(self) -> u8; }
impl Count for u8 { fn status(self) -> u8 { self } }
fn print(_: Status) -> u8 { 3 }
fn count() -> u8 { (|| print(Status::Three)).run().status() }
";
    let program = "program!(heap, heap_bytes_max: LIMITS);\nfn heap() -> u8 { count() }\n";
    let place = place(&[user, program].concat());
    let mut command = pipkin.command(place.folder.path(), ["run", "site/a.rs"]);
    check_output(&run_any(place.prepare(&mut command)), "", "", 3);
    let handler = "handler!(respond, heap_bytes_max: LIMITS);\n\
        fn respond(_: &Request) -> String { count().to_string() }\n";
    write(&place.path("site"), "a.rs", [user, handler].concat());
    let args = ["build", "site/a.rs", "-q", "-o", "type=exe,dest=out/exe"];
    run(place.prepare(&mut pipkin.command(place.folder.path(), args)));
}

/// Less of it than the word of a header that Linux reads, and does not use.
#[test]
fn the_least_program() {
    let Some(pipkin) = ready(&["cargo"]) else { return };
    if !cfg!(target_arch = "x86_64") {
        return eprintln!("skipped: only programs for x86-64 are written so");
    }
    let place = place("use pipkin_handler::*;\nprogram!(main);\nfn main() { loop {} }\n");
    let args = ["build", "site/a.rs", "-q", "--golf", "-o", "type=exe,dest=out/exe"];
    run(place.prepare(&mut pipkin.command(place.folder.path(), args)));
    let mut child = Command::new(place.path("out/exe")).spawn().unwrap();
    child.kill().unwrap();
    // By our signal, and by nothing of its own.
    assert_eq!(child.wait().unwrap().signal(), Some(9));
}

/// What `inspect` would say of the config of the image that is built with `flags`.
#[track_caller]
fn check_config(flags: &[&str], expected: &Value) {
    let Some(pipkin) = ready(&["cargo", "tar"]) else { return };
    let place = place(SOURCE);
    let args = [&["build", "site/a.rs", "--json", "-o", "type=oci,dest=out/a"], flags].concat();
    let mut command = pipkin.command(place.folder.path(), args);
    run(place.prepare(&mut command));
    let read = |path: &str| -> Value {
        serde_json::from_slice(&std::fs::read(place.path("out/a").join(path)).unwrap()).unwrap()
    };
    let blob =
        |digest: &Value| read(&format!("blobs/{}", digest.as_str().unwrap().replace(':', "/")));
    let manifest = blob(&read("index.json")["manifests"][0]["digest"]);
    assert_eq!(&blob(&manifest["config"]["digest"])["config"], expected);
}

#[test]
fn the_image_of_a_program() {
    check_config(
        &[],
        &json!({"User": "65532:65532", "Env": ["GREETING=hello"], "Entrypoint": ["/program"], "Cmd": ["a"]}),
    );
    check_config(
        &["-p", "53", "--user", "1", "--", "b"],
        &json!({"User": "1", "ExposedPorts": {"53/tcp": {}}, "Env": ["GREETING=hello"],
            "Entrypoint": ["/program"], "Cmd": ["b"]}),
    );
    check_config(&["--golf"], &json!({"Env": ["GREETING=hello"], "Cmd": ["/a", "a"]}));
    check_config(
        &["--golf", "--user", "1"],
        &json!({"User": "1", "Env": ["GREETING=hello"], "Cmd": ["/a", "a"]}),
    );
}

/// `pipkin ARGS` where `site/a.rs` is `text` fails with `code` and says `expected`.
#[track_caller]
fn check_wrong(text: &str, args: &[&str], code: i32, expected: Expect) {
    let Some(pipkin) = ready(&["cargo"]) else { return };
    let place = place(text);
    let mut command = pipkin.command(place.folder.path(), args);
    check_said(&run_any(place.prepare(&mut command)), code, expected);
    place.check_clean();
}

const NOTHING: &str = "use pipkin_handler::*;\nprogram!(main);\nfn main() {}\n";

#[test]
fn flags_of_servers() {
    for flag in ["--no-healthcheck", "--access-log", "--csp"] {
        let expected = format!(
            "error: {flag} is for what pipkin serves, and site/a.rs is a program\n help: leave it out\n"
        );
        let Some(pipkin) = ready(&["cargo"]) else { return };
        let place = place(NOTHING);
        let mut command = pipkin.command(place.folder.path(), ["build", "site/a.rs", flag]);
        let done = run_any(place.prepare(&mut command));
        check_output(&done, "", &expected, USAGE);
    }
    check_wrong(
        NOTHING,
        &["run", "site/a.rs", "-p", "80"],
        USAGE,
        expect![[r#"
            error: -p is for what pipkin serves, and site/a.rs is a program
             help: leave it out
        "#]],
    );
}

/// At once, and not when the source has changed.
#[test]
fn a_program_is_not_watched() {
    check_wrong(
        NOTHING,
        &["run", "site/a.rs", "--watch"],
        USAGE,
        expect![[r#"
        error: --watch is for what pipkin serves, and site/a.rs is a program
         help: leave it out
    "#]],
    );
}

/// A handler that does not serve would end its worker when it fails.
#[test]
fn what_serves_is_no_limit() {
    check_wrong(
        "use pipkin_handler::*;\nhandler!(hello, serves: false);\n\
        fn hello(_: &Request) -> Response { Response::text(\"\") }\n",
        &["build", "site/a.rs"],
        FAILED,
        expect![[r#"
            error[E0062]: field `serves` specified more than once
             --> site/a.rs:2:17
              |
            2 | handler!(hello, serves: false);
              | ----------------^^^^^^--------
              | |               |
              | |               used more than once
              | first use of `serves`

            error: cannot compile site/a.rs, as the compiler says above
        "#]],
    );
}

#[test]
fn arguments_for_a_server() {
    let text = "use pipkin_handler::*;\nhandler!(hello);\nfn hello(_: &Request) -> Response { Response::text(\"\") }\n";
    check_wrong(
        text,
        &["run", "site/a.rs", "--", "a"],
        USAGE,
        expect![[r#"
            error: arguments are for a program, and this is a handler
             help: -p and --host say where it listens
        "#]],
    );
}

#[test]
fn a_program_and_a_handler() {
    let text = "use pipkin_handler::*;\nprogram!(main);\nfn main() {}\nhandler!(hello);\n\
        fn hello(_: &Request) -> Response { Response::text(\"\") }\n";
    check_wrong(
        text,
        &["build", "site/a.rs"],
        FAILED,
        expect![[r#"
            error: symbol `pipkin_heap` is already defined
             --> site/a.rs:2:1
              |
            2 | program!(main);
              | ^^^^^^^^^^^^^^
              |
              = note: this error originates in the macro `$crate::link_heap` which comes from the expansion of the macro `program` (in Nightly builds, run with -Z macro-backtrace for more info)

            error: cannot compile site/a.rs, as the compiler says above
             help: one `handler!`, `routes!` or `program!` is a program's: make several handlers into `routes!`
        "#]],
    );
}

#[test]
fn a_function_that_is_no_program() {
    let Some(pipkin) = ready(&["cargo"]) else { return };
    let place = place("use pipkin_handler::*;\nprogram!(main);\nfn main(_: &str) {}\n");
    let mut command = pipkin.command(place.folder.path(), ["build", "site/a.rs"]);
    let done = run_any(place.prepare(&mut command));
    let said = String::from_utf8_lossy(&done.stderr);
    let first = "error[E0277]: a program is `fn()` or `fn(Arguments)`, and returns nothing or a \
                 `u8`\n";
    assert!(said.starts_with(first), "{said}");
    let last = "\nerror: cannot compile site/a.rs, as the compiler says above\n";
    assert!(said.ends_with(last), "{said}");
    assert_eq!(done.status.code(), Some(FAILED));
    place.check_clean();
}
