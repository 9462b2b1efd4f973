//! Files to routes: which paths answer with what.
//!
//! A file answers for its own path, and an index file for its folder. Other paths are derived: a
//! page without its extension, and redirects for a slash too many or too few. What a file answers
//! is never taken by a derived path, nor a page by a redirect.

use std::path::{Path, PathBuf};

use pipkin_format::{FALLBACK, PATH_BYTES_MAX};

use crate::location::location;
use crate::rules::redirects::Location;
use crate::{Error, Settings, env_js};

/// The file that answers for its folder.
const INDEX_FILE: &str = "index.html";

/// The file that is the body of every 404 of its folder.
const NOT_FOUND_FILE: &str = "404.html";

/// What a page's name ends with.
const PAGE_SUFFIX: &str = ".html";

/// The longest Location, so that a head with it is well below what the format holds. A path that
/// is percent-encoded for the most part may be longer, and then is not redirected to.
const LOCATION_BYTES_MAX: usize = PATH_BYTES_MAX;

/// What the paths of a site answer.
#[derive(Debug)]
pub(crate) struct Routes {
    /// Sorted bytewise by path.
    pub(crate) routes: Vec<Route>,
    /// For every other path.
    pub(crate) not_found: NotFound,
}

/// A path and what it answers.
#[derive(Debug)]
pub(crate) struct Route {
    /// Percent-decoded, starts with `/`; with [`FALLBACK`] at its end when it is for all of a
    /// folder that has no answer.
    pub(crate) path: Vec<u8>,
    /// What to try, one after the other: rules, and what answers if none of these fits.
    pub(crate) targets: Vec<Target>,
}

/// What a path answers. A file is its position in the list of names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// 200 with a file.
    File(usize),
    /// 404 or 410 with a file.
    Error(u16, usize),
    /// Elsewhere.
    Redirect(Redirect),
    /// What is said of paths without an answer.
    NotFound(NotFound),
    /// What the server makes of variables when it starts.
    Environment,
}

impl Target {
    /// The files that it answers with.
    pub(crate) fn files(&self) -> impl Iterator<Item = usize> + use<> {
        let files = match *self {
            Self::File(file) | Self::Error(_, file) => [Some(file), None],
            Self::Redirect(_) | Self::Environment => [None, None],
            Self::NotFound(NotFound { page, spa }) => [page, spa],
        };
        files.into_iter().flatten()
    }
}

/// Where a path leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Redirect {
    /// 301 or one of its neighbours.
    pub(crate) status: u16,
    /// The value of the field.
    pub(crate) location: Location,
    /// Which paths this is for, where that is left to the server: see [`RULE`](pipkin_format::RULE).
    pub(crate) pattern: Option<Vec<u8>>,
}

/// What is said of paths without an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct NotFound {
    /// The file that is the body of a 404, if there is one.
    pub(crate) page: Option<usize>,
    /// The file that a navigation gets instead.
    pub(crate) spa: Option<usize>,
}

/// How strong the claim of a route to its path is; the first is the strongest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Claim {
    File,
    Page,
    Redirect,
}

/// The routes of the files with these names in `folder`.
///
/// # Errors
///
/// [`Error::PathTooLong`], [`Error::TwoFiles`] when two files would answer one path,
/// [`Error::EnvJsFile`] when one is where variables are to be told of,
/// [`Error::NoSpaFile`] when the file for navigations is not there.
pub(crate) fn routes(
    folder: &Path,
    names: &[String],
    settings: &Settings,
) -> Result<Routes, Error> {
    let base = &settings.base_path;
    let spa = settings.spa.as_deref().map(|file| spa_file(folder, names, file)).transpose()?;
    let page = names.iter().position(|name| name == NOT_FOUND_FILE);
    let not_found = NotFound { page, spa };
    let mut claims = Claims { base, routes: Vec::new() };
    names.iter().enumerate().for_each(|(file, name)| claims.of_file(file, name));
    if !settings.env_js.is_empty() {
        if names.iter().any(|name| name == env_js::FILE) {
            return Err(Error::EnvJsFile { file: env_js::FILE });
        }
        claims.add(Claim::File, &format!("/{}", env_js::FILE), Target::Environment);
    }
    if !base.is_empty() {
        claims.redirect("", "/");
    }
    // The application is below the base path, and nothing is beside it.
    let is_below = !base.is_empty() && spa.is_some();
    if is_below {
        claims.fallback("/", not_found);
    }
    let not_found = NotFound { spa: not_found.spa.filter(|_| !is_below), ..not_found };
    Ok(Routes { routes: claims.settle(names)?, not_found })
}

