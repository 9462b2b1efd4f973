//! Texts in HTML.

/// `text` where a text or the value of an attribute in quotes is.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            char => escaped.push(char),
        }
    }
    escaped
}

/// `text` as it heads something: from a capital on, escaped, with code as such.
pub(crate) fn headline(text: &str) -> String {
    marked(&capital(text))
}

/// `text` escaped, and `<code>` where it is between back quotes.
pub(crate) fn marked(text: &str) -> String {
    let escaped = escaped(text);
    let parts: Vec<&str> = escaped.split('`').collect();
    if parts.len().is_multiple_of(2) {
        // One of them stands alone.
        return escaped;
    }
    let code = |(at, part): (usize, &&str)| match at % 2 {
        0 => (*part).to_owned(),
        _ => format!("<code>{part}</code>"),
    };
    parts.iter().enumerate().map(code).collect()
}

/// `text` from a capital on.
pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::headline;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(headline(text), expected);
    }

    #[test]
    fn headlines() {
        check("", "");
        check("one page", "One page");
        check("über <b>", "Über &lt;b&gt;");
        check("prints `a & b` or `c`", "Prints <code>a &amp; b</code> or <code>c</code>");
        check("`c` and 5`", "`c` and 5`");
        check("pipkin's", "Pipkin&#39;s");
    }
}
