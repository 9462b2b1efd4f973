//! Rules over the paths of a site.
//!
//! A path asked for gets the first rule that stands for it, apart from
//! - rules without `!`, where the site has the path itself;
//! - rules that lead to that very path. That is not known of a path whose segments happen to be
//!   equal, as for `/:a/:b /:b/:a`;
//! - rewrites with placeholders, where the site lacks the file that they lead to. One with `*`
//!   alone answers 404 then, and is not followed by others: so `/assets/* /assets/:splat 200`
//!   keeps `/* /index.html 200` from answering for a missing script.
//!
//! Most of this is decided here. Every path that can be listed gets its answer in
//! [`Compiled::exact`]. What cannot be listed is in [`Compiled::fallbacks`]: each list there is
//! complete, so that the server needs no other than that of the deepest folder.

use std::collections::{BTreeMap, BTreeSet};

use pipkin_format::PATH_BYTES_MAX;

use super::{Location, Rule};
use crate::rules::Fault;
use crate::rules::path::{bare, toggled};
use crate::rules::pattern::{example, filled, matches};

/// What the rules make of a site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Compiled {
    /// The answers of paths, percent-decoded, instead of what the site may have there.
    pub(crate) exact: BTreeMap<Vec<u8>, Action>,
    /// Paths of the site that answer no longer by themselves, since the fallback of their folder does. What is
    /// there may still be the target of a rewrite.
    pub(crate) dropped: BTreeSet<String>,
    /// By folder, percent-decoded and with a slash at its end: what to try, one after the other,
    /// for a path in it or below it that has no answer of its own. Rules of folders above are in
    /// the list too; what none of it answers, the site answers as if there were no rules.
    pub(crate) fallbacks: BTreeMap<Vec<u8>, Vec<Fallback>>,
    /// The lines of rules that answer for no path at all: earlier rules do, or the site itself.
    pub(crate) unused: Vec<usize>,
}

/// What a rule does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Leads elsewhere.
    Redirect {
        /// 301, 302, 303, 307 or 308.
        status: u16,
        /// Where to; with marks in a [`Fallback`] alone, which then has a pattern.
        location: Location,
    },
    /// Answers with what the site has at another path.
    Rewrite {
        /// 200, 404 or 410.
        status: u16,
        /// One of the paths of the site.
        to: String,
    },
    /// Answers as for a path that there is not.
    NotFound,
}

/// What to do for some paths of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fallback {
    /// Which: those that match this, in which byte 1 stands for a segment that is not empty and
    /// byte 2, at the end, for any bytes. All of them when there is none.
    pub(crate) pattern: Option<Vec<u8>>,
    pub(crate) action: Action,
}

/// What a site answers without rules, by paths that are percent-decoded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Existing<'a> {
    /// The paths of its files.
    pub(crate) files: &'a BTreeSet<String>,
    /// Those from which it leads to a file, as from `/docs` to `/docs/`. They count as its own,
    /// but no rewrite can lead to one.
    pub(crate) redirects: &'a BTreeSet<String>,
}

/// What `rules` make of a site.
///
/// # Errors
///
/// A rewrite to what the site does not have, or a redirect that leads to itself.
pub(crate) fn compile(rules: &[Rule], existing: Existing<'_>) -> Result<Compiled, Fault> {
    let book = Book::new(rules, existing);
    (0..rules.len()).try_for_each(|at| book.check(at))?;
    let mut compiled = Compiled::default();
    let mut used = BTreeSet::new();
    for folder in &book.folders {
        let list = book.list(folder);
        used.extend(list.iter().map(|&(at, _)| at));
        let fallbacks = list.into_iter().map(|(_, fallback)| fallback).collect();
        compiled.fallbacks.insert(folder.to_vec(), fallbacks);
    }
    for path in book.listed() {
        let Some((at, action)) = book.answer(&path) else { continue };
        used.extend(rules[at].is_meant_for(&path).then_some(at));
        match std::str::from_utf8(&path) {
            Ok(path) if book.has(path) && book.is_left_to_fallback(at, &action, path) => {
                compiled.dropped.insert(path.into());
            }
            _ => {
                compiled.exact.insert(path, action);
            }
        }
    }
    let unused = (0..rules.len()).filter(|at| !used.contains(at));
    compiled.unused = unused.map(|at| rules[at].from_spot.line).collect();
    Ok(compiled)
}

/// The rules, in the order in which they are tried, and the site.
struct Book<'a> {
    rules: &'a [Rule],
    existing: Existing<'a>,
    /// What a target may say, and the path of the site that it means.
    files: BTreeMap<Vec<u8>, &'a str>,
    /// The rules for one path, by that path.
    literal: BTreeMap<&'a [u8], Vec<usize>>,
    /// The others.
    patterns: Vec<usize>,
    /// The folders of those that fallbacks are for.
    folders: BTreeSet<&'a [u8]>,
}

