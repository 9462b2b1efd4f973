//! The parts put together: bodies shared, heads made, index written.
//!
//! A head is made for each route, not for each file: it may depend on the path that is asked for.

use std::collections::HashMap;

use pipkin_format::{Answer, Index, NAVIGATION, NO_NAVIGATION, QUERY, Route as Indexed, Standing};

use crate::body::Body;
use crate::etag::Digest;
use crate::head::{self, Head, Vary};
use crate::route::{NotFound, Route, Routes, Target};
use crate::{Error, File, Site};

/// The body of every 404 of a site that has no page for it.
const NOT_FOUND_TEXT: &str = "404 not found\n";

/// The site of these files, bodies and routes.
///
/// # Errors
///
/// [`Error::Index`]: more than the format can hold.
pub(crate) fn layout(
    names: Vec<String>,
    hashed: Vec<Body>,
    Routes { routes, not_found }: Routes,
    port: u16,
) -> Result<Site, Error> {
    let mut shelf = Shelf::default();
    let file = |(name, body)| File { name, body: shelf.place(body) };
    let files: Vec<File> = names.into_iter().zip(hashed).map(file).collect();
    let empty = shelf.place(Body::of_text(""));
    // The fallbacks of folders have pages of their own.
    let text = not_found.page.is_none().then(|| shelf.place(Body::of_text(NOT_FOUND_TEXT)));
    let text = File { name: "404.txt".into(), body: text.unwrap_or(empty) };
    let answers = Answers { files: &files, bodies: &shelf.bodies, text, empty };
    let index = index(&answers, &routes, not_found, port)?;
    Ok(Site { index, files, bodies: shelf.bodies, routes })
}

/// The bytes before the bodies.
fn index(
    answers: &Answers<'_>,
    routes: &[Route],
    not_found: NotFound,
    port: u16,
) -> Result<Vec<u8>, Error> {
    let replies: Vec<_> = routes.iter().map(|route| answers.of_route(route)).collect();
    let standing = Standing::ALL.map(|standing| answers.standing(standing, not_found));
    let routes = routes.iter().zip(&replies);
    let routes = routes.map(|(route, replies)| Indexed {
        path: route.path.as_bytes().into(),
        answers: stored(replies),
    });
    let bodies: Vec<u64> = answers.bodies.iter().map(|body| body.bytes).collect();
    pipkin_format::write(&Index {
        port,
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
    flags: u8,
}

impl Reply {
    fn answer(&self) -> Answer<'_> {
        let Head { text, part_bytes, shared_bytes } = &self.head;
        Answer {
            head: text.as_bytes(),
            part_bytes: *part_bytes,
            shared_bytes: *shared_bytes,
            body: self.body,
            flags: self.flags,
            ..Answer::default()
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

impl Answers<'_> {
    fn of_route(&self, route: &Route) -> Vec<Reply> {
        match &route.target {
            Target::File(file) => self.ok(*file, Vary::default(), 0),
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
        let vary = Vary { accept: spa.is_some() };
        let flags = if spa.is_some() { NO_NAVIGATION } else { 0 };
        let head = head::not_found(&page.name, &self.bodies[page.body], vary);
        let otherwise = Reply { head, body: page.body, flags };
        let navigation = spa.map_or(Vec::new(), |file| self.ok(file, vary, NAVIGATION));
        navigation.into_iter().chain([otherwise]).collect()
    }

    fn ok(&self, file: usize, vary: Vary, flags: u8) -> Vec<Reply> {
        let File { name, body } = &self.files[file];
        vec![Reply { head: head::ok(name, &self.bodies[*body], vary), body: *body, flags }]
    }

    fn bare(&self, head: Head) -> Reply {
        Reply { head, body: self.empty, flags: 0 }
    }

    fn standing(&self, standing: Standing, not_found: NotFound) -> Vec<Reply> {
        let head = match standing {
            Standing::NotFound => return self.not_found(not_found),
            Standing::BadRequest => head::BAD_REQUEST.into(),
            Standing::HeadTooLarge => head::HEAD_TOO_LARGE.into(),
            Standing::UriTooLong => head::URI_TOO_LONG.into(),
            Standing::Options => head::OPTIONS.into(),
            Standing::MethodNotAllowed => head::METHOD_NOT_ALLOWED.into(),
            Standing::NotImplemented => head::NOT_IMPLEMENTED.into(),
            Standing::NotAcceptable => head::NOT_ACCEPTABLE.into(),
            Standing::PreconditionFailed => head::PRECONDITION_FAILED.into(),
            Standing::NotModified => head::NOT_MODIFIED.into(),
            Standing::PartialContent => head::PARTIAL_CONTENT.into(),
            Standing::RangeNotSatisfiable => head::range_not_satisfiable(),
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
    fn place(&mut self, body: Body) -> usize {
        let end = self.bodies.len();
        let place = *self.places.entry(body.digest).or_insert(end);
        if place == end {
            self.bodies.push(body);
        }
        place
    }
}
