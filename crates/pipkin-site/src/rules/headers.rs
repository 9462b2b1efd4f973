//! `_headers`: fields for the answers of paths.
//!
//! ```text
//! /*
//!   X-Frame-Options: DENY
//! # A path that several blocks stand for gets the fields of all.
//! /fonts/*.woff2
//!   Access-Control-Allow-Origin: *
//!   ! X-Frame-Options
//! ```
//!
//! Values are sent as written, also where Cloudflare would put in `:name` and `:splat`: a colon
//! is too common in them, and Netlify leaves it alone.
//!
//! Source: Netlify documentation, "Custom headers", "Syntax for the `_headers` file"; Cloudflare
//! Pages documentation, "Headers", "Attach a header" and "Detach a header".

use std::collections::BTreeSet;

use super::lines::{Line, Word, lines};
use super::pattern::{folder_of, glob, is_for_all, matches_loosely};
use super::{Fault, Spot};

/// The name of the file.
pub(crate) const FILE: &str = "_headers";

/// The blocks of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Headers {
    blocks: Vec<Block>,
}

/// A path, and what is said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Block {
    pattern: Vec<u8>,
    spot: Spot,
    entries: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Entry {
    /// A field with this name and value.
    Attach(String, String),
    /// No field with this name.
    Detach(String),
}

/// The fields of a message, by name and value.
pub(crate) type Fields = Vec<(String, String)>;

/// The blocks of the file.
///
/// # Errors
///
/// The first thing that is wrong.
pub(crate) fn parse(bytes: &[u8]) -> Result<Headers, Fault> {
    let mut blocks: Vec<Block> = Vec::new();
    for line in lines(FILE, bytes)? {
        let word = line.word(line.text.trim());
        if line.is_indented() {
            let entry = entry(&line)?;
            blocks.last_mut().ok_or_else(|| no_path(&word))?.entries.push(entry);
        } else {
            let block = Block::parse(&word)?;
            blocks.last().map_or(Ok(()), Block::check)?;
            blocks.push(block);
        }
    }
    blocks.last().map_or(Ok(()), Block::check)?;
    Ok(Headers { blocks })
}

impl Headers {
    /// The fields for `path`, which is percent-decoded. A name that is there more than once has
    /// its values joined with commas, as Netlify and Cloudflare do, apart from
    /// - `Set-Cookie`, whose values have commas of their own (RFC 9110, section 5.3);
    /// - `Content-Type`, which has one value: the last.
    pub(crate) fn for_path(&self, path: &[u8]) -> Fields {
        self.fields(|pattern| matches_loosely(pattern, path))
    }

    /// The fields for whatever is in `folder`, which is percent-decoded and ends with a slash,
    /// and below it: those of paths that end with a star and stand for all of it.
    pub(crate) fn for_folder(&self, folder: &[u8]) -> Fields {
        self.fields(|pattern| is_for_all(pattern, folder))
    }

    /// The names that must not be there for `path`, not even with the value that they have
    /// without this file.
    pub(crate) fn detached(&self, path: &[u8]) -> Vec<String> {
        self.detached_where(|pattern| matches_loosely(pattern, path))
    }

    /// The names that must not be there for whatever is in `folder` and below it.
    pub(crate) fn detached_for_folder(&self, folder: &[u8]) -> Vec<String> {
        self.detached_where(|pattern| is_for_all(pattern, folder))
    }

    /// The folders that have fields of their own for whatever is in them and below, but the top.
    pub(crate) fn folders(&self) -> BTreeSet<Vec<u8>> {
        let folders = self.blocks.iter().filter_map(|block| folder_of(&block.pattern));
        folders.filter(|folder| *folder != b"/").map(<[u8]>::to_vec).collect()
    }

    fn entries(&self, is_meant: impl Fn(&[u8]) -> bool) -> impl Iterator<Item = &Entry> {
        let blocks = self.blocks.iter().filter(move |block| is_meant(&block.pattern));
        blocks.flat_map(|block| &block.entries)
    }

    fn fields(&self, is_meant: impl Fn(&[u8]) -> bool) -> Fields {
        let mut fields = Fields::new();
        for entry in self.entries(is_meant) {
            match entry {
                Entry::Attach(name, value) => attach(&mut fields, name, value),
                Entry::Detach(name) => {
                    fields.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
                }
            }
        }
        fields
    }

    fn detached_where(&self, is_meant: impl Fn(&[u8]) -> bool) -> Vec<String> {
        let mut detached: Vec<String> = Vec::new();
        for entry in self.entries(is_meant) {
            let (Entry::Attach(name, _) | Entry::Detach(name)) = entry;
            detached.retain(|known| !known.eq_ignore_ascii_case(name));
            detached.extend(matches!(entry, Entry::Detach(_)).then(|| name.clone()));
        }
        detached
    }
}

