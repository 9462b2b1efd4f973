//! `bench scale`: what more files cost the builder and the server, and more connections the server; and
//! with which power of their number that grows.

mod connections;
mod exponent;
mod files;

use results::Section;

use super::load::{self, Options};
use super::speed::{self, Place};
use super::{leave_out, section};
use crate::debian;
use crate::shell::{Outcome, has};

pub(super) const HELP: &str =
    "1,000,000 files, 20,000 connections [--files-max N] [--seconds N] [--rounds N] [CASE...]";

/// Leaves out the steps with more files than that.
const FILES_MAX: &str = "--files-max";

pub(super) fn run(args: &[String]) -> Outcome<Section> {
    let (files_max, rest) = files_max(args)?;
    let options = Options::parse(&rest, &[files::NAME, connections::NAME])?;
    debian::provide(&[load::NEEDS, speed::NEEDS].concat(), "a rival of bench scale")?;
    let mut section = section("scale", "More files, more connections");
    section.notes = load::notes();
    if !has("wrk") {
        leave_out(&mut section, "what loads servers", "wrk is missing")?;
        return Ok(section);
    }
    if options.wants(files::NAME) {
        section.tables.extend(files::compare(&options, files_max)?);
    }
    if options.wants(connections::NAME) {
        section.tables.push(connections::compare(&Place::new()?, &options)?);
    }
    Ok(section)
}

/// What follows the flag, and the other arguments.
fn files_max(args: &[String]) -> Outcome<(usize, Vec<String>)> {
    let Some(at) = args.iter().position(|arg| arg == FILES_MAX) else {
        return Ok((usize::MAX, args.into()));
    };
    let most = args.get(at + 1).and_then(|most| most.parse().ok());
    let most = most.ok_or_else(|| format!("{FILES_MAX}: how many?"))?;
    Ok((most, [&args[..at], &args[at + 2..]].concat()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn arguments() {
        let words = |line: &str| line.split_whitespace().map(String::from).collect::<Vec<_>>();
        let check = |line: &str, expected: Result<(usize, &str), &str>| {
            let found = super::files_max(&words(line)).map_err(|failure| failure.to_string());
            let expected = expected.map(|(most, rest)| (most, words(rest)));
            assert_eq!(found, expected.map_err(String::from), "{line}");
        };
        check("--rounds 1 files", Ok((usize::MAX, "--rounds 1 files")));
        check("--rounds 1 --files-max 1000 files", Ok((1000, "--rounds 1 files")));
        check("--files-max", Err("--files-max: how many?"));
        check("--files-max many", Err("--files-max: how many?"));
    }
}
