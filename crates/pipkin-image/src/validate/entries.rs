//! Tar to files, links and folders, read by the offsets of POSIX.

use std::collections::HashMap;

use super::BLOCK_BYTES;

/// What stands in a tar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<'a> {
    /// Where it goes, relative to the root.
    pub path: String,
    /// Its permissions.
    pub mode: u32,
    /// What it is.
    pub body: Body<'a>,
}

/// What there is at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body<'a> {
    /// A file with this content.
    File(&'a [u8]),
    /// A symbolic link that leads there.
    Link(String),
    /// A folder.
    Folder,
}

/// What stands in `tar`, with or without the zero blocks at its end.
///
/// # Errors
///
/// A text that says what is wrong: a checksum, a length, a kind that layers here do not have, a
/// link to nowhere, a path that is absolute, leaves its root, stands twice or below what is no
/// folder.
///
/// Source: POSIX pax, ustar Interchange Format.
pub fn entries(tar: &[u8]) -> Result<Vec<Found<'_>>, String> {
    let mut found: Vec<Found<'_>> = Vec::new();
    let (mut rest, mut records) = (tar, None);
    while let Some((block, content)) = rest.split_at_checked(BLOCK_BYTES) {
        if block.iter().all(|&byte| byte == 0) {
            break;
        }
        let header = Header::parse(block)?;
        let (path, size) = (&header.path, header.size);
        let data = content.get(..size).ok_or_else(|| format!("ends within `{path}`"))?;
        let padded = size.next_multiple_of(BLOCK_BYTES);
        // Readers take a content that ends the tar without padding.
        let ends = content.len() == size;
        rest = if ends { &[] } else { content.get(padded..).ok_or_else(|| no_padding(path))? };
        if header.kind == b'x' {
            records = Some(Records::parse(data).ok_or("has pax records of another kind")?);
        } else {
            found.push(header.found(records.take().unwrap_or_default(), data)?);
        }
    }
    if records.is_some() {
        return Err("ends with pax records".into());
    }
    check_places(&found)?;
    let is_whole = rest.iter().all(|&byte| byte == 0) && rest.len().is_multiple_of(BLOCK_BYTES);
    if is_whole { Ok(found) } else { Err("goes on after its end".into()) }
}

fn no_padding(path: &str) -> String {
    format!("has no padding after `{path}`")
}

/// That each has its own path, and lies in folders.
fn check_places(found: &[Found<'_>]) -> Result<(), String> {
    let mut folders = HashMap::new();
    for Found { path, body, .. } in found {
        if path.is_empty() || path.starts_with('/') || path.split('/').any(|part| part == "..") {
            return Err(format!("has the path `{path}`, which leaves its root"));
        }
        if folders.insert(path.as_str(), *body == Body::Folder).is_some() {
            return Err(format!("has `{path}` twice"));
        }
    }
    for Found { path, .. } in found {
        let mut above = path.match_indices('/').map(|(slash, _)| &path[..slash]);
        if let Some(above) = above.find(|above| folders.get(above) == Some(&false)) {
            return Err(format!("has `{path}` below `{above}`, which is no folder"));
        }
    }
    Ok(())
}

/// What a header says.
struct Header {
    kind: u8,
    path: String,
    mode: u32,
    size: usize,
    target: String,
}

impl Header {
    fn parse(block: &[u8]) -> Result<Self, String> {
        let path = match text(&block[345..500]) {
            prefix if prefix.is_empty() => text(&block[..100]),
            prefix => format!("{prefix}/{}", text(&block[..100])),
        };
        let sum = |bytes: &[u8]| bytes.iter().map(|&byte| u64::from(byte)).sum::<u64>();
        let expected = sum(&block[..148]) + sum(&block[156..]) + 8 * u64::from(b' ');
        if number(&block[148..156]) != Some(expected) {
            return Err(format!("has a wrong checksum for `{path}`"));
        }
        // Before POSIX there was no magic, and no number for a file.
        let kind = if block[156] == 0 { b'0' } else { block[156] };
        let is_known = [*b"ustar\x0000", [0; 8]].iter().any(|magic| block[257..265] == *magic);
        if !matches!(kind, b'0' | b'2' | b'5' | b'x') || !is_known {
            return Err(format!("has `{path}`, which is no ustar file, link or folder"));
        }
        let mode = number(&block[100..108]).and_then(|mode| u32::try_from(mode).ok());
        let mode = mode.ok_or_else(|| format!("has no permissions for `{path}`"))?;
        let size = number(&block[124..136]).and_then(|size| usize::try_from(size).ok());
        let size = size.ok_or_else(|| format!("has no size for `{path}`"))?;
        Ok(Self { kind, path, mode, size, target: text(&block[157..257]) })
    }

    /// What stands there, with what the records before the header say instead.
    fn found(self, records: Records, data: &[u8]) -> Result<Found<'_>, String> {
        let path = records.path.unwrap_or(self.path);
        let target = records.target.unwrap_or(self.target);
        if self.kind != b'0' && !data.is_empty() {
            return Err(format!("has data for `{path}`, which is no file"));
        }
        if self.kind == b'2' && target.is_empty() {
            return Err(format!("has the link `{path}` to nowhere"));
        }
        let body = match self.kind {
            b'0' => Body::File(data),
            b'2' => Body::Link(target),
            _ => Body::Folder,
        };
        Ok(Found { path, mode: self.mode, body })
    }
}

fn text(field: &[u8]) -> String {
    let end = field.iter().position(|&byte| byte == 0).unwrap_or(field.len());
    String::from_utf8_lossy(&field[..end]).into_owned()
}

/// A number in octal text, or in base 256 behind the byte 0x80.
fn number(field: &[u8]) -> Option<u64> {
    match field {
        [0x80, digits @ ..] => {
            digits.iter().try_fold(0u64, |n, &b| Some(n.checked_mul(256)? + u64::from(b)))
        }
        _ => u64::from_str_radix(text(field).trim(), 8).ok(),
    }
}

/// The pax records of the next entry.
#[derive(Default)]
struct Records {
    path: Option<String>,
    target: Option<String>,
}

impl Records {
    /// Records `LENGTH KEYWORD=VALUE`, each with a newline at its end. None for anything else.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut records = Self::default();
        let mut rest = str::from_utf8(bytes).ok()?;
        while !rest.is_empty() {
            let length: usize = rest.split_once(' ')?.0.parse().ok()?;
            let (record, tail) = rest.split_at_checked(length)?;
            let (keyword, value) = record.split_once(' ')?.1.strip_suffix('\n')?.split_once('=')?;
            match keyword {
                "path" => records.path = Some(value.into()),
                "linkpath" => records.target = Some(value.into()),
                _ => return None,
            }
            rest = tail;
        }
        Some(records)
    }
}
