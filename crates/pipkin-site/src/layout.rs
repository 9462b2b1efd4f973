//! The parts put together: bodies shared, heads made, index written.
//!
//! A head is made for each route, not for each file: it may depend on the path that is asked for.

use std::collections::HashMap;

use pipkin_format::{
    Answer, IDENTITY, Index, LOG, NAVIGATION, NO_NAVIGATION, QUERY, Route as Indexed, Standing,
};

use crate::body::Body;
use crate::encode::Encoded;
use crate::etag::Digest;
use crate::head::{self, Head, Representation, Vary};
use crate::route::{NotFound, Route, Routes, Target};
use crate::{Coding, Encoding, Error, File, Settings, Site};

/// The body of every 404 of a site that has no page for it.
const NOT_FOUND_TEXT: &str = "404 not found\n";

/// What is known of each file of a site, in the order of their names.
pub(crate) struct Files {
    pub(crate) names: Vec<String>,
    pub(crate) bodies: Vec<Body>,
    pub(crate) encodings: Vec<Vec<Encoded>>,
}

/// The site of these files and routes.
///
/// # Errors
///
/// [`Error::Index`]: more than the format can hold.
pub(crate) fn layout(
    Files { names, bodies, encodings }: Files,
    Routes { routes, not_found }: Routes,
    settings: &Settings,
) -> Result<Site, Error> {
    let mut shelf = Shelf::default();
    let file = |((name, body), encodings)| shelf.file(name, body, encodings);
    let files: Vec<File> = names.into_iter().zip(bodies).zip(encodings).map(file).collect();
    let empty = shelf.place(Body::of_text(""));
    // The fallbacks of folders have pages of their own.
    let text = not_found.page.is_none().then(|| shelf.place(Body::of_text(NOT_FOUND_TEXT)));
    let text = File { name: "404.txt".into(), body: text.unwrap_or(empty), encodings: Vec::new() };
    let answers = Answers { files: &files, bodies: &shelf.bodies, text, empty };
    let index = index(&answers, &routes, not_found, settings)?;
    Ok(Site { index, files, bodies: shelf.bodies, routes, is_extended: settings.access_log })
}

/// The bytes before the bodies.
fn index(
    answers: &Answers<'_>,
    routes: &[Route],
    not_found: NotFound,
    settings: &Settings,
) -> Result<Vec<u8>, Error> {
    let replies: Vec<_> = routes.iter().map(|route| answers.of_route(route)).collect();
    let mut standing = Standing::ALL.map(|standing| answers.standing(standing, not_found));
    standing[Standing::Options as usize].extend(answers.setting(settings));
    let routes = routes.iter().zip(&replies);
    let routes = routes.map(|(route, replies)| Indexed {
        path: route.path.as_bytes().into(),
        answers: stored(replies),
    });
    let bodies: Vec<u64> = answers.bodies.iter().map(|body| body.bytes).collect();
    pipkin_format::write(&Index {
        port: settings.port,
        routes: &routes.collect::<Vec<_>>(),
        standing: standing.each_ref().map(|replies| stored(replies)),
        bodies: &bodies,
    })
    .map_err(Error::Index)
}

/// An answer: a head, and which body follows it.
struct Reply {
    head: Head,
    body: usize,
    coding: u32,
    flags: u8,
}

impl Reply {
    fn answer(&self) -> Answer<'_> {
        Answer {
            head: self.head.text.as_bytes(),
            part_bytes: self.head.part_bytes,
            shared_bytes: self.head.shared_bytes,
            body: self.body,
            coding: self.coding,
            flags: self.flags,
        }
    }
}

fn stored(replies: &[Reply]) -> Vec<Answer<'_>> {
    replies.iter().map(Reply::answer).collect()
}

/// What answers are made from.
struct Answers<'a> {
    files: &'a [File],
    bodies: &'a [Body],
    /// What a 404 says where there is no page for it.
    text: File,
    /// Which body has no bytes.
    empty: usize,
}

