//! Several handlers, each for some paths and methods.

use pipkin_server::handler::{Bytes, Desk, Line, Method};

use crate::pattern::matches;

/// Spreads requests over handlers, by their path and method; the first route that fits has them.
///
/// ```
/// use pipkin_handler::*;
///
/// routes! {
///     GET "/" => index,
///     GET "/users/:id" => user,
///     POST "/notes" => note,
/// }
///
/// fn index(_: &Request) -> &'static str {
///     "hello"
/// }
///
/// fn user(request: &Request) -> Response {
///     match request.parameter("id") {
///         Some("7") => Response::text("Seven"),
///         _ => Response::status(404),
///     }
/// }
///
/// fn note(_: &Request, body: &[u8]) -> Response {
///     Response::status(if body.is_empty() { 422 } else { 204 })
/// }
/// ```
///
/// - A pattern is a path; `:name` is any one segment, [`Request::parameter`](crate::Request::parameter)
///   has it, and `*` at the end is any rest. Patterns match percent-decoded paths.
/// - Methods are GET, which answers HEAD too, POST, PUT, DELETE, PATCH and OPTIONS.
/// - A path that no pattern matches is answered with 404, one that has no route for the method with
///   405, and OPTIONS with 204; the latter two with `Allow`.
/// - `"/static/*" => site("public")` puts a folder into the program, under the path before the
///   star, and serves it as `pipkin build` would: media types, entity tags, ranges, clean paths. The
///   folder is looked for from where the source file is, or the package.
/// - Limits come first: `body_bytes_max: 1 << 20,` and the others of [`handler!`](crate::handler).
#[macro_export]
macro_rules! routes {
    ($($tokens:tt)*) => { $crate::route! { [] [] [] [] $($tokens)* } };
}

/// The entries of [`routes!`], one after the other: limits, what is needed, checks, and routes.
#[doc(hidden)]
#[macro_export]
macro_rules! route {
    // All are read.
    ([$($limits:tt)*] [$($needs:expr,)*] [$($checks:item)*] [$($routes:tt)*]) => {
        $($checks)*
        $crate::link_handler! {
            needs: $crate::Needs::NONE$(.and($needs))*,
            limits: { $($limits)* },
            answer: |desk| {
                let mut allowed = $crate::made::Allowed::NONE;
                $crate::try_routes!(desk, allowed, $($routes)*);
                allowed.answer(desk)
            },
        }
    };
    ([$($limits:tt)*] $needs:tt $checks:tt $routes:tt $limit:ident: $value:expr, $($rest:tt)*) => {
        $crate::route! { [$($limits)* $limit: $value,] $needs $checks $routes $($rest)* }
    };
    ($limits:tt [$($needs:tt)*] [$($checks:tt)*] [$($routes:tt)*]
        $pattern:literal => site($folder:literal) $(, $($rest:tt)*)?) => {
        $crate::route! {
            $limits
            [$($needs)* $crate::Needs { site: true, ..$crate::Needs::NONE },]
            [$($checks)* $crate::embed! { $pattern, $folder }]
            [$($routes)* (site $pattern)]
            $($($rest)*)?
        }
    };
    ($limits:tt [$($needs:tt)*] [$($checks:tt)*] [$($routes:tt)*]
        $method:ident $pattern:literal => $handler:path $(, $($rest:tt)*)?) => {
        $crate::route! {
            $limits
            [$($needs)* $crate::made::needs_of(&$handler),]
            [$($checks)*
                const _: () =
                    $crate::made::check_place::<{ $crate::made::fault($pattern).is_empty() }>($pattern);
                const _: () = $crate::made::check_pattern($pattern);
            ]
            [$($routes)* ($method $pattern $handler)]
            $($($rest)*)?
        }
    };
    ($limits:tt $needs:tt $checks:tt $routes:tt $($rest:tt)+) => {
        compile_error!(concat!(
            "a route is `METHOD \"/path\" => handler,` or `\"/path/*\" => site(\"folder\"),`, not: ",
            stringify!($($rest)+)
        ));
    };
}

