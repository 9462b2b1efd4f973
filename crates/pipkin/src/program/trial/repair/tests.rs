use std::cell::RefCell;

use super::*;
use crate::program::run::Files;
use crate::program::run::{Answer, Response};

fn set(paths: &[&str]) -> BTreeSet<String> {
    paths.iter().map(ToString::to_string).collect()
}

fn outcome(status: i32, stdout: &str, files: Files) -> Outcome {
    Outcome {
        status: Status::Exited(status),
        stdout: stdout.into(),
        stderr: Vec::new(),
        answers: Vec::new(),
        files,
        warnings: Vec::new(),
    }
}

/// A program that needs some files, and looks for one after the other.
struct Program {
    needed: Vec<String>,
    may_repair: bool,
    runs_on_host: RefCell<usize>,
}

impl Program {
    fn needing(count: usize) -> Self {
        let needed = (1..=count).map(|number| format!("/lib/{number}")).collect();
        Self { needed, may_repair: true, runs_on_host: RefCell::new(0) }
    }

    fn on_host(&self, stdout: &str) -> Outcome {
        *self.runs_on_host.borrow_mut() += 1;
        let opened = self.needed.iter().cloned().collect();
        outcome(0, stdout, Files { opened, ..Files::default() })
    }

    fn inside(&self, root: &BTreeSet<String>) -> Outcome {
        let Some(missing) = self.needed.iter().find(|path| !root.contains(*path)) else {
            return outcome(0, "done", Files::default());
        };
        let files = Files { missing: [missing.clone()].into(), ..Files::default() };
        let stderr = format!("{missing}: not found\n").into();
        Outcome { stderr, ..outcome(127, "", files) }
    }

    fn verify(&self) -> Result<Verified<BTreeSet<String>>, Failure> {
        let on_host = || Ok(self.on_host("done"));
        verify(self.may_repair, |added| Ok(added.clone()), on_host, |root| Ok(self.inside(root)))
    }
}

#[track_caller]
fn check(program: &Program, added: &[&str], runs_on_host: usize) {
    let verified = program.verify().unwrap();
    assert_eq!((&verified.root, &verified.added), (&set(added), &set(added)));
    assert_eq!(verified.warnings, [""; 0]);
    assert_eq!(*program.runs_on_host.borrow(), runs_on_host);
}

#[test]
fn what_is_missed_is_added() {
    check(&Program::needing(0), &[], 1);
    check(&Program::needing(1), &["/lib/1"], 2);
    check(&Program::needing(5), &["/lib/1", "/lib/2", "/lib/3", "/lib/4", "/lib/5"], 2);
}

#[track_caller]
fn check_failure(result: Result<Verified<BTreeSet<String>>, Failure>, expected: &str) {
    assert_eq!(result.unwrap_err().to_string(), expected);
}

#[test]
fn repairs_are_counted() {
    let expected = "error: the program does something else in its image
   end: exit status 0 on the host, exit status 127 in the image
   stdout, line 1: \"done\" on the host, nothing in the image
  it says in the image:
   /lib/6: not found
 help: it misses some files: --include /lib/6";
    check_failure(Program::needing(6).verify(), expected);
}

#[test]
fn nothing_is_added_unless_asked() {
    let program = Program { may_repair: false, ..Program::needing(1) };
    let expected = "error: the program does something else in its image
   end: exit status 0 on the host, exit status 127 in the image
   stdout, line 1: \"done\" on the host, nothing in the image
  it says in the image:
   /lib/1: not found
 help: it misses some files: --include /lib/1";
    check_failure(program.verify(), expected);
}

fn verify_once(host: &Outcome, inside: &Outcome) -> Result<Verified<BTreeSet<String>>, Failure> {
    let (host, inside) = (|| Ok(host.clone()), |_: &_| Ok(inside.clone()));
    verify(true, |added| Ok(added.clone()), host, inside)
}

#[test]
fn what_cannot_be_repaired_says_why() {
    let refused = Files { refused: set(&["/etc/key"]), ..Files::default() };
    let host = outcome(0, "", Files::default());
    let expected = "error: the program does something else in its image
   end: exit status 0 on the host, exit status 1 in the image
 help: ";
    check_failure(
        verify_once(&host, &outcome(1, "", refused)),
        &format!("{expected}its user may not have /etc/key: choose another with --user"),
    );
    check_failure(
        verify_once(&host, &outcome(1, "", Files::default())),
        &format!(
            "{expected}nothing that it opened on the host is missing: leave --verify out if it is right"
        ),
    );
}

#[test]
fn a_server_is_to_stay() {
    let answer = |response| vec![Answer { path: "/".into(), response }];
    let response = Response { status: 200, body: Vec::new() };
    let host = Outcome { answers: answer(Ok(response)), ..outcome(0, "", Files::default()) };
    let ended = answer(Err("it ended before it listened".into()));
    let inside = Outcome { answers: ended, ..outcome(0, "", Files::default()) };
    let expected = "error: the program does something else in its image
   GET /: 200 on the host, no answer: it ended before it listened in the image
 help: tell it to stay in the foreground: with its first process, a container ends";
    check_failure(verify_once(&host, &inside), expected);
}

#[test]
fn what_changes_on_the_host_is_not_compared() {
    let program = Program::needing(0);
    let on_host = || Ok(program.on_host(&format!("{}", program.runs_on_host.borrow())));
    let inside = || Ok(Outcome { warnings: vec!["w".into()], ..program.inside(&set(&[])) });
    let verified = verify(true, |_| Ok(()), on_host, |()| inside()).unwrap();
    let expected = "stdout was not compared: it is not the same from run to run on the host";
    assert_eq!(verified.warnings, ["w", expected]);
}

#[test]
fn what_fails_ends_it() {
    let good = || Ok(outcome(0, "", Files::default()));
    let no = || Failure::new("no");
    let failures = [
        verify(true, |_| Err::<(), _>(no()), good, |()| good()),
        verify(true, |_| Ok(()), || Err(no()), |()| good()),
        verify(true, |_| Ok(()), good, |()| Err(no())),
    ];
    assert_eq!(failures.map(|failed| failed.unwrap_err().to_string()), ["error: no"; 3]);
}
