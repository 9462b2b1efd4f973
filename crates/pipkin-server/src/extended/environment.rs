//! `/env.js`: variables of the environment for the scripts of a page.
//!
//! It is made once, since no variable of a process changes, as an answer like those that the builder
//! makes: so conditions, ranges and HEAD work as for files.

use pipkin_format::{Content, ENV, MADE_BODY_AT, make as make_blob};

use super::text::Text;
use crate::Start;
use crate::sys::{complain, exit, zeroed};

/// Bytes of the script, at most.
const SCRIPT_BYTES_MAX: usize = 64 * 1024;

/// A blob with one answer, from zeroed memory.
pub(crate) struct Made([u8; MADE_BODY_AT + SCRIPT_BYTES_MAX]);

/// The blob with the variables that the content asks for; nothing when it asks for none. Ends the
/// process with a line on stderr when they are too long.
pub(super) fn make(start: &Start, site: Content<'_>) -> Content<'static> {
    let setting = site.setting().filter(|&setting| site.record(setting).flags & ENV != 0);
    let Some(setting) = setting else { return Content::default() };
    let made = zeroed::<Made>().ok().and_then(|made| {
        let names = site.bytes(site.record(setting).body);
        let bytes = write(names, |name| start.find(name), made.0.get_mut(MADE_BODY_AT..)?)?;
        let blob = made.0.get_mut(..MADE_BODY_AT + bytes)?;
        make_blob(blob, site, setting)?;
        Some(Content::new(blob))
    });
    made.unwrap_or_else(|| {
        complain(b"pipkin: the variables in env.js have more than 64 KiB\n");
        exit(1)
    })
}

/// Writes the script to `space`: how many bytes; none when it has not the space. Each of the `names`
/// ends with `=`.
fn write<'a>(
    names: &[u8],
    value_of: impl Fn(&[u8]) -> Option<&'a [u8]>,
    space: &mut [u8],
) -> Option<usize> {
    let mut text = Text::new(space);
    let mut before: &[u8] = b"window.env={";
    for name in names.split_inclusive(|&byte| byte == b'=') {
        text.push(before);
        before = b",";
        text.push_script(name.strip_suffix(b"=").unwrap_or(name));
        text.push(b":");
        match value_of(name) {
            Some(value) => text.push_script(value),
            None => text.push(b"null"),
        }
    }
    text.push(b"};\n");
    text.bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(names: &str, expected: &str) {
        let value_of = |name: &[u8]| match name {
            b"URL=" => Some(&b"https://a.example/?b&c"[..]),
            b"EMPTY=" => Some(&b""[..]),
            _ => None,
        };
        let mut space = vec![0; expected.len()];
        let bytes = write(names.as_bytes(), value_of, &mut space);
        assert_eq!(String::from_utf8_lossy(&space), expected);
        assert_eq!(bytes, Some(expected.len()));
        space.pop();
        assert_eq!(write(names.as_bytes(), value_of, &mut space), None);
    }

    #[test]
    fn scripts() {
        check("URL=", "window.env={\"URL\":\"https://a.example/?b\\u0026c\"};\n");
        check("A=EMPTY=", "window.env={\"A\":null,\"EMPTY\":\"\"};\n");
    }
}
