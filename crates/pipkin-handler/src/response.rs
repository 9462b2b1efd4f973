//! Responses with a body that is known.

use pipkin_server::handler::{Bytes, Desk};

/// Fields that [`Response::with`] adds, at most.
const FIELDS_MAX: usize = 6;

/// A response: a status, fields, a body.
///
/// `Content-Length`, `Date` and `Connection` are the server's; a request with the method HEAD is
/// answered without the body.
#[derive(Default)]
pub struct Response {
    status: u16,
    content_type: &'static str,
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
        Self { status: if is_status { status } else { 500 }, ..Self::default() }
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

    /// 200 with text.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// assert_eq!(Response::text("hello").body(), b"hello");
    /// ```
    #[inline]
    pub fn text(text: impl Into<Bytes>) -> Self {
        Self::new("text/plain; charset=utf-8", text)
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
        Self::new("text/html; charset=utf-8", page)
    }

    /// 200 with bytes that are nothing in particular.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// assert_eq!(Response::bytes(b"\0\x01").body(), [0, 1]);
    /// ```
    #[inline]
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        Self::new("application/octet-stream", bytes)
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
            Ok(body) => Self::new("application/json", body),
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
        Self { status: Self::status(status).status, ..self }
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
        match self.fields.iter_mut().find(|field| field.0.is_empty()) {
            Some(field) if !name.is_empty() && !is_of_server(name) => *field = (name, value.into()),
            _ => self.status = 500,
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
        self.status
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
            return Some(self.content_type.as_bytes());
        }
        let mut fields = self.fields.iter();
        fields.find(|field| field.0.eq_ignore_ascii_case(name)).map(|field| &*field.1)
    }

    /// Puts the response on the desk.
    #[inline]
    pub(crate) fn put(self, desk: &mut Desk) {
        desk.begin(self.status);
        let mut put = |name: &str, value: &[u8]| {
            if !name.is_empty() {
                desk.field(name.as_bytes(), value);
            }
        };
        if !self.content_type.is_empty() {
            put("Content-Type", self.content_type.as_bytes());
        }
        // No loop, so that the optimiser sees of each whether it is there.
        let [a, b, c, d, e, f] = self.fields;
        put(a.0, &a.1);
        put(b.0, &b.1);
        put(c.0, &c.1);
        put(d.0, &d.1);
        put(e.0, &e.1);
        put(f.0, &f.1);
        desk.end(self.body);
    }
}

/// Whether the server alone knows what the field says: where the answer ends, and when it was made.
fn is_of_server(name: &str) -> bool {
    let names = ["content-length", "transfer-encoding", "connection", "date"];
    names.iter().any(|known| name.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests;
