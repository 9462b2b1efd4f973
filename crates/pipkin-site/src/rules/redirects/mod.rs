//! `_redirects`: rules that answer for paths, the first that fits. [`parse`] reads them,
//! [`compile`] decides which paths of a site they answer for, and leaves to the server what
//! only it can know.
//!
//! ```text
//! # FROM         TO                         STATUS
//! /home          /                                    301 unless told otherwise
//! /blog/*        https://blog.example/:splat 302      * is the rest of the path
//! /p/:id         /products?id=:id           307       :id is one segment
//! /app/*         /app/index.html            200       a rewrite: the file, as if it were here
//! /*             /gone.html                 404!      with !, also where the site has a file
//! ```
//!
//! The syntax is Netlify's, without what needs more than the path to decide: conditions on the
//! query, country, language, role or cookie, rules for other hosts, and proxies.
//!
//! Source: Netlify documentation, "Redirects and rewrites", "Syntax for the `_redirects` file".

pub(crate) mod compile;
mod target;

use super::lines::{Line, Word, lines};
use super::pattern::{Pattern, example};
use super::{Fault, Spot};
use target::Target;

/// The name of the file.
pub(crate) const FILE: &str = "_redirects";

/// Source: Netlify documentation, "Redirect options", "HTTP status codes". Cloudflare's is 302.
const STATUS_DEFAULT: u16 = 301;

const REDIRECTS: [u16; 5] = [301, 302, 303, 307, 308];
const REWRITES: [u16; 3] = [200, 404, 410];

/// Names of the conditions that Netlify has.
const CONDITIONS: [&str; 4] = ["country", "language", "role", "cookie"];

/// A rule as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    from: Pattern,
    from_spot: Spot,
    to: Target,
    to_text: String,
    to_spot: Spot,
    status: u16,
    /// Also where the site has a file.
    is_forced: bool,
}

/// The value of a Location field, ASCII apart from marks, at which the server puts in parts of
/// the path as it was asked for: [`Location::SEGMENT`]` + n` is segment `n`, counted from 0, and
/// [`Location::REST`]` + n` all from segment `n` on, without the slashes that it starts with.
///
/// Of a value that starts with `/`, all slashes and backslashes behind that are left out, whether
/// they are put in or belong to the text: the rest may be empty, and two slashes lead to another
/// host. With `/:a/* /:splat/:a`, `/evil.example/` would lead to `//evil.example`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Location {
    /// The value.
    pub(crate) text: Vec<u8>,
    /// Whether the query of the request goes behind it: when the rule says none of its own.
    ///
    /// Source: Netlify documentation, "Redirect options", "Query parameters".
    pub(crate) query: bool,
}

impl Location {
    pub(crate) const SEGMENT: u8 = pipkin_format::LOCATION_SEGMENT;
    pub(crate) const REST: u8 = pipkin_format::LOCATION_REST;

    /// Whether the server has anything to put in.
    pub(crate) fn has_marks(&self) -> bool {
        !self.text.is_ascii()
    }
}

/// The rules of the file, in their order.
///
/// # Errors
///
/// The first thing that is wrong.
pub(crate) fn parse(bytes: &[u8]) -> Result<Vec<Rule>, Fault> {
    let lines = lines(FILE, bytes)?;
    let words = lines.iter().map(Line::words);
    let rules =
        words.filter_map(|words| words.split_first().map(|(from, more)| Rule::parse(from, more)));
    rules.collect()
}

impl Rule {
    fn parse(from_word: &Word<'_>, more: &[Word<'_>]) -> Result<Self, Fault> {
        let from = Pattern::parse(from_word)?;
        let (to_word, more) = match more {
            [] => return Err(no_target(from_word)),
            [word, ..] if is_query(word) => return Err(query(word)),
            [word, more @ ..] => (word, more),
        };
        let to = Target::parse(to_word, &from)?;
        let (status, is_forced) = match more {
            [] => (STATUS_DEFAULT, false),
            [word, more @ ..] => {
                let status = status(word)?;
                more.first().map_or(Ok(status), |word| Err(extra(word)))?
            }
        };
        let (from_spot, to_spot) = (from_word.spot, to_word.spot);
        let to_text = to_word.text.into();
        let rule = Self { from, from_spot, to, to_text, to_spot, status, is_forced };
        rule.check()?;
        Ok(rule)
    }

    /// Fails when the server could not count the segments of the path below a base path.
    pub(crate) fn check_below(&self, base_path: &str) -> Result<(), Fault> {
        match self.from.is_literal() {
            true => Ok(()),
            false => self.from.check_below(base_path.matches('/').count(), self.from_spot),
        }
    }

    fn is_redirect(&self) -> bool {
        REDIRECTS.contains(&self.status)
    }

    /// What no site can make right.
    fn check(&self) -> Result<(), Fault> {
        let Self { from, to, to_spot, status, .. } = self;
        if self.is_redirect() {
            let itself = example(from.written());
            return match to.next_path(&itself) == Some(itself) {
                true => Err(to_spot.fault("a redirect to itself", "remove the line")),
                false => Ok(()),
            };
        }
        if !to.is_path() {
            return Err(to_spot.fault(
                format!("{status} answers with a file of the site, and this is none"),
                "write the path of a file, or 302 for a redirect: nothing is fetched from others",
            ));
        }
        let is_known =
            if to.has_parts() { to.has_all_parts(from) } else { from.placeholders() == 0 };
        if is_known {
            return Ok(());
        }
        Err(self.from_spot.fault(
            format!("which paths these are for {status}, only the server could know"),
            "write each :name and * in the target too, or a path with * alone",
        ))
    }
}

fn no_target(word: &Word<'_>) -> Fault {
    word.end().fault("a path without a target", "write where it leads to: /from /to")
}

fn is_query(word: &Word<'_>) -> bool {
    let is_target = word.text.starts_with('/') || word.text.contains("://");
    word.text.contains('=') && !is_target
}

fn query(word: &Word<'_>) -> Fault {
    match is_condition(word) {
        true => extra(word),
        false => word.spot.fault(
            "conditions on the query are not supported",
            "remove it: the rule then stands for all queries",
        ),
    }
}

fn is_condition(word: &Word<'_>) -> bool {
    let name = word.text.split_once('=').map_or("", |(name, _)| name);
    CONDITIONS.iter().any(|condition| condition.eq_ignore_ascii_case(name))
}

/// The status, and whether it is forced.
fn status(word: &Word<'_>) -> Result<(u16, bool), Fault> {
    if word.text.contains('=') {
        return Err(extra(word));
    }
    let (text, is_forced) = match word.text.strip_suffix('!') {
        Some(text) => (text, true),
        None => (word.text, false),
    };
    let known = REDIRECTS.iter().chain(&REWRITES).find(|known| known.to_string() == text);
    known.map(|&status| (status, is_forced)).ok_or_else(|| {
        let help = "write 301, 302, 303, 307 or 308 for a redirect, 200, 404 or 410 for a rewrite";
        word.spot.fault(format!("{} is no status that a rule can have", word.text), help)
    })
}

fn extra(word: &Word<'_>) -> Fault {
    if is_condition(word) {
        let reason = "conditions on country, language, role or cookie are not supported";
        return word
            .spot
            .fault(reason, "remove the line, or the condition where the rule is for everybody");
    }
    word.spot.fault(format!("{} is one word too many", word.text), "write it as /from /to 301")
}

#[cfg(test)]
mod tests;
