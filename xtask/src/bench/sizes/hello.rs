//! A line of text, by everybody.

use super::image::Image;
use super::ladder::Ladder;
use super::one_page::GO;
use super::rival::{Class, PLAIN, Program, Rival};
use crate::debian::Need;
use crate::shell::Outcome;

/// What all of them print.
const LINE: &str = "Hello, world!\n";

pub(super) const LADDER: Ladder = Ladder {
    name: "hello",
    title: "a program that prints `Hello, world!` and exits",
    notes: &[
        "Each image was unpacked and run as its user before it counted, and printed the line.",
        "As their compilers make small programs by flags, with the libraries that pipkin finds, without \
         character sets and locales. There is no usual base for them.",
    ],
    rivals: RIVALS,
    unit: "pipkin",
    class: Class { flags: LEAN, has_base: false, check },
};

const GCC: &[Need] = &[("gcc", "gcc"), ("/usr/include/stdio.h", "libc6-dev")];
const MUSL: &[Need] = &[("musl-gcc", "musl-tools")];
const GHC: &[Need] = &[("ghc", "ghc")];

/// A line of ASCII needs none of these.
const LEAN: &[&str] = &["--exclude=**/gconv/**", "--exclude=**/locale/**"];

fn check(image: &Image) -> Outcome {
    let line = image.run()?;
    if line == LINE { Ok(()) } else { Err(format!("it prints {line:?}").into()) }
}

const RIVALS: &[Rival] = &[
    Rival {
        name: "pipkin",
        note: "Rust; headers that every loader accepts",
        program: Program::Ours(&["examples/hello-world"]),
        ..PLAIN
    },
    Rival {
        name: "pipkin --golf",
        note: "headers that some loaders refuse",
        program: Program::Ours(&["examples/hello-world", "--golf"]),
        ..PLAIN
    },
    Rival {
        name: "Rust no_std",
        note: "two system calls; flags of rustc and the linker alone",
        program: Program::Compiled {
            needs: &[],
            words: &[
                "rustc",
                "--edition=2024",
                "-Copt-level=z",
                "-Cpanic=abort",
                "-Cstrip=symbols",
                "-Crelocation-model=static",
                "-Cforce-unwind-tables=no",
                "-Clink-args=-nostartfiles -nostdlib -static -Wl,-n,-z,nosectionheader,-z,nognustack",
                "-Clink-args=-Wl,-z,norelro,--build-id=none,--no-eh-frame-hdr",
                "-o{out}/hello-no_std",
                "hello/no_std.rs",
            ],
            product: "hello-no_std",
        },
        ..PLAIN
    },
    Rival {
        name: "C (musl)",
        note: "static; stdio",
        program: Program::Compiled {
            needs: MUSL,
            words: &["musl-gcc", "-static", "-Os", "-s", "-o{out}/hello-c-musl", "hello/hello.c"],
            product: "hello-c-musl",
        },
        ..PLAIN
    },
    Rival {
        name: "C (glibc)",
        note: "dynamic; stdio, locales",
        program: Program::Compiled {
            needs: GCC,
            words: &["gcc", "-Os", "-s", "-o{out}/hello-c", "hello/hello.c"],
            product: "hello-c",
        },
        ..PLAIN
    },
    Rival {
        name: "Rust (musl)",
        note: "static; std: threads, panics by abort",
        program: Program::Compiled {
            needs: &[],
            words: &[
                "rustc",
                "--edition=2024",
                "--target={musl}",
                "-Copt-level=z",
                "-Clto=fat",
                "-Ccodegen-units=1",
                "-Cpanic=abort",
                "-Cstrip=symbols",
                "-o{out}/hello-rust-musl",
                "hello/std.rs",
            ],
            product: "hello-rust-musl",
        },
        ..PLAIN
    },
    Rival {
        name: "Rust (glibc)",
        note: "dynamic; std: threads, panics that unwind",
        program: Program::Compiled {
            needs: GCC,
            words: &[
                "rustc",
                "--edition=2024",
                "-O",
                "-Cstrip=symbols",
                "-o{out}/hello-rust",
                "hello/std.rs",
            ],
            product: "hello-rust",
        },
        ..PLAIN
    },
    Rival {
        name: "Go",
        note: "static; goroutines and a garbage collector",
        program: Program::Compiled {
            needs: GO,
            words: &[
                "CGO_ENABLED=0",
                "go",
                "build",
                "-ldflags=-s -w",
                "-o={out}/hello-go",
                "hello/hello.go",
            ],
            product: "hello-go",
        },
        ..PLAIN
    },
    Rival {
        name: "Haskell",
        note: "dynamic C libraries; threads and a garbage collector",
        program: Program::Compiled {
            needs: GHC,
            words: &[
                "ghc",
                "-v0",
                "-O",
                "-optl-s",
                "-outputdir={out}/ghc",
                "-o",
                "{out}/hello-haskell",
                "hello/hello.hs",
            ],
            product: "hello-haskell",
        },
        packages: &["libgmp10", "libffi8"],
        ..PLAIN
    },
];
