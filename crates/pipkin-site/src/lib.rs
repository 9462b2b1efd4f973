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
//!     println!("{} is {} ({} bytes)", route.path, route.file, route.bytes);
//! }
//! std::io::copy(&mut site.content(), &mut std::io::sink())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The way of the data is [`compile`]: names of files, routes, hashed bodies, index. What holds:
//!
//! - The same files give the same bytes, whatever the order in which a folder lists them, and
//!   however many threads hash them.
//! - No body is held in memory. Each is read twice: once for its length and digest, and once
//!   more by [`Content`], which fails when the second reading differs from the first.
//! - Nothing is printed, and neither clock nor environment is read.
#![forbid(unsafe_code)]

mod body;
mod cache;
mod content;
#[allow(dead_code, reason = "no page has a policy yet")]
mod csp;
#[allow(dead_code, reason = "nothing asks for the variables yet")]
mod env_js;
mod error;
mod etag;
mod hash;
mod head;
mod layout;
mod media;
mod progress;
mod route;
#[allow(dead_code, reason = "a site does not read its rules yet")]
mod rules;
mod walk;

use std::ops::ControlFlow;
use std::path::Path;

use body::Body;
pub use content::Content;
pub use error::Error;
use progress::Meter;
pub use progress::Progress;

/// What a user chooses about a site.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The port to listen on unless told otherwise when the server starts.
    pub port: u16,
    /// Canonical paths of files and folders that lie in the folder and are not of the site, such
    /// as the image that an earlier build has left there.
    pub left_out: Vec<std::path::PathBuf>,
}

/// A folder, compiled: everything the server needs, with the bodies by reference.
#[derive(Debug)]
pub struct Site {
    index: Vec<u8>,
    bodies: Vec<Body>,
    files: Vec<File>,
    routes: Vec<route::Route>,
}

/// A file of the site.
#[derive(Debug)]
struct File {
    /// Relative to the folder, with `/` between the parts.
    name: String,
    /// Which of [`Site::bodies`] it holds.
    body: usize,
}

/// A path that the site answers, and where the answer comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route<'a> {
    /// Percent-decoded, starts with `/`.
    pub path: &'a str,
    /// The file behind it, relative to the folder, with `/` between the parts.
    pub file: &'a str,
    /// The length of the body in bytes.
    pub bytes: u64,
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
    let meter = Meter::new(progress);
    let names = walk::walk(folder, &settings.left_out, &meter)?;
    // Before the files are read, since a name that cannot be served is known already.
    let routes = route::routes(&names)?;
    let hashed = hash::hash_all(folder, &names, &meter)?;
    layout::layout(names, hashed, routes, settings.port)
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

    /// Every path that has an answer of its own, in bytewise order.
    pub fn routes(&self) -> impl Iterator<Item = Route<'_>> {
        self.routes.iter().map(|route| {
            let file = &self.files[route.file];
            Route { path: &route.path, file: &file.name, bytes: self.bodies[file.body].bytes }
        })
    }

    /// How many files are served. Files of equal content count each.
    pub fn files(&self) -> usize {
        self.files.len()
    }

    /// The bytes of all bodies, those of equal content counted once.
    pub fn body_bytes(&self) -> u64 {
        self.bodies.iter().map(|body| body.bytes).sum()
    }
}
