//! What the compiler says, as cargo hands it on: shown as rustc writes it, except where it means
//! something about handlers that rustc cannot know.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::source::Source;
use crate::failure::Failure;
use crate::progress::is_interrupted;

/// The function that every server calls, and a handler defines.
const ENTRY: &str = "pipkin_respond";

/// What the crates that are carried need.
const RUST_VERSION: &str = env!("CARGO_PKG_RUST_VERSION");

/// What cargo writes a line about.
#[derive(Deserialize)]
struct Line {
    reason: String,
    message: Option<Diagnostic>,
    target: Option<Target>,
    manifest_path: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

/// Source: "JSON Output" in the rustc book.
#[derive(Deserialize)]
struct Diagnostic {
    message: String,
    code: Option<Code>,
    level: String,
    #[serde(default)]
    children: Vec<Diagnostic>,
    rendered: Option<String>,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

/// What the errors come to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Meaning {
    /// Nobody defines what the server calls.
    NoHandler,
    /// This crate brings the standard library along.
    Std(String),
    /// The source names the standard library.
    NamesStd,
    /// The source prints as with the standard library.
    Prints,
    /// More than one function is to be what the server calls.
    SeveralHandlers,
    /// `image!` has a setting that there is not.
    NoSuchSetting,
}

/// What has been said so far.
pub(super) struct Messages<'a> {
    source: &'a Source,
    /// The folder with what is generated and carried.
    workspace: &'a Path,
    shown: (String, String),
    errors: usize,
    meaning: Option<Meaning>,
}

impl<'a> Messages<'a> {
    pub(super) fn new(source: &'a Source, workspace: &'a Path) -> Self {
        Self { source, workspace, shown: source.shown(), errors: 0, meaning: None }
    }

    /// What to show of a line of cargo's.
    pub(super) fn read(&mut self, line: &str) -> Option<String> {
        let line: Line = serde_json::from_str(line).ok()?;
        let message = line.message.filter(|_| line.reason == "compiler-message")?;
        let is_own = line.manifest_path.is_none_or(|path| !self.is_carried(&path));
        let meaning = meaning(&message, line.target.map(|target| target.name));
        let is_told = !matches!(meaning, Some(Meaning::NoHandler | Meaning::Std(_)));
        self.meaning = self.meaning.take().or(meaning);
        if !is_told || is_noise(&message) || message.level == "warning" && !is_own {
            return None;
        }
        self.errors += usize::from(message.level == "error");
        let (path, typed) = &self.shown;
        message.rendered.map(|text| text.replace(path.as_str(), typed))
    }

    /// Whether the package of this manifest is none of the user's.
    fn is_carried(&self, manifest: &Path) -> bool {
        manifest.strip_prefix(self.workspace).is_ok_and(|path| path != Path::new("Cargo.toml"))
    }

    /// Why there is no program, of which cargo has said `complaints`.
    pub(super) fn failure(self, complaints: &str) -> Failure {
        let source = self.source.path().display();
        match &self.meaning {
            _ if is_interrupted() => Failure::new("interrupted"),
            Some(Meaning::NoHandler) => Failure::new(format!("there is no handler in {source}"))
                .help(
                    "add `handler!(NAME);` for your `fn NAME(_: &Request) -> Response`, or \
                     `routes!`; or `program!(NAME);` for a `fn NAME()` that runs once",
                ),
            Some(Meaning::Std(name)) => self.needs_std(name),
            Some(Meaning::NamesStd) => cannot_compile(self.source).help(
                "a handler has no std: most of it is in core, and what allocates is in alloc",
            ),
            Some(Meaning::Prints) => cannot_compile(self.source).help(
                "a handler has no std: `log!` writes to stderr, and in a program `print` to stdout",
            ),
            Some(Meaning::SeveralHandlers) => cannot_compile(self.source).help(
                "one `handler!`, `routes!` or `program!` is a program's: make several handlers \
                 into `routes!`",
            ),
            Some(Meaning::NoSuchSetting) => cannot_compile(self.source)
                .help("image! has tag, port, user, env, labels, args and platforms"),
            None if self.errors > 0 => cannot_compile(self.source),
            None if is_too_old(complaints) => {
                Failure::new(format!("cannot compile {source}: the toolchain is too old"))
                    .help(format!("rustup update; handlers need Rust {RUST_VERSION} or later"))
            }
            None => Failure::new(format!("cannot compile {source}: cargo says:\n{}", {
                complaints.trim()
            })),
        }
    }

    fn needs_std(&self, name: &str) -> Failure {
        let source = self.source.path().display();
        let is_own = |package: &str| package.replace('-', "_") == name;
        match self.source {
            Source::Package(package) if is_own(&package.name) => {
                Failure::new(format!("cannot link {source}: it uses std, and a handler has none"))
                    .help("add #![no_std] at the top of src/lib.rs")
            }
            _ => Failure::new(format!(
                "cannot link {source}: the crate {name} uses std, and a handler has none"
            ))
            .help(format!(
                "turn its std off where Cargo.toml asks for it, mostly by default-features = \
                 false, or use another crate; `cargo tree` says who asks for {name}"
            )),
        }
    }
}

