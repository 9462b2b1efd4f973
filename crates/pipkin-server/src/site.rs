//! The site's answer to a request: which stored answer, and what of it is sent.

use pipkin_format::{Content, ETAG_BYTES, ETAG_NAME, OK_LINE, PATH_BYTES_MAX, Standing, Stored};

use crate::http::range;
use crate::http::request::{Field, Method, Request, percent_decode, trim};

/// What is sent of a stored answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Head and body.
    Whole,
    /// The head alone, as HEAD asks for.
    Head,
    /// A 304 with the fields that it shares with the head.
    NotModified,
    /// A 206 with the part of the body from its first byte to before its last; a 416 when the
    /// first is not before the last.
    Part(u64, u64),
}

/// The answer to a request, for which `space` is free to use.
pub(crate) fn respond(
    content: &Content<'_>,
    request: &Request<'_>,
    space: &mut [u8],
) -> (Stored, Form) {
    let standing = match request.method {
        Method::Get | Method::Head => match find(content, request, space) {
            Ok(stored) => return condition(content, request, stored),
            Err(standing) => standing,
        },
        Method::Options => Standing::Options,
        Method::Known => Standing::MethodNotAllowed,
        Method::Unknown => Standing::NotImplemented,
    };
    (content.standing(standing), form(request))
}

fn form(request: &Request<'_>) -> Form {
    if request.method == Method::Head { Form::Head } else { Form::Whole }
}

/// The answer stored for the path.
fn find(
    content: &Content<'_>,
    request: &Request<'_>,
    space: &mut [u8],
) -> Result<Stored, Standing> {
    let space = space.get_mut(..PATH_BYTES_MAX).unwrap_or_default();
    match percent_decode(request.path(), space) {
        Some(path) => content.find(path).ok_or(Standing::NotFound),
        None if request.path().len() > PATH_BYTES_MAX => Err(Standing::UriTooLong),
        None => Err(Standing::BadRequest),
    }
}

/// What the conditions in the request make of the answer. Those on dates are ignored, since no
/// representation has one.
///
/// Source: RFC 9110, section 13.2.2.
fn condition(content: &Content<'_>, request: &Request<'_>, stored: Stored) -> (Stored, Form) {
    const ETAG_AT: usize = OK_LINE.len() + ETAG_NAME.len();
    let shared = content.shared(stored);
    let Some(etag) = shared.get(ETAG_AT..).and_then(<[u8]>::first_chunk) else {
        return (stored, form(request));
    };
    if request.value(Field::IfMatch).is_some_and(|list| !has_tag(list, etag, false)) {
        return (content.standing(Standing::PreconditionFailed), form(request));
    }
    if request.value(Field::IfNoneMatch).is_some_and(|list| has_tag(list, etag, true)) {
        return (stored, Form::NotModified);
    }
    let ranged = match request.value(Field::IfRange) {
        None => request.method == Method::Get,
        Some(tag) => request.method == Method::Get && trim(tag) == etag,
    };
    match request
        .value(Field::Range)
        .and_then(|value| range::parse(value, content.body(stored).len))
    {
        Some((first, end)) if ranged => (stored, Form::Part(first, end)),
        _ => (stored, form(request)),
    }
}

/// Whether a list of entity tags has `etag`, or is a star. A tag ends with a quote, which none
/// has inside, so it is found as it is; `weak` comparison takes it behind `W/`, too.
///
/// Source: RFC 9110, section 8.8.3.2.
fn has_tag(list: &[u8], etag: &[u8; ETAG_BYTES], weak: bool) -> bool {
    let mut before = b' ';
    for (at, &byte) in list.iter().enumerate() {
        let found = list.get(at..).is_some_and(|rest| rest.starts_with(etag));
        if found && (weak || before != b'/') {
            return true;
        }
        before = byte;
    }
    trim(list) == b"*"
}
