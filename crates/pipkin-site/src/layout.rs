//! The parts put together: bodies shared, heads made, index written.

use std::collections::{BTreeMap, HashMap};

use pipkin_format::{Index, Route as Indexed, Standing};

use crate::answers::{Answers, Reply, stored};
use crate::body::Body;
use crate::encode::Encoded;
use crate::etag::Digest;
use crate::route::{NotFound, Route, Routes, Target};
use crate::rules::Rules;
use crate::{Encoding, Error, File, Settings, Site, env_js};

/// The body of every 404 of a site that has no page for it.
const NOT_FOUND_TEXT: &str = "404 not found\n";

/// What is known of each file of a site, in the order of their names.
pub(crate) struct Files {
    pub(crate) names: Vec<String>,
    pub(crate) bodies: Vec<Body>,
    pub(crate) encodings: Vec<Vec<Encoded>>,
}

/// What decides how these are answered.
pub(crate) struct Ways<'a> {
    pub(crate) rules: &'a Rules,
    /// The policies of pages, by file.
    pub(crate) policies: &'a BTreeMap<usize, String>,
    pub(crate) settings: &'a Settings,
}

/// The site of these files and routes.
///
/// # Errors
///
/// [`Error::Index`]: more than the format can hold; [`Error::HeadTooLong`].
pub(crate) fn layout(files: Files, routes: Routes, ways: &Ways<'_>) -> Result<Site, Error> {
    let Routes { routes, not_found } = routes;
    let mut shelf = Shelf::default();
    let Files { names, bodies, encodings } = files;
    let file = |((name, body), encodings)| shelf.file(name, body, encodings);
    let files: Vec<File> = names.into_iter().zip(bodies).zip(encodings).map(file).collect();
    let empty = shelf.place(Body::of_text(""));
    // The fallbacks of folders have pages of their own.
    let text = not_found.page.is_none().then(|| shelf.place(Body::of_text(NOT_FOUND_TEXT)));
    let text = File { name: "404.txt".into(), body: text.unwrap_or(empty), encodings: Vec::new() };
    let patterns = patterns(&routes);
    let patterns =
        patterns.map(|pattern| (pattern.clone(), shelf.place(Body::of_text(&pattern[..]))));
    let patterns: HashMap<_, _> = patterns.collect();
    let environment = shelf.place(Body::of_text(env_js::body(&ways.settings.env_js_names()?)));
    let (Ways { rules, policies, .. }, base_path) = (ways, &ways.settings.base_path);
    let bodies = &shelf.bodies;
    let answers = Answers {
        files: &files,
        bodies,
        text,
        empty,
        environment,
        patterns: &patterns,
        rules,
        policies,
        base_path,
    };
    let setting = answers.setting(ways.settings)?;
    let has_setting = setting.is_some();
    let index = index(&answers, &routes, not_found, setting, ways.settings.port)?;
    let (bodies, warnings) = (shelf.bodies, Vec::new());
    Ok(Site { index, files, bodies, routes, warnings, has_setting })
}

/// The patterns of rules that are left to the server.
pub(crate) fn patterns(routes: &[Route]) -> impl Iterator<Item = &Vec<u8>> {
    let targets = routes.iter().flat_map(|route| &route.targets);
    targets.filter_map(|target| match target {
        Target::Redirect(redirect) => redirect.pattern.as_ref(),
        _ => None,
    })
}

/// The bytes before the bodies.
fn index(
    answers: &Answers<'_>,
    routes: &[Route],
    not_found: NotFound,
    setting: Option<Reply>,
    port: u16,
) -> Result<Vec<u8>, Error> {
    let replies = routes.iter().map(|route| answers.of_route(route));
    let replies = replies.collect::<Result<Vec<_>, _>>()?;
    let standing = Standing::ALL.iter().map(|&standing| answers.standing(standing, not_found));
    let mut standing = standing.collect::<Result<Vec<_>, _>>()?;
    standing[Standing::Options as usize].extend(setting);
    let routes = routes.iter().zip(&replies);
    let routes = routes
        .map(|(route, replies)| Indexed { path: route.path.clone(), answers: stored(replies) });
    let bodies: Vec<u64> = answers.bodies.iter().map(|body| body.bytes).collect();
    pipkin_format::write(&Index {
        port,
        routes: &routes.collect::<Vec<_>>(),
        standing: std::array::from_fn(|at| stored(&standing[at])),
        bodies: &bodies,
    })
    .map_err(Error::Index)
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
