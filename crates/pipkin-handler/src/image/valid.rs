//! What makes a setting valid. The builder reads all of it once more and says more of what is
//! wrong; here the compiler finds what is, at its line.

/// A line of text.
pub(super) const fn text(text: &str) -> bool {
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if matches!(first, 0 | b'\n' | b'\r') {
            return false;
        }
        rest = tail;
    }
    true
}

/// A port to listen on.
pub(super) const fn port(port: u16) -> bool {
    port != 0
}

/// `NAME=VALUE`.
pub(super) const fn pair(pair: &str) -> bool {
    let (name, value) = split(pair.as_bytes(), b'=');
    text(pair) && !name.is_empty() && value.is_some()
}

/// `UID` or `UID:GID`.
pub(super) const fn user(user: &str) -> bool {
    let (uid, gid) = split(user.as_bytes(), b':');
    is_id(uid) && (gid.is_none() || matches!(gid, Some(gid) if is_id(gid)))
}

/// A number of 32 bits.
const fn is_id(digits: &[u8]) -> bool {
    let (mut number, mut rest) = (0_u64, digits);
    while let [first, tail @ ..] = rest {
        number = 10 * number + first.wrapping_sub(b'0') as u64;
        if !first.is_ascii_digit() || number > u32::MAX as u64 {
            return false;
        }
        rest = tail;
    }
    !digits.is_empty()
}

/// A platform that there is a server for.
pub(super) const fn platform(platform: &str) -> bool {
    matches!(platform.as_bytes(), b"linux/amd64" | b"linux/arm64" | b"linux/riscv64")
}

/// `[HOST[:PORT]/]NAME[:TAG]`, as far as its characters and where they stand.
///
/// Source: distribution, "reference/reference.go".
pub(super) const fn tag(tag: &str) -> bool {
    let (name, tag) = split_tag(tag.as_bytes());
    let is_tag = match tag {
        Some(tag) => is_tag(tag),
        None => true,
    };
    is_tag && is_name(without_host(name))
}

/// The name and what follows a colon behind the last slash.
const fn split_tag(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    let mut at = text.len();
    while at > 0 && text[at - 1] != b'/' {
        at -= 1;
        if text[at] == b':' {
            return split_at(text, at);
        }
    }
    (text, None)
}

/// What follows the first slash, when what stands before it is a host.
const fn without_host(name: &[u8]) -> &[u8] {
    match split(name, b'/') {
        (host, Some(path)) if has(host, b'.') || has(host, b':') => path,
        (b"localhost", Some(path)) => path,
        _ => name,
    }
}

const fn is_tag(tag: &[u8]) -> bool {
    let mut at = 0;
    while at < tag.len() {
        let is_inner = matches!(tag[at], b'.' | b'-') && at > 0;
        if !(tag[at].is_ascii_alphanumeric() || tag[at] == b'_' || is_inner) {
            return false;
        }
        at += 1;
    }
    !tag.is_empty() && tag.len() <= 128
}

/// Words of lower-case letters and digits, between which there are slashes, dots, underscores and
/// hyphens.
const fn is_name(name: &[u8]) -> bool {
    let (mut at, mut is_word) = (0, false);
    while at < name.len() {
        let was_word = is_word;
        is_word = name[at].is_ascii_lowercase() || name[at].is_ascii_digit();
        let is_separator = match name[at] {
            b'-' => was_word || at > 0 && name[at - 1] == b'-',
            b'_' => was_word || at > 1 && name[at - 1] == b'_' && name[at - 2] != b'_',
            b'.' | b'/' => was_word,
            _ => false,
        };
        if !is_word && !is_separator {
            return false;
        }
        at += 1;
    }
    is_word && name.len() <= 255
}

/// What stands before the first `mark`, and behind it.
const fn split(text: &[u8], mark: u8) -> (&[u8], Option<&[u8]>) {
    let mut at = 0;
    while at < text.len() {
        if text[at] == mark {
            return split_at(text, at);
        }
        at += 1;
    }
    (text, None)
}

const fn split_at(text: &[u8], at: usize) -> (&[u8], Option<&[u8]>) {
    let (before, behind) = text.split_at(at);
    (before, Some(behind.split_at(1).1))
}

const fn has(text: &[u8], byte: u8) -> bool {
    split(text, byte).1.is_some()
}
