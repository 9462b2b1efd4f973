//! Two runs of a program compared: on the host, and in its image.

use std::collections::BTreeSet;
use std::fmt;

use crate::program::run::Files;
use crate::program::run::{Answer, Outcome};

/// How much of a line stands in a message.
const LINE_CHARS_MAX: usize = 100;

/// The loader asks for it first in any program; a closure that needs one has its own.
const LOADER_CACHE: &str = "/etc/ld.so.cache";

/// What is compared. What a program writes to stderr is not: it is for people; nor is the stdout of a
/// server, which is its log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// How it ended.
    Status,
    Stdout,
    /// The status of the answer to a request, and its body.
    Answer(String),
    Body(String),
}

/// Something that is not the same on the host and in the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) part: Part,
    /// Which line of it, where it has lines.
    line: Option<usize>,
    host: String,
    inside: String,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status => f.write_str("end"),
            Self::Stdout => f.write_str("stdout"),
            Self::Answer(path) => write!(f, "GET {path}"),
            Self::Body(path) => write!(f, "body of GET {path}"),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.part)?;
        self.line.iter().try_for_each(|line| write!(f, ", line {line}"))?;
        write!(f, ": {} on the host, {} in the image", self.host, self.inside)
    }
}

/// What is not the same.
pub(super) fn differences(host: &Outcome, inside: &Outcome) -> Vec<Difference> {
    let status = (host.status != inside.status).then(|| Difference {
        part: Part::Status,
        line: None,
        host: host.status.to_string(),
        inside: inside.status.to_string(),
    });
    let is_server = !host.answers.is_empty();
    let stdout = text(Part::Stdout, &host.stdout, &inside.stdout).filter(|_| !is_server);
    let answers = host.answers.iter().zip(&inside.answers);
    let answers = answers.filter_map(|(host, inside)| answer(host, inside));
    status.into_iter().chain(stdout).chain(answers).collect()
}

fn answer(host: &Answer, inside: &Answer) -> Option<Difference> {
    match (&host.response, &inside.response) {
        (Ok(one), Ok(other)) if one.status == other.status => {
            text(Part::Body(host.path.clone()), &one.body, &other.body)
        }
        _ => Some(Difference {
            part: Part::Answer(host.path.clone()),
            line: None,
            host: host.to_string(),
            inside: inside.to_string(),
        })
        .filter(|it| it.host != it.inside),
    }
}

/// The first line in which two texts differ.
fn text(part: Part, host: &[u8], inside: &[u8]) -> Option<Difference> {
    if host == inside {
        return None;
    }
    let mut lines = [host, inside].map(|text| text.split_inclusive(|byte| *byte == b'\n'));
    let mut number = 0;
    loop {
        number += 1;
        let [host, inside] = lines.each_mut().map(Iterator::next);
        if host != inside {
            let [host, inside] = [host, inside].map(quoted);
            return Some(Difference { part, line: Some(number), host, inside });
        }
    }
}

fn quoted(line: Option<&[u8]>) -> String {
    let Some(line) = line else { return "nothing".into() };
    let text: String = String::from_utf8_lossy(line).chars().take(LINE_CHARS_MAX).collect();
    format!("{text:?}")
}

/// The paths without which the program in the image did something else: those that it missed there,
/// and that it opened on the host.
///
/// When there are none, but some that it asked about: all that it asked about on the host, since one
/// that it misses may keep it from asking for more. Python looks for the source of each module, and
/// then opens what it has made of it before.
pub(super) fn missed(host: &Files, inside: &Files) -> BTreeSet<String> {
    let is_missed =
        |path: &&String| inside.missing.contains(*path) && !inside.opened.contains(*path);
    let opened = host.opened.iter().chain(&host.folders).filter(is_missed);
    let opened = opened.filter(|path| *path != LOADER_CACHE).cloned();
    // It could make no file, since there is no folder for it.
    let made = host.created.iter().filter(is_missed).filter(|path| !inside.created.contains(*path));
    let folders = made.filter_map(|path| folder_of(path)).filter(|it| !host.created.contains(*it));
    let missed: BTreeSet<_> = opened.chain(folders.map(String::from)).collect();
    if missed.is_empty() && host.seen.iter().any(|path| is_missed(&path)) {
        return &host.seen - &inside.seen;
    }
    missed
}