fn spa_file(folder: &Path, names: &[String], file: &str) -> Result<usize, Error> {
    let find = |file: &str| names.iter().position(|name| name == file);
    find(file).ok_or_else(|| Error::NoSpaFile {
        folder: folder.into(),
        file: file.into(),
        // As a path from elsewhere may name it.
        similar: file
            .match_indices('/')
            .map(|(at, _)| &file[at + 1..])
            .find(|rest| find(rest).is_some())
            .map(Into::into),
    })
}

/// Every claim to a path, in any order.
struct Claims<'a> {
    base: &'a str,
    routes: Vec<(Claim, Route)>,
}

impl Claims<'_> {
    /// Adds what the file `name` answers.
    fn of_file(&mut self, file: usize, name: &str) {
        self.add(Claim::File, &format!("/{name}"), Target::File(file));
        let folder = &name[..name.rfind('/').map_or(0, |at| at + 1)];
        let last = &name[folder.len()..];
        if last == INDEX_FILE {
            self.add(Claim::File, &format!("/{folder}"), Target::File(file));
            if let Some(folder) = folder.strip_suffix('/') {
                self.redirect(&format!("/{folder}"), &format!("/{folder}/"));
            }
        } else if last == NOT_FOUND_FILE {
            // Nobody is led to it, and that at the top is for the folders of all others.
            if !folder.is_empty() {
                self.fallback(&format!("/{folder}"), NotFound { page: Some(file), spa: None });
            }
        } else if let Some(page) = name.strip_suffix(PAGE_SUFFIX).filter(|_| last != PAGE_SUFFIX) {
            self.add(Claim::Page, &format!("/{page}"), Target::File(file));
            self.redirect(&format!("/{page}/"), &format!("/{page}"));
        }
    }

    fn redirect(&mut self, path: &str, to: &str) {
        let location = location(&format!("{}{to}", self.base));
        if location.len() <= LOCATION_BYTES_MAX {
            let location = Location { text: location.into(), query: true };
            let redirect = Redirect { status: 301, location, pattern: None };
            self.add(Claim::Redirect, path, Target::Redirect(redirect));
        }
    }

    fn fallback(&mut self, folder: &str, not_found: NotFound) {
        let path = format!("{folder}{}", char::from(FALLBACK));
        self.add(Claim::File, &path, Target::NotFound(not_found));
    }

    fn add(&mut self, claim: Claim, path: &str, target: Target) {
        let path = format!("{}{path}", self.base).into();
        self.routes.push((claim, Route { path, targets: vec![target] }));
    }

    /// The strongest claim to each path, sorted by path.
    fn settle(mut self, names: &[String]) -> Result<Vec<Route>, Error> {
        // Stable, so that the order of the files decides the rest.
        self.routes.sort_by(|(a, one), (b, other)| (&one.path, a).cmp(&(&other.path, b)));
        self.check(names)?;
        self.routes.dedup_by(|(_, later), (_, first)| later.path == first.path);
        Ok(self.routes.into_iter().map(|(_, route)| route).collect())
    }

    /// Fails for a path that is too long, and for one that two files claim.
    fn check(&self, names: &[String]) -> Result<(), Error> {
        let files = self.routes.iter().filter_map(|(claim, route)| match route.targets[..] {
            [Target::File(file)] if *claim == Claim::File => Some((&route.path, &names[file])),
            _ => None,
        });
        let files: Vec<(&Vec<u8>, &String)> = files.collect();
        if let Some((path, name)) = files.iter().find(|(path, _)| path.len() > PATH_BYTES_MAX) {
            return Err(Error::PathTooLong { path: name.into(), bytes: path.len() });
        }
        match files.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            Some(&[(route, first), (_, second)]) => {
                let (first, second) = (PathBuf::from(first), PathBuf::from(second));
                let route = String::from_utf8_lossy(route).into();
                Err(Error::TwoFiles { route, first, second })
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
