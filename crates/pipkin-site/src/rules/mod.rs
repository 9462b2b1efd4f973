//! The files `_redirects` and `_headers` at the top of a site, in the syntax that Netlify and
//! Cloudflare Pages share: text in, plain data out, or a [`Fault`] that says where and why not.
//!
//! Both hosts leave out what they cannot read and say so in a log at best. Here nothing is left
//! out: a rule that is not served as its author means it fails the build.
//!
//! Source: Netlify documentation, "Redirects and rewrites", "Redirect options", "Rewrites and
//! proxies" and "Custom headers"; Cloudflare Pages documentation, "Redirects" and "Headers".

pub(crate) mod headers;
mod lines;
mod path;
mod pattern;
pub(crate) mod redirects;

use std::fmt;

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

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, reason, .. } = self;
        write!(f, "{file}:{line}:{column}: {reason}")
    }
}

impl std::error::Error for Fault {}

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
