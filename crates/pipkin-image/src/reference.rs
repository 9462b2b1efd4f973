//! Image names, by the grammar that Docker checks them with.
//!
//! ```text
//! reference   [host "/"] component *["/" component] [":" tag]
//! host        a domain name or a bracketed IPv6 address, with an optional ":" port;
//!             a first component is a host when it has a "." or ":" or is "localhost"
//! component   alphanumeric *[separator alphanumeric], all lower-case
//! separator   "." | "_" | "__" | one or more "-"
//! tag         [A-Za-z0-9_] followed by up to 127 of [A-Za-z0-9_.-]
//! ```
//!
//! Source: the distribution project's package `reference`.

use std::fmt;
use std::str::FromStr;

use crate::{Error, Result};

/// The tag of a reference that names none.
pub const TAG_DEFAULT: &str = "latest";

/// The most characters that the name of a repository, host included, can have.
pub const NAME_LENGTH_MAX: usize = 255;

/// The most characters that a tag can have.
pub const TAG_LENGTH_MAX: usize = 128;

/// The registry of a name without host.
const HOST_DEFAULT: &str = "docker.io";

/// An older name of [`HOST_DEFAULT`], which Docker still normalises.
const HOST_DEFAULT_OLD: &str = "index.docker.io";

/// An image's name with its tag; its text is `name:tag`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    name: String,
    tag: String,
}

impl Reference {
    /// The name as it was written, without the tag.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The tag.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// The last component of the name, for a file that is called after the image.
    pub fn file_stem(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or_default()
    }

    /// The registry's `HOST[:PORT]`, `docker.io` for a name without one.
    pub fn registry(&self) -> &str {
        match split_host(&self.name) {
            (Some(HOST_DEFAULT_OLD) | None, _) => HOST_DEFAULT,
            (Some(host), _) => host,
        }
    }

    /// The name within the registry; on `docker.io` a single component stands below `library/`.
    pub fn repository(&self) -> String {
        let (_, path) = split_host(&self.name);
        let is_official = self.registry() == HOST_DEFAULT && !path.contains('/');
        if is_official { format!("library/{path}") } else { path.into() }
    }

    /// The reference in full, such as `docker.io/library/site:latest`.
    pub fn normalised(&self) -> String {
        format!("{}/{}:{}", self.registry(), self.repository(), self.tag)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.name, self.tag)
    }
}

impl FromStr for Reference {
    type Err = Error;

    /// The reference that `text` spells; a missing tag is `latest`.
    ///
    /// # Errors
    ///
    /// The `Reference` and `Tag` variants of [`Error`], which point at the character.
    fn from_str(text: &str) -> Result<Reference> {
        check_digest(text)?;
        let (name, tag) = split_tag(text);
        if let Some(tag) = tag {
            check_tag(text, tag)?;
        }
        check_name(text, name)?;
        Ok(Reference { name: name.into(), tag: tag.unwrap_or(TAG_DEFAULT).into() })
    }
}

/// The name and, when a `:` follows the last `/`, the tag.
fn split_tag(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (text, None),
    }
}

/// The host, when the first of several components is one, and the rest of the name.
fn split_host(name: &str) -> (Option<&str>, &str) {
    match name.split_once('/') {
        Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => {
            (Some(host), path)
        }
        _ => (None, name),
    }
}

fn check_digest(text: &str) -> Result<()> {
    match text.split_once('@') {
        None => Ok(()),
        Some((name, _)) => {
            let name = if name.is_empty() { "NAME:TAG" } else { name };
            Err(Error::ReferenceDigest { text: text.into(), name: name.into() })
        }
    }
}