impl<'a> Book<'a> {
    fn new(rules: &'a [Rule], existing: Existing<'a>) -> Self {
        let mut literal = BTreeMap::<_, Vec<_>>::new();
        for (at, rule) in rules.iter().enumerate().filter(|(_, rule)| rule.from.is_literal()) {
            literal.entry(rule.from.bytes()).or_default().push(at);
        }
        let patterns = (0..rules.len()).filter(|&at| !rules[at].from.is_literal()).collect();
        let open = rules.iter().filter(|rule| rule.is_open());
        let folders = open.map(|rule| rule.from.folder()).collect();
        Self { rules, existing, files: files(existing.files), literal, patterns, folders }
    }

    /// What only the site can make wrong.
    fn check(&self, at: usize) -> Result<(), Fault> {
        let rule = &self.rules[at];
        if rule.is_redirect() {
            return if rule.is_open() { self.check_end(at) } else { Ok(()) };
        }
        if rule.to.has_parts() || rule.file(self, b"").is_some() {
            return Ok(());
        }
        let reason = format!("there is no {} in the site", rule.to_text);
        Err(rule.to_spot.fault(reason, "write the path of a file that there is"))
    }

    /// A redirect must not lead to what leads to itself, as `/* /new` does without a file `new`.
    fn check_end(&self, at: usize) -> Result<(), Fault> {
        let rule = &self.rules[at];
        let patterns = rule.strict(rule.from.folder());
        let mut next_paths =
            patterns.iter().filter_map(|pattern| rule.to.next_path(&example(pattern)));
        let is_end = |next: &Vec<u8>| {
            rule.to.next_path(next).as_ref() == Some(next)
                && patterns.iter().any(|pattern| matches(pattern, next))
                && self.matching(next).first() == Some(&at)
                && !std::str::from_utf8(next).is_ok_and(|next| self.has(next))
        };
        match next_paths.find(is_end) {
            None => Ok(()),
            Some(_) => Err(rule.to_spot.fault(
                format!("{} leads to itself where the site has no such path", rule.to_text),
                "add the file, or write a target that the rule does not stand for",
            )),
        }
    }

    fn has(&self, path: &str) -> bool {
        self.existing.files.contains(path) || self.existing.redirects.contains(path)
    }

    /// The rules that stand for `path`, in their order.
    fn matching(&self, path: &[u8]) -> Vec<usize> {
        let literal = self.literal.get(bare(path)).into_iter().flatten();
        let patterns = self.patterns.iter().filter(|&&at| self.rules[at].from.matches(path));
        let mut matching: Vec<usize> = literal.chain(patterns).copied().collect();
        matching.sort_unstable();
        matching
    }

    /// The rule that answers for `path`, and how.
    fn answer(&self, path: &[u8]) -> Option<(usize, Action)> {
        let has = std::str::from_utf8(path).is_ok_and(|path| self.has(path));
        let matching = self.matching(path).into_iter();
        let mut rules = matching.filter(|&at| self.rules[at].is_forced || !has);
        rules.find_map(|at| Some((at, self.rules[at].action(self, path)?)))
    }

    /// Whether the fallback answers for a path of the site as the rule `at` does: with `action`.
    fn is_left_to_fallback(&self, at: usize, action: &Action, path: &str) -> bool {
        let path = path.as_bytes();
        let is_of_path = self.rules[at].to.has_parts() && matches!(action, Action::Rewrite { .. });
        let is_folder = |path: &[u8]| self.folders.contains(path);
        let own = is_folder(path) || toggled(path).is_some_and(|path| is_folder(&path));
        let mut open = self.matching(path).into_iter().filter(|&at| self.rules[at].is_open());
        !own && !is_of_path && open.next() == Some(at)
    }

    /// Every path whose answer is not left to the fallbacks, and some more.
    fn listed(&self) -> BTreeSet<Vec<u8>> {
        let literal = self.literal.keys().copied();
        let folders = self.folders.iter().copied();
        let written = literal.chain(folders).map(<[u8]>::to_vec);
        let mut paths: BTreeSet<Vec<u8>> =
            written.chain(self.patterns.iter().flat_map(|&at| self.paths_of_files(at))).collect();
        paths.extend(paths.iter().filter_map(|path| toggled(path)).collect::<Vec<_>>());
        if self.rules.iter().any(|rule| rule.is_forced) {
            let existing = self.existing.files.iter().chain(self.existing.redirects);
            paths.extend(existing.map(|path| path.clone().into_bytes()));
        }
        paths.retain(|path| path.len() <= PATH_BYTES_MAX);
        paths
    }

