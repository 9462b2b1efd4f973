//! Patterns of paths: `/users/:id/posts/*`.
//!
//! A segment that begins with a colon is any segment that is not empty, and has a name. A star at
//! the end is any rest, or none. What else there is, is itself.

/// Whether a percent-decoded path matches.
pub fn matches(pattern: &str, path: &[u8]) -> bool {
    walk(pattern, path, |_, _| false)
}

/// The part of a path that has a name in a pattern, which matches.
pub(crate) fn parameter<'a>(pattern: &'static str, path: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let mut found = None;
    walk(pattern, path, |known, part| {
        let is_it = known == name.as_bytes();
        if is_it {
            found = Some(part);
        }
        is_it
    });
    found
}

/// Whether a path matches; until `sees` returns that it has seen enough, it gets each part that has
/// a name. The name of the rest is a star.
fn walk<'a>(
    pattern: &str,
    mut path: &'a [u8],
    mut sees: impl FnMut(&[u8], &'a [u8]) -> bool,
) -> bool {
    let mut pattern = pattern.as_bytes();
    while let Some((&first, rest)) = pattern.split_first() {
        match first {
            b'*' => {
                sees(b"*", path);
                return true;
            }
            b':' => {
                let (name, part) = (segment(rest), segment(path));
                if part.is_empty() || sees(name, part) {
                    return false;
                }
                pattern = rest.get(name.len()..).unwrap_or_default();
                path = path.get(part.len()..).unwrap_or_default();
            }
            _ => {
                if path.first() != Some(&first) {
                    return false;
                }
                pattern = rest;
                path = path.get(1..).unwrap_or_default();
            }
        }
    }
    path.is_empty()
}

/// What stands before the next slash.
fn segment(text: &[u8]) -> &[u8] {
    let len = text.iter().position(|&byte| byte == b'/').unwrap_or(text.len());
    text.get(..len).unwrap_or_default()
}

/// What is wrong with a pattern; nothing when it is one.
pub const fn fault(pattern: &str) -> &'static str {
    let bytes = pattern.as_bytes();
    if bytes.is_empty() || bytes[0] != b'/' {
        return "a route's pattern begins with a slash";
    }
    let mut at = 0;
    while at < bytes.len() {
        let begins_segment = at > 0 && bytes[at - 1] == b'/';
        let is_last = at + 1 == bytes.len();
        match bytes[at] {
            b'*' if !begins_segment || !is_last => {
                return "a star is the last segment of a route's pattern, and nothing else";
            }
            b':' if !begins_segment => return "a colon begins a segment of a route's pattern",
            b':' if is_last || bytes[at + 1] == b'/' => {
                return "a colon in a route's pattern begins a name";
            }
            b'?' | b'#' => return "a route's pattern is a path without a query",
            b'%' => return "a route's pattern is not percent-encoded",
            0..=b' ' | 0x7f => return "a route's pattern has no blanks or control characters",
            _ => {}
        }
        at += 1;
    }
    ""
}

/// Says what is wrong with a pattern.
///
/// # Panics
///
/// When the program is compiled: for a fault.
#[track_caller]
pub const fn check_pattern(pattern: &str) {
    let fault = fault(pattern);
    assert!(fault.is_empty(), "{}", fault);
}

/// Has the compiler say at the pattern itself that there is a fault; what it is, [`check_pattern`]
/// says, which can only name the macro as a whole.
pub const fn check_place<const IS_PATTERN: bool>(_: impl Pattern<IS_PATTERN> + Copy) {}

/// What is a pattern when its text is.
#[diagnostic::on_unimplemented(
    message = "a route's pattern is a path such as \"/users/:id\" or \"/files/*\"",
    label = "not a pattern"
)]
pub trait Pattern<const IS_PATTERN: bool> {}

impl Pattern<true> for &'static str {}

#[cfg(test)]
mod tests;
