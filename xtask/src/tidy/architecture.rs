//! ARCHITECTURE.md and the repository say the same.

use super::INVARIANTS;
use super::tree::Tree;

const PAGE: &str = "ARCHITECTURE.md";
const HEADING: &str = "### Invariant: ";

/// Headings without a check, and checks without a heading.
pub(super) fn invariants(tree: &Tree) -> Vec<String> {
    let Some(page) = tree.get(PAGE) else {
        return vec![format!("{PAGE}:1: there is no such page")];
    };
    let headings = page.lines().filter_map(|(at, line)| Some((at, line.strip_prefix(HEADING)?)));
    let headings: Vec<_> = headings.collect();
    let checked = |name: &str| INVARIANTS.iter().any(|check| check.name == name);
    let written = |name: &str| headings.iter().any(|(_, heading)| *heading == name);
    let unchecked = headings.iter().filter(|(_, name)| !checked(name));
    let unwritten = INVARIANTS.iter().filter(|check| !written(check.name));
    unchecked
        .map(|(at, name)| format!("{PAGE}:{at}: no check is called {name:?}"))
        .chain(unwritten.map(|check| format!("{PAGE}:1: no heading {HEADING}{}", check.name)))
        .collect()
}

/// Packages that the codemap does not name, as `NAME` or `FOLDER/NAME/`.
pub(super) fn codemap(tree: &Tree) -> Vec<String> {
    let manifests = tree.files.iter().filter_map(|file| file.path.strip_suffix("/Cargo.toml"));
    let unnamed = manifests.filter(|package| !names(tree.text(PAGE), package));
    unnamed.map(|package| format!("{PAGE}:1: the codemap lacks `{package}`")).collect()
}

fn names(page: &str, package: &str) -> bool {
    let name = package.rsplit('/').next().unwrap_or_default();
    let ends = |c: char| c == '`' || c == '/' || c.is_whitespace();
    let parts = |at: usize| (&page[..at], &page[at + name.len()..]);
    let mut places = page.match_indices(name).map(|(at, _)| parts(at));
    places.any(|(before, after)| before.ends_with(ends) && after.starts_with(['`', '/']))
}

#[cfg(test)]
mod tests {
    use super::super::tree::{File, Tree};
    use super::*;

    fn check(rule: fn(&Tree) -> Vec<String>, files: &[(&str, &str)], expected: &[&str]) {
        let file =
            |(path, text): &(&str, &str)| File { path: (*path).into(), text: (*text).into() };
        assert_eq!(rule(&Tree { files: files.iter().map(file).collect() }), expected);
    }

    #[test]
    fn headings_and_checks_agree() {
        let all: Vec<_> = INVARIANTS.iter().map(|c| format!("{HEADING}{}\n", c.name)).collect();
        check(invariants, &[(PAGE, &all.concat())], &[]);
        let less = format!("{PAGE}:1: no heading {HEADING}{}", INVARIANTS[0].name);
        check(invariants, &[(PAGE, &all[1..].concat())], &[&less]);
        let more = [all.concat(), format!("{HEADING}tea\n")].concat();
        let found = format!("{PAGE}:{}: no check is called \"tea\"", all.len() + 1);
        check(invariants, &[(PAGE, &more)], &[&found]);
        check(invariants, &[], &["ARCHITECTURE.md:1: there is no such page"]);
    }

    #[test]
    fn every_package_is_on_the_map() {
        let manifest = ("crates/pipkin-elf/Cargo.toml", "");
        check(codemap, &[(PAGE, "`crates/pipkin-elf`"), manifest], &[]);
        check(codemap, &[(PAGE, "- `pipkin-elf/`: ELF"), manifest], &[]);
        check(
            codemap,
            &[(PAGE, ""), manifest],
            &["ARCHITECTURE.md:1: the codemap lacks `crates/pipkin-elf`"],
        );
    }
}
