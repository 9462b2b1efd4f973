//! Rust text without what is in comments and literals, so that a rule about code does not
//! stumble over words about code.

/// `text` with comments, strings and characters blanked; every line keeps its number.
pub(super) fn only(text: &str) -> String {
    let mut rest = text;
    let mut out = String::with_capacity(text.len());
    while let Some(first) = rest.chars().next() {
        let blank = blank_bytes(rest, &out);
        let taken = if blank > 0 { blank } else { first.len_utf8() };
        let (token, tail) = rest.split_at(taken);
        if blank > 0 {
            out.extend(token.chars().map(|c| if c == '\n' { c } else { ' ' }));
        } else {
            out.push(first);
        }
        rest = tail;
    }
    out
}

/// The length of the comment or literal that `rest` starts with; 0 when it starts with code.
fn blank_bytes(rest: &str, before: &str) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return rest.find("*/").map_or(rest.len(), |end| end + 2);
    }
    if before.ends_with(|c: char| c == '_' || c.is_alphanumeric()) {
        return if rest.starts_with('"') { quoted(rest, 1) } else { 0 };
    }
    literal(rest)
}

fn literal(rest: &str) -> usize {
    let prefix = rest.find(|c| !"bcr".contains(c)).unwrap_or(0);
    let tail = &rest[prefix..];
    let hashes = tail.len() - tail.trim_start_matches('#').len();
    if tail[hashes..].starts_with('"') {
        let raw = rest[..prefix].contains('r');
        return if raw { raw_quoted(rest, prefix, hashes) } else { quoted(rest, prefix + 1) };
    }
    if tail.starts_with('\'') { character(rest, prefix) } else { 0 }
}

/// The end of the string whose text starts at `at`.
fn quoted(rest: &str, at: usize) -> usize {
    let mut escaped = false;
    for (index, c) in rest[at..].char_indices() {
        match c {
            '"' if !escaped => return at + index + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    rest.len()
}

/// The end of a raw string, which ends at its first quote with as many hashes.
fn raw_quoted(rest: &str, prefix: usize, hashes: usize) -> usize {
    let end = format!("\"{}", "#".repeat(hashes));
    let text = prefix + hashes + 1;
    rest[text..].find(&end).map_or(rest.len(), |at| text + at + end.len())
}

/// The end of a character; 0 for a lifetime, which no quote ends.
fn character(rest: &str, prefix: usize) -> usize {
    let text = &rest[prefix + 1..];
    let escape = usize::from(text.starts_with('\\'));
    let first = text[escape..].chars().next().map_or(0, char::len_utf8);
    let end = text[escape + first..].find('\'');
    match end {
        Some(0) => prefix + 1 + escape + first + 1,
        Some(more) if escape == 1 => prefix + 1 + escape + first + more + 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    fn check(text: &str, expected: &str) {
        assert_eq!(super::only(text), expected, "{text}");
    }

    #[test]
    fn comments_and_literals_are_blank() {
        check("a // b\nc", "a     \nc");
        check("a /* b\n */ c", "a     \n    c");
        check(r#"f("x\"y", 1)"#, "f(      , 1)");
        check(r##"f(br#"x"y"#, 1)"##, "f(         , 1)");
        check("f('\"', b'\\'', '\\u{41}')", "f(   ,      ,         )");
        check("fn f<'a>(x: &'a str) {}", "fn f<'a>(x: &'a str) {}");
        check("println!(\"x\")", "println!(   )");
        check("\"open\nend", "     \n   ");
    }
}
