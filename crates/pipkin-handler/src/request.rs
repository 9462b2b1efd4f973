//! Requests.

use core::net::{IpAddr, Ipv6Addr, SocketAddr};

use pipkin_server::handler::{Incoming, Method, find, lines};

use crate::pattern::parameter;
use crate::{Encoded, Pairs};

/// A request.
///
/// It has no copy of anything: each method looks at the bytes that have come.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    incoming: Incoming<'a>,
    /// What [`routes!`](crate::routes) has matched the path with.
    pattern: &'static str,
}

impl<'a> Request<'a> {
    #[doc(hidden)]
    #[inline]
    pub fn of(incoming: Incoming<'a>, pattern: &'static str) -> Self {
        Self { incoming, pattern }
    }

    /// The method.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// assert_eq!(Request::post("/").method(), Method::Post);
    /// ```
    pub fn method(&self) -> Method {
        self.incoming.method()
    }

    /// The path, percent-decoded; empty when it is not UTF-8, which otherwise it never is.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// assert_eq!(Request::get("/a%20b?c").path(), "/a b");
    /// ```
    pub fn path(&self) -> &'a str {
        text(self.incoming.path).unwrap_or_default()
    }

    /// A part of the path, by its name in the pattern of the route; none when the pattern has no
    /// such name, or when the part is not UTF-8.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// let request = Request::get("/users/7").matching("/users/:id");
    /// assert_eq!(request.parameter("id"), Some("7"));
    /// ```
    pub fn parameter(&self, name: &str) -> Option<&'a str> {
        text(parameter(self.pattern, self.incoming.path, name)?)
    }

    /// What follows the question mark, as it came.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// assert_eq!(Request::get("/a?b=%20").raw_query(), b"b=%20");
    /// ```
    pub fn raw_query(&self) -> &'a [u8] {
        self.incoming.query()
    }

    /// The pairs of names and values in the query.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// let request = Request::get("/?a=1&b=2");
    /// let values: Vec<_> = request.pairs().filter_map(|pair| pair.1.number()).collect();
    /// assert_eq!(values, [1, 2]);
    /// ```
    pub fn pairs(&self) -> Pairs<'a> {
        Pairs::new(self.incoming.query())
    }

    /// The first value for a name in the query.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// let request = Request::get("/search?q=a+b%21&page=2");
    /// assert!(request.query("q").unwrap() == "a b!");
    /// assert!(request.query("x").is_none());
    /// ```
    pub fn query(&self, name: &str) -> Option<Encoded<'a>> {
        self.pairs().find(|pair| pair.0 == *name).map(|pair| pair.1)
    }

    /// The value of the first field with a name, which is in lower case, without the blanks around it; none also when it is
    /// not UTF-8.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// let request = Request::get("/").with_fields("Accept: text/html\r\nX-Tag: a\r\n");
    /// assert_eq!(request.field("accept"), Some("text/html"));
    /// assert_eq!(request.field("x-other"), None);
    /// ```
    pub fn field(&self, name: &str) -> Option<&'a str> {
        text(find(self.incoming.fields(), name.as_bytes())?)
    }

    /// The names and values of all fields, in the order in which they came.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// let request = Request::get("/").with_fields("A: 1\r\nA: 2\r\n");
    /// let values: Vec<_> = request.fields().map(|field| field.1).collect();
    /// assert_eq!(values, [b"1", b"2"]);
    /// ```
    pub fn fields(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + use<'a> {
        lines(self.incoming.fields())
    }

    /// Where the request comes from: the peer of the connection, which may be a proxy. A request made
    /// for a test comes from nowhere.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// assert_eq!(Request::get("/").peer().port(), 0);
    /// ```
    pub fn peer(&self) -> SocketAddr {
        let (ip, port) = self.incoming.peer();
        SocketAddr::new(IpAddr::V6(Ipv6Addr::from(ip)).to_canonical(), port)
    }

    /// When the server looked at the clock last, in seconds since 1970. It costs nothing to ask.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// assert_eq!(Request::get("/").at(1_800_000_000).unix_seconds(), 1_800_000_000);
    /// ```
    pub fn unix_seconds(&self) -> u64 {
        self.incoming.unix_seconds
    }
}

/// The text that `bytes` are.
pub(crate) fn text(bytes: &[u8]) -> Option<&str> {
    core::str::from_utf8(bytes).ok()
}

/// Requests for tests.
#[cfg(not(feature = "freestanding"))]
impl Request<'static> {
    /// A request for a target, which is a path and may have a query.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// assert_eq!(Request::new(Method::Put, "/a?b").path(), "/a");
    /// ```
    ///
    /// # Panics
    ///
    /// When the target does not begin with a slash.
    pub fn new(method: Method, target: &str) -> Self {
        assert!(target.starts_with('/'), "a target begins with a slash: {target}");
        let path = target.split_once('?').map_or(target, |parts| parts.0);
        let path = Encoded::new(path.as_bytes()).percent_decoded().collect();
        let head =
            std::format!("{} {target} HTTP/1.1\r\n", std::format!("{method:?}").to_uppercase())
                .into_bytes();
        let incoming = Incoming::of(leak(path), leak(head));
        Self { incoming, pattern: "" }
    }

    /// A GET request, as [`Self::new`] makes it.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// assert_eq!(Request::get("/").method(), Method::Get);
    /// ```
    pub fn get(target: &str) -> Self {
        Self::new(Method::Get, target)
    }

    /// A POST request, as [`Self::new`] makes it. The body is an argument of the handler.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// assert_eq!(Request::post("/").method(), Method::Post);
    /// ```
    pub fn post(target: &str) -> Self {
        Self::new(Method::Post, target)
    }

    /// The request with more fields: lines, each with CRLF at its end.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// let request = Request::get("/").with_fields("Host: a\r\n").with_fields("X: y\r\n");
    /// assert_eq!((request.field("host"), request.field("x")), (Some("a"), Some("y")));
    /// ```
    #[must_use]
    pub fn with_fields(mut self, lines: &str) -> Self {
        self.incoming.head = leak([self.incoming.head, lines.as_bytes()].concat());
        self
    }

    /// The request at a time, in seconds since 1970.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// assert_eq!(Request::get("/").at(7).unix_seconds(), 7);
    /// ```
    #[must_use]
    pub fn at(mut self, unix_seconds: u64) -> Self {
        self.incoming.unix_seconds = unix_seconds;
        self
    }

    /// The request as a route with such a pattern gets it.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// let request = Request::get("/a/b/c").matching("/a/*");
    /// assert_eq!(request.parameter("*"), Some("b/c"));
    /// ```
    ///
    /// # Panics
    ///
    /// When the path does not match the pattern.
    #[must_use]
    pub fn matching(mut self, pattern: &'static str) -> Self {
        assert!(crate::pattern::matches(pattern, self.incoming.path), "{pattern} does not match");
        self.pattern = pattern;
        self
    }
}

/// Bytes for the rest of the process: tests end soon.
#[cfg(not(feature = "freestanding"))]
fn leak(bytes: std::vec::Vec<u8>) -> &'static [u8] {
    bytes.leak()
}
