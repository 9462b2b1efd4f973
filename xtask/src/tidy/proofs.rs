//! Invariants that something else proves: here, that the proof is in place.

use super::rules;
use super::tree::Tree;
use crate::size;

/// Where a proof is: a file, and a text in it that the proof cannot do without.
type Proof = (&'static str, &'static str);

/// The panic handler names a symbol that nobody defines, so that linking a panic path fails.
const NO_PANIC: &[Proof] = &[
    ("crates/pipkin-server/src/sys/start.rs", "#[panic_handler]"),
    ("crates/pipkin-server/src/sys/start.rs", "fn a_panic_path_is_linked() -> !;"),
];

/// The archive of one build equals that of another under other circumstances.
const SAME_BYTES: &[Proof] = &[
    ("e2e/tests/it/reproducible.rs", "fn the_same_files_give_the_same_archive()"),
    ("e2e/tests/it/reproducible.rs", "fn the_same_files_give_the_same_executable()"),
];

/// What no library on the way from input to image may ask for.
const CIRCUMSTANCES: &[&str] = &["SystemTime", "Instant", "current_dir", "RandomState"];

/// A build that links a panic path fails, by the panic handler of the server.
pub(super) fn no_panic_path(tree: &Tree) -> Vec<String> {
    missing(tree, NO_PANIC)
}

/// No circumstance reaches an output.
pub(super) fn same_input_same_bytes(tree: &Tree) -> Vec<String> {
    let builders =
        ["crates/pipkin-site/src/", "crates/pipkin-elf/src/", "crates/pipkin-image/src/"];
    let files = tree.rust(&builders);
    let words = files.flat_map(|file| rules::words(file, CIRCUMSTANCES, "could reach an output"));
    words.chain(missing(tree, SAME_BYTES)).collect()
}

/// sizes.toml has every figure that `cargo xtask size` compares.
pub(super) fn budgets_are_exact(tree: &Tree) -> Vec<String> {
    let text = tree.text("sizes.toml");
    let tables = size::PLATFORMS.iter().map(|platform| size::table(platform));
    let names =
        |table: String| size::IMAGES.iter().map(move |(name, ..)| format!("{table}.{name}"));
    let images = tables.flat_map(names);
    images.flat_map(|image| unbudgeted(text, &image)).collect()
}

fn unbudgeted(text: &str, image: &str) -> Vec<String> {
    let table = text.split("\n[").find(|table| table.starts_with(&format!("{image}]")));
    let table = table.unwrap_or_default();
    let fields = size::IMAGE_FIELDS.iter().filter(|field| !table.contains(**field));
    fields.map(|field| format!("sizes.toml:1: no {field} of {image}")).collect()
}

fn missing(tree: &Tree, proofs: &[Proof]) -> Vec<String> {
    let gone = proofs.iter().filter(|(path, text)| !tree.text(path).contains(text));
    gone.map(|(path, text)| format!("{path}:1: lacks `{text}`, which proves it")).collect()
}
