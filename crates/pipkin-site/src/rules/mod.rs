//! The files `_redirects` and `_headers` at the top of a site, in the syntax that Netlify and
//! Cloudflare Pages share: text in, plain data out, or a [`Fault`] that says where and why not.
//!
//! Both hosts leave out what they cannot read and say so in a log at best. Here nothing is left
//! out: a rule that is not served as its author means it fails the build.
//!
//! Source: Netlify documentation, "Redirects and rewrites", "Redirect options", "Rewrites and
//! proxies" and "Custom headers"; Cloudflare Pages documentation, "Redirects" and "Headers".

mod apply;
pub(crate) mod headers;
mod lines;
mod path;
mod pattern;
pub(crate) mod redirects;

use std::fs;
use std::io;
use std::path::Path;

pub(crate) use apply::apply;
use headers::Headers;
use pipkin_format::FALLBACK;
use redirects::{Location, Rule};

use crate::Error;
use crate::chosen::Chosen;

/// What the files of a site say.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    redirects: Vec<Rule>,
    headers: Headers,
}

/// The rules at the top of `folder`.
///
/// # Errors
///
/// [`Error::Rules`] for the first thing that is wrong in them, or they cannot be read.
pub(crate) fn read(folder: &Path) -> Result<Rules, Error> {
    let redirects = redirects::parse(&text(folder, redirects::FILE)?)?;
    let headers = headers::parse(&text(folder, headers::FILE)?)?;
    Ok(Rules { redirects, headers })
}

/// What a file says: nothing when there is none.
fn text(folder: &Path, name: &str) -> Result<Vec<u8>, Error> {
    let path = folder.join(name);
    match fs::read(&path) {
        Ok(bytes) => Ok(bytes),
        // A folder of that name is one like any other.
        Err(error)
            if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::IsADirectory) =>
        {
            Ok(Vec::new())
        }
        Err(source) => Err(Error::read(&path, source)),
    }
}

/// A pattern, with `:1` for a first segment and `*` for the rest.
pub(crate) fn readable_pattern(pattern: &[u8]) -> String {
    let mut segment = 0;
    let text = pattern.iter().flat_map(|&byte| {
        segment += usize::from(byte == b'/');
        match byte {
            pattern::SEGMENT => format!(":{segment}").into_bytes(),
            pattern::REST => b"*".to_vec(),
            _ => vec![byte],
        }
    });
    String::from_utf8_lossy(&text.collect::<Vec<u8>>()).into_owned()
}

/// A Location, with the same for its marks.
pub(crate) fn readable_location(location: &[u8]) -> String {
    let text = location.iter().map(|&byte| match byte {
        Location::REST.. => "*".into(),
        Location::SEGMENT.. => format!(":{}", byte - Location::SEGMENT + 1),
        _ => char::from(byte).to_string(),
    });
    text.collect()
}

impl Rules {
    /// Whether there is something to answer even without a file.
    pub(crate) fn lead_elsewhere(&self) -> bool {
        !self.redirects.is_empty()
    }

    /// The fields for the answers of a route, whose path has no base path.
    pub(crate) fn chosen(&self, path: &[u8]) -> Chosen {
        let headers = &self.headers;
        match path.strip_suffix(&[FALLBACK]) {
            Some(folder) => Chosen {
                fields: headers.for_folder(folder),
                detached: headers.detached_for_folder(folder),
            },
            None => Chosen { fields: headers.for_path(path), detached: headers.detached(path) },
        }
    }
}

/// What is wrong in one of the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The name of the file.
    pub(crate) file: &'static str,
    /// Counted from 1.
    pub(crate) line: usize,
    /// In characters, counted from 1: of the word that is wrong.
    pub(crate) column: usize,
    /// What is wrong, as a fragment.
    pub(crate) reason: String,
    /// What to type.
    pub(crate) help: String,
}

impl From<Fault> for Error {
    fn from(Fault { file, line, column, reason, help }: Fault) -> Self {
        Self::Rules { file, line, column, reason, help }
    }
}

#[cfg(test)]
impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { file, line, column, reason, .. } = self;
        write!(f, "{file}:{line}:{column}: {reason}")
    }
}

/// A place in one of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Spot {
    file: &'static str,
    line: usize,
    column: usize,
}

impl Spot {
    fn fault(self, reason: impl Into<String>, help: impl Into<String>) -> Fault {
        let Self { file, line, column } = self;
        Fault { file, line, column, reason: reason.into(), help: help.into() }
    }
}
