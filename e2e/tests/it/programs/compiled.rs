//! Programs in the languages that people have, compiled here.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use e2e::{ready, run};

use super::places::{Case, check};

/// A compiler, what it is told, the name of the source and the source. The output is `program`.
struct Source<'a> {
    compiler: &'static str,
    args: &'a [&'a str],
    name: &'a str,
    text: &'a str,
}

/// The program that `source` compiles to in `folder`.
fn compile(folder: &Path, source: &Source<'_>) -> PathBuf {
    fs::write(folder.join(source.name), source.text).unwrap();
    let mut compiler = Command::new(source.compiler);
    compiler.args(source.args).arg(source.name).current_dir(folder);
    // Go and GHC keep what they made in the home of who calls them.
    run(compiler.env("HOME", folder).env("GO111MODULE", "off"));
    folder.join("program")
}

fn check_compiled(name: &str, source: &Source<'_>) {
    let needs = ["docker", "docker daemon", "chroot", "root", "tar", source.compiler];
    let Some(pipkin) = ready(&needs) else { return };
    let folder = tempfile::tempdir().unwrap();
    let program = compile(folder.path(), source);
    let program = program.to_str().unwrap();
    check(&pipkin, name, &Case { program, flags: &[], args: &["a b", "ü"], stdin: "in" });
}

#[test]
fn c_with_musl() {
    check_compiled(
        "musl",
        &Source {
            compiler: "musl-gcc",
            args: &["-o", "program"],
            name: "hello.c",
            text: "#include <stdio.h>\nint main(int n, char **v) {\n\
               for (int i = 1; i < n; i++) puts(v[i]);\nreturn 0; }\n",
        },
    );
}

#[test]
fn cpp() {
    check_compiled(
        "cpp",
        &Source {
            compiler: "g++",
            args: &["-o", "program", "-pthread"],
            name: "hello.cc",
            text: r#"
#include <iostream>
#include <locale>
#include <regex>
#include <stdexcept>
#include <thread>
int main(int, char **v) {
    std::locale::global(std::locale::classic());
    std::thread([] { std::cout << "thread" << std::endl; }).join();
    try {
        if (std::regex_match(v[1], std::regex("a b"))) throw std::runtime_error("caught");
    } catch (const std::exception &e) {
        std::cout << e.what() << v[2] << std::endl;
    }
}
"#,
        },
    );
}

#[test]
fn go() {
    check_compiled(
        "go",
        &Source {
            compiler: "go",
            args: &["build", "-o", "program"],
            name: "hello.go",
            text: "package main\nimport (\"fmt\"; \"os\"; \"io\")\nfunc main() {\n\
               in, _ := io.ReadAll(os.Stdin)\nfmt.Println(os.Args[1:], string(in))\n}\n",
        },
    );
}

#[test]
fn haskell() {
    check_compiled(
        "haskell",
        &Source {
            compiler: "ghc",
            args: &["-v0", "-o", "program"],
            name: "Main.hs",
            text: "import System.Environment\nimport System.IO\nmain = do\n  \
               hSetEncoding stdout utf8\n  args <- getArgs\n  text <- getContents\n  \
               print (length args)\n  putStrLn (reverse text)\n",
        },
    );
}

#[test]
fn rust() {
    check_compiled(
        "rust",
        &Source {
            compiler: "rustc",
            args: &["-o", "program"],
            name: "hello.rs",
            text: "fn main() {\nfor arg in std::env::args().skip(1) { println!(\"{arg}\"); }\n\
               std::thread::spawn(|| println!(\"thread\")).join().unwrap();\n}\n",
        },
    );
}
