//! Rules over the routes of a site: other routes.
//!
//! Rules are written as if the site were at the top, so here paths have no base path, and get it
//! at the end, as targets on this host do.

use std::collections::{BTreeMap, BTreeSet};

use pipkin_format::{FALLBACK, PATH_BYTES_MAX};

use super::redirects::Location;
use super::redirects::compile::{Action, Compiled, Existing, Fallback, compile};
use super::{Fault, Rules};
use crate::location::location;
use crate::route::{NotFound, Redirect, Route, Routes, Target};

/// The routes of a site under the rules, and the lines of those that answer for nothing.
///
/// # Errors
///
/// A rule that is not for this site, or has too many segments below the base path.
pub(crate) fn apply(
    rules: &Rules,
    routes: Routes,
    base_path: &str,
) -> Result<(Routes, Vec<usize>), Fault> {
    let header_folders = rules.headers.folders();
    if rules.redirects.is_empty() && header_folders.is_empty() {
        return Ok((routes, Vec::new()));
    }
    rules.redirects.iter().try_for_each(|rule| rule.check_below(base_path))?;
    let site = Site::new(routes, base_path);
    let files = site.files.keys().cloned().collect();
    let existing = Existing { files: &files, redirects: &site.redirects };
    let compiled = compile(&rules.redirects, existing)?;
    let unused = compiled.unused.clone();
    Ok((site.under(compiled, header_folders), unused))
}

/// A site without rules, by paths that have no base path.
struct Site<'a> {
    base_path: &'a str,
    routes: BTreeMap<Vec<u8>, Vec<Target>>,
    /// Which file each path answers with.
    files: BTreeMap<String, usize>,
    /// Paths that lead to a file.
    redirects: BTreeSet<String>,
    /// What is said in folders of paths without an answer.
    fallbacks: BTreeMap<Vec<u8>, NotFound>,
    /// The same outside of these.
    not_found: NotFound,
}

impl<'a> Site<'a> {
    fn new(Routes { routes, not_found }: Routes, base_path: &'a str) -> Self {
        let (files, redirects, fallbacks) = Default::default();
        let routes = routes.into_iter();
        let routes = routes.map(|route| (route.path[base_path.len()..].to_vec(), route.targets));
        let routes = routes.collect();
        let mut site = Self { base_path, routes, files, redirects, fallbacks, not_found };
        for (path, targets) in &site.routes {
            let text = || String::from_utf8_lossy(path).into_owned();
            match targets[..] {
                [Target::File(file)] => drop(site.files.insert(text(), file)),
                [Target::NotFound(not_found)] => {
                    let folder = path.strip_suffix(&[FALLBACK]).unwrap_or(path);
                    site.fallbacks.insert(folder.into(), not_found);
                }
                // The base path without its slash is none of the site.
                _ if path.is_empty() => {}
                _ => drop(site.redirects.insert(text())),
            }
        }
        site
    }

    /// The routes under rules, with the base path again.
    fn under(mut self, compiled: Compiled, header_folders: BTreeSet<Vec<u8>>) -> Routes {
        let Compiled { exact, dropped, fallbacks, .. } = compiled;
        self.routes
            .retain(|path, _| !std::str::from_utf8(path).is_ok_and(|path| dropped.contains(path)));
        for (path, action) in exact {
            let target = self.target(action, None, &path);
            self.routes.insert(path, vec![target]);
        }
        let rule_folders = fallbacks.keys().cloned();
        let folders: BTreeSet<_> =
            rule_folders.chain(self.fallbacks.keys().cloned()).chain(header_folders).collect();
        for folder in folders {
            let targets = self.fallback(&fallbacks, &folder);
            self.routes.insert([&folder[..], &[FALLBACK]].concat(), targets);
        }
        let base = self.base_path.as_bytes();
        let routes = self.routes.into_iter();
        let routes = routes.map(|(path, targets)| Route { path: [base, &path].concat(), targets });
        // No request can have a longer one.
        let routes = routes.filter(|route| route.path.len() <= PATH_BYTES_MAX).collect();
        Routes { routes, not_found: self.not_found }
    }

    /// What to try for a path in `folder` that has no answer: the server asks no other folder, so
    /// the rules of the nearest that has some come first, and then what the site says itself.
    fn fallback(&self, rules: &BTreeMap<Vec<u8>, Vec<Fallback>>, folder: &[u8]) -> Vec<Target> {
        let list = nearest(rules, folder).map_or(&[][..], Vec::as_slice);
        let target =
            |rule: &Fallback| self.target(rule.action.clone(), rule.pattern.as_deref(), folder);
        let mut targets: Vec<Target> = list.iter().map(target).collect();
        if !list.last().is_some_and(|rule| rule.covers(folder)) {
            targets.push(Target::NotFound(self.not_found(folder)));
        }
        targets
    }

    /// What the site says itself of `path`, which may be a folder.
    fn not_found(&self, path: &[u8]) -> NotFound {
        nearest(&self.fallbacks, path).copied().unwrap_or(self.not_found)
    }

    fn target(&self, action: Action, pattern: Option<&[u8]>, path: &[u8]) -> Target {
        match action {
            Action::Redirect { status, location } => {
                let location = self.based(location);
                let pattern = pattern.map(|pattern| [self.base_path.as_bytes(), pattern].concat());
                Target::Redirect(Redirect { status, location, pattern })
            }
            // Targets are paths of the site.
            Action::Rewrite { status: 200, to } => Target::File(self.files[&to]),
            Action::Rewrite { status, to } => Target::Error(status, self.files[&to]),
            Action::NotFound => Target::NotFound(self.not_found(path)),
        }
    }

    /// A location on this host below the base path, whose segments come before those of the site.
    fn based(&self, Location { text, query }: Location) -> Location {
        // Few enough: see `Rule::check_below`.
        let shift = self.base_path.matches('/').count() as u8;
        let shifted = text.iter().map(|&byte| if byte.is_ascii() { byte } else { byte + shift });
        let base = if text.starts_with(b"/") { location(self.base_path) } else { String::new() };
        Location { text: base.into_bytes().into_iter().chain(shifted).collect(), query }
    }
}

impl Fallback {
    /// Whether it is for every path in `folder`.
    fn covers(&self, folder: &[u8]) -> bool {
        let Some(pattern) = &self.pattern else { return true };
        super::pattern::is_for_all(pattern, folder)
    }
}

/// What the deepest of the folders has that `path` is in.
fn nearest<'a, T>(folders: &'a BTreeMap<Vec<u8>, T>, path: &[u8]) -> Option<&'a T> {
    let ends = (0..path.len()).rev().filter(|&at| path[at] == b'/');
    ends.map(|at| &path[..=at]).find_map(|folder| folders.get(folder))
}
