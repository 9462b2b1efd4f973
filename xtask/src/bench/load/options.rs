//! What a bench of servers is told.

use crate::shell::Outcome;

/// Fewer have no median worth the name.
const ROUNDS: usize = 5;
const SECONDS: u64 = 2;

/// What is measured, how long, how often.
#[derive(Clone)]
pub(crate) struct Options {
    /// Of one measurement.
    pub(crate) seconds: u64,
    pub(crate) rounds: usize,
    cases: Vec<String>,
}

impl Options {
    /// Reads `[--seconds N] [--rounds N] [CASE...]`, where a case is one of `names`.
    pub(crate) fn parse(args: &[String], names: &[&str]) -> Outcome<Self> {
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
                name if names.contains(&name) => options.cases.push(name.into()),
                name => {
                    let names = names.join(", ");
                    return Err(format!("no case {name:?}; there are {names}").into());
                }
            }
        }
        Ok(options)
    }

    /// All cases, when none is named.
    pub(crate) fn wants(&self, case: &str) -> bool {
        self.cases.is_empty() || self.cases.iter().any(|name| name == case)
    }
}

#[cfg(test)]
mod tests {
    use super::Options;

    fn check(line: &str, expected: Result<(u64, usize, bool), &str>) {
        let args: Vec<String> = line.split_whitespace().map(String::from).collect();
        let options =
            Options::parse(&args, &["keep-alive", "idle"]).map_err(|failure| failure.to_string());
        let options = options.map(|o| (o.seconds, o.rounds, o.wants("idle")));
        assert_eq!(options, expected.map_err(String::from), "{line}");
    }

    #[test]
    fn arguments() {
        check("", Ok((2, 5, true)));
        check("--seconds 10 --rounds 7 keep-alive", Ok((10, 7, false)));
        check("--seconds", Err("--seconds: how many?"));
        check("--rounds 0", Err("--rounds: how many?"));
        check("tea", Err("no case \"tea\"; there are keep-alive, idle"));
    }
}
