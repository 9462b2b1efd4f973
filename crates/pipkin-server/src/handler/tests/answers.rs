//! What the handler may answer, and what becomes of it.

use super::*;

/// Too large to be copied behind its head.
pub(super) const LARGE: &[u8] = &[b'x'; 5000];

pub(super) fn large(desk: &mut Desk) {
    desk.begin(Line::of(200));
    desk.end(Line::of(200), Bytes::from(LARGE));
}

const FAILED: &str = "HTTP/1.1 500 \r\nContent-Length: 0;";

/// Does what the query says: a status, then fields `name=value`, percent-encoded.
pub(super) fn respond(desk: &mut Desk) {
    let query = String::from_utf8(desk.incoming().query().to_vec()).unwrap();
    let mut words = query.split('&');
    let line = Line::of(words.next().unwrap().parse().unwrap());
    desk.begin(line);
    let mut fields = words.filter_map(|word| word.split_once('='));
    if !fields.all(|(name, value)| desk.field(&decoded(name), &decoded(value))) {
        return desk.failure();
    }
    if let b"/answer/allow" = desk.path() {
        desk.allow(1 << Method::Get as u8 | 1 << Method::Post as u8);
        return desk.end(line, Bytes::default());
    }
    desk.end(line, Bytes::from(b"body"));
}

fn decoded(text: &str) -> Vec<u8> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        let mut digit = || char::from(bytes.next().unwrap()).to_digit(16).unwrap() as u8;
        decoded.push(if byte == b'%' { digit() << 4 | digit() } else { byte });
    }
    decoded
}

/// What the query says is answered with `expected`, and so is one behind it.
#[track_caller]
fn check_answer(query: &str, expected: &str) {
    let input = format!("GET /answer?{query} HTTP/1.1\r\n{HOST}\r\n");
    check(input.repeat(2), &expected.repeat(2), After::KeepAlive);
}

#[test]
fn an_answer_has_a_status_and_fields() {
    check_answer("200", "HTTP/1.1 200 \r\nContent-Length: 4;body");
    check_answer("404&X=y", "HTTP/1.1 404 \r\nX: y\r\nContent-Length: 4;body");
    check_answer("999&X=", "HTTP/1.1 999 \r\nX: \r\nContent-Length: 4;body");
    check_answer(
        "200&X=a%09b%e9~%20",
        "HTTP/1.1 200 \r\nX: a\tb\u{e9}~ \r\nContent-Length: 4;body"
            .replace('\u{e9}', "\u{fffd}")
            .as_str(),
    );
}

/// They end with their head (RFC 9112, section 6.3): bytes behind it would be another answer.
#[test]
fn some_answers_have_no_body() {
    check_answer("204", "HTTP/1.1 204 ;");
    check_answer("304&ETag=%22x%22", "HTTP/1.1 304 \r\nETag: \"x\";");
}

#[test]
fn no_field_makes_another() {
    for bad in [
        "=value",
        "a%20b=c",
        "a%3a=c",
        "a%0d%0ab=c",
        "a%00=c",
        "a%7f=c",
        "a%e9=c",
        "name=a%0d%0aSet-Cookie:%20b",
        "name=a%0d",
        "name=a%0a",
        "name=%00",
        "name=%7f",
        "name=%1b",
    ] {
        check_answer(&format!("200&{bad}"), FAILED);
        check_answer(&format!("200&X=y&{bad}&X=z"), FAILED);
    }
}

