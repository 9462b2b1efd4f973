//! What a site answers, to be told.

use std::borrow::Cow;

use pipkin_format::FALLBACK;

use crate::route::{NotFound, Redirect, Target};
use crate::{Encoding, File, Site, route, rules};

/// What a site answers, and where the answer comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route<'a> {
    /// What is answered: a path, percent-decoded. A star at its end stands for all below that has
    /// no answer of its own, and `:2` for any second segment.
    pub path: Cow<'a, str>,
    /// With what.
    pub source: Source<'a>,
}

/// Where an answer comes from. A file is named relative to the folder, with `/` between the parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source<'a> {
    /// From a file.
    File {
        /// 200, or what a rule says: 404 or 410.
        status: u16,
        /// Which.
        name: &'a str,
        /// Its length in bytes.
        bytes: u64,
        /// In which other codings there is one, the shortest first.
        encodings: &'a [Encoding],
    },
    /// From a file that stands in for what is not there.
    Fallback {
        /// Which.
        name: &'a str,
        /// Its length in bytes.
        bytes: u64,
    },
    /// From variables of the environment, when the server starts.
    Environment,
    /// It leads elsewhere.
    Redirect {
        /// 301 or another of 3xx.
        status: u16,
        /// The value of the Location field, in which `*` and `:2` are what the path has there.
        location: Cow<'a, str>,
    },
}

impl Site {
    /// Everything that has an answer of its own, in bytewise order of the paths; rules of one
    /// folder in the order in which they are tried.
    pub fn routes(&self) -> impl Iterator<Item = Route<'_>> {
        self.routes.iter().flat_map(|route| {
            let targets = route.targets.iter();
            targets.filter_map(|target| Some(self.route(route, target, self.source(target)?)))
        })
    }

    fn route<'a>(
        &self,
        route: &'a route::Route,
        target: &'a Target,
        source: Source<'a>,
    ) -> Route<'a> {
        let path = match (target, route.path.strip_suffix(&[FALLBACK])) {
            (Target::Redirect(Redirect { pattern: Some(pattern), .. }), _) => {
                rules::readable_pattern(pattern).into()
            }
            (_, Some(folder)) => format!("{}*", String::from_utf8_lossy(folder)).into(),
            (_, None) => String::from_utf8_lossy(&route.path),
        };
        Route { path, source }
    }

    /// None for the line of text that stands in where there is no page for it.
    fn source<'a>(&'a self, target: &'a Target) -> Option<Source<'a>> {
        match target {
            Target::File(file) => Some(self.of_file(200, *file)),
            Target::Error(status, file) => Some(self.of_file(*status, *file)),
            Target::Environment => Some(Source::Environment),
            Target::NotFound(NotFound { page, spa }) => {
                let File { name, body, .. } = &self.files[spa.or(*page)?];
                Some(Source::Fallback { name, bytes: self.bodies[*body].bytes })
            }
            Target::Redirect(Redirect { status, location, .. }) => {
                let location = rules::readable_location(&location.text).into();
                Some(Source::Redirect { status: *status, location })
            }
        }
    }

    fn of_file(&self, status: u16, file: usize) -> Source<'_> {
        let File { name, body, encodings } = &self.files[file];
        Source::File { status, name, bytes: self.bodies[*body].bytes, encodings }
    }
}
