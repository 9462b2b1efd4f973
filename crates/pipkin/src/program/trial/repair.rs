//! Building and trying in turns, until a program does in its image what it does on the host.

use std::collections::BTreeSet;

use super::judge::{Difference, Part, differences, missed};
use crate::failure::Failure;
use crate::program::run::{Outcome, Status};

/// How often what was missed is added.
const REPAIRS_MAX: usize = 5;

/// Paths that stand in a message.
const PATHS_MAX: usize = 10;

/// A root in which a program does what it does on the host.
#[derive(Debug)]
pub(crate) struct Verified<R> {
    pub(crate) root: R,
    /// What was added to it, which the program had missed.
    pub(crate) added: BTreeSet<String>,
    /// What the user should know, each a sentence.
    pub(crate) warnings: Vec<String>,
}

/// A root in which a program does what it does on the host.
///
/// `build` makes it with some more paths of the host in it; `on_host` and `inside` run the program, by
/// [`trace`](crate::program::trace::trace) and [`trial`](super::trial). Unless it `may_repair`, it only says
/// what is missing.
///
/// The host is asked a second time when there is a difference: what is not the same there, such as
/// a time that is printed, is not compared.
///
/// # Errors
///
/// The program does something else, and nothing that is missing explains it; or one of the three
/// fails.
pub(crate) fn verify<R>(
    may_repair: bool,
    mut build: impl FnMut(&BTreeSet<String>) -> Result<R, Failure>,
    mut on_host: impl FnMut() -> Result<Outcome, Failure>,
    mut inside: impl FnMut(&R) -> Result<Outcome, Failure>,
) -> Result<Verified<R>, Failure> {
    let mut host = Host { outcome: on_host()?, unsteady: None };
    let mut added = BTreeSet::new();
    let mut repairs = 0;
    loop {
        let root = build(&added)?;
        let outcome = inside(&root)?;
        let found = host.differences(&outcome, &mut on_host)?;
        if found.is_empty() {
            let warnings = [outcome.warnings, host.warnings()].concat();
            return Ok(Verified { root, added, warnings });
        }
        let missed = &missed(&host.outcome.files, &outcome.files) - &added;
        if missed.is_empty() || !may_repair || repairs == REPAIRS_MAX {
            return Err(failure(&host.outcome, &outcome, &found, &missed));
        }
        added.extend(missed);
        repairs += 1;
    }
}

/// What a program does on the host.
struct Host {
    outcome: Outcome,
    /// What is not the same when it does that again, once that is known.
    unsteady: Option<Vec<Part>>,
}

impl Host {
    /// What is different in the image, of what is not different on the host itself.
    fn differences(
        &mut self,
        inside: &Outcome,
        on_host: &mut impl FnMut() -> Result<Outcome, Failure>,
    ) -> Result<Vec<Difference>, Failure> {
        let mut found = differences(&self.outcome, inside);
        if found.is_empty() {
            return Ok(found);
        }
        if self.unsteady.is_none() {
            let again = differences(&self.outcome, &on_host()?);
            self.unsteady = Some(again.into_iter().map(|difference| difference.part).collect());
        }
        found.retain(|difference| !self.unsteady().contains(&difference.part));
        Ok(found)
    }

    fn unsteady(&self) -> &[Part] {
        self.unsteady.as_deref().unwrap_or_default()
    }

    fn warnings(&self) -> Vec<String> {
        let reason = "was not compared: it is not the same from run to run on the host";
        self.unsteady().iter().map(|part| format!("{part} {reason}")).collect()
    }
}

fn failure(
    host: &Outcome,
    inside: &Outcome,
    found: &[Difference],
    missed: &BTreeSet<String>,
) -> Failure {
    let found: String = found.iter().map(|difference| format!("\n   {difference}")).collect();
    let words = match inside.last_words() {
        words if words.is_empty() => words,
        words => format!("\n  it says in the image:{words}"),
    };
    let failure =
        Failure::new(format!("the program does something else in its image{found}{words}"));
    let has_left = matches!(host.status, Status::Exited(_)) && !host.answers.is_empty();
    if !missed.is_empty() {
        let include = |path: &String| format!("--include {path}");
        let names: Vec<_> = missed.iter().take(PATHS_MAX).map(include).collect();
        failure.help(format!("it misses some files: {}", names.join(" ")))
    } else if has_left {
        failure.help("tell it to stay in the foreground: with its first process, a container ends")
    } else if let Some(path) = inside.files.refused.first() {
        failure.help(format!("its user may not have {path}: choose another with --user"))
    } else {
        failure.help(
            "nothing that it opened on the host is missing: leave --verify out if it is right",
        )
    }
}

#[cfg(test)]
mod tests;
