//! `--trace`: runs a program on the host, and says which files it opened.

use pipkin_closure::PATH;

use super::run::{self, Answer, Outcome, Plan, Run, Status};
use crate::failure::Failure;

/// What came of running a program on the host, in the current folder, with nothing to read from stdin.
///
/// Its [`Files`](super::run::Files) say what it opened.
///
/// # Errors
///
/// It cannot be started or traced; or it is a server, and did not answer, or with an error of its
/// own.
pub(crate) fn trace(run: &Run<'_>) -> Result<Outcome, Failure> {
    let plan = Plan { argv: run.argv.to_vec(), env: run.env.to_vec(), inside: None };
    let outcome = run::run(&plan, run)?;
    if let Status::NotStarted(reason) = &outcome.status {
        return Err(cannot_run(&run.argv[0], reason, &outcome));
    }
    match outcome.answers.iter().find(|answer| !answer.is_good()) {
        Some(answer) => Err(no_answer(&run.argv[0], answer, &outcome)),
        None => Ok(outcome),
    }
}

fn cannot_run(program: &str, reason: &str, outcome: &Outcome) -> Failure {
    let failure = Failure::new(format!("cannot run {program}: {reason}"));
    match outcome.files.missing.iter().find(|path| *path != program) {
        Some(interpreter) => failure.help(format!("install its interpreter, {interpreter}")),
        None => failure.help("give the path of a program that runs on this machine"),
    }
}

fn no_answer(program: &str, answer: &Answer, outcome: &Outcome) -> Failure {
    let words = outcome.last_words();
    let message = format!("{program} did not answer GET {}: {answer}{words}", answer.path);
    Failure::new(message).help("give arguments after -- with which it serves on this machine")
}

/// The variables that a program has in a container of an image with `variables`: an engine sets two
/// that the image does not.
pub(crate) fn environment(variables: &[(String, String)]) -> Vec<(String, String)> {
    let is_set = |name: &str| variables.iter().any(|(known, _)| known == name);
    let defaults = [("PATH", PATH.join(":")), ("HOME", "/".into())];
    let defaults = defaults.into_iter().filter(|(name, _)| !is_set(name));
    let defaults = defaults.map(|(name, value)| (name.to_string(), value));
    defaults.chain(variables.iter().cloned()).collect()
}

#[cfg(test)]
mod tests;
