//! What a handler may return.

use pipkin_server::handler::{Desk, Line, Step};

use crate::{Needs, Response};

/// What a handler may return: a [`Response`], a [`Stream`], a [`SiteFile`], a text, or a `Result` of
/// two of these.
///
/// ```
/// use pipkin_handler::*;
///
/// fn double(request: &Request) -> Result<Response, &'static str> {
///     let number = request.query("n").and_then(|n| n.number()).ok_or("n is a number")?;
///     Ok(Response::status(if number > 9 { 422 } else { 204 }))
/// }
///
/// assert_eq!(double(&Request::get("/")).err(), Some("n is a number"));
/// ```
#[diagnostic::on_unimplemented(
    message = "a handler returns a Response, a Stream, a SiteFile, a text, or a Result of two of these",
    label = "not what a handler returns"
)]
pub trait Reply {
    /// What the server must be able to do for it.
    const NEEDS: Needs;

    /// Puts it on the desk.
    #[doc(hidden)]
    fn send(self, desk: &mut Desk);
}

impl Reply for Response {
    const NEEDS: Needs = Needs::NONE;

    #[inline]
    fn send(self, desk: &mut Desk) {
        self.put(desk);
    }
}

impl Reply for &'static str {
    const NEEDS: Needs = Needs::NONE;

    #[inline]
    fn send(self, desk: &mut Desk) {
        Response::text(self).send(desk);
    }
}

#[cfg(feature = "alloc")]
impl Reply for alloc::string::String {
    const NEEDS: Needs = Needs::NONE;

    fn send(self, desk: &mut Desk) {
        Response::text(self).send(desk);
    }
}

impl<A: Reply, B: Reply> Reply for Result<A, B> {
    const NEEDS: Needs = A::NEEDS.and(B::NEEDS);

    fn send(self, desk: &mut Desk) {
        match self {
            Ok(reply) => reply.send(desk),
            Err(reply) => reply.send(desk),
        }
    }
}

/// A response whose body is written while it is being sent, a part at a time.
///
/// The server calls the [`Step`] for each part: when the peer has read the one before, and the pause
/// that it asked for is over. The step may be called in vain, and never is once the peer has gone.
/// Between calls it has 64 bits of [state](Feed::state); what it needs besides is in a
/// [`State`](crate::State). The connection ends with the response.
///
/// ```
/// use pipkin_handler::*;
///
/// fn countdown(_: &Request) -> Stream {
///     Stream::new("text/plain", |feed| {
///         let _ = feed.write(&[b'0' + feed.state as u8]);
///         feed.state -= 1;
///         if feed.state == 0 { Next::End } else { Next::After(1000) }
///     })
///     .with_state(3)
/// }
/// ```
///
/// [`Feed::state`]: crate::Feed::state
pub struct Stream {
    content_type: &'static str,
    is_live: bool,
    step: Step,
    state: u64,
}

impl Stream {
    /// 200 with a body of a media type.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// let stream = Stream::new("text/plain", |feed| {
    ///     let _ = feed.write(b"all there is");
    ///     Next::End
    /// });
    /// assert_eq!(stream.collect(100), b"all there is");
    /// ```
    pub fn new(content_type: &'static str, step: Step) -> Self {
        Self { content_type, is_live: false, step, state: 0 }
    }

    /// 200 with events that a browser's `EventSource` understands: see
    /// [`Feed::event`](crate::Feed::event).
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// let stream = Stream::events(|feed| {
    ///     let _ = feed.event("ping");
    ///     Next::After(1000)
    /// });
    /// assert_eq!(stream.collect(1), b"data: ping\n\n");
    /// ```
    pub fn events(step: Step) -> Self {
        Self { is_live: true, ..Self::new("text/event-stream", step) }
    }

    /// The stream with a state for the first call of its step.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// let stream = Stream::new("text/plain", |feed| {
    ///     let _ = feed.write(&[feed.state as u8]);
    ///     Next::End
    /// });
    /// assert_eq!(stream.with_state(65).collect(1), b"A");
    /// ```
    #[must_use]
    pub fn with_state(self, state: u64) -> Self {
        Self { state, ..self }
    }

    /// What the step writes, called again and again without pause until it ends or has written
    /// `bytes_max`: for tests.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// let stream = Stream::new("text/plain", |feed| {
    ///     let _ = feed.write(b"ab");
    ///     Next::Now
    /// });
    /// assert_eq!(stream.collect(3), b"abab");
    /// ```
    #[cfg(not(feature = "freestanding"))]
    pub fn collect(self, bytes_max: usize) -> std::vec::Vec<u8> {
        use pipkin_server::handler::{Feed, Next};

        let (mut body, mut state) = (std::vec::Vec::new(), self.state);
        let mut space = std::vec![0; 64 << 10];
        // One that writes nothing ends, too.
        for _ in 0..bytes_max.max(1000) {
            if body.len() >= bytes_max {
                break;
            }
            let mut feed = Feed::new(state, &mut space);
            let next = (self.step)(&mut feed);
            body.extend(feed.written());
            state = feed.state;
            if next == Next::End {
                break;
            }
        }
        body
    }
}

impl Reply for Stream {
    const NEEDS: Needs = Needs { streams: true, ..Needs::NONE };

    fn send(self, desk: &mut Desk) {
        desk.begin(Line::of(200));
        if !desk.field(b"Content-Type", self.content_type.as_bytes()) {
            return desk.failure();
        }
        if self.is_live {
            desk.known_fields("\r\nCache-Control: no-store");
        }
        desk.end_with_stream(self.step, self.state, self.is_live);
    }
}

/// A file of the site that [`routes!`](crate::routes) has put behind the program, by the path under
/// which the site has it, with all that the site knows to do with it. Without such a file, the answer
/// is the site's to a path that is not there.
///
/// ```
/// use pipkin_handler::*;
///
/// fn user(request: &Request) -> Result<SiteFile<'static>, Response> {
///     match request.parameter("id") {
///         Some(_) => Ok(SiteFile("/static/user.html")),
///         None => Err(Response::status(404)),
///     }
/// }
/// assert!(user(&Request::get("/users/7").matching("/users/:id")).is_ok());
/// ```
pub struct SiteFile<'a>(pub &'a str);

impl Reply for SiteFile<'_> {
    const NEEDS: Needs = Needs { site: true, ..Needs::NONE };

    fn send(self, desk: &mut Desk) {
        desk.site_file(self.0.as_bytes());
    }
}
