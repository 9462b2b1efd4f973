//! Answers as text, through the reader that the server uses.

use std::iter;

use pipkin_format::{
    Content, ENV, Extent, LOG, MORE, NAVIGATION, NO_NAVIGATION, QUERY, RULE, Stored, coding,
};

/// The answers from `stored` on, for one path.
pub(crate) fn show(content: Content<'_>, stored: Stored) -> String {
    let all = iter::successors(Some(stored), |&stored| content.next(stored));
    all.map(|stored| label(content, stored) + &head(content, stored) + &body(content, stored))
        .collect()
}

/// What the server picks the answer by, in a line, when that is anything.
fn label(content: Content<'_>, stored: Stored) -> String {
    let coded = codings().into_iter().find(|&(number, _)| number == content.coding(stored));
    let flags = [
        (NAVIGATION, "navigation"),
        (NO_NAVIGATION, "no navigation"),
        (RULE, "rule"),
        (QUERY, "query"),
        (ENV, "env"),
        (LOG, "log"),
    ];
    let has = |flag: u8| content.flags(stored) & flag != 0;
    let flags = flags.into_iter().filter(|&(flag, _)| has(flag)).map(|(_, name)| name);
    let words: Vec<&str> = coded.map(|(_, name)| name).into_iter().chain(flags).collect();
    if words.is_empty() { String::new() } else { format!("[{}]\n", words.join(", ")) }
}

fn codings() -> [(u32, &'static str); 3] {
    ["gzip", "br", "zstd"].map(|name| (coding(name.as_bytes()), name))
}

/// The head, with a line after what a 304 and what a 206 repeats.
fn head(content: Content<'_>, stored: Stored) -> String {
    const KNOWN: u8 = MORE | NAVIGATION | NO_NAVIGATION | QUERY | RULE | ENV | LOG;
    assert!(content.flags(stored) & !KNOWN == 0);
    let head = |extent| marked(content.head(stored, extent));
    let (whole, part, shared) =
        (&head(Extent::Whole)[..], &head(Extent::Part)[..], &head(Extent::Shared)[..]);
    let mark = |extent: &str, name: &str| match extent {
        "" => String::new(),
        _ => format!("\r\n-- of {name}"),
    };
    let text = [
        shared,
        &mark(shared, "304"),
        &part[shared.len()..],
        &mark(part, "206"),
        &whole[part.len()..],
    ];
    let text = text.concat().replace("\r\n", "\n");
    assert!(!text.contains('\r'), "{text:?}");
    text + "\n\n"
}

/// Marks of a Location as a server that knows rules reads them.
fn marked(head: &[u8]) -> String {
    let text = head.iter().map(|&byte| match byte {
        0xC0.. => format!("<rest {}>", byte - 0xC0),
        0x80.. => format!("<segment {}>", byte - 0x80),
        _ => char::from(byte).to_string(),
    });
    text.collect()
}

/// The body when it is a short text, and otherwise its length.
fn body(content: Content<'_>, stored: Stored) -> String {
    let bytes = content.bytes(content.body(stored));
    if content.flags(stored) & RULE != 0 {
        return format!("{}\n", bytes.escape_ascii());
    }
    match str::from_utf8(bytes) {
        Ok(text) if text.len() < 100 => text.into(),
        _ => format!("({} bytes)\n\n", bytes.len()),
    }
}