fn check_tag(text: &str, tag: &str) -> Result<()> {
    let is_allowed = |(i, c): (usize, char)| {
        c.is_ascii_alphanumeric() || c == '_' || (i > 0 && (c == '.' || c == '-'))
    };
    if tag.is_empty() {
        return Err(Error::TagEmpty { text: text.into() });
    }
    if let Some((i, character)) = tag.char_indices().find(|&place| !is_allowed(place)) {
        let at = position(text, text.len() - tag.len() + i);
        return Err(Error::TagCharacter { text: text.into(), character, at });
    }
    if tag.len() > TAG_LENGTH_MAX {
        return Err(Error::TagLength { length: tag.len(), length_max: TAG_LENGTH_MAX });
    }
    Ok(())
}

fn check_name(text: &str, name: &str) -> Result<()> {
    if name.is_empty() {
        return Err(Error::ReferenceEmpty { text: text.into() });
    }
    let (host, path) = split_host(name);
    if let Some(host) = host.filter(|host| !is_host(host)) {
        return Err(Error::ReferenceHost { text: text.into(), host: host.into() });
    }
    check_path(text, name.len() - path.len(), path)?;
    let length = name.len();
    if length > NAME_LENGTH_MAX {
        return Err(Error::ReferenceLength { length, length_max: NAME_LENGTH_MAX });
    }
    if name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Error::ReferenceHex { text: text.into() });
    }
    Ok(())
}

/// Nothing when `path`, which stands in `text` from the byte `start`, is a list of components.
///
/// Upper case is looked for last: lower case is advice that leads to a valid name only then.
fn check_path(text: &str, start: usize, path: &str) -> Result<()> {
    let lower = path.to_ascii_lowercase();
    if let Some(i) = misplaced(&lower) {
        return Err(misplaced_error(text, start + i, lower[i..].chars().next()));
    }
    let Some(i) = path.find(|c: char| c.is_ascii_uppercase()) else { return Ok(()) };
    let instead = [&text[..start], &lower, &text[start + path.len()..]].concat();
    Err(Error::ReferenceCase {
        text: text.into(),
        character: char::from(path.as_bytes()[i]),
        at: position(text, start + i),
        instead,
    })
}

/// Where in `path` something stands, or its end, that the grammar has no place for.
fn misplaced(path: &str) -> Option<usize> {
    let bytes = path.as_bytes();
    let mut i = 0;
    loop {
        let word = count(&bytes[i..], |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9'));
        i += word;
        match bytes.get(i) {
            _ if word == 0 => return Some(i),
            None => return None,
            Some(b'/') => i += 1,
            Some(_) => match separator_length(&bytes[i..]) {
                0 => return Some(i),
                length => i += length,
            },
        }
    }
}

fn separator_length(bytes: &[u8]) -> usize {
    match bytes {
        [b'_', b'_', ..] => 2,
        [b'_' | b'.', ..] => 1,
        _ => count(bytes, |byte| byte == b'-'),
    }
}

fn count(bytes: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    bytes.iter().take_while(|&&byte| belongs(byte)).count()
}

fn misplaced_error(text: &str, i: usize, character: Option<char>) -> Error {
    let (text, at) = (text.to_owned(), position(text, i));
    match character {
        None => Error::ReferenceEnd { text },
        Some(character) if "._-/".contains(character) => {
            Error::ReferenceSeparator { text, character, at }
        }
        Some(character) => Error::ReferenceCharacter { text, character, at },
    }
}

/// The number of the character at the byte `i`, from 1.
fn position(text: &str, i: usize) -> usize {
    text[..i].chars().count() + 1
}

fn is_host(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    port.is_none_or(is_port) && (is_domain(host) || is_ipv6(host))
}

fn is_domain(host: &str) -> bool {
    host.split('.').all(|label| {
        let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let is_framed = !label.starts_with('-') && !label.ends_with('-');
        !label.is_empty() && is_framed && label.bytes().all(is_inner)
    })
}

fn is_ipv6(host: &str) -> bool {
    let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    inner.is_some_and(|address| address.parse::<std::net::Ipv6Addr>().is_ok())
}

#[cfg(test)]
mod tests;
