//! What a user chooses about a site, and what of it makes no sense.

use std::path::PathBuf;

use crate::{Coding, Error, env_js};

/// What a user chooses about a site.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The port to listen on unless told otherwise when the server starts.
    pub port: u16,
    /// Canonical paths of files and folders that lie in the folder and are not of the site, such
    /// as the image that an earlier build has left there.
    pub left_out: Vec<PathBuf>,
    /// The file, relative to the folder, that answers a navigation to a path that has no answer,
    /// where an application in the browser does the routing.
    pub spa: Option<String>,
    /// What stands before every path, such as `/app`; nothing when empty.
    pub base_path: String,
    /// The codings in which files are stored too, as far as that makes them shorter.
    pub compress: Vec<Coding>,
    /// Whether pages get a Content-Security-Policy, by what is in each.
    pub csp: bool,
    /// Whether the server logs each request.
    pub access_log: bool,
    /// The names of variables, with commas between, that `/env.js` is to tell of as they are when
    /// the server starts; no such file when empty.
    pub env_js: String,
    /// Where temporary files are made, which only `compress` needs; the working directory when
    /// empty.
    pub scratch: PathBuf,
}

impl Settings {
    /// Fails when the base path is none, or a name of a variable.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.env_js_names()?;
        self.check_base_path()
    }

    /// The names of the variables for `/env.js`; empty when there is none.
    pub(crate) fn env_js_names(&self) -> Result<Vec<String>, Error> {
        if self.env_js.is_empty() {
            return Ok(Vec::new());
        }
        env_js::names(&self.env_js).map_err(|why| Error::EnvJs { why })
    }

    fn check_base_path(&self) -> Result<(), Error> {
        let path = &self.base_path;
        let has_part = |part: &str| path.split('/').skip(1).any(|found| found == part);
        let why = match path.as_str() {
            "" => return Ok(()),
            _ if !path.starts_with('/') => "it does not start with a slash",
            _ if path.ends_with('/') => "it ends with a slash",
            _ if path.contains(char::is_control) => "it has a control character",
            _ if path.contains(['?', '#', '%']) => "it has one of the characters ? # %",
            _ if has_part("") => "it has two slashes in a row",
            _ if has_part(".") || has_part("..") => "it has a part that is only dots",
            _ => return Ok(()),
        };
        Err(Error::BasePath { path: path.clone(), why })
    }
}

/// What to type instead of a base path that is none.
pub(crate) fn help_base_path(path: &str) -> String {
    // Of a URL, what follows the host.
    let path =
        path.split_once("://").map_or(path, |(_, rest)| rest.split_once('/').unwrap_or_default().1);
    let parts = path.split('/').filter(|part| !matches!(*part, "" | "." | ".."));
    let usual: String = parts.flat_map(|part| ["/", part]).collect();
    if usual.contains(|c: char| c.is_control() || matches!(c, '?' | '#' | '%')) {
        "give a path as it is read, without a query: --base-path /app".into()
    } else if usual.is_empty() {
        "leave --base-path out: a site is at the top already".into()
    } else {
        format!("type --base-path {usual}")
    }
}
