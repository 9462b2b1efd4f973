//! Where a rule leads to: the second word of its line.

use pipkin_format::HEAD_BYTES_MAX;

use super::Location;
use crate::rules::Fault;
use crate::rules::lines::Word;
use crate::rules::path::{decode, encode_decoded, encode_written, rest};
use crate::rules::pattern::{Pattern, is_name_byte, segment, stray_percent};

/// Bytes of the longest target as the server sends it, so that the head around it fits.
const BYTES_MAX: usize = HEAD_BYTES_MAX / 2;

/// A target, cut where parts of the path asked for go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pieces: Vec<Piece>,
    /// On this host.
    is_local: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    /// As written.
    Text(String),
    /// This segment of the path.
    Segment(usize),
    /// The path from this segment on.
    Rest(usize),
}

/// What a path must have for a target to be another path: the number of a segment or of the
/// first segment of the rest, and its text.
pub(super) type Parts<'a> = Vec<(usize, &'a [u8])>;

impl Target {
    /// The target that `word` is in a rule for `from`.
    ///
    /// # Errors
    ///
    /// A target that is neither a path nor a URL, or has parts that `from` does not.
    pub(super) fn parse(word: &Word<'_>, from: &Pattern) -> Result<Self, Fault> {
        let is_local = is_local(word)?;
        let path_at = if is_local { 0 } else { authority_end(word.text) };
        let (authority, path) = word.text.split_at(path_at);
        check_authority(word, authority)?;
        if decode(path).is_none() {
            return Err(stray_percent(word.spot));
        }
        if path.contains('*') {
            let help = "write :splat for what * stands for, or %2A for a star";
            return Err(word.spot.fault("* in a target", help));
        }
        let mut pieces = vec![Piece::Text(authority.into())];
        let mut rest = path;
        while let Some(found) = next_name(rest) {
            pieces.push(Piece::Text(rest[..found.start].into()));
            pieces.push(piece(word, from, &rest[found.start + 1..found.end])?);
            rest = &rest[found.end..];
        }
        pieces.push(Piece::Text(rest.into()));
        pieces.retain(|piece| !matches!(piece, Piece::Text(text) if text.is_empty()));
        let target = Self { pieces, is_local };
        match target.location().text.len() {
            ..=BYTES_MAX => Ok(target),
            bytes => Err(word.spot.fault(
                format!("a target of {bytes} bytes, and {BYTES_MAX} is the limit"),
                "write a shorter one",
            )),
        }
    }

    /// As a template of the server.
    pub(super) fn location(&self) -> Location {
        self.location_with(|piece| match piece {
            Piece::Text(text) => encode_written(text).into_bytes(),
            Piece::Segment(n) => vec![Location::SEGMENT + *n as u8],
            Piece::Rest(n) => vec![Location::REST + *n as u8],
        })
    }

    /// For one path, as the server makes it.
    pub(super) fn location_for(&self, path: &[u8]) -> Location {
        let mut location = self.location_with(|piece| match piece {
            Piece::Text(text) => encode_written(text).into_bytes(),
            Piece::Segment(n) => encode_decoded(segment(path, *n)).into_bytes(),
            Piece::Rest(n) => {
                let text = rest(path, *n);
                let slashes = text.iter().take_while(|byte| matches!(byte, b'/' | b'\\')).count();
                encode_decoded(&text[slashes..]).into_bytes()
            }
        });
        while self.is_local && location.text.starts_with(b"//") {
            location.text.remove(0);
        }
        location
    }

    fn location_with(&self, text: impl Fn(&Piece) -> Vec<u8>) -> Location {
        let says_more =
            |piece: &Piece| matches!(piece, Piece::Text(text) if text.contains(['?', '#']));
        let text = self.pieces.iter().flat_map(text).collect();
        Location { text, query: !self.pieces.iter().any(says_more) }
    }

    /// The path on this host that is asked for next, percent-decoded.
    pub(super) fn next_path(&self, path: &[u8]) -> Option<Vec<u8>> {
        let location = String::from_utf8(self.location_for(path).text).ok()?;
        let path = location.split(['?', '#']).next().filter(|_| self.is_local)?;
        decode(path)
    }

    /// The path of the file for `path`, percent-decoded.
    pub(super) fn file_path(&self, path: &[u8]) -> Option<Vec<u8>> {
        let text = |piece: &Piece| match piece {
            Piece::Text(text) => decode(text),
            Piece::Segment(n) => Some(segment(path, *n).to_vec()),
            Piece::Rest(n) => Some(rest(path, *n).to_vec()),
        };
        self.pieces.iter().map(text).collect::<Option<Vec<_>>>().map(|texts| texts.concat())
    }

