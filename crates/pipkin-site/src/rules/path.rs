//! Paths: percent-encoding, segments, and the slash at the end that makes no difference.

/// The bytes that `text` stands for.
///
/// # Errors
///
/// Nothing when a `%` is not followed by two hexadecimal digits: the server refuses such a path.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut rest = text.as_bytes();
    let mut bytes = Vec::with_capacity(rest.len());
    while let Some((&first, tail)) = rest.split_first() {
        let (byte, tail) = match (first, tail) {
            (b'%', [high, low, tail @ ..]) => (hex(*high)? << 4 | hex(*low)?, tail),
            (b'%', _) => return None,
            _ => (first, tail),
        };
        bytes.push(byte);
        rest = tail;
    }
    Some(bytes)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| value.try_into().ok())
}

/// What a user wrote of a URL, as a field may carry it: `%XX` and reserved characters stay.
///
/// A backslash does not, since browsers take it for a slash, and two of these lead to another
/// host.
///
/// Source: RFC 3986, section 2; URL standard, "path state".
pub(super) fn encode_written(text: &str) -> String {
    encode(text.as_bytes(), |byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte))
}

/// Bytes of a decoded path as a part of a URL.
///
/// Source: RFC 3986, section 3.3: `pchar` and the slash.
pub(super) fn encode_decoded(bytes: &[u8]) -> String {
    encode(bytes, |byte| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/".contains(&byte))
}

fn encode(bytes: &[u8], stays: impl Fn(u8) -> bool) -> String {
    let encoded = bytes.iter().map(|&byte| {
        if stays(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    });
    encoded.collect()
}

/// The same path with or without a slash at its end; there is only one of the root.
///
/// Source: Netlify documentation, "Redirect options", "Trailing slash".
pub(super) fn toggled(path: &[u8]) -> Option<Vec<u8>> {
    match path.strip_suffix(b"/") {
        Some(b"") => None,
        Some(bare) => Some(bare.to_vec()),
        None => Some([path, b"/"].concat()),
    }
}

/// The path without a slash at its end.
pub(super) fn bare(path: &[u8]) -> &[u8] {
    path.strip_suffix(b"/").filter(|bare| !bare.is_empty()).unwrap_or(path)
}

/// The segments of a path, counted from 0: what is between its slashes.
pub(super) fn segments(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|&byte| byte == b'/').skip(1)
}

/// All of a path from segment `n` on, without the slash before it.
pub(super) fn rest(path: &[u8], n: usize) -> &[u8] {
    path.splitn(n + 2, |&byte| byte == b'/').nth(n + 1).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_decode(text: &str, bytes: Option<&[u8]>) {
        assert_eq!(decode(text).as_deref(), bytes, "{text}");
    }

    #[test]
    fn decoded() {
        check_decode("/a%20b%2a%C3%a4", Some("/a b*ä".as_bytes()));
        check_decode("/%e4", Some(b"/\xe4"));
        for text in ["%", "%2", "%g0", "%0g", "%+1"] {
            check_decode(text, None);
        }
    }

    #[test]
    fn encoded() {
        let written = encode_written("/a%20b?c=ä&d=[1]#e\\\"<>^`{|}");
        assert_eq!(written, "/a%20b?c=%C3%A4&d=[1]#e%5C%22%3C%3E%5E%60%7B%7C%7D");
        assert_eq!(encode_decoded(b"/a b%?#\xe4:@"), "/a%20b%25%3F%23%E4:@");
    }

    #[test]
    fn slashes() {
        assert_eq!(toggled(b"/"), None);
        assert_eq!(toggled(b"/a").as_deref(), Some(&b"/a/"[..]));
        assert_eq!(toggled(b"/a/").as_deref(), Some(&b"/a"[..]));
        assert_eq!([bare(b"/"), bare(b"/a"), bare(b"/a/")], [&b"/"[..], b"/a", b"/a"]);
        assert_eq!(segments(b"/a//b/").collect::<Vec<_>>(), [&b"a"[..], b"", b"b", b""]);
        assert_eq!([rest(b"/a/b/c", 0), rest(b"/a/b/c", 1)], [&b"a/b/c"[..], b"b/c"]);
        assert_eq!([rest(b"/a", 1), rest(b"/a/", 1), rest(b"/", 0)], [b""; 3]);
    }
}
