//! The invariants of ARCHITECTURE.md and the rules of the house, checked on the text of the
//! repository. Each finding says `file:line: rule`.

mod architecture;
mod code;
mod dependencies;
mod proofs;
mod rules;
mod tree;

use crate::shell::Outcome;
use tree::Tree;

/// A rule and how it is checked.
struct Check {
    name: &'static str,
    findings: fn(&Tree) -> Vec<String>,
}

/// Each heading `### Invariant: NAME` of ARCHITECTURE.md.
const INVARIANTS: &[Check] = &[
    Check { name: "dependencies point one way", findings: dependencies::point_one_way },
    Check { name: "unsafe is fenced", findings: rules::unsafe_is_fenced },
    Check { name: "the server allocates nothing", findings: rules::server_allocates_nothing },
    Check { name: "no panic path", findings: proofs::no_panic_path },
    Check { name: "same input, same bytes", findings: proofs::same_input_same_bytes },
    Check { name: "libraries are silent", findings: rules::libraries_are_silent },
    Check { name: "budgets are exact", findings: proofs::budgets_are_exact },
    Check { name: "functions fit a screen", findings: rules::functions_fit_a_screen },
];

/// The rules of style that a program can judge.
const RULES: &[Check] = &[
    Check { name: "the invariants and their checks agree", findings: architecture::invariants },
    Check { name: "the codemap names every crate", findings: architecture::codemap },
    Check { name: "a file is one idea", findings: rules::files_are_short },
    Check { name: "long tests lie beside the code", findings: rules::long_tests_lie_beside },
    Check { name: "the stub is the entry and nothing else", findings: rules::stub_is_short },
    Check { name: "nothing is left undone", findings: rules::nothing_undone },
    Check { name: "no stray white space", findings: rules::no_stray_space },
];

/// Every check.
fn checks() -> impl Iterator<Item = &'static Check> {
    INVARIANTS.iter().chain(RULES)
}

/// Prints every finding; an error when there is one.
pub(crate) fn run(_: &[String]) -> Outcome {
    let findings = findings(&Tree::read()?);
    findings.iter().for_each(|finding| eprintln!("{finding}"));
    match findings.len() {
        0 => Ok(()),
        count => Err(format!("{count} findings").into()),
    }
}

fn findings(tree: &Tree) -> Vec<String> {
    checks().flat_map(|check| named(check, tree)).collect()
}

/// What `check` finds, each finding with the rule's name behind it.
fn named(check: &Check, tree: &Tree) -> Vec<String> {
    let findings = (check.findings)(tree).into_iter();
    findings.map(|finding| format!("{finding} [{}]", check.name)).collect()
}

#[cfg(test)]
mod tests {
    use super::{Tree, findings};

    #[test]
    fn the_repository_is_tidy() {
        let findings = findings(&Tree::read().unwrap());
        assert!(findings.is_empty(), "\n{}", findings.join("\n"));
    }
}
