//! Pairs, also beside those of a kept crate.

use std::borrow::ToOwned;
use std::string::String;
use std::vec::Vec;

use super::*;

fn texts(text: &[u8]) -> Vec<(String, String)> {
    let decoded = |text: Encoded<'_>| {
        let bytes: Vec<u8> = text.decoded().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    Pairs::new(text).map(|(name, value)| (decoded(name), decoded(value))).collect()
}

#[track_caller]
fn check(text: &str, expected: &[(&str, &str)]) {
    let expected: Vec<_> =
        expected.iter().map(|pair| (pair.0.to_owned(), pair.1.to_owned())).collect();
    assert_eq!(texts(text.as_bytes()), expected, "{text:?}");
}

#[test]
fn pairs() {
    check("", &[]);
    check("&&", &[]);
    check("a", &[("a", "")]);
    check("a=", &[("a", "")]);
    check("=", &[("", "")]);
    check("=a", &[("", "a")]);
    check("a=b=c", &[("a", "b=c")]);
    check("a=1&a=2&", &[("a", "1"), ("a", "2")]);
    check("a+b=c%20d%2B", &[("a b", "c d+")]);
    check("%26=%3D&%", &[("&", "="), ("%", "")]);
    check("a=%4&b=%zz&c=%%41", &[("a", "%4"), ("b", "%zz"), ("c", "%A")]);
    check("a;b=c", &[("a;b", "c")]);
    check("a=%ff", &[("a", "\u{fffd}")]);
}

/// All short texts of the bytes that mean something are the same pairs to both.
#[test]
fn pairs_are_those_of_others() {
    const BYTES: &[u8] = b"=&%+2bG\xff";
    for len in 0..=6 {
        for number in 0..BYTES.len().pow(len) {
            let digit = |at| BYTES[number / BYTES.len().pow(at) % BYTES.len()];
            let text: Vec<u8> = (0..len).map(digit).collect();
            let theirs: Vec<_> = form_urlencoded::parse(&text)
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect();
            assert_eq!(texts(&text), theirs, "{}", text.escape_ascii());
        }
    }
}

#[test]
fn numbers() {
    for (text, expected) in [
        ("0", Some(0)),
        ("007", Some(7)),
        ("%31%32", Some(12)),
        ("18446744073709551615", Some(u64::MAX)),
        ("18446744073709551616", None),
        ("18446744073709551625", None),
        ("99999999999999999999999", None),
        ("", None),
        ("-1", None),
        ("+1", None),
        ("1 ", None),
        ("1x", None),
        ("\u{661}", None),
    ] {
        assert_eq!(Encoded::new(text.as_bytes()).number(), expected, "{text}");
    }
}

#[test]
fn texts_are_compared_decoded() {
    let text = Encoded::new(b"a%20b+c");
    assert!(text == "a b c" && text != "a b" && text != "a b c " && text != "a%20b+c");
    assert_eq!(text.raw(), b"a%20b+c");
    // As they came, they are compared with each other.
    assert_ne!(text, Encoded::new(b"a+b+c"));
}

#[cfg(feature = "alloc")]
#[test]
fn a_text_is_a_string() {
    let strings = [&b"a+%C3%A9"[..], b"a%ffb", b""].map(|text| String::from(Encoded::new(text)));
    assert_eq!(strings, ["a \u{e9}", "a\u{fffd}b", ""]);
}
