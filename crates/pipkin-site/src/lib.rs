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
//! The way of the data is [`compile`]: names of files, routes, rules over these, hashed bodies,
//! encoded ones, policies of pages, index. What holds:
//!
//! - The same files give the same bytes, whatever the order in which a folder lists them, and
//!   however many threads hash them.
//! - No body is held in memory. Each is read once for its length and digest, and then by
//!   [`Content`], and by what encodes it, which fail when they read something else. What is
//!   encoded lies in temporary files without a name.
//! - Nothing is printed, and neither clock nor environment is read.
#![forbid(unsafe_code)]

mod answers;
mod body;
mod cache;
mod chosen;
mod coding;
mod content;
mod csp;
mod encode;
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
mod rules;
mod scratch;
mod settings;
mod source;
mod walk;
mod warning;

use std::ops::ControlFlow;
use std::path::Path;

use body::Body;
pub use coding::Coding;
pub use content::Content;
use csp::Policies;
pub use error::Error;
use layout::{Files, Ways};
pub use media::content_type;
use progress::Meter;
pub use progress::Progress;
pub use settings::Settings;
pub use source::{Route, Source};
pub use warning::Warning;

/// A folder, compiled: everything the server needs, with the bodies by reference.
#[derive(Debug)]
pub struct Site {
    index: Vec<u8>,
    bodies: Vec<Body>,
    files: Vec<File>,
    routes: Vec<route::Route>,
    warnings: Vec<Warning>,
    /// Whether the server is to do more than answer.
    has_setting: bool,
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
    let rules = rules::read(folder)?;
    if names.is_empty() && !rules.lead_elsewhere() {
        return Err(Error::Empty { folder: folder.into() });
    }
    let base_path = &settings.base_path;
    // Before the files are read, since a name that cannot be served is known already.
    let routes = route::routes(folder, &names, settings)?;
    let (routes, unused) = rules::apply(&rules, routes, base_path)?;
    let bodies = hash::hash_all(folder, &names, &meter)?;
    let encodings = encode::encodings(&names, &bodies, settings, &meter)?;
    let Policies { by_file, warnings } = if settings.csp {
        let wanted = csp::wanted(&names, &routes, &rules, base_path);
        csp::policies(&names, &bodies, wanted, &meter)?
    } else {
        Policies::default()
    };
    let files = Files { names, bodies, encodings };
    let site =
        layout::layout(files, routes, &Ways { rules: &rules, policies: &by_file, settings })?;
    let unused = unused.into_iter().map(|line| Warning::UnusedRule { line });
    Ok(Site { warnings: unused.chain(warnings).collect(), ..site })
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
        self.has_setting || self.needs_rules()
    }

    /// Whether paths are left to the server to match with patterns, which not every server can.
    pub fn needs_rules(&self) -> bool {
        layout::patterns(&self.routes).next().is_some()
    }

    /// What is probably not as its author wants it: rules by line, then pages by name.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
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
