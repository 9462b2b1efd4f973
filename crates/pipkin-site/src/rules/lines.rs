//! Bytes to lines to words, each with its place.

use super::{Fault, Spot};

/// A line that is neither blank nor a comment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    /// Without its end.
    pub(super) text: &'a str,
    file: &'static str,
    number: usize,
}

/// A part of a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word<'a> {
    pub(super) text: &'a str,
    pub(super) spot: Spot,
}

/// The lines of a file that say something. A byte order mark and CRLF are as editors on Windows
/// write them.
///
/// # Errors
///
/// The first byte that is not UTF-8, or the first control character other than a tab.
pub(super) fn lines<'a>(file: &'static str, bytes: &'a [u8]) -> Result<Vec<Line<'a>>, Fault> {
    let text = text(file, bytes)?;
    let numbered = text.split('\n').zip(1..).map(|(text, number)| {
        let text = text.strip_suffix('\r').unwrap_or(text);
        Line { text, file, number }
    });
    let lines: Vec<Line<'a>> = numbered.filter(|line| !line.is_silent()).collect();
    lines.iter().try_for_each(Line::check)?;
    Ok(lines)
}

fn text<'a>(file: &'static str, bytes: &'a [u8]) -> Result<&'a str, Fault> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        let last = valid.rsplit('\n').next().unwrap_or_default();
        let line = valid.matches('\n').count() + 1;
        let spot = Spot { file, line, column: last.chars().count() + 1 };
        spot.fault("not UTF-8", "save the file as UTF-8")
    })
}

impl<'a> Line<'a> {
    /// Whether the line starts with white space.
    pub(super) fn is_indented(&self) -> bool {
        self.text.starts_with(char::is_whitespace)
    }

    /// The words up to a comment, which starts with a word that starts with `#`.
    pub(super) fn words(&self) -> Vec<Word<'a>> {
        let words = self.text.split_whitespace().take_while(|word| !word.starts_with('#'));
        words.map(|text| self.word(text)).collect()
    }

    /// `text`, which is a part of this line, with its place.
    pub(super) fn word(&self, text: &'a str) -> Word<'a> {
        let bytes_before = text.as_ptr().addr() - self.text.as_ptr().addr();
        Word { text, spot: self.spot(bytes_before) }
    }

    fn spot(&self, bytes_before: usize) -> Spot {
        let column = self.text[..bytes_before].chars().count() + 1;
        Spot { file: self.file, line: self.number, column }
    }

    fn is_silent(&self) -> bool {
        let text = self.text.trim_start();
        text.is_empty() || text.starts_with('#')
    }

    fn check(&self) -> Result<(), Fault> {
        match self.text.char_indices().find(|&(_, c)| c.is_control() && c != '\t') {
            None => Ok(()),
            Some((at, c)) => {
                let reason = format!("the control character {c:?}");
                Err(self.spot(at).fault(reason, "remove it"))
            }
        }
    }
}

impl Word<'_> {
    /// The place behind it, where something is missing.
    pub(super) fn end(&self) -> Spot {
        Spot { column: self.spot.column + self.text.chars().count(), ..self.spot }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    #[expect(clippy::needless_pass_by_value, reason = "as `expect!` is meant to be used")]
    #[track_caller]
    fn check(bytes: &[u8], expected: Expect) {
        let place =
            |word: &Word<'_>| format!("{}:{} {}\n", word.spot.line, word.spot.column, word.text);
        let text = match lines("_redirects", bytes) {
            Ok(lines) => lines.iter().flat_map(Line::words).map(|word| place(&word)).collect(),
            Err(fault) => fault.to_string(),
        };
        expected.assert_eq(&text);
    }

    #[test]
    fn comments_and_blank_lines_say_nothing() {
        check(
            b"# a\n\n  \t\n  # b\n/a /b # c\n/a /b#c\n",
            expect![[r#"
            5:1 /a
            5:4 /b
            6:1 /a
            6:4 /b#c
        "#]],
        );
    }

    #[test]
    fn as_windows_writes_it() {
        check(
            b"\xef\xbb\xbf/a /b\r\n\r\n/c /d",
            expect![[r#"
            1:1 /a
            1:4 /b
            3:1 /c
            3:4 /d
        "#]],
        );
    }

    #[test]
    fn columns_are_characters() {
        check(
            "/ä/ö\t /ü\u{a0}301".as_bytes(),
            expect![[r#"
            1:1 /ä/ö
            1:7 /ü
            1:10 301
        "#]],
        );
    }

    #[test]
    fn what_is_no_text() {
        check(b"/a /b\n/\xc3\xa4 /\xe4\n", expect!["_redirects:2:5: not UTF-8"]);
        check(b"/a /b\n/a /\x07\n", expect![r"_redirects:2:5: the control character '\u{7}'"]);
        check(b"/a /b\r/c /d\n", expect![r"_redirects:1:6: the control character '\r'"]);
    }
}
