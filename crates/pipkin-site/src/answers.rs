//! The answers of each route, with complete heads.
//!
//! A head is made for each route, not for each file: it may depend on the path that is asked for.

use std::collections::{BTreeMap, HashMap};

use pipkin_format::{
    Answer, ENV, FALLBACK, HEAD_BYTES_MAX, IDENTITY, LOG, NAVIGATION, NO_NAVIGATION, QUERY, RULE,
    Standing,
};

use crate::body::Body;
use crate::chosen::Chosen;
use crate::csp;
use crate::env_js;
use crate::head::{self, Head, Representation, Vary};
use crate::route::{NotFound, Redirect, Route, Target};
use crate::rules::Rules;
use crate::{Coding, Error, File, Settings};

/// An answer: a head, and which body follows it.
pub(crate) struct Reply {
    head: Head,
    body: usize,
    coding: u32,
    flags: u8,
}

impl Reply {
    fn answer(&self) -> Answer<'_> {
        Answer {
            head: &self.head.text,
            part_bytes: self.head.part_bytes,
            shared_bytes: self.head.shared_bytes,
            body: self.body,
            coding: self.coding,
            flags: self.flags,
        }
    }
}

/// The same, to be written.
pub(crate) fn stored(replies: &[Reply]) -> Vec<Answer<'_>> {
    replies.iter().map(Reply::answer).collect()
}

/// What answers are made from.
pub(crate) struct Answers<'a> {
    pub(crate) files: &'a [File],
    pub(crate) bodies: &'a [Body],
    /// What a 404 says where there is no page for it.
    pub(crate) text: File,
    /// Which body has no bytes.
    pub(crate) empty: usize,
    /// Which body has the names of variables.
    pub(crate) environment: usize,
    /// Which body each pattern of a rule is.
    pub(crate) patterns: &'a HashMap<Vec<u8>, usize>,
    pub(crate) rules: &'a Rules,
    /// The policies of pages, by file.
    pub(crate) policies: &'a BTreeMap<usize, String>,
    pub(crate) base_path: &'a str,
}

/// How a file is sent.
#[derive(Clone, Copy)]
struct Sending<'a> {
    status: u16,
    vary: Vary,
    flags: u8,
    chosen: &'a Chosen,
}

