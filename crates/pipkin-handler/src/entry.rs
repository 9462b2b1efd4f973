//! The way from the server to the user's function.

use pipkin_server::handler::{Desk, Limits};

use crate::{Reply, Request};

/// The largest limit for the body of a request: there is an address for each byte of each
/// connection's.
const BODY_BYTES_MAX: usize = 1 << 30;

/// What the server must be able to do for a handler.
///
/// ```
/// # use pipkin_handler::*;
/// let streams = <Stream as Reply>::NEEDS;
/// assert!(streams.streams && !streams.bodies);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs {
    /// It takes the bodies of requests.
    pub bodies: bool,
    /// It answers with streams.
    pub streams: bool,
    /// It answers with files of a site.
    pub site: bool,
}

impl Needs {
    /// Nothing.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// assert_eq!(<Response as Reply>::NEEDS, Needs::NONE);
    /// ```
    pub const NONE: Self = Self { bodies: false, streams: false, site: false };

    /// What either needs.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// let both = <Stream as Reply>::NEEDS.and(Needs::NONE);
    /// assert_eq!(both, <Stream as Reply>::NEEDS);
    /// ```
    pub const fn and(self, other: Self) -> Self {
        Self {
            bodies: self.bodies || other.bodies,
            streams: self.streams || other.streams,
            site: self.site || other.site,
        }
    }
}

/// A function that answers requests: `fn(&Request) -> impl Reply`, or
/// `fn(&Request, &[u8]) -> impl Reply` with the body of the request.
///
/// A handler without the second argument gets no bodies: the connection of a request that has one
/// ends with the answer.
///
/// ```
/// use pipkin_handler::*;
///
/// fn is_empty(_: &Request, body: &[u8]) -> &'static str {
///     if body.is_empty() { "yes" } else { "no" }
/// }
///
/// handler!(is_empty);
///
/// assert_eq!(is_empty(&Request::post("/"), b"four"), "no");
/// ```
#[diagnostic::on_unimplemented(
    message = "a handler is `fn(&Request) -> impl Reply` or `fn(&Request, &[u8]) -> impl Reply`",
    label = "not a handler"
)]
pub trait Handler<Signature> {
    /// What the server must be able to do for it.
    const NEEDS: Needs;

    /// Answers the request on the desk, which has matched `pattern`.
    #[doc(hidden)]
    fn answer(&self, desk: &mut Desk, pattern: &'static str);
}

impl<F, R> Handler<fn(&Request) -> R> for F
where
    F: Fn(&Request) -> R,
    R: Reply,
{
    const NEEDS: Needs = R::NEEDS;

    #[inline]
    fn answer(&self, desk: &mut Desk, pattern: &'static str) {
        self(&Request::of(desk.incoming(), pattern)).send(desk);
    }
}

impl<F, R> Handler<fn(&Request, &[u8]) -> R> for F
where
    F: Fn(&Request, &[u8]) -> R,
    R: Reply,
{
    const NEEDS: Needs = Needs { bodies: true, ..R::NEEDS };

    #[inline]
    fn answer(&self, desk: &mut Desk, pattern: &'static str) {
        let incoming = desk.incoming();
        self(&Request::of(incoming, pattern), incoming.body).send(desk);
    }
}

/// What a handler needs, as a value.
#[doc(hidden)]
pub const fn needs_of<Signature, H: Handler<Signature>>(_: &H) -> Needs {
    H::NEEDS
}

/// `limits` for a handler with such needs.
///
/// # Panics
///
/// When the program is compiled: for a limit that cannot be.
#[doc(hidden)]
#[track_caller]
pub const fn limits(limits: Limits, needs: Needs) -> Limits {
    assert!(limits.body_bytes_max > 0, "body_bytes_max is at least 1");
    assert!(limits.body_bytes_max <= BODY_BYTES_MAX, "body_bytes_max is at most 1 GiB");
    assert!(limits.heap_bytes_max >= 1 << 16, "heap_bytes_max is at least 64 KiB");
    assert!(limits.cpu_seconds_max > 0, "cpu_seconds_max is at least 1");
    Limits { bodies: needs.bodies, streams: needs.streams, site: needs.site, ..limits }
}

/// Makes a function the handler of the program.
///
/// ```
/// # use pipkin_handler::*;
/// handler!(upload, body_bytes_max: 10 << 20, cpu_seconds_max: 5);
///
/// fn upload(_: &Request, body: &[u8]) -> Response {
///     if body.is_empty() { Response::status(400) } else { Response::status(204) }
/// }
/// ```
///
/// The limits that it takes, each once, are those of [`Limits`]: `body_bytes_max`,
/// `heap_bytes_max`, `cpu_seconds_max`, and `sandbox: false`, which lets the handler make system
/// calls.
#[macro_export]
macro_rules! handler {
    ($handler:path $(, $limit:ident: $value:expr)* $(,)?) => {
        $crate::link_handler! {
            needs: $crate::made::needs_of(&$handler),
            limits: { $($limit: $value,)* },
            answer: |desk| $crate::Handler::answer(&$handler, desk, ""),
        }
    };
}

/// Writes a line to standard error, formatted as by `println!`. On a host, too.
///
/// ```
/// # use pipkin_handler::*;
/// log!("a request for {}", "/x");
/// ```
///
/// It waits until the line is taken: who reads a container's log slowly makes its handlers slow.
#[macro_export]
macro_rules! log {
    ($($arguments:tt)*) => { $crate::made::log(::core::format_args!($($arguments)*)) };
}

/// The limits in a macro's arguments, of what serves or does not, which nobody else says.
#[doc(hidden)]
#[macro_export]
macro_rules! limits {
    (serves: $serves:literal, $needs:expr, { $($limit:ident: $value:expr,)* }) => {
        $crate::made::limits(
            $crate::Limits { serves: $serves, $($limit: $value,)* ..$crate::Limits::DEFAULT },
            $needs,
        )
    };
}