    /// The paths that the rule `at` leads to a file from, for each file of the site.
    fn paths_of_files(&self, at: usize) -> Vec<Vec<u8>> {
        let Rule { from, to, .. } = &self.rules[at];
        if self.rules[at].is_redirect() || !to.has_parts() {
            return Vec::new();
        }
        let parts = self.files.keys().flat_map(|file| to.parts_of(file));
        let value = |parts: &[(usize, &[u8])], n: usize| {
            parts.iter().find(|&&(at, _)| at == n).map(|(_, part)| part.to_vec())
        };
        parts.map(|parts| filled(from.bytes(), |n| value(&parts, n).unwrap_or_default())).collect()
    }

    /// What the fallback of `folder` tries, and of which rule each is. Rules of folders above
    /// are among them, in the order of the file, up to one that answers for all of the folder.
    fn list(&self, folder: &[u8]) -> Vec<(usize, Fallback)> {
        let mut list = Vec::new();
        for (at, rule) in self.rules.iter().enumerate().filter(|(_, rule)| rule.is_open()) {
            let covers = rule.from.covers(folder);
            if folder.starts_with(rule.from.folder()) && (covers || rule.from.reaches(folder)) {
                list.extend(rule.fallbacks(self, folder).map(|fallback| (at, fallback)));
                if covers {
                    break;
                }
            }
        }
        list
    }
}

/// What a target may say: a path of the site, the same with or without a slash at its end, or
/// without `.html`.
///
/// Source: Netlify documentation, "Redirect options", "Trailing slash", on how it finds a file.
fn files(paths: &BTreeSet<String>) -> BTreeMap<Vec<u8>, &str> {
    let mut files = BTreeMap::new();
    let own = |path: &str| Some(path.as_bytes().to_vec());
    let slash = |path: &str| toggled(path.as_bytes());
    let bare = |path: &str| path.strip_suffix(".html").map(|path| path.as_bytes().to_vec());
    for name in [&own as &dyn Fn(&str) -> Option<Vec<u8>>, &slash, &bare] {
        for path in paths {
            if let Some(name) = name(path) {
                files.entry(name).or_insert(path.as_str());
            }
        }
    }
    files
}

impl Rule {
    /// Whether it stands for more paths than can be listed, and fallbacks answer for the others.
    fn is_open(&self) -> bool {
        !self.from.is_literal() && (self.is_redirect() || self.from.placeholders() == 0)
    }

    /// Whether it was written for `path`: one that only lacks the slash of that is a by-catch.
    fn is_meant_for(&self, path: &[u8]) -> bool {
        !self.from.is_literal() || self.from.written() == path
    }

    /// What it does for `path`, which it stands for.
    fn action(&self, book: &Book<'_>, path: &[u8]) -> Option<Action> {
        if self.is_redirect() {
            let leads_on = self.to.next_path(path).as_deref() != Some(path);
            let location = self.to.location_for(path);
            return leads_on.then_some(Action::Redirect { status: self.status, location });
        }
        match self.file(book, path) {
            Some(to) if to.as_bytes() == path => None,
            Some(to) => Some(Action::Rewrite { status: self.status, to: to.into() }),
            None => self.is_open().then_some(Action::NotFound),
        }
    }

    /// The path of the site that it leads `path` to. Nobody asks for `/app.js/`, which would
    /// double what is listed.
    fn file<'a>(&self, book: &Book<'a>, path: &[u8]) -> Option<&'a str> {
        let file = book.files.get(&self.to.file_path(path)?)?;
        let last =
            path.strip_suffix(b"/").and_then(|path| path.rsplit(|&byte| byte == b'/').next());
        let is_odd = last.is_some_and(|name| name.contains(&b'.')) && !file.ends_with('/');
        (!is_odd || !self.to.has_parts()).then_some(file)
    }

    /// What it does in `folder` for paths that are not listed.
    fn fallbacks(&self, book: &Book<'_>, folder: &[u8]) -> impl Iterator<Item = Fallback> {
        let action = match self.is_redirect() {
            true => Action::Redirect { status: self.status, location: self.to.location() },
            false if self.to.has_parts() => Action::NotFound,
            false => {
                let to = self.file(book, b"").unwrap_or_default().into();
                Action::Rewrite { status: self.status, to }
            }
        };
        let is_for_all = self.from.covers(folder)
            && !matches!(&action, Action::Redirect { location, .. } if location.has_marks());
        self.strict(folder).into_iter().map(move |pattern| {
            let pattern = (!is_for_all).then_some(pattern);
            Fallback { pattern, action: action.clone() }
        })
    }

    /// Its patterns in `folder`, without one that leads to itself: `/:a /:a/` is for `/x` alone.
    fn strict(&self, folder: &[u8]) -> Vec<Vec<u8>> {
        let mut patterns = self.from.strict(folder);
        patterns.retain(|pattern| {
            let path = example(pattern);
            !self.is_redirect() || self.to.next_path(&path) != Some(path)
        });
        patterns
    }
}

#[cfg(test)]
mod naive;
#[cfg(test)]
mod tests;