impl Answers<'_> {
    /// All that a route answers, one of which the server picks.
    ///
    /// # Errors
    ///
    /// [`Error::HeadTooLong`].
    pub(crate) fn of_route(&self, route: &Route) -> Result<Vec<Reply>, Error> {
        let path = &route.path[self.base_path.len()..];
        let chosen = self.rules.chosen(path);
        let mut replies = Vec::new();
        route.targets.iter().for_each(|target| replies.extend(self.of_target(target, &chosen)));
        // There are many of them, and most have one.
        replies.shrink_to_fit();
        self.check(&route.path, &replies)?;
        Ok(replies)
    }

    /// What a standing answer says.
    ///
    /// # Errors
    ///
    /// [`Error::HeadTooLong`].
    pub(crate) fn standing(
        &self,
        standing: Standing,
        not_found: NotFound,
    ) -> Result<Vec<Reply>, Error> {
        // Which file such an answer is about, is not known here.
        let encoding = self.files.iter().any(|file| !file.encodings.is_empty());
        let vary = Vary { encoding, ..Vary::default() };
        let head = match standing {
            Standing::NotFound => {
                let everywhere = [b'/', FALLBACK];
                let replies = self.not_found(not_found, &self.rules.chosen(&everywhere));
                self.check(&everywhere, &replies)?;
                return Ok(replies);
            }
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
        Ok(vec![self.bare(head)])
    }

    /// What the extended server is to do.
    ///
    /// # Errors
    ///
    /// [`Error::HeadTooLong`].
    pub(crate) fn setting(&self, settings: &Settings) -> Result<Option<Reply>, Error> {
        let log = if settings.access_log { LOG } else { 0 };
        if settings.env_js.is_empty() {
            return Ok((log != 0).then(|| Reply { flags: log, ..self.bare(Head::default()) }));
        }
        let path = format!("/{}", env_js::FILE).into_bytes();
        let reply = self.environment(&self.rules.chosen(&path));
        self.check(&path, std::slice::from_ref(&reply))?;
        Ok(Some(Reply { flags: ENV | log, ..reply }))
    }

    fn environment(&self, chosen: &Chosen) -> Reply {
        let head = head::made(env_js::FILE, &self.bodies[self.empty], chosen);
        Reply { head, body: self.environment, coding: IDENTITY, flags: ENV }
    }

    fn of_target(&self, target: &Target, chosen: &Chosen) -> Vec<Reply> {
        let of_file = |status, file: usize, chosen: &Chosen| {
            let file = &self.files[file];
            let vary = Vary { encoding: !file.encodings.is_empty(), ..Vary::default() };
            self.of_file(file, Sending { status, vary, flags: 0, chosen })
        };
        match target {
            Target::File(file) => of_file(200, *file, chosen),
            Target::Error(status, file) => of_file(*status, *file, &chosen.clone().without_file()),
            Target::Redirect(redirect) => vec![self.redirect(redirect, chosen)],
            Target::Environment => vec![self.environment(chosen)],
            Target::NotFound(not_found) => self.not_found(*not_found, chosen),
        }
    }

    fn redirect(&self, redirect: &Redirect, chosen: &Chosen) -> Reply {
        let Redirect { status, location, pattern } = redirect;
        let head = head::redirect(*status, &location.text, chosen);
        let query = if location.query { QUERY } else { 0 };
        match pattern {
            None => Reply { flags: query, ..self.bare(head) },
            Some(pattern) => {
                let body = self.patterns[pattern];
                Reply { flags: query | RULE, body, ..self.bare(head) }
            }
        }
    }

    /// What is said of a path without an answer. An application that does the routing in the
    /// browser gets its page for a navigation, and a missing script is still a 404.
    fn not_found(&self, NotFound { page, spa }: NotFound, chosen: &Chosen) -> Vec<Reply> {
        let page = page.map_or(&self.text, |page| &self.files[page]);
        let spa = spa.map(|spa| &self.files[spa]);
        let is_encoded = |file: &File| !file.encodings.is_empty();
        let encoding = is_encoded(page) || spa.is_some_and(is_encoded);
        let vary = Vary { encoding, accept: spa.is_some() };
        let without_file = chosen.clone().without_file();
        let missing = Sending { status: 404, vary, flags: 0, chosen: &without_file };
        let Some(spa) = spa else { return self.of_file(page, missing) };
        let found = Sending { status: 200, vary, flags: NAVIGATION, chosen };
        let mut replies = self.of_file(spa, found);
        replies.extend(self.of_file(page, Sending { flags: NO_NAVIGATION, ..missing }));
        replies
    }

    /// An answer for each coding of the file, and one with the file as it is. The server takes the
    /// first of those that a client likes equally well.
    fn of_file(&self, file: &File, sending: Sending<'_>) -> Vec<Reply> {
        let Sending { status, vary, flags, chosen } = sending;
        let chosen = self.with_policy(file, chosen);
        let encoded = file.encodings.iter().map(|encoding| (Some(encoding.coding), encoding.body));
        let reply = |(coding, body): (Option<Coding>, usize)| {
            let file = Representation { name: &file.name, coding, body: &self.bodies[body] };
            let coding =
                coding.map_or(IDENTITY, |known| pipkin_format::coding(known.token().as_bytes()));
            Reply { head: head::of_file(status, file, vary, &chosen), body, coding, flags }
        };
        encoded.chain([(None, file.body)]).map(reply).collect()
    }

    fn with_policy(&self, file: &File, chosen: &Chosen) -> Chosen {
        let mut chosen = chosen.clone();
        if let Some(policy) = self.policy(file).filter(|_| !chosen.decides(csp::FIELD)) {
            chosen.fields.push((csp::FIELD.into(), policy.clone()));
        }
        chosen
    }

    fn policy(&self, file: &File) -> Option<&String> {
        // The files are sorted.
        let at = self.files.binary_search_by(|known| known.name.cmp(&file.name)).ok()?;
        self.policies.get(&at)
    }

    fn bare(&self, head: Head) -> Reply {
        Reply { head, body: self.empty, coding: IDENTITY, flags: 0 }
    }

    fn check(&self, path: &[u8], replies: &[Reply]) -> Result<(), Error> {
        let bytes = |reply: &Reply| reply.head.text.len();
        let Some(reply) = replies.iter().find(|reply| bytes(reply) > HEAD_BYTES_MAX) else {
            return Ok(());
        };
        let has_body = |file: &File| {
            let encodings = file.encodings.iter().map(|encoding| encoding.body);
            encodings.chain([file.body]).any(|body| body == reply.body)
        };
        let is_to_blame = |policy: &String| policy.len() > HEAD_BYTES_MAX / 2;
        let is_it = |file: &&File| has_body(file) && self.policy(file).is_some_and(is_to_blame);
        let page = self.files.iter().find(is_it).map(|file| file.name.clone());
        let path = String::from_utf8_lossy(path).replace(char::from(FALLBACK), "*");
        Err(Error::HeadTooLong { path, bytes: bytes(reply), page })
    }
}
