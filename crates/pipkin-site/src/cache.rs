//! How long a browser may keep a file without asking.
//!
//! A name that carries the hash of its content, as bundlers make them, belongs to that content for
//! ever. A page keeps its name while it changes, so it is asked for each time, which an ETag makes
//! cheap. Of other files nothing is said.
//!
//! Source: RFC 9111, section 5.2.2; RFC 8246.

/// Letters and digits of the shortest hash: Vite, esbuild and Rollup write eight.
const HASH_BYTES_MIN: usize = 8;

/// From here on even letters of both kinds are no name that anybody chose.
const LONG_HASH_BYTES_MIN: usize = 20;

/// The value of Cache-Control for the file `name` of this media type, if it has one.
pub(crate) fn cache_control(name: &str, content_type: &str) -> Option<&'static str> {
    if content_type.starts_with("text/html") {
        Some("no-cache")
    } else if carries_hash(name) {
        Some("public, max-age=31536000, immutable")
    } else {
        None
    }
}

/// Whether the name's last part before its extensions, behind a `.` or `-`, is a hash.
fn carries_hash(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    let Some((_, rest)) = file.split_once(['.', '-']) else { return false };
    let mut parts: Vec<&str> = rest.split(['.', '-']).collect();
    parts.pop(); // the extension
    parts.into_iter().any(is_hash)
}

/// Whether a word is made of digits and letters as no one would write it. To miss a hash costs a
/// question, and to see one that is not there shows a file of last year: so in doubt it is none.
///
/// Hexadecimal digits must be of both kinds: a date has no letter. Others must be as many as
/// bundlers write, small, capital and digits, one of these before a letter: `Chapter2` is a name.
fn is_hash(word: &str) -> bool {
    let has = |is: fn(&u8) -> bool| word.bytes().any(|byte| is(&byte));
    let has_digit = has(u8::is_ascii_digit);
    let is_hex = word.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if is_hex {
        return word.len() >= HASH_BYTES_MIN && has_digit && has(u8::is_ascii_lowercase);
    }
    let inner = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let is_usual = word.len() == HASH_BYTES_MIN || word.len() >= LONG_HASH_BYTES_MIN;
    is_usual
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase)
        && inner.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_a_hash() {
        for name in [
            "app.3f2a9c1b.js",
            "assets/index-BxK3jd9a.css",
            "main.0a1b2c3d4e5f60718293.chunk.js",
            "font-Ab3_def9.woff2",
            "app.3f2a9c1b.js.map",
        ] {
            assert!(carries_hash(name), "{name}");
        }
    }

    #[test]
    fn names_without() {
        for name in [
            "app.js",
            "bootstrap-datepicker.js",
            "jquery-3.7.1.min.js",
            "report-20260101.pdf",
            "photo-IMG20260101.jpg",
            "3f2a9c1b.js",
            "deadbeef-page.txt",
            "a.3f2a9c1",
            "facade-decade.css",
            "v1.2.3-beta4567.js",
            "logo-Headline2.svg",
            "part-Chapter2.svg",
            "ad-iPhone15Pro.png",
        ] {
            assert!(!carries_hash(name), "{name}");
        }
    }

    #[test]
    fn by_name_and_type() {
        let check = |name, content_type, expected| {
            assert_eq!(cache_control(name, content_type), expected, "{name}");
        };
        check("index.html", "text/html; charset=utf-8", Some("no-cache"));
        check("page.3f2a9c1b.html", "text/html; charset=utf-8", Some("no-cache"));
        let for_ever = Some("public, max-age=31536000, immutable");
        check("app.3f2a9c1b.js", "text/javascript", for_ever);
        check("app.js", "text/javascript", None);
    }
}
