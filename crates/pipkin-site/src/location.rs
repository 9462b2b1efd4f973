//! Paths as a Location field writes them.

/// The percent-encoded form of `path`, which starts with one slash: a reference that begins with
/// two would lead to another host, and so would one with a backslash, to browsers.
///
/// Source: RFC 3986, sections 2.1 and 3.3; RFC 9110, section 10.2.2.
pub(crate) fn location(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for &byte in path.as_bytes() {
        if is_path_byte(byte) {
            text.push(byte.into());
        } else {
            text += &format!("%{byte:02X}");
        }
    }
    text
}

/// Whether a path holds the byte as it is: a slash, or `pchar` but a percent sign.
fn is_path_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:@".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded() {
        let check = |path, expected| assert_eq!(location(path), expected);
        check("/docs/", "/docs/");
        check("/a-b_c.d~e", "/a-b_c.d~e");
        check("/a b", "/a%20b");
        check("/100%", "/100%25");
        check("/what?#", "/what%3F%23");
        check("/é", "/%C3%A9");
        check("/\\evil.example", "/%5Cevil.example");
        check("/a\"<>[]^`{|}", "/a%22%3C%3E%5B%5D%5E%60%7B%7C%7D");
        check("/(a)@b:c;d=e,f!g$h&i'j*k+l", "/(a)@b:c;d=e,f!g$h&i'j*k+l");
    }
}
