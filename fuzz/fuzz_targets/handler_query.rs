//! Any bytes are pairs, the same as to the crate that browsers' engines use.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pipkin_handler::{Encoded, Pairs};

fuzz_target!(|text: &[u8]| {
    let mut theirs = form_urlencoded::parse(text);
    for (name, value) in Pairs::new(text) {
        let other = theirs.next().expect("they have as many");
        assert_eq!((decoded(name), decoded(value)), (other.0.into_owned(), other.1.into_owned()));
        check_number(value);
    }
    assert_eq!(theirs.next(), None);
});

fn decoded(text: Encoded<'_>) -> String {
    String::from_utf8_lossy(&text.decoded().collect::<Vec<u8>>()).into_owned()
}

/// A number is what the standard library takes for one, but for its signs.
fn check_number(text: Encoded<'_>) {
    let number = decoded(text);
    let theirs = if number.starts_with('+') { None } else { number.parse().ok() };
    assert_eq!(text.number(), theirs, "{number}");
}
