//! Responses with a body that is known.

use core::mem::forget;

use pipkin_server::handler::{Bytes, Desk, Line};

/// Fields that [`Response::with`] adds, at most.
const FIELDS_MAX: usize = 6;

/// What stands before a media type that is known.
const KNOWN: &str = "\r\nContent-Type: ";

/// A response: a status, fields, a body.
///
/// `Content-Length`, `Date` and `Connection` are the server's; a request with the method HEAD is
/// answered without the body.
#[derive(Default)]
pub struct Response {
    line: Line,
    /// The media type is one of [`Known`].
    is_known: bool,
    /// The media type; of one that is known the field, with the CRLF of the line before it.
    content_type: &'static str,
    /// How many fields there are.
    count: u8,
    fields: [(&'static str, Bytes); FIELDS_MAX],
    body: Bytes,
}

impl Response {
    /// A response with a status and no body.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// assert_eq!(Response::status(204).code(), 204);
    /// ```
    ///
    /// One of 1xx, which is none of an answer, and one without three digits become a 500.
    #[inline]
    pub fn status(status: u16) -> Self {
        let is_status = (200..=999).contains(&status);
        Self { line: Line::of(if is_status { status } else { 500 }), ..Self::default() }
    }

    /// 200 with a body of a media type.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// let response = Response::new("text/css", "p { color: red }");
    /// assert_eq!(response.field("content-type"), Some(&b"text/css"[..]));
    /// ```
    #[inline]
    pub fn new(content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self { content_type, body: body.into(), ..Self::status(200) }
    }

    /// 200 with a field that says the media type, which is not looked at.
    #[inline]
    fn known(field: &'static str, body: impl Into<Bytes>) -> Self {
        Self { is_known: true, ..Self::new(field, body) }
    }

    /// 200 with text.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// assert_eq!(Response::text("hello").body(), b"hello");
    /// ```
    #[inline]
    pub fn text(text: impl Into<Bytes>) -> Self {
        Self::known("\r\nContent-Type: text/plain; charset=utf-8", text)
    }

    /// 200 with a page.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// let response = Response::html("<!doctype html><title>Hello</title>");
    /// assert_eq!(response.field("content-type"), Some(&b"text/html; charset=utf-8"[..]));
    /// ```
    #[inline]
    pub fn html(page: impl Into<Bytes>) -> Self {
        Self::known("\r\nContent-Type: text/html; charset=utf-8", page)
    }

    /// 200 with bytes that are nothing in particular.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// assert_eq!(Response::bytes(b"\0\x01").body(), [0, 1]);
    /// ```
    #[inline]
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        Self::known("\r\nContent-Type: application/octet-stream", bytes)
    }

    /// 200 with a value as JSON; 500 for one that has no form in JSON.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// assert_eq!(Response::json(&[1, 2]).body(), b"[1,2]");
    /// ```
    #[cfg(feature = "json")]
    pub fn json(value: &impl serde::Serialize) -> Self {
        match serde_json::to_vec(value) {
            Ok(body) => Self::known("\r\nContent-Type: application/json", body),
            Err(_) => Self::status(500),
        }
    }

    /// 303: the answer is at `location`, to be had with GET. [`Self::with_status`] makes it another
    /// redirect.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// let response = Response::redirect("/new").with_status(308);
    /// assert_eq!(response.field("location"), Some(&b"/new"[..]));
    /// ```
    pub fn redirect(location: impl Into<Bytes>) -> Self {
        Self::status(303).with("Location", location)
    }

    /// The response with another status.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// assert_eq!(Response::text("no").with_status(404).code(), 404);
    /// ```
    #[must_use]
    #[inline]
    pub fn with_status(self, status: u16) -> Self {
        Self { line: Self::status(status).line, ..self }
    }

    /// The response with a field more, of at most six; `Content-Type` replaces the one that it has. A
    /// name that is none, one of the fields that are the server's, a value with a control character
    /// (CR and LF are such), and a seventh field make it a 500.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// let response = Response::text("ok").with("Cache-Control", "no-store");
    /// assert_eq!(response.field("cache-control"), Some(&b"no-store"[..]));
    /// ```
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Bytes>) -> Self {
        match self.fields.get_mut(usize::from(self.count)) {
            Some(field) if !name.is_empty() && !is_of_server(name) => {
                *field = (name, value.into());
                self.count += 1;
            }
            _ => self.line = Line::of(500),
        }
        if name.eq_ignore_ascii_case("content-type") {
            self.content_type = "";
        }
        self
    }

    /// The status.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// assert_eq!(Response::text("").code(), 200);
    /// ```
    pub fn code(&self) -> u16 {
        self.line.status()
    }

    /// The body.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// assert_eq!(Response::text("hello").body(), b"hello");
    /// ```
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The value of the first field with a name, in any case, that [`Self::with`] has added, or of
    /// `Content-Type`.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// let response = Response::redirect("/new");
    /// assert_eq!(response.field("location"), Some(&b"/new"[..]));
    /// assert_eq!(response.field("content-type"), None);
    /// ```
    pub fn field(&self, name: &str) -> Option<&[u8]> {
        if name.eq_ignore_ascii_case("content-type") && !self.content_type.is_empty() {
            let known = self.content_type.strip_prefix(KNOWN).filter(|_| self.is_known);
            return Some(known.unwrap_or(self.content_type).as_bytes());
        }
        let mut fields = self.fields.iter().take(self.count.into());
        fields.find(|field| field.0.eq_ignore_ascii_case(name)).map(|field| &*field.1)
    }

    /// Puts the response on the desk.
    #[inline]
    pub(crate) fn put(self, desk: &mut Desk) {
        let Self { line, is_known, content_type, count, fields, body } = self;
        desk.begin(line);
        let mut is_sound = true;
        if is_known {
            desk.known_fields(content_type);
        } else if !content_type.is_empty() {
            is_sound = desk.field(b"Content-Type", content_type.as_bytes());
        }
        if count == 0 {
            // So that where there are none the optimiser does not look for what to drop.
            forget(fields);
        } else {
            for (name, value) in fields.iter().take(count.into()) {
                is_sound &= desk.field(name.as_bytes(), value);
            }
        }
        if is_sound { desk.end(line, body) } else { desk.failure() }
    }
}

/// Whether the server alone knows what the field says: where the answer ends, and when it was made.
fn is_of_server(name: &str) -> bool {
    let names = ["content-length", "transfer-encoding", "connection", "date"];
    names.iter().any(|known| name.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests;