/// However an answer is too large, there is room for the one that says so.
#[test]
fn fields_have_at_most_so_many_bytes() {
    for (value_bytes, fields, is_taken) in [
        (8000, 1, true),
        (8171, 1, true),
        (8172, 1, false),
        (9000, 1, false),
        (2040, 4, false),
        (70_000, 1, false),
        (70_000, 100, false),
    ] {
        let (out, calls) = with_desk(|desk, number| {
            let value: &'static str = "v".repeat(value_bytes).leak();
            FIELDS.set((value, fields));
            desk.set_handler(|desk| {
                CALLS.set(CALLS.get() + 1);
                let (value, fields) = FIELDS.get();
                desk.begin(Line::of(200));
                if (0..fields).all(|_| desk.field(b"Name", value.as_bytes())) {
                    desk.end(Line::of(200), Bytes::from(b"body"));
                } else {
                    desk.failure();
                }
            });
            CALLS.set(0);
            let mut wire = Wire::new(number);
            wire.receive(desk, format!("GET / HTTP/1.1\r\n{HOST}\r\n").repeat(9).as_bytes());
            let out = wire.close(desk).0;
            desk.set_handler(super::respond);
            (out, CALLS.get())
        });
        assert_eq!(calls, 9);
        let field = format!("\r\nName: {}", "v".repeat(value_bytes)).repeat(fields as usize);
        let taken = in_full(&format!("HTTP/1.1 200 {field}\r\nContent-Length: 4;body"));
        let expected = if is_taken { taken } else { in_full(FAILED) };
        assert!(out == expected.repeat(9).as_bytes(), "{value_bytes} {fields}: {}", out.len());
    }
}

thread_local! {
    static FIELDS: Cell<(&'static str, u32)> = const { Cell::new(("", 0)) };
}

#[test]
fn allow_names_methods() {
    let input = format!("GET /answer/allow?405 HTTP/1.1\r\n{HOST}\r\n");
    let expected = "HTTP/1.1 405 \r\nAllow: GET, HEAD, OPTIONS, POST\r\nContent-Length: 0;";
    check(input, expected, After::KeepAlive);
}

/// A body that is not copied is kept until it is sent, and no longer.
#[test]
fn a_connection_at_rest_keeps_no_body() {
    let large = format!("GET /large HTTP/1.1\r\n{HOST}\r\n");
    with_desk(|desk, number| {
        let mut wire = Wire::new(number).stopping_after(0);
        wire.receive(desk, large.as_bytes());
        for left_bytes in [1, 100, 4000] {
            wire.take_up(desk, left_bytes);
            assert_eq!(desk.open().payload.len(), 5000);
        }
        wire.take_up(desk, usize::MAX);
        assert_eq!((desk.open().payload.len(), wire.after), (0, After::KeepAlive));
        // Nor does one that has gone.
        let mut wire = Wire::new(number).stopping_after(0);
        wire.receive(desk, large.as_bytes());
        wire.close(desk);
        assert_eq!(desk.open().payload.len(), 0);
    });
}

/// An answer that the peer takes in two parts, wherever they part, is the one that was made.
#[test]
fn an_answer_is_taken_up_at_any_byte() {
    let head = format!("{HOST}\r\n");
    let inputs = [
        format!("GET /large HTTP/1.1\r\n{head}GET /a HTTP/1.1\r\n{head}"),
        format!(
            "GET /a HTTP/1.1\r\n{head}HEAD /large HTTP/1.1\r\n{head}GET /page HTTP/1.1\r\n{head}"
        ),
        format!("GET /large HTTP/1.1\r\nConnection: close\r\n{head}"),
        format!("POST /a HTTP/1.1\r\nContent-Length: 3\r\n{head}abcGET /b HTTP/1.1\r\n{head}"),
    ];
    for input in inputs {
        let seen = drive(&[input.as_bytes()], usize::MAX);
        for cut in 0..seen.0.len() {
            if cut > 300 && cut % 97 != 0 && cut + 300 < seen.0.len() {
                continue;
            }
            let found = with_desk(|desk, number| {
                CALLS.set(0);
                let others = move |desk: &mut Desk| strangers(desk, number);
                let mut wire = Wire::new(number).stopping_after(cut).among(others);
                wire.receive(desk, input.as_bytes());
                wire.take_up(desk, usize::MAX);
                let (out, after) = wire.close(desk);
                (out, after, CALLS.get())
            });
            assert!(found == seen, "{input:?} at {cut}: {}", found.0.escape_ascii());
        }
    }
}
