//! The programs that say hello, built from source.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::image::Bytes;
use crate::bench::load::PIPKIN;
use crate::bench::reason;
use crate::shell::{Outcome, cargo, command, output, pipkin, root, succeeds, target};

/// What all of them answer.
pub(super) const BODY: &str = "Hello from pipkin!";

/// Those with a package of ours.
pub(crate) const RIVALS: &[&str] = &["hyper", "axum", "may"];

/// One of those that are compared.
pub(super) struct Rival {
    pub(super) name: &'static str,
    /// The program, or why there is none.
    pub(super) hello: Result<Hello, String>,
}

/// A program that serves the hello.
pub(super) struct Hello {
    executable: PathBuf,
    pub(super) bytes: Bytes,
}

impl Hello {
    /// Serves at `port` of 127.0.0.1.
    pub(super) fn command(&self, port: u16) -> Command {
        let mut command = Command::new(&self.executable);
        command.arg(format!("127.0.0.1:{port}"));
        command
    }
}

/// The target that the rivals are built for: musl, which makes the smallest executables for an
/// image from scratch; glibc, linked statically too, when asked for or when rustup has no musl.
pub(super) fn triple(gnu: bool) -> String {
    let triple = |libc: &str| format!("{}-unknown-linux-{libc}", std::env::consts::ARCH);
    let musl = triple("musl");
    let has_musl = || succeeds(&mut command("rustup", &["target", "add", &musl]));
    if !gnu && has_musl() { musl } else { triple("gnu") }
}

/// Builds pipkin's, in `folder`, and the rivals' for `triple`.
pub(super) fn build(folder: &Path, triple: &str) -> Vec<Rival> {
    let ours = Rival { name: PIPKIN, hello: ours(folder).map_err(|why| reason(&*why)) };
    let theirs = RIVALS.iter().map(|name| {
        let hello = theirs(name, triple).map_err(|why| reason(&*why));
        Rival { name, hello }
    });
    std::iter::once(ours).chain(theirs).collect()
}

fn ours(folder: &Path) -> Outcome<Hello> {
    let executable = folder.join("hello");
    let exe = format!("type=exe,dest={}", executable.display());
    let mut build = command(&pipkin()?.to_string_lossy(), &["build", "--json", "--quiet"]);
    build.args(["examples/hello.rs", "-o", &exe, "-t", "hello", "-o"]);
    let report = output(build.arg(folder.join("hello.tar")))?;
    Ok(Hello { executable, bytes: Bytes::reported(&serde_json::from_str(&report)?)? })
}

/// By the lock file of the package.
fn theirs(name: &str, triple: &str) -> Outcome<Hello> {
    // One folder for all, since they share dependencies.
    let target = target()?.join("rivals");
    let mut build = cargo(&["build", "--release", "--locked", "--target", triple, "--target-dir"]);
    build.arg(&target).current_dir(package(name));
    // What somebody has set there would make other programs of them.
    build.env("RUSTFLAGS", "-C target-feature=+crt-static").env_remove("CARGO_ENCODED_RUSTFLAGS");
    eprintln!("building the hello of {name} for {triple}");
    output(&mut build)?;
    let executable = target.join(triple).join("release").join(format!("hello-{name}"));
    let bytes = Bytes::packed(&executable)?;
    Ok(Hello { executable, bytes })
}

/// The folder of the package of a rival.
pub(crate) fn package(rival: &str) -> PathBuf {
    root().join("benches/rivals").join(rival)
}

/// Whether `answer` is the hello.
pub(super) fn check(answer: &[u8]) -> Outcome {
    let answer = String::from_utf8_lossy(answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    let is_text = head.to_ascii_lowercase().contains("\r\ncontent-type: text/plain");
    if is_text && body == BODY { Ok(()) } else { Err(format!("answers {answer:?}").into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_hello() {
        let answer = |kind: &str, body: &str| {
            check(format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n{body}").as_bytes())
                .is_ok()
        };
        assert!(answer("text/plain", BODY));
        assert!(answer("text/plain; charset=utf-8", BODY));
        assert!(!answer("text/html", BODY));
        assert!(!answer("text/plain", "Hello from"));
    }
}