fn cannot_compile(source: &Source) -> Failure {
    Failure::new(format!("cannot compile {}, as the compiler says above", source.path().display()))
}

/// Summaries, which cargo writes for each crate, and what no source can change.
fn is_noise(message: &Diagnostic) -> bool {
    message.level == "failure-note"
        || message.message.starts_with("aborting due to")
        // Of a flag that is not the user's.
        || message.message.starts_with("unstable feature specified for `-Ctarget-feature`")
        // As a package begins, and true of a file, too.
        || message.message.starts_with("the `#![no_std]` attribute can only be used at the crate root")
}

/// Whether cargo complains of a toolchain that lacks what crates or the recipe ask for.
fn is_too_old(complaints: &str) -> bool {
    let signs = ["remap-path-scope", "is not supported by the following package", "edition2024"];
    signs.iter().any(|sign| complaints.contains(sign))
}

fn meaning(message: &Diagnostic, target: Option<String>) -> Option<Meaning> {
    if message.level != "error" {
        return None;
    }
    match message.code.as_ref().map(|code| code.code.as_str()) {
        Some("E0152") => all_texts(message).find_map(depends_on_std).map(Meaning::Std),
        Some("E0463") if message.message.contains("`std`") => target.map(Meaning::Std),
        Some("E0433" | "E0432") if message.message.contains("`std`") => Some(Meaning::NamesStd),
        Some("E0433") if message.message.contains("`image_setting`") => {
            Some(Meaning::NoSuchSetting)
        }
        None if all_texts(message).any(is_without_entry) => Some(Meaning::NoHandler),
        None if is_print(&message.message) => Some(Meaning::Prints),
        None if is_defined_twice(&message.message) => Some(Meaning::SeveralHandlers),
        _ => None,
    }
}

fn all_texts(message: &Diagnostic) -> impl Iterator<Item = &str> {
    let children = message.children.iter().map(|child| child.message.as_str());
    [message.message.as_str()].into_iter().chain(children)
}

/// The crate that is told to bring std along.
fn depends_on_std(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("`std` (which `")?;
    rest.split_once('`').map(|(name, _)| name.into())
}

fn is_without_entry(text: &str) -> bool {
    text.contains(&format!("undefined symbol: {ENTRY}"))
}

fn is_print(text: &str) -> bool {
    let name = text.strip_prefix("cannot find macro `").and_then(|rest| rest.split('`').next());
    name.is_some_and(|name| ["print", "println", "eprint", "eprintln", "dbg"].contains(&name))
}

fn is_defined_twice(text: &str) -> bool {
    text.starts_with("symbol `pipkin_") && text.ends_with("is already defined")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(json: &str, expected: Option<&Meaning>) {
        let message: Diagnostic = serde_json::from_str(json).unwrap();
        assert_eq!(meaning(&message, Some("itoa".into())).as_ref(), expected, "{json}");
    }

    #[test]
    fn meanings() {
        let json = r#"{"message":"found duplicate lang item `panic_impl`","code":{"code":"E0152"},
            "level":"error","children":[{"message":"the lang item is first defined in crate `std`
            (which `memchr` depends on)","code":null,"level":"note"}]}"#;
        check(&json.replace("\n            ", " "), Some(&Meaning::Std("memchr".into())));
        let json =
            r#"{"message":"can't find crate for `std`","code":{"code":"E0463"},"level":"error"}"#;
        check(json, Some(&Meaning::Std("itoa".into())));
        let json = r#"{"message":"cannot find module or crate `std` in this scope",
            "code":{"code":"E0433"},"level":"error"}"#;
        check(json, Some(&Meaning::NamesStd));
        let json = r#"{"message":"linking with `rust-lld` failed: exit status: 1","code":null,
            "level":"error","children":[{"message":"rust-lld: error: undefined symbol: pipkin_respond",
            "code":null,"level":"note"}]}"#;
        check(json, Some(&Meaning::NoHandler));
        let json = r#"{"message":"cannot find macro `println` in this scope","code":null,
            "level":"error"}"#;
        check(json, Some(&Meaning::Prints));
        check(&json.replace("println", "prints"), None);
        let json = r#"{"message":"symbol `pipkin_limits` is already defined","code":null,
            "level":"error"}"#;
        check(json, Some(&Meaning::SeveralHandlers));
        let json = r#"{"message":"cannot find `tug` in `image_setting`","code":{"code":"E0433"},
            "level":"error"}"#;
        check(json, Some(&Meaning::NoSuchSetting));
        let json = r#"{"message":"mismatched types","code":{"code":"E0308"},"level":"error"}"#;
        check(json, None);
        let json = r#"{"message":"unused variable","code":null,"level":"warning"}"#;
        check(json, None);
    }

    #[test]
    fn what_no_source_needs_to_hear() {
        let check = |text: &str, expected| {
            let json = format!("{{\"message\":{text:?},\"code\":null,\"level\":\"warning\"}}");
            let message = serde_json::from_str(&json).unwrap();
            assert_eq!(is_noise(&message), expected, "{text}");
        };
        check("the `#![no_std]` attribute can only be used at the crate root", true);
        check("the `#![no_main]` attribute can only be used at the crate root", false);
        check("aborting due to 1 previous error", true);
    }
}
