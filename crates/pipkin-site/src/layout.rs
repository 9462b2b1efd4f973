//! The parts put together: bodies shared, heads made, index written.

use std::collections::HashMap;

use pipkin_format::{Answer, Index, Route as Indexed, Standing};

use crate::body::Body;
use crate::etag::Digest;
use crate::route::Route;
use crate::{Error, File, Site, head};

/// The file at the top that is the body of every 404.
const NOT_FOUND_FILE: &str = "404.html";

/// The body of every 404 of a site that has no page for it.
const NOT_FOUND_TEXT: &str = "404 not found\n";

/// A head, and which body follows it.
struct Page {
    head: String,
    shared_bytes: usize,
    body: usize,
}

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
    let pages: Vec<Page> =
        names.iter().zip(hashed).map(|(name, body)| shelf.page(name, body)).collect();
    let standing = standing(&mut shelf, &names, &pages);
    let indexed: Vec<Indexed<'_>> = routes
        .iter()
        .map(|route| Indexed { path: route.path.as_bytes(), answer: pages[route.file].answer() })
        .collect();
    let index = pipkin_format::write(&Index {
        port,
        routes: &indexed,
        standing: standing.each_ref().map(Page::answer),
        bodies: &shelf.bodies.iter().map(|body| body.bytes).collect::<Vec<_>>(),
    })
    .map_err(Error::Index)?;
    let files = names.into_iter().zip(pages).map(|(name, page)| File { name, body: page.body });
    Ok(Site { index, files: files.collect(), bodies: shelf.bodies, routes })
}

/// The answers that belong to no route, in the order of [`Standing`].
fn standing(shelf: &mut Shelf, names: &[String], pages: &[Page]) -> [Page; Standing::COUNT] {
    let not_found = match names.iter().position(|name| name == NOT_FOUND_FILE) {
        Some(file) => shelf.not_found(NOT_FOUND_FILE, pages[file].body),
        None => {
            let body = shelf.place(Body::of_text(NOT_FOUND_TEXT));
            shelf.not_found("404.txt", body)
        }
    };
    let empty = shelf.place(Body::of_text(""));
    let bare = |head: &str| Page { head: head.into(), shared_bytes: 0, body: empty };
    [
        not_found,
        bare(head::BAD_REQUEST),
        bare(head::METHOD_NOT_ALLOWED),
        bare(head::HEAD_TOO_LARGE),
        bare(head::OPTIONS),
        bare(head::PRECONDITION_FAILED),
        bare(head::URI_TOO_LONG),
        bare(head::NOT_IMPLEMENTED),
    ]
}

impl Page {
    fn answer(&self) -> Answer<'_> {
        Answer { head: self.head.as_bytes(), shared_bytes: self.shared_bytes, body: self.body }
    }
}

/// The bodies in the order in which they were first placed, equal ones once.
#[derive(Default)]
struct Shelf {
    bodies: Vec<Body>,
    places: HashMap<Digest, usize>,
}

impl Shelf {
    fn page(&mut self, name: &str, body: Body) -> Page {
        let (head, shared_bytes) = head::ok(name, &body);
        Page { head, shared_bytes, body: self.place(body) }
    }

    fn not_found(&self, name: &str, body: usize) -> Page {
        let head = head::not_found(name, self.bodies[body].bytes);
        Page { head, shared_bytes: 0, body }
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
