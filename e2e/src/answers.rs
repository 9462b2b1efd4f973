//! A strict reader of everything that a server has sent on one connection.

/// The answers in what a server has sent.
#[derive(Debug, PartialEq)]
pub struct Answers {
    /// Their status codes.
    pub statuses: Vec<u16>,
    /// Bytes of one more, which breaks off.
    pub rest_bytes: usize,
}

/// The answers in `bytes`. When there may have been a HEAD among the requests, an answer may lack
/// the body that it announces.
///
/// # Errors
///
/// What is wrong with the first answer that is not as RFC 9112 wants it, or announces its body
/// by anything but one Content-Length.
pub fn answers(bytes: &[u8], head_may_be: bool) -> Result<Answers, String> {
    let mut found = Answers { statuses: Vec::new(), rest_bytes: bytes.len() };
    let mut rest = bytes;
    while let Some(end) = position(rest, b"\r\n\r\n") {
        let (status, length) = head(&rest[..end])?;
        let behind = &rest[end + 4..];
        let bodiless = head_may_be && (behind.is_empty() || behind.starts_with(b"HTTP/1.1 "));
        let length = if bodiless { 0 } else { length };
        let Some(next) = behind.get(length..) else { break };
        found.statuses.push(status);
        rest = next;
        found.rest_bytes = rest.len();
    }
    Ok(found)
}

fn position(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

/// The status, and the length of the body that follows.
fn head(bytes: &[u8]) -> Result<(u16, usize), String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "a head that is not ASCII")?;
    let mut lines = text.split("\r\n");
    let line = lines.next().unwrap_or_default();
    let status = status(line).ok_or_else(|| format!("not a status line: {line:?}"))?;
    let mut fields: Vec<(String, &str)> = Vec::new();
    for line in lines {
        let (name, value) = field(line).ok_or_else(|| format!("not a field: {line:?}"))?;
        if fields.iter().any(|(known, _)| *known == name) {
            return Err(format!("{status} with {name} twice"));
        }
        fields.push((name, value));
    }
    let length = fields.iter().find(|(name, _)| name == "content-length");
    match (status, length) {
        (204, Some(_)) => Err("204 with a Content-Length".into()),
        (204 | 304, _) => Ok((status, 0)),
        (_, None) => Err(format!("{status} without a Content-Length")),
        (_, Some((_, length))) => {
            Ok((status, length.parse().map_err(|_| format!("Content-Length: {length}"))?))
        }
    }
}

/// RFC 9112 section 4.
fn status(line: &str) -> Option<u16> {
    let (code, reason) = line.strip_prefix("HTTP/1.1 ")?.split_once(' ')?;
    let digits = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit());
    code.parse().ok().filter(|_| digits && is_visible(reason))
}

/// RFC 9112 section 5: the name in lower case, and the value, written as everybody does.
fn field(line: &str) -> Option<(String, &str)> {
    let (name, value) = line.split_once(": ")?;
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let good = !name.is_empty() && name.bytes().all(token);
    (good && is_visible(value)).then(|| (name.to_ascii_lowercase(), value))
}

/// No control characters, and no space at either end.
fn is_visible(text: &str) -> bool {
    text.trim() == text && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::answers;

    fn check(bytes: &str, head_may_be: bool, expected: Result<(&[u16], usize), &str>) {
        let found = answers(bytes.as_bytes(), head_may_be);
        let found = found.as_ref().map(|found| (found.statuses.as_slice(), found.rest_bytes));
        assert_eq!(found.map_err(String::as_str), expected, "{bytes:?}");
    }

    #[test]
    fn one_after_the_other() {
        let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
        let unchanged = "HTTP/1.1 304 Not Modified\r\n\r\n";
        check("", false, Ok((&[], 0)));
        check(&[ok, unchanged, ok].concat(), false, Ok((&[200, 304, 200], 0)));
        check(&[ok, &ok[..ok.len() - 1]].concat(), false, Ok((&[200], ok.len() - 1)));
        let head = ok.strip_suffix("hi").unwrap();
        check(&[head, ok, head].concat(), true, Ok((&[200, 200, 200], 0)));
        check(head, false, Ok((&[], head.len())));
    }

    #[test]
    fn what_is_wrong() {
        for (head, expected) in [
            ("HTTP/1.0 200 OK", "not a status line: \"HTTP/1.0 200 OK\""),
            ("HTTP/1.1 20 OK", "not a status line: \"HTTP/1.1 20 OK\""),
            ("HTTP/1.1 200 OK", "200 without a Content-Length"),
            ("HTTP/1.1 204 No Content\r\nContent-Length: 0", "204 with a Content-Length"),
            ("HTTP/1.1 200 OK\r\nA:b", "not a field: \"A:b\""),
            ("HTTP/1.1 200 OK\r\nA: b\n", "not a field: \"A: b\\n\""),
            ("HTTP/1.1 200 OK\r\nA: b\r\na: c", "200 with a twice"),
            ("HTTP/1.1 200 OK\r\nContent-Length: -1", "Content-Length: -1"),
        ] {
            check(&format!("{head}\r\n\r\n"), false, Err(expected));
        }
    }
}