/// Makes the head of a file as it is sent.
type Heading = fn(Representation<'_>, Vary) -> Head;

impl Answers<'_> {
    fn of_route(&self, route: &Route) -> Vec<Reply> {
        match &route.target {
            Target::File(file) => {
                let file = &self.files[*file];
                let vary = Vary { encoding: !file.encodings.is_empty(), ..Vary::default() };
                self.of_file(head::ok, file, vary, 0)
            }
            Target::Redirect(location) => {
                vec![Reply { flags: QUERY, ..self.bare(head::redirect(location)) }]
            }
            Target::NotFound(not_found) => self.not_found(*not_found),
        }
    }

    /// What is said of a path without an answer. An application that does the routing in the
    /// browser gets its page for a navigation, and a missing script is still a 404.
    fn not_found(&self, NotFound { page, spa }: NotFound) -> Vec<Reply> {
        let page = page.map_or(&self.text, |page| &self.files[page]);
        let spa = spa.map(|spa| &self.files[spa]);
        let is_encoded = |file: &File| !file.encodings.is_empty();
        let encoding = is_encoded(page) || spa.is_some_and(is_encoded);
        let vary = Vary { encoding, accept: spa.is_some() };
        let Some(spa) = spa else { return self.of_file(head::not_found, page, vary, 0) };
        let mut replies = self.of_file(head::ok, spa, vary, NAVIGATION);
        replies.extend(self.of_file(head::not_found, page, vary, NO_NAVIGATION));
        replies
    }

    /// An answer for each coding of the file, and one with the file as it is. The server takes the
    /// first of those that a client likes equally well.
    fn of_file(&self, heading: Heading, file: &File, vary: Vary, flags: u8) -> Vec<Reply> {
        let encoded = file.encodings.iter().map(|encoding| (Some(encoding.coding), encoding.body));
        let reply = |(coding, body): (Option<Coding>, usize)| {
            let file = Representation { name: &file.name, coding, body: &self.bodies[body] };
            let coding =
                coding.map_or(IDENTITY, |known| pipkin_format::coding(known.token().as_bytes()));
            Reply { head: heading(file, vary), body, coding, flags }
        };
        encoded.chain([(None, file.body)]).map(reply).collect()
    }

    fn bare(&self, head: Head) -> Reply {
        Reply { head, body: self.empty, coding: IDENTITY, flags: 0 }
    }

    /// What the extended server is to do.
    fn setting(&self, settings: &Settings) -> Option<Reply> {
        let flags = if settings.access_log { LOG } else { 0 };
        (flags != 0).then(|| Reply { flags, ..self.bare(Head::default()) })
    }

    fn standing(&self, standing: Standing, not_found: NotFound) -> Vec<Reply> {
        // Which file such an answer is about, is not known here.
        let encoding = self.files.iter().any(|file| !file.encodings.is_empty());
        let vary = Vary { encoding, ..Vary::default() };
        let head = match standing {
            Standing::NotFound => return self.not_found(not_found),
            Standing::BadRequest => head::BAD_REQUEST.into(),
            Standing::HeadTooLarge => head::HEAD_TOO_LARGE.into(),
            Standing::UriTooLong => head::URI_TOO_LONG.into(),
            Standing::Options => head::OPTIONS.into(),
            Standing::MethodNotAllowed => head::METHOD_NOT_ALLOWED.into(),
            Standing::NotImplemented => head::NOT_IMPLEMENTED.into(),
            Standing::NotAcceptable => head::not_acceptable(vary),
            Standing::PreconditionFailed => head::precondition_failed(vary),
            Standing::NotModified => head::NOT_MODIFIED.into(),
            Standing::PartialContent => head::PARTIAL_CONTENT.into(),
            Standing::RangeNotSatisfiable => head::range_not_satisfiable(vary),
        };
        vec![self.bare(head)]
    }
}

/// The bodies in the order in which they were first placed, equal ones once.
#[derive(Default)]
struct Shelf {
    bodies: Vec<Body>,
    places: HashMap<Digest, usize>,
}

impl Shelf {
    fn file(&mut self, name: String, body: Body, encodings: Vec<Encoded>) -> File {
        let body = self.place(body);
        let encoding = |Encoded { coding, body }: Encoded| {
            let bytes = body.bytes;
            Encoding { coding, bytes, body: self.place(body) }
        };
        File { name, body, encodings: encodings.into_iter().map(encoding).collect() }
    }

    fn place(&mut self, body: Body) -> usize {
        let end = self.bodies.len();
        let place = *self.places.entry(body.digest).or_insert(end);
        if place == end {
            self.bodies.push(body);
        }
        place
    }
}
