//! What is found by running a program: the files that it opens here (`--trace`), and those that it
//! misses in its image (`--verify`).

use std::collections::BTreeSet;

use pipkin_closure::{Include, Kind, Left, Settings};

use super::run::{Limits, Outcome, Run, Status};
use super::trace::{environment, trace};
use super::trial::{Verified, trial, verify};
use super::{Complete, Program, platform, tree};
use crate::failure::Failure;
use crate::flags::Build;
use crate::handler::Declared;
use crate::progress::{Progress, is_interrupted};
use crate::scratch::Scratch;
use crate::{plan, root};

/// Files that stand in a sentence.
const FILES_MAX: usize = 10;

/// The program with what it needs by `settings`, and what is found by running it as `flags` say.
///
/// # Errors
///
/// It is of another system; it cannot be run here, or does something else in its image.
pub(super) fn complete(
    program: &Program,
    flags: &Build,
    mut settings: Settings,
    progress: &Progress,
) -> Result<Complete, Failure> {
    if flags.program.closure.root.is_some() {
        return Err(Failure::usage(
            "--root is another system, and --trace and --verify run what is here",
        )
        .help("leave them out, and name with --include what reading does not find"));
    }
    let env = program.find_all(&settings)?.env;
    let declared = Declared { env, ..Declared::default() };
    let observer = Observer {
        program,
        flags,
        env: environment(&plan::variables(&flags.server, &declared)),
        user: settings.user,
        progress,
    };
    let mut warnings = observer.trace(&mut settings)?;
    let mut complete = match &flags.program.verify {
        None => program.gather(&settings, flags.program.strip)?,
        Some(arguments) => {
            observer.verify(&settings, arguments.words(&flags.args), &mut warnings)?
        }
    };
    complete.closure.warnings.extend(warnings);
    Ok(complete)
}

/// A program, and how it is run.
struct Observer<'a> {
    program: &'a Program,
    flags: &'a Build,
    /// The variables that it has in its image.
    env: Vec<(String, String)>,
    user: (u32, u32),
    progress: &'a Progress,
}

impl Observer<'_> {
    /// Adds what the program opens to `settings`; what the user should know.
    fn trace(&self, settings: &mut Settings) -> Result<Vec<String>, Failure> {
        let mut warnings = Vec::new();
        for arguments in &self.flags.program.trace {
            self.progress.phase("tracing", 0);
            let argv = self.argv(arguments.words(&self.flags.args));
            let line = argv.join(" ");
            let outcome = trace(&self.run(&argv))?;
            warnings.extend(unusual(&line, &outcome));
            warnings.extend(outcome.warnings);
            let opened = outcome.files.opened.into_iter();
            settings.include.extend(opened.map(|path| include(path, Kind::Traced, &line)));
            settings.is_traced = true;
        }
        Ok(warnings)
    }

    /// The program with what it needs, after it did in its image what it does here.
    fn verify(
        &self,
        settings: &Settings,
        arguments: &[String],
        warnings: &mut Vec<String>,
    ) -> Result<Complete, Failure> {
        let argv = self.argv(arguments);
        let run = self.run(&argv);
        let build = |added: &BTreeSet<String>| {
            let mut settings = settings.clone();
            let added =
                added.iter().map(|path| include(path.clone(), Kind::Verified, &argv.join(" ")));
            settings.include.extend(added);
            self.build(&settings)
        };
        let on_host = || {
            self.progress.phase("running", 0);
            trace(&run)
        };
        let inside = |(_, root): &(Complete, Scratch)| {
            self.progress.phase("trying", 0);
            trial(root.path(), self.user, &run)
        };
        let may_repair = !self.flags.program.no_repair;
        let Verified { root: (complete, _), added, warnings: more } =
            verify(may_repair, build, on_host, inside)?;
        warnings.extend(more);
        warnings.extend(repaired(&added, &complete.closure.left));
        Ok(complete)
    }

    /// The program with what it needs, and a folder with its root filesystem.
    fn build(&self, settings: &Settings) -> Result<(Complete, Scratch), Failure> {
        let complete = self.program.gather(settings, self.flags.program.strip)?;
        let folder = Scratch::new()?;
        let tree = tree(&platform(&complete.closure, &[])?, &complete.closure)?;
        self.progress.phase("writing", tree.bytes());
        root::write(&tree, self.progress, folder.path()).map_err(Failure::temporary)?;
        Ok((complete, folder))
    }

    fn argv(&self, arguments: &[String]) -> Vec<String> {
        [std::slice::from_ref(&self.program.path), arguments].concat()
    }

    fn run<'a>(&'a self, argv: &'a [String]) -> Run<'a> {
        let (env, http) = (&self.env, &self.flags.program.trace_http);
        Run { argv, env, http, limits: Limits::default(), is_interrupted }
    }
}

fn include(path: String, kind: Kind, line: &str) -> Include {
    Include { path, dest: None, kind, detail: line.into() }
}

/// A trace of a program that fails is of less than the program does.
fn unusual(line: &str, outcome: &Outcome) -> Option<String> {
    let is_usual = matches!(outcome.status, Status::Exited(0) | Status::Ended);
    let (status, words) = (&outcome.status, outcome.last_words());
    (!is_usual).then(|| format!("{line} was traced until it ended with {status}{words}"))
}

/// What was added, if anything: the loader's cache is missed and left, like all that the flags leave.
fn repaired(added: &BTreeSet<String>, left: &[Left]) -> Option<String> {
    let is_left = |path: &&String| left.iter().any(|left| left.name == **path);
    let names: Vec<&str> = added.iter().filter(|path| !is_left(path)).map(String::as_str).collect();
    let more = if names.len() > FILES_MAX { ", ..." } else { "" };
    let shown = names[..names.len().min(FILES_MAX)].join(", ");
    let warning = format!("in its image it missed what was added then: {shown}{more}");
    (!names.is_empty()).then_some(warning)
}

#[cfg(test)]
mod tests {
    use pipkin_closure::Reason;

    use super::*;

    #[test]
    fn what_was_added_is_told() {
        let paths = |count| (0..count).map(|i| format!("/{i:02}")).collect::<BTreeSet<_>>();
        let reason = Reason { kind: Kind::Verified, by: None, detail: String::new() };
        let left = [Left { name: "/01".into(), reason, because: String::new() }];
        let check = |count, left: &[Left], expected: Option<&str>| {
            let said = repaired(&paths(count), left);
            let names = said.as_ref().map(|said| said.rsplit_once("then: ").unwrap().1);
            assert_eq!(names, expected, "{said:?}");
        };
        check(2, &[], Some("/00, /01"));
        check(2, &left, Some("/00"));
        check(11, &left, Some("/00, /02, /03, /04, /05, /06, /07, /08, /09, /10"));
        check(11, &[], Some("/00, /01, /02, /03, /04, /05, /06, /07, /08, /09, ..."));
        check(0, &left, None);
    }

    #[test]
    fn a_trace_of_a_failure_is_told() {
        let outcome = |status| Outcome {
            status,
            stdout: Vec::new(),
            stderr: b"no such file\n".to_vec(),
            answers: Vec::new(),
            files: Default::default(),
            warnings: Vec::new(),
        };
        assert_eq!(unusual("/bin/a", &outcome(Status::Exited(0))), None);
        assert_eq!(unusual("/bin/a", &outcome(Status::Ended)), None);
        let expected = "/bin/a x was traced until it ended with exit status 2\n   no such file";
        assert_eq!(unusual("/bin/a x", &outcome(Status::Exited(2))).as_deref(), Some(expected));
    }
}
