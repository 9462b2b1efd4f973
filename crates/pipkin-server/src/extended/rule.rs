//! Rules: answers for all paths that match a pattern, which lead elsewhere with parts of the path.
//!
//! A part goes into the Location as it came, percent-encoded, so that nothing has to be encoded
//! anew. `%2F` parts segments as a slash does, since the path that is matched is a decoded one.

use pipkin_format::{Extent, HEAD_BYTES_MAX, LOCATION_REST, REST, RULE, SEGMENT, Standing};

use crate::conn::{Batch, INPUT_BYTES};
use crate::copy;

/// Bytes that go into a stored head: all of a path at least, and a path that would go in several
/// times over is too long.
pub(crate) const INSERTED_BYTES_MAX: usize = INPUT_BYTES;

impl Batch<'_> {
    /// Picks the first rule for the path, of the answers that were found; false when there is none.
    pub(crate) fn choose_rule(&mut self) -> bool {
        let first = self.record.stored;
        let mut path_bytes = None;
        loop {
            if self.record.flags & RULE != 0 {
                // The search for a fallback has written to it.
                let path_bytes =
                    *path_bytes.get_or_insert_with(|| self.request.path(&mut self.path));
                if self.is_for(path_bytes.unwrap_or(0)) {
                    return true;
                }
            }
            let Some(next) = self.record.next() else { break };
            self.pick(next);
        }
        self.pick(first);
        false
    }

    fn is_for(&self, path_bytes: usize) -> bool {
        let pattern = self.content.bytes(self.record.body);
        matches(pattern, self.path.get(..path_bytes).unwrap_or_default())
    }

    /// Appends the head of a rule, or of a refusal when it becomes too long; false when the answer
    /// is no rule.
    pub(crate) fn push_rule(&mut self) -> bool {
        if self.record.flags & RULE == 0 {
            return false;
        }
        if let Some(bytes) = self.fill() {
            self.output_bytes += bytes as u32;
            self.record.body.len = 0;
        } else {
            self.pick_standing(Standing::UriTooLong);
            self.push_head(Extent::Whole, 0);
        }
        true
    }

    /// Writes the head of a rule with parts of the path in it: how many bytes; none when these are
    /// too many.
    fn fill(&mut self) -> Option<usize> {
        const BYTES_MAX: usize = HEAD_BYTES_MAX + INSERTED_BYTES_MAX;
        let head = self.content.head_of(&self.record, Extent::Whole, 0);
        let path = self.request.encoded_path();
        // A Location has no space inside.
        let value_at = head.iter().rposition(|&byte| byte == b' ').map_or(0, |at| at + 1);
        let space = self.output.get_mut(self.output_bytes as usize..)?.get_mut(..BYTES_MAX)?;
        let mut filled = Filled { space, bytes: 0, value_at };
        filled.push(head.get(..value_at)?)?;
        for byte in head.get(value_at..)? {
            match byte {
                ..0x80 => filled.push(core::slice::from_ref(byte))?,
                ..LOCATION_REST => filled.push(segment(from_segment(path, byte & 63)))?,
                _ => filled.push(without_slashes(from_segment(path, byte & 63)))?,
            }
        }
        Some(filled.bytes)
    }
}

/// Whether the pattern is for `path`.
fn matches(pattern: &[u8], mut path: &[u8]) -> bool {
    for &byte in pattern {
        path = match (byte, path) {
            (REST, _) => return true,
            (SEGMENT, [b'/', ..] | []) => return false,
            (SEGMENT, _) => {
                let end = path.iter().position(|&byte| byte == b'/').unwrap_or(path.len());
                path.get(end..).unwrap_or_default()
            }
            (_, [first, rest @ ..]) if *first == byte => rest,
            _ => return false,
        };
    }
    path.is_empty()
}

/// A head in the making.
struct Filled<'a> {
    space: &'a mut [u8],
    bytes: usize,
    /// Where the value of its last line begins.
    value_at: usize,
}

impl Filled<'_> {
    /// Appends `text`; none when there is no space. Two slashes at the start of a value would lead
    /// to another host, and a backslash is one to a browser: only the first is taken.
    ///
    /// Source: URL standard, "relative slash state".
    fn push(&mut self, text: &[u8]) -> Option<()> {
        let value = self.space.get(self.value_at..self.bytes);
        let text = if value == Some(b"/") { without_slashes(text) } else { text };
        let space = self.space.get_mut(self.bytes..)?.get_mut(..text.len())?;
        copy(space, text);
        self.bytes += text.len();
        Some(())
    }
}

/// An encoded path from segment `n` on.
fn from_segment(mut path: &[u8], n: u8) -> &[u8] {
    for _ in 0..=n {
        let slash_at = segment(path).len();
        path = path.get(slash_at..).unwrap_or_default();
        path = path.get(slash_bytes(path)..).unwrap_or_default();
    }
    path
}

/// What an encoded path has before its first slash.
fn segment(path: &[u8]) -> &[u8] {
    let mut bytes = 0;
    while let Some(rest @ [_, ..]) = path.get(bytes..) {
        if slash_bytes(rest) > 0 {
            break;
        }
        bytes += 1;
    }
    path.get(..bytes).unwrap_or_default()
}

/// The bytes of the slash that a text starts with, if it does.
fn slash_bytes(text: &[u8]) -> usize {
    match text {
        [b'/', ..] => 1,
        [b'%', b'2', b'F' | b'f', ..] => 3,
        _ => 0,
    }
}

/// The text behind all slashes and backslashes at its start, however they are written.
fn without_slashes(mut text: &[u8]) -> &[u8] {
    loop {
        text = match text {
            [b'/' | b'\\', rest @ ..]
            | [b'%', b'2', b'F' | b'f', rest @ ..]
            | [b'%', b'5', b'C' | b'c', rest @ ..] => rest,
            _ => return text,
        };
    }
}
