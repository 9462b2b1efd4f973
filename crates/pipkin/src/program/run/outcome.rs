//! What came of running a program.

use std::fmt;

use super::files::Files;

/// Lines of the program's own words that stand in an error.
const LINES_MAX: usize = 8;

/// What came of running a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) status: Status,
    /// What it wrote, up to [`capture::BYTES_MAX`](super::capture::BYTES_MAX).
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    /// What it answered to each request, in their order.
    pub(crate) answers: Vec<Answer>,
    pub(crate) files: Files,
    /// What the user should know, each a sentence.
    pub(crate) warnings: Vec<String>,
}

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// By itself, with this status.
    Exited(i32),
    /// By this signal, which was not ours.
    Killed(i32),
    /// Because it was told to, as a server is when it has answered.
    Ended,
    /// It never began, for this reason.
    NotStarted(String),
}

/// What a server said to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) path: String,
    /// The response, or why there is none.
    pub(crate) response: Result<Response, String>,
}

/// An HTTP response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exited(status) => write!(f, "exit status {status}"),
            Self::Killed(signal) => write!(f, "killed by signal {signal}"),
            Self::Ended => f.write_str("still running"),
            Self::NotStarted(reason) => write!(f, "not started: {reason}"),
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.response {
            Ok(response) => write!(f, "{}", response.status),
            Err(reason) => write!(f, "no answer: {reason}"),
        }
    }
}

impl Answer {
    /// Whether the server can do what was asked of it; a redirection or a 404 is an answer.
    pub(in crate::program) fn is_good(&self) -> bool {
        self.response.as_ref().is_ok_and(|response| response.status < 500)
    }
}

impl Outcome {
    /// The last lines that the program wrote to stderr, for the end of an error's message.
    pub(in crate::program) fn last_words(&self) -> String {
        last_words(&self.stderr)
    }
}

/// The last lines of `stderr`, for the end of an error's message.
fn last_words(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = &lines[lines.len().saturating_sub(LINES_MAX)..];
    last.iter().map(|line| format!("\n   {line}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: &Status, expected: &str) {
        assert_eq!(status.to_string(), expected);
    }

    #[test]
    fn a_status_is_said_in_words() {
        check(&Status::Exited(3), "exit status 3");
        check(&Status::Killed(11), "killed by signal 11");
        check(&Status::Ended, "still running");
        check(&Status::NotStarted("no such file".into()), "not started: no such file");
    }

    #[test]
    fn the_last_lines_are_told() {
        let text: String = (1..=10).map(|number| format!("line {number}\n\n")).collect();
        let expected: String = (3..=10).map(|number| format!("\n   line {number}")).collect();
        assert_eq!(last_words(text.as_bytes()), expected);
        assert_eq!(last_words(b""), "");
    }
}
