//! The parts put together: bodies shared, heads made, index written.
//!
//! A head is made for each route, not for each file: it may depend on the path that is asked for.

use std::collections::HashMap;

use pipkin_format::{Answer, Index, Route as Indexed, Standing};

use crate::body::Body;
use crate::etag::Digest;
use crate::head::{self, Head};
use crate::route::Route;
use crate::{Error, File, Site};

/// The file at the top that is the body of every 404.
const NOT_FOUND_FILE: &str = "404.html";

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
    routes: Vec<Route>,
    port: u16,
) -> Result<Site, Error> {
    let mut shelf = Shelf::default();
    let file = |(name, body)| File { name, body: shelf.place(body) };
    let files: Vec<File> = names.into_iter().zip(hashed).map(file).collect();
    let not_found = match files.iter().find(|file| file.name == NOT_FOUND_FILE) {
        Some(page) => (NOT_FOUND_FILE, page.body),
        None => ("404.txt", shelf.place(Body::of_text(NOT_FOUND_TEXT))),
    };
    let empty = shelf.place(Body::of_text(""));
    let answers = Answers { files: &files, bodies: &shelf.bodies, not_found, empty };
    let index = index(&answers, &routes, port)?;
    Ok(Site { index, files, bodies: shelf.bodies, routes })
}

/// The bytes before the bodies.
fn index(answers: &Answers<'_>, routes: &[Route], port: u16) -> Result<Vec<u8>, Error> {
    let replies: Vec<_> = routes.iter().map(|route| answers.of_route(route)).collect();
    let standing = Standing::ALL.map(|standing| answers.standing(standing));
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
}

impl Reply {
    fn answer(&self) -> Answer<'_> {
        let Head { text, part_bytes, shared_bytes } = &self.head;
        Answer {
            head: text.as_bytes(),
            part_bytes: *part_bytes,
            shared_bytes: *shared_bytes,
            body: self.body,
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
    /// The page for 404: its name and body.
    not_found: (&'a str, usize),
    /// Which body has no bytes.
    empty: usize,
}

impl Answers<'_> {
    fn of_route(&self, route: &Route) -> Vec<Reply> {
        let File { name, body } = &self.files[route.file];
        vec![Reply { head: head::ok(name, &self.bodies[*body]), body: *body }]
    }

    fn standing(&self, standing: Standing) -> Vec<Reply> {
        let head = match standing {
            Standing::NotFound => return self.not_found(),
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
        vec![Reply { head, body: self.empty }]
    }

    fn not_found(&self) -> Vec<Reply> {
        let (name, body) = self.not_found;
        vec![Reply { head: head::not_found(name, &self.bodies[body]), body }]
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
