//! Tar to files, read by the offsets of POSIX.

use std::collections::HashSet;

use super::BLOCK_BYTES;

/// The paths and contents of the files in `tar`, with or without the zero blocks at its end.
///
/// # Errors
///
/// A text that says what is wrong: a checksum, a length, a kind that layers here do not have, a
/// path that is absolute, leaves its root or stands twice.
///
/// Source: POSIX pax, ustar Interchange Format.
pub fn entries(tar: &[u8]) -> Result<Vec<(String, &[u8])>, String> {
    let mut files: Vec<(String, &[u8])> = Vec::new();
    let mut paths = HashSet::new();
    let (mut rest, mut pax_path) = (tar, None);
    while let Some((header, content)) = rest.split_at_checked(BLOCK_BYTES) {
        if header.iter().all(|&byte| byte == 0) {
            break;
        }
        let (kind, path, size) = parse_header(header)?;
        let data = content.get(..size).ok_or_else(|| format!("ends within `{path}`"))?;
        let padded = size.next_multiple_of(BLOCK_BYTES);
        rest = content.get(padded..).ok_or_else(|| format!("has no padding after `{path}`"))?;
        if kind == b'x' {
            pax_path = Some(parse_pax_path(data).ok_or("has pax records without a path")?);
            continue;
        }
        let path = pax_path.take().unwrap_or(path);
        if path.is_empty() || path.starts_with('/') || path.split('/').any(|part| part == "..") {
            return Err(format!("has the path `{path}`, which leaves its root"));
        }
        if !paths.insert(path.clone()) {
            return Err(format!("has `{path}` twice"));
        }
        if kind == b'0' {
            files.push((path, data));
        }
    }
    let is_whole = rest.iter().all(|&byte| byte == 0) && rest.len().is_multiple_of(BLOCK_BYTES);
    if is_whole { Ok(files) } else { Err("goes on after its end".into()) }
}

/// The kind, the path and the size in a header.
fn parse_header(header: &[u8]) -> Result<(u8, String, usize), String> {
    let path = match text(&header[345..500]) {
        prefix if prefix.is_empty() => text(&header[..100]),
        prefix => format!("{prefix}/{}", text(&header[..100])),
    };
    let sum = |bytes: &[u8]| bytes.iter().map(|&byte| u64::from(byte)).sum::<u64>();
    let expected = sum(&header[..148]) + sum(&header[156..]) + 8 * u64::from(b' ');
    if number(&header[148..156]) != Some(expected) {
        return Err(format!("has a wrong checksum for `{path}`"));
    }
    let kind = header[156];
    if !matches!(kind, b'0' | b'5' | b'x') || &header[257..265] != b"ustar\x0000" {
        return Err(format!("has `{path}`, which is no ustar file"));
    }
    let size = number(&header[124..136]).and_then(|size| usize::try_from(size).ok());
    size.map(|size| (kind, path.clone(), size)).ok_or(format!("has no size for `{path}`"))
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

/// The value of the record `LENGTH path=VALUE`, which stands alone.
fn parse_pax_path(records: &[u8]) -> Option<String> {
    let record = str::from_utf8(records).ok()?;
    let (length, field) = record.split_once(' ')?;
    let is_whole = length.parse() == Ok(record.len());
    field.strip_prefix("path=")?.strip_suffix('\n').filter(|_| is_whole).map(Into::into)
}
