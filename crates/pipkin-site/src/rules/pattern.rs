//! Patterns of paths, in the bytes that the server matches with.
//!
//! A pattern is a percent-decoded path in which [`SEGMENT`] stands for one segment that is not
//! empty, and [`REST`] for any bytes: in `_redirects` at the end alone, in `_headers` anywhere.
//! Neither byte is in a path otherwise: a name with a control character is not served.

use pipkin_format::PATH_BYTES_MAX;
pub(super) use pipkin_format::{REST, SEGMENT};

use super::lines::Word;
use super::path::{bare, decode, segments, toggled};
use super::{Fault, Spot};

/// Segments of the longest pattern, so that the number of each fits a mark in a Location.
const SEGMENTS_MAX: usize = 31;

/// The path of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pattern {
    /// Without a slash at its end, which makes no difference.
    bytes: Vec<u8>,
    /// With the slash, if there is one.
    written: Vec<u8>,
    /// The placeholders by name, and which segment each is.
    placeholders: Vec<(String, usize)>,
    /// Which segment the splat starts with.
    splat: Option<usize>,
}

/// Whether `path` is one of those that the pattern stands for.
pub(super) fn matches(pattern: &[u8], path: &[u8]) -> bool {
    match pattern.split_first() {
        None => path.is_empty(),
        Some((&SEGMENT, pattern)) => {
            let end = path.iter().position(|&byte| byte == b'/').unwrap_or(path.len());
            end > 0 && matches(pattern, &path[end..])
        }
        Some((&REST, [])) => true,
        Some((&REST, pattern)) => (0..=path.len()).any(|at| matches(pattern, &path[at..])),
        Some((byte, pattern)) => {
            path.split_first().is_some_and(|(first, path)| first == byte && matches(pattern, path))
        }
    }
}

/// Whether the pattern stands for `path`, or for `path` with or without a slash at its end. So
/// `/blog/*` stands for `/blog` too.
///
/// Source: Netlify documentation, "Redirect options", "Trailing slash".
pub(super) fn matches_loosely(pattern: &[u8], path: &[u8]) -> bool {
    matches(pattern, path) || toggled(path).is_some_and(|path| matches(pattern, &path))
}

/// Whether a pattern of `_redirects` stands for every path in `folder`.
pub(super) fn is_for_all(pattern: &[u8], folder: &[u8]) -> bool {
    pattern.ends_with(&[REST]) && matches(pattern, folder)
}

/// The folder that a pattern stands for all of, if that is one alone: `/docs/` of `/docs/*`.
pub(super) fn folder_of(pattern: &[u8]) -> Option<&[u8]> {
    let folder = pattern.strip_suffix(&[REST])?;
    (folder.ends_with(b"/") && !folder.iter().any(|byte| matches!(*byte, SEGMENT | REST)))
        .then_some(folder)
}

/// A pattern for `_headers`: stars stand anywhere.
///
/// # Errors
///
/// A path that can never be asked for, or that is of another host.
pub(super) fn glob(word: &Word<'_>) -> Result<Vec<u8>, Fault> {
    check_path(word)?;
    let segment = |text: &str| match text.strip_prefix(':') {
        Some(name) => placeholder(word, name).map(|_| vec![SEGMENT]),
        None => {
            let pieces: Result<Vec<_>, _> =
                text.split('*').map(|text| literal(word, text)).collect();
            Ok(pieces?.join(&REST))
        }
    };
    let segments: Result<Vec<_>, _> = word.text.split('/').map(segment).collect();
    Ok(segments?.join(&b'/'))
}

impl Pattern {
    /// The pattern that a word of `_redirects` is.
    ///
    /// # Errors
    ///
    /// As [`glob`], and stars elsewhere than at the end, names twice, and too many segments.
    pub(super) fn parse(word: &Word<'_>) -> Result<Self, Fault> {
        check_path(word)?;
        let mut pattern = Self::default();
        for (at, text) in word.text.split('/').skip(1).enumerate() {
            pattern.push(word, at, text)?;
        }
        pattern.bytes = bare(&pattern.written).to_vec();
        pattern.check_below(0, word.spot)?;
        Ok(pattern)
    }

    /// Fails when there are too many segments, together with those of a base path.
    pub(super) fn check_below(&self, base_segments: usize, spot: Spot) -> Result<(), Fault> {
        match base_segments + segments(&self.bytes).count() {
            ..=SEGMENTS_MAX => Ok(()),
            count => Err(spot.fault(
                format!("a path of {count} segments, and {SEGMENTS_MAX} is the limit"),
                "write fewer, with * for the rest",
            )),
        }
    }

    fn push(&mut self, word: &Word<'_>, at: usize, text: &str) -> Result<(), Fault> {
        if self.splat.is_some() || (text != "*" && text.contains('*')) {
            return Err(word.spot.fault(
                "* is not the last segment",
                "write it as /folder/*, and :name for one segment, or %2A for a star",
            ));
        }
        self.written.push(b'/');
        if text == "*" {
            self.splat = Some(at);
            self.written.push(REST);
        } else if let Some(name) = text.strip_prefix(':') {
            self.name(word, placeholder(word, name)?, at)?;
            self.written.push(SEGMENT);
        } else {
            self.written.extend(literal(word, text)?);
        }
        Ok(())
    }

    fn name(&mut self, word: &Word<'_>, name: &str, at: usize) -> Result<(), Fault> {
        if name == "splat" {
            let help = "write * at the end, or another name";
            return Err(word.spot.fault(":splat is the name of what * stands for", help));
        }
        if self.placeholder(name).is_some() {
            return Err(word.spot.fault(format!(":{name} is there twice"), "write two names"));
        }
        self.placeholders.push((name.into(), at));
        Ok(())
    }