    /// Every way in which the parts can make the target `file_path`.
    pub(super) fn parts_of<'a>(&self, file_path: &'a [u8]) -> Vec<Parts<'a>> {
        let mut found = Vec::new();
        fit(&self.pieces, file_path, &mut Vec::new(), &mut found);
        found
    }

    /// Whether parts of the path asked for go into it.
    pub(super) fn has_parts(&self) -> bool {
        self.pieces.iter().any(|piece| !matches!(piece, Piece::Text(_)))
    }

    /// Whether all parts of `from` go into it, so that the paths asked for follow from the
    /// files that there are.
    pub(super) fn has_all_parts(&self, from: &Pattern) -> bool {
        let mut parts: Vec<&Piece> =
            self.pieces.iter().filter(|piece| !matches!(piece, Piece::Text(_))).collect();
        parts.sort_unstable_by_key(|piece| match piece {
            Piece::Segment(n) | Piece::Rest(n) => *n,
            Piece::Text(_) => 0,
        });
        parts.dedup();
        parts.len() == from.placeholders() + usize::from(from.splat().is_some())
    }

    /// Whether it is a file's: a path, without query and fragment.
    pub(super) fn is_path(&self) -> bool {
        self.is_local && self.location().query
    }
}

fn is_local(word: &Word<'_>) -> Result<bool, Fault> {
    let text = word.text;
    let has_scheme = |scheme: &str| {
        text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    if text.starts_with("//") {
        let help = format!("write https:{text} if it is, or one slash");
        return Err(word.spot.fault("a target with // first is on another host", help));
    }
    if has_scheme("http://") || has_scheme("https://") {
        return Ok(false);
    }
    if text.starts_with('/') {
        return Ok(true);
    }
    let reason = format!("the target {text} is neither a path nor a URL");
    Err(word.spot.fault(reason, "write it as /path or https://host/path"))
}

/// The end of `https://host`.
fn authority_end(text: &str) -> usize {
    let host_at = text.find("//").map_or(0, |at| at + 2);
    text[host_at..].find(['/', '?', '#']).map_or(text.len(), |at| host_at + at)
}

/// What a visitor types must not choose the host: that is how phishing borrows a good name.
fn check_authority(word: &Word<'_>, authority: &str) -> Result<(), Fault> {
    if authority.ends_with("//") {
        return Err(word.spot.fault("a target without a host", "write it as https://host/path"));
    }
    if next_name(authority).is_some() || authority.contains('*') {
        let help = "write the host in full, and parts of the path behind its /";
        return Err(word.spot.fault("a part of the path in the host of a target", help));
    }
    if !authority.is_ascii() {
        let help = "write it in its ASCII form, which starts with xn--";
        return Err(word.spot.fault("a host that is not ASCII", help));
    }
    Ok(())
}

/// Where the next `:name` is. A colon before a digit is one of a port.
fn next_name(text: &str) -> Option<std::ops::Range<usize>> {
    let is_start =
        |&(at, _): &(usize, &str)| text[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic());
    let (start, _) = text.match_indices(':').find(is_start)?;
    let name = text[start + 1..].bytes().take_while(|&byte| is_name_byte(byte));
    Some(start..start + 1 + name.count())
}

fn piece(word: &Word<'_>, from: &Pattern, name: &str) -> Result<Piece, Fault> {
    if name == "splat" {
        let missing = || {
            let help = "write the path as /folder/*";
            word.spot.fault(":splat in a target, and no * in the path", help)
        };
        return from.splat().map(Piece::Rest).ok_or_else(missing);
    }
    from.placeholder(name).map(Piece::Segment).ok_or_else(|| {
        let help = format!("write :{name} as a segment of the path too, or %3A for a colon");
        word.spot.fault(format!(":{name} in a target, and not in the path"), help)
    })
}

/// Adds to `found` each way to read `text` as `pieces`, behind the `parts` that are known.
fn fit<'a>(pieces: &[Piece], text: &'a [u8], parts: &mut Parts<'a>, found: &mut Vec<Parts<'a>>) {
    let Some((piece, pieces)) = pieces.split_first() else {
        found.extend(text.is_empty().then(|| parts.clone()));
        return;
    };
    let (n, ends) = match piece {
        Piece::Text(literal) => {
            let literal = decode(literal).unwrap_or_default();
            if let Some(text) = text.strip_prefix(&literal[..]) {
                fit(pieces, text, parts, found);
            }
            return;
        }
        Piece::Segment(n) => {
            let end = text.iter().position(|&byte| byte == b'/').unwrap_or(text.len());
            (*n, 1..=end)
        }
        Piece::Rest(n) => (*n, 0..=text.len()),
    };
    for end in ends {
        let (part, text) = text.split_at(end);
        parts.push((n, part));
        fit(pieces, text, parts, found);
        parts.pop();
    }
}
