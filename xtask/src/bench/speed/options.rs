//! What `bench speed` is told.

use super::case::CASES;
use super::idle;
use crate::shell::Outcome;

/// Fewer have no median worth the name.
const ROUNDS: usize = 5;
const SECONDS: u64 = 2;

/// What is measured, how long, how often.
pub(super) struct Options {
    /// Of one measurement.
    pub(super) seconds: u64,
    pub(super) rounds: usize,
    cases: Vec<String>,
}

impl Options {
    /// Reads `[--seconds N] [--rounds N] [CASE...]`.
    pub(super) fn parse(args: &[String]) -> Outcome<Self> {
        let mut options = Self { seconds: SECONDS, rounds: ROUNDS, cases: Vec::new() };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let mut number = || -> Outcome<u64> {
                let value = args.next().and_then(|value| value.parse().ok());
                value.filter(|&n| n > 0).ok_or(format!("{arg}: how many?").into())
            };
            match arg.as_str() {
                "--seconds" => options.seconds = number()?,
                "--rounds" => options.rounds = usize::try_from(number()?)?,
                name if names().any(|known| known == name) => options.cases.push(name.into()),
                name => return Err(unknown(name).into()),
            }
        }
        Ok(options)
    }

    /// All cases, when none is named.
    pub(super) fn wants(&self, case: &str) -> bool {
        self.cases.is_empty() || self.cases.iter().any(|name| name == case)
    }
}

fn names() -> impl Iterator<Item = &'static str> {
    CASES.iter().map(|case| case.name).chain([idle::NAME])
}

fn unknown(name: &str) -> String {
    format!("no case {name:?}; there are {}", names().collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::Options;

    fn check(line: &str, expected: Result<(u64, usize, bool), &str>) {
        let args: Vec<String> = line.split_whitespace().map(String::from).collect();
        let options = Options::parse(&args).map_err(|failure| failure.to_string());
        let options = options.map(|o| (o.seconds, o.rounds, o.wants("idle")));
        assert_eq!(options, expected.map_err(String::from), "{line}");
    }

    #[test]
    fn arguments() {
        check("", Ok((2, 5, true)));
        check("--seconds 10 --rounds 7 keep-alive", Ok((10, 7, false)));
        check("--seconds", Err("--seconds: how many?"));
        check("--rounds 0", Err("--rounds: how many?"));
        let names = "keep-alive, pipelined, close, 100k, 10m, 10000, idle";
        check("tea", Err(&format!("no case \"tea\"; there are {names}")));
    }
}