fn attach(fields: &mut Fields, name: &str, value: &str) {
    let is = |other: &str| name.eq_ignore_ascii_case(other);
    match fields.iter_mut().find(|(known, _)| is(known)) {
        Some((_, known)) if is("content-type") => *known = value.into(),
        Some((_, known)) if !is("set-cookie") => *known += &format!(", {value}"),
        _ => fields.push((name.into(), value.into())),
    }
}

impl Block {
    fn parse(word: &Word<'_>) -> Result<Self, Fault> {
        if !word.text.starts_with('/') && !word.text.contains("://") {
            let reason = format!("{} is not indented, and no path", word.text);
            let help = "indent the lines below a path with spaces; a path starts with /";
            return Err(word.spot.fault(reason, help));
        }
        if word.text.contains(char::is_whitespace) {
            let help = "write %20 for a space, and fields on lines of their own";
            return Err(word.spot.fault("a space in a path", help));
        }
        Ok(Self { pattern: glob(word)?, spot: word.spot, entries: Vec::new() })
    }

    fn check(&self) -> Result<(), Fault> {
        match self.entries.is_empty() {
            false => Ok(()),
            true => Err(self
                .spot
                .fault("a path without fields", "write them below it, indented: Name: value")),
        }
    }
}

fn no_path(word: &Word<'_>) -> Fault {
    word.spot.fault("a field before any path", "write the path above it, such as /*")
}

fn entry(line: &Line<'_>) -> Result<Entry, Fault> {
    let text = line.text.trim();
    if let Some(name) = text.strip_prefix('!') {
        return Ok(Entry::Detach(name_of(&line.word(name.trim()))?));
    }
    let word = line.word(text);
    let Some((name, value)) = text.split_once(':') else {
        return Err(word.spot.fault(format!("no colon in {text}"), "write it as Name: value"));
    };
    let name = name_of(&line.word(name))?;
    Ok(Entry::Attach(name, value_of(&line.word(value.trim()))?))
}

/// Source: RFC 9110, section 5.6.2: a name is a token.
fn name_of(word: &Word<'_>) -> Result<String, Fault> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let name = word.text;
    if name.is_empty() || !name.bytes().all(is_token) {
        let help = "a name has letters, digits and -, and a colon right behind it";
        return Err(word.spot.fault(format!("{name:?} is no name of a field"), help));
    }
    match REFUSED.iter().find(|(refused, _)| refused.eq_ignore_ascii_case(name)) {
        None => Ok(name.into()),
        Some((refused, reason)) => {
            Err(word.spot.fault(format!("{refused} cannot be set: {reason}"), "remove the line"))
        }
    }
}

/// Source: RFC 9110, section 5.5: values should be ASCII, and control characters are dangerous.
/// Of these only a tab comes here: see [`lines`].
fn value_of(word: &Word<'_>) -> Result<String, Fault> {
    if word.text.is_empty() {
        let help = "write one, or ! Name for no such field";
        return Err(word.spot.fault("a field without a value", help));
    }
    match word.text.chars().find(|c| !c.is_ascii()) {
        None => Ok(word.text.into()),
        Some(c) => Err(word.spot.fault(
            format!("{c:?} in a value, which is not ASCII"),
            "write %XX in URLs, and the plain letters elsewhere",
        )),
    }
}

/// What the server says itself.
const FRAMING: &str = "the server says where a message ends";
const CONNECTION: &str = "the server keeps the connection";
const CODING: &str = "it is chosen by what the client takes";
const RANGES: &str = "the server answers ranges by itself";

/// Names that would make the server lie, and what it does instead.
///
/// Source: Netlify documentation, "Custom headers", "Limitations", has most of them.
const REFUSED: &[(&str, &str)] = &[
    ("Accept-Ranges", RANGES),
    ("Basic-Auth", "there are no passwords, and every file of an image is readable"),
    ("Connection", CONNECTION),
    ("Content-Encoding", CODING),
    ("Content-Length", FRAMING),
    ("Content-Range", RANGES),
    ("Date", "the server has a clock"),
    ("ETag", "it comes from the content"),
    ("Keep-Alive", CONNECTION),
    ("Last-Modified", "the server decides by ETag alone whether a browser has the file"),
    ("Location", "redirects are written in _redirects"),
    ("TE", CONNECTION),
    ("Trailer", FRAMING),
    ("Transfer-Encoding", FRAMING),
    ("Upgrade", CONNECTION),
];

#[cfg(test)]
mod tests;
