//! A folder of files as a [`Site`]: which paths exist, the complete response head stored for
//! each, and the bytes that pipkin appends to its server.
//!
//! ```no_run
//! use std::{ops::ControlFlow, path::Path};
//! use pipkin_site::{Settings, compile};
//!
//! let settings = Settings { port: 8080, ..Settings::default() };
//! let site = compile(Path::new("public"), &settings, &|_| ControlFlow::Continue(()))?;
//! for route in site.routes() {
//!     println!("{}: {:?}", route.path, route.source);
//! }
//! std::io::copy(&mut site.content(), &mut std::io::sink())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The way of the data is [`compile`]: names of files, routes, hashed bodies, encoded ones, index. What holds:
//!
//! - The same files give the same bytes, whatever the order in which a folder lists them, and
//!   however many threads hash them.
//! - No body is held in memory. Each is read once for its length and digest, and then by
//!   [`Content`], and by what encodes it, which fail when they read something else. What is
//!   encoded lies in temporary files without a name.
//! - Nothing is printed, and neither clock nor environment is read.
#![forbid(unsafe_code)]

mod body;
mod cache;
mod coding;
mod content;
#[allow(dead_code, reason = "no page has a policy yet")]
mod csp;
mod encode;
#[allow(dead_code, reason = "nothing asks for the variables yet")]
mod env_js;
mod error;
mod etag;
mod hash;
mod head;
mod layout;
mod location;
mod media;
mod parallel;
mod progress;
mod route;
#[allow(dead_code, reason = "a site does not read its rules yet")]
mod rules;
mod scratch;
mod settings;
mod walk;

use std::ops::ControlFlow;
use std::path::Path;

use body::Body;
pub use coding::Coding;
pub use content::Content;
pub use error::Error;
use layout::Files;
use pipkin_format::FALLBACK;
use progress::Meter;
pub use progress::Progress;
use route::Target;
pub use settings::Settings;

/// A folder, compiled: everything the server needs, with the bodies by reference.
#[derive(Debug)]
pub struct Site {
    index: Vec<u8>,
    bodies: Vec<Body>,
    files: Vec<File>,
    routes: Vec<route::Route>,
    is_extended: bool,
}

/// A file of the site.
#[derive(Debug)]
struct File {
    /// Relative to the folder, with `/` between the parts.
    name: String,
    /// Which of [`Site::bodies`] it holds.
    body: usize,
    /// What it is in other codings, the shortest first.
    encodings: Vec<Encoding>,
}

/// A file in another coding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoding {
    /// Which.
    pub coding: Coding,
    /// The length of the encoded form in bytes.
    pub bytes: u64,
    /// Which of [`Site::bodies`] it is.
    body: usize,
}

/// A path that the site answers, and where the answer comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route<'a> {
    /// Percent-decoded, starts with `/`.
    pub path: &'a str,
    /// What is answered.
    pub source: Source<'a>,
}

/// Where an answer comes from. A file is named relative to the folder, with `/` between the parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source<'a> {
    /// From a file.
    File {
        /// Which.
        name: &'a str,
        /// Its length in bytes.
        bytes: u64,
        /// In which other codings there is one, the shortest first.
        encodings: &'a [Encoding],
    },
    /// From a file too, for all paths below that have no answer.
    Fallback {
        /// Which.
        name: &'a str,
        /// Its length in bytes.
        bytes: u64,
    },
    /// It leads elsewhere.
    Redirect {
        /// The value of the Location field.
        location: &'a str,
    },
}

/// The site that `folder` holds.
///
/// `progress` is called for each file found, and then for each piece read, from several
/// threads, whose calls may overtake each other. When it returns [`ControlFlow::Break`], the
/// work ends before the next piece.
///
/// # Errors
///
/// [`Error`] says which file or folder cannot be served and why; [`Error::Interrupted`] when
/// `progress` asked to end. Which of several errors is returned does not depend on timing.
pub fn compile(
    folder: &Path,
    settings: &Settings,
    progress: &(dyn Fn(Progress) -> ControlFlow<()> + Sync),
) -> Result<Site, Error> {
    settings.check()?;
    let meter = Meter::new(progress);
    let names = walk::walk(folder, &settings.left_out, &meter)?;
    // Before the files are read, since a name that cannot be served is known already.
    let routes = route::routes(folder, &names, settings)?;
    let hashed = hash::hash_all(folder, &names, &meter)?;
    let encodings = encode::encodings(&names, &hashed, settings, &meter)?;
    layout::layout(Files { names, bodies: hashed, encodings }, routes, settings)
}

impl Site {
    /// The length of [`Site::content`] in bytes.
    pub fn content_bytes(&self) -> u64 {
        self.index.len() as u64 + self.body_bytes()
    }

    /// The bytes to append to the server: the index, then each body, read from its file again.
    ///
    /// Relative folders are found from the working directory, as they were by [`compile`].
    pub fn content(&self) -> Content<'_> {
        Content::new(&self.index, &self.bodies)
    }

    /// Whether only the extended server can serve it.
    pub fn is_extended(&self) -> bool {
        self.is_extended
    }

    /// Every path that has an answer of its own, in bytewise order.
    pub fn routes(&self) -> impl Iterator<Item = Route<'_>> {
        self.routes.iter().map(|route| Route {
            path: route.path.trim_end_matches(char::from(FALLBACK)),
            source: self.source(&route.target),
        })
    }

    fn source<'a>(&'a self, target: &'a Target) -> Source<'a> {
        let file = |file: usize| {
            let File { name, body, encodings } = &self.files[file];
            (name.as_str(), self.bodies[*body].bytes, &encodings[..])
        };
        match target {
            Target::File(which) => {
                let (name, bytes, encodings) = file(*which);
                Source::File { name, bytes, encodings }
            }
            Target::NotFound(not_found) => {
                let which = not_found.spa.or(not_found.page);
                let (name, bytes, _) = which.map_or(("", 0, &[][..]), file);
                Source::Fallback { name, bytes }
            }
            Target::Redirect(location) => Source::Redirect { location },
        }
    }

    /// How many files are served. Files of equal content count each.
    pub fn files(&self) -> usize {
        self.files.len()
    }

    /// The bytes of all bodies, encoded ones too, those of equal content counted once.
    pub fn body_bytes(&self) -> u64 {
        self.bodies.iter().map(|body| body.bytes).sum()
    }
}