/// Answers with the first of the routes that fits; returns then.
#[doc(hidden)]
#[macro_export]
macro_rules! try_routes {
    ($desk:ident, $allowed:ident,) => {};
    ($desk:ident, $allowed:ident, (site $pattern:literal) $($rest:tt)*) => {
        if $crate::made::is_of_site($desk, $pattern) {
            return $desk.site();
        }
        $crate::try_routes!($desk, $allowed, $($rest)*)
    };
    ($desk:ident, $allowed:ident, ($method:ident $pattern:literal $handler:path) $($rest:tt)*) => {
        if $crate::made::fits($desk, $pattern)
            && $allowed.takes($desk, $crate::made::method::$method)
        {
            return $crate::Handler::answer(&$handler, $desk, $pattern);
        }
        $crate::try_routes!($desk, $allowed, $($rest)*)
    };
}

/// Tells the builder of a folder.
#[doc(hidden)]
#[macro_export]
macro_rules! embed {
    ($pattern:literal, $folder:literal) => {
        const _: () = {
            const RECORD: &str = concat!("site=", $pattern, "\t", $folder, "\0");
            $crate::link_section! {
                ".pipkin.site", RECORD.len(), $crate::made::site_record($pattern, $folder, RECORD)
            }
        };
    };
}

/// The bytes of the record that tells the builder of a folder.
///
/// # Panics
///
/// When the program is compiled: for a pattern or a folder that cannot be.
#[track_caller]
pub const fn site_record<const N: usize>(pattern: &str, folder: &str, record: &str) -> [u8; N] {
    crate::pattern::check_pattern(pattern);
    let (pattern, folder, record) = (pattern.as_bytes(), folder.as_bytes(), record.as_bytes());
    assert!(
        pattern[pattern.len() - 1] == b'*',
        "the pattern of a site ends with a star: \"/path/*\""
    );
    assert!(!folder.is_empty(), "a site has a folder");
    let (mut bytes, mut at) = ([0; N], 0);
    while at < N {
        assert!(at + 1 == N || record[at] != 0, "a folder's name has no NUL");
        bytes[at] = record[at];
        at += 1;
    }
    bytes
}

/// Whether the path of the request matches.
#[inline(never)]
pub fn fits(desk: &Desk, pattern: &'static str) -> bool {
    matches(pattern, desk.path())
}

/// Whether the path of the request is for a site: one that its pattern matches, or that of its folder
/// without the slash, from which the site leads to the one with it.
pub fn is_of_site(desk: &Desk, pattern: &'static str) -> bool {
    let folder = pattern.strip_suffix("/*").unwrap_or(pattern);
    fits(desk, pattern) || desk.path() == folder.as_bytes()
}

/// The methods for which routes have matched the path.
pub struct Allowed(u8);

impl Allowed {
    /// None.
    pub const NONE: Self = Self(0);

    /// Whether the request has a route's method; takes note of that otherwise.
    #[inline]
    pub fn takes(&mut self, desk: &Desk, method: Method) -> bool {
        let wanted = desk.method();
        self.0 |= 1 << method as u8;
        wanted == method || wanted == Method::Head && method == Method::Get
    }

    /// Answers a request that has no route.
    #[inline(never)]
    pub fn answer(self, desk: &mut Desk) {
        let line = match desk.method() {
            _ if self.0 == 0 => Line::of(404),
            Method::Options => Line::of(204),
            _ => Line::of(405),
        };
        desk.begin(line);
        if self.0 != 0 {
            desk.allow(self.0);
        }
        desk.end(line, Bytes::default());
    }
}

/// The methods that routes take, by their names. HEAD is none: GET answers it.
#[expect(missing_docs, reason = "hidden: what the macro names")]
pub mod method {
    use super::Method;

    pub const GET: Method = Method::Get;
    pub const POST: Method = Method::Post;
    pub const PUT: Method = Method::Put;
    pub const DELETE: Method = Method::Delete;
    pub const PATCH: Method = Method::Patch;
    pub const OPTIONS: Method = Method::Options;
}