fn folder_of(path: &str) -> Option<&str> {
    path.rsplit_once('/').map(|(folder, _)| folder).filter(|folder| !folder.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::run::{Response, Status};

    /// The status and body of a response.
    type Said<'a> = Result<(u16, &'a str), &'a str>;

    fn outcome(status: Status, stdout: &str, answers: &[(&str, Said<'_>)]) -> Outcome {
        let answer = |(path, response): &(&str, Said<'_>)| Answer {
            path: path.to_string(),
            response: response
                .map(|(status, body)| Response { status, body: body.into() })
                .map_err(String::from),
        };
        Outcome {
            status,
            stdout: stdout.into(),
            stderr: Vec::new(),
            answers: answers.iter().map(answer).collect(),
            files: Files::default(),
            warnings: Vec::new(),
        }
    }

    #[track_caller]
    fn check(host: &Outcome, inside: &Outcome, expected: &[&str]) {
        let found: Vec<_> = differences(host, inside).iter().map(ToString::to_string).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn ends() {
        let of = |status| outcome(status, "", &[]);
        check(&of(Status::Exited(0)), &of(Status::Exited(0)), &[]);
        check(&of(Status::Ended), &of(Status::Ended), &[]);
        check(
            &of(Status::Exited(0)),
            &of(Status::NotStarted("No such file or directory (os error 2)".into())),
            &[
                "end: exit status 0 on the host, not started: No such file or directory (os error 2) \
               in the image",
            ],
        );
        check(
            &of(Status::Killed(11)),
            &of(Status::Exited(139)),
            &["end: killed by signal 11 on the host, exit status 139 in the image"],
        );
    }

    #[test]
    fn outputs() {
        let of = |text| outcome(Status::Exited(0), text, &[]);
        check(&of("a\nb\n"), &of("a\nb\n"), &[]);
        let expected = r#"stdout, line 2: "b\n" on the host, "c\n" in the image"#;
        check(&of("a\nb\n"), &of("a\nc\n"), &[expected]);
        let expected = r#"stdout, line 1: "a\n" on the host, nothing in the image"#;
        check(&of("a\n"), &of(""), &[expected]);
        let expected = r#"stdout, line 1: "a\n" on the host, "a" in the image"#;
        check(&of("a\n"), &of("a"), &[expected]);
        let long = "x".repeat(LINE_CHARS_MAX);
        let expected = format!("stdout, line 1: {long:?} on the host, nothing in the image");
        check(&of(&long.repeat(2)), &of(""), &[&expected]);
    }

    #[test]
    fn answers() {
        let of = |response| outcome(Status::Ended, "", &[("/x", response)]);
        check(&of(Ok((200, "a"))), &of(Ok((200, "a"))), &[]);
        let log = Outcome { stdout: b"x".to_vec(), ..of(Ok((200, "a"))) };
        check(&of(Ok((200, "a"))), &log, &[]);
        check(
            &of(Ok((200, "a"))),
            &of(Ok((404, "a"))),
            &["GET /x: 200 on the host, 404 in the image"],
        );
        check(
            &of(Ok((200, "a"))),
            &of(Err("it does not listen")),
            &["GET /x: 200 on the host, no answer: it does not listen in the image"],
        );
        check(
            &of(Ok((200, "a"))),
            &of(Ok((200, "b"))),
            &[r#"body of GET /x, line 1: "a" on the host, "b" in the image"#],
        );
        check(&of(Err("no")), &of(Err("no")), &[]);
    }

    fn set(paths: &[&str]) -> BTreeSet<String> {
        paths.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_missed() {
        let host = Files {
            opened: set(&["/lib/a.so", "/etc/b", "/etc/both"]),
            folders: set(&["/usr/share/c"]),
            created: set(&["/var/d/new", "/tmp/e", "/var/f", "/var/f/new"]),
            seen: set(&["/usr/bin/g", "/usr/bin/h", "/usr/bin/i"]),
            missing: set(&["/nowhere"]),
            ..Files::default()
        };
        let all = ["/lib/a.so", "/etc/both", "/usr/share/c", "/var/d/new", "/tmp/e", "/var/f/new"];
        let mut inside = Files {
            missing: set(&[&all[..], &["/usr/bin/g", "/nowhere"]].concat()),
            opened: set(&["/etc/both"]),
            created: set(&["/tmp/e"]),
            seen: set(&["/usr/bin/i"]),
            ..Files::default()
        };
        assert_eq!(missed(&host, &inside), set(&["/lib/a.so", "/usr/share/c", "/var/d"]));
        inside.missing = set(&["/usr/bin/g", "/nowhere"]);
        assert_eq!(missed(&host, &inside), set(&["/usr/bin/g", "/usr/bin/h"]));
        inside.missing = set(&["/nowhere"]);
        assert_eq!(missed(&host, &inside), set(&[]));
    }
}