    /// In the bytes of the server.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// In the bytes of the server, with the slash at its end if it was written.
    pub(super) fn written(&self) -> &[u8] {
        &self.written
    }

    /// Which segment has this name.
    pub(super) fn placeholder(&self, name: &str) -> Option<usize> {
        self.placeholders.iter().find(|(known, _)| known == name).map(|&(_, at)| at)
    }

    /// How many placeholders there are.
    pub(super) fn placeholders(&self) -> usize {
        self.placeholders.len()
    }

    /// Which segment the splat starts with.
    pub(super) fn splat(&self) -> Option<usize> {
        self.splat
    }

    /// Whether it stands for one path, up to a slash at the end.
    pub(super) fn is_literal(&self) -> bool {
        self.splat.is_none() && self.placeholders.is_empty()
    }

    pub(super) fn matches(&self, path: &[u8]) -> bool {
        matches_loosely(&self.bytes, path)
    }

    /// The deepest folder, with its slash, that all paths are in.
    pub(super) fn folder(&self) -> &[u8] {
        let is_mark = |&byte: &u8| byte == SEGMENT || byte == REST;
        let end = self.bytes.iter().position(is_mark).unwrap_or(self.bytes.len());
        let slash = self.bytes[..end].iter().rposition(|&byte| byte == b'/').unwrap_or_default();
        &self.bytes[..=slash]
    }

    /// Whether it stands for every path in `folder`, which ends with a slash.
    pub(super) fn covers(&self, folder: &[u8]) -> bool {
        self.splat.is_some() && matches(&self.bytes, folder)
    }

    /// Whether it stands for any path in `folder`, the folder itself apart.
    pub(super) fn reaches(&self, folder: &[u8]) -> bool {
        let mut own = segments(&self.bytes);
        for segment in segments(bare(folder)).filter(|segment| !segment.is_empty()) {
            match own.next() {
                Some([REST]) => return true,
                Some([SEGMENT]) => {}
                Some(literal) if literal == segment => {}
                _ => return false,
            }
        }
        own.next().is_some()
    }

    /// The patterns that together say what [`Self::matches`] does of the paths in `folder`, for
    /// a server that makes a difference of a slash at the end.
    pub(super) fn strict(&self, folder: &[u8]) -> Vec<Vec<u8>> {
        let other = match self.bytes.strip_suffix(&[b'/', REST]) {
            Some(_) if self.covers(folder) => None,
            Some(bare) => Some(bare.to_vec()),
            None => toggled(&self.bytes),
        };
        [self.bytes.clone()].into_iter().chain(other).collect()
    }
}

/// The pattern with what `value` gives for each segment that is a mark.
pub(super) fn filled(pattern: &[u8], value: impl Fn(usize) -> Vec<u8>) -> Vec<u8> {
    let text = |(at, text): (usize, &[u8])| match text {
        [SEGMENT | REST] => value(at),
        text => text.to_vec(),
    };
    segments(pattern).enumerate().map(text).flat_map(|text| [b"/", &text[..]].concat()).collect()
}

/// A path that the pattern stands for, and no file has.
pub(super) fn example(pattern: &[u8]) -> Vec<u8> {
    filled(pattern, |n| format!(":{n}").into_bytes())
}

/// What `path` has for segment `n`.
pub(super) fn segment(path: &[u8], n: usize) -> &[u8] {
    segments(path).nth(n).unwrap_or_default()
}

fn check_path(word: &Word<'_>) -> Result<(), Fault> {
    let fault = |reason: &str, help: &str| Err(word.spot.fault(reason, help));
    let text = word.text;
    if text.contains("://") {
        return fault("rules for other hosts are not supported", "write the path alone, from /");
    }
    if !text.starts_with('/') {
        return fault("a path must start with /", "write it as /path");
    }
    if text.contains("//") {
        return fault("// in a path", "write one slash");
    }
    if text.contains('?') {
        let help = "write the path up to the ?: it stands for all queries";
        return fault("conditions on the query are not supported", help);
    }
    if text.contains('#') {
        return fault("browsers do not send what follows #", "write the path up to the #");
    }
    if text.len() >= PATH_BYTES_MAX {
        return fault("longer than any path that the server takes", "write * for the rest");
    }
    Ok(())
}

fn placeholder<'a>(word: &Word<'_>, name: &'a str) -> Result<&'a str, Fault> {
    let is_name =
        name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.bytes().all(is_name_byte);
    if is_name {
        return Ok(name);
    }
    Err(word.spot.fault(
        format!(":{name} is no placeholder"),
        "write :name, a whole segment of letters, digits and _, or %3A for a colon",
    ))
}

/// Whether the byte may be in the name of a placeholder.
///
/// Source: Cloudflare Pages documentation, "Redirects", "Placeholders".
pub(super) fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn literal(word: &Word<'_>, text: &str) -> Result<Vec<u8>, Fault> {
    let Some(bytes) = decode(text) else { return Err(stray_percent(word.spot)) };
    if bytes.contains(&b'/') {
        return Err(word.spot.fault("%2F in a path", "write /, which the server takes it for"));
    }
    if bytes.iter().any(u8::is_ascii_control) {
        return Err(word.spot.fault("a control character in a path", "remove it"));
    }
    Ok(bytes)
}

pub(super) fn stray_percent(spot: Spot) -> Fault {
    let help = "write %25 for a percent sign";
    spot.fault("% without two hexadecimal digits", help)
}
