//! Responses, as their maker sees them; what a peer sees of them is in `tests/`.

use super::*;

#[test]
fn a_status_has_three_digits() {
    for status in [200, 204, 404, 599, 999] {
        assert_eq!(Response::status(status).code(), status);
    }
    // Nor are there answers before the answer.
    for status in [0, 99, 100, 101, 199, 1000, u16::MAX] {
        assert_eq!(Response::status(status).code(), 500);
        assert_eq!(Response::text("x").with_status(status).code(), 500);
    }
}

#[test]
fn a_response_has_a_type_and_a_body() {
    for (response, content_type, body) in [
        (Response::text("a"), "text/plain; charset=utf-8", &b"a"[..]),
        (Response::html("b"), "text/html; charset=utf-8", b"b"),
        (Response::bytes(b"c"), "application/octet-stream", b"c"),
        (Response::new("x/y", &b"d"[..]), "x/y", b"d"),
    ] {
        assert_eq!(response.field("Content-Type"), Some(content_type.as_bytes()));
        assert_eq!((response.code(), response.body()), (200, body));
    }
    assert_eq!(Response::status(404).field("content-type"), None);
}

#[test]
fn a_response_has_six_fields_of_its_own() {
    let mut response = Response::text("x");
    for (name, value) in [("A", "1"), ("B", "2"), ("C", "3"), ("D", "4"), ("A", "5"), ("F", "6")] {
        response = response.with(name, value);
        assert_eq!(response.code(), 200);
    }
    assert_eq!(response.field("f"), Some(&b"6"[..]));
    assert_eq!(response.field("a"), Some(&b"1"[..]));
    assert_eq!(response.with("G", "7").code(), 500);
    assert_eq!(Response::text("x").with("", "1").code(), 500);
}

#[test]
fn a_redirect_names_its_target() {
    let response = Response::redirect("/x");
    assert_eq!((response.code(), response.body()), (303, &b""[..]));
    assert_eq!(response.with_status(307).field("LOCATION"), Some(&b"/x"[..]));
}

#[cfg(feature = "json")]
#[test]
fn what_has_no_form_in_json_is_a_failure() {
    let pairs = std::collections::BTreeMap::from([((1, 2), 3)]);
    assert_eq!(Response::json(&pairs).code(), 500);
    assert_eq!(Response::json(&None::<u8>).body(), b"null");
}

#[test]
fn fields_of_the_server_are_refused() {
    for name in ["Content-Length", "transfer-encoding", "CONNECTION", "Date"] {
        assert_eq!(Response::text("x").with(name, "5").code(), 500, "{name}");
    }
    let replaced = Response::text("x").with("content-type", "a/b");
    assert_eq!((replaced.code(), replaced.field("Content-Type")), (200, Some(&b"a/b"[..])));
}
