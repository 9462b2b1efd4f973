//! The environment, which is where a handler is told what differs from place to place.

#[cfg(feature = "freestanding")]
use crate::request::text;

/// The value of a variable of the environment; none without one, and when it is not UTF-8. The image
/// brings those of [`image!`](crate::image) and of `pipkin build -e`, and who runs it may set others.
///
/// ```
/// # use pipkin_handler::*;
/// let greeting = variable("GREETING").unwrap_or("hello");
/// assert_eq!(greeting, "hello");
/// ```
pub fn variable(name: &str) -> Option<&'static str> {
    #[cfg(feature = "freestanding")]
    return text(pipkin_server::handler::variable(name)?);
    #[cfg(not(feature = "freestanding"))]
    std::env::var(name).ok().map(|value| &*value.leak())
}
