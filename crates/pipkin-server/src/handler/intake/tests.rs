//! Bodies, as the handler gets them.

use super::*;
use crate::conn::After;
use crate::conn::INPUT_BYTES;
use crate::desk::tests::{HOST, Seen, check, drive, in_full, said};

const CHUNKED: &str = "Transfer-Encoding: chunked";
const REFUSED: &str = "HTTP/1.1 413 \r\nContent-Length: 0;close";
const BROKEN: &str = "HTTP/1.1 400 \r\nContent-Length: 0;close";
const HEAD_TOO_LARGE: &str = "HTTP/1.1 431 \r\nContent-Length: 0;close";

/// The head of a request with a body.
fn post(field: &str) -> String {
    format!("POST / HTTP/1.1\r\n{HOST}{field}\r\n\r\n")
}

/// What the handler says to that with a body.
fn heard(field: &str, body: &str) -> String {
    said(&format!("Post /  [{}] {body}", field.replace(": ", "=").replace("\r\n", ",")))
}

/// `framed`, with such a field, is `body` to the handler, and the next request is the next.
#[track_caller]
fn check_body(field: &str, framed: &str, body: &str) {
    let input = format!("{}{framed}GET /next HTTP/1.1\r\n{HOST}\r\n", post(field));
    let expected = format!("{}{}", heard(field, body), said("Get /next  [] "));
    check(input, &expected, After::KeepAlive);
}

#[test]
fn a_body_has_a_length() {
    check_body("Content-Length: 5", "hello", "hello");
    check_body("Content-Length: 0", "", "");
    check_body("Content-Length: 00", "", "");
    check_body("Content-Length: 0005", "hello", "hello");
    check_body("Content-Length: 2", "\r\n", "\\r\\n");
    check_body("Content-Length: 4", "0\r\n\r", "0\\r\\n\\r");
    check_body("Content-Length: 18", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\\r\\n\\r\\n");
}

#[test]
fn a_body_comes_in_chunks() {
    for (framed, body) in [
        ("0\r\n\r\n", ""),
        ("5\r\nhello\r\n0\r\n\r\n", "hello"),
        ("5\r\nhello\r\n1\r\n!\r\n000\r\n\r\n", "hello!"),
        ("a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789"),
        ("000000005\r\nhello\r\n0\r\n\r\n", "hello"),
        ("5;x\r\nhello\r\n0;y=z\r\n\r\n", "hello"),
        ("5 ;x=\"a b\"\t\r\nhello\r\n0 \r\n\r\n", "hello"),
        ("5;\r\nhello\r\n0\t\r\n\r\n", "hello"),
        ("2\r\n\r\n\r\n0\r\n\r\n", "\\r\\n"),
        ("5\r\n0\r\n\r\n\r\n0\r\n\r\n", "0\\r\\n\\r\\n"),
        ("1\r\na\r\n0\r\nTrailer: b\r\n\r\n", "a"),
        ("1\r\na\r\n0\r\nX-A: b\r\nX-B:\r\n\r\n", "a"),
    ] {
        check_body(CHUNKED, framed, body);
    }
    check_body("transfer-encoding: ChunkeD", "1\r\na\r\n0\r\n\r\n", "a");
}

/// What a body says is no field of its request.
#[test]
fn a_body_has_no_fields() {
    let body = "X-User: root\r\n\r\n";
    check_body("Content-Length: 16", body, "X-User: root\\r\\n\\r\\n");
}

#[test]
fn broken_chunks_end_the_connection() {
    for framed in [
        "\r\n",
        ";x\r\n",
        " 5\r\nhello",
        "x\r\n",
        "5x\r\nhello",
        "0x5\r\nhello",
        "-5\r\nhello",
        "+5\r\nhello",
        "5_0\r\nhello",
        "5\nhello",
        "5\rhello",
        "5\r\r\nhello",
        "5;\0\r\nhello",
        "5;x\nhello",
        "5;\x7f\r\nhello",
        "5\r\nhelloX",
        "5\r\nhello\n",
        "5\r\nhello\rX",
        "5\r\nhello\r\r",
        "5\r\nhello0\r\n",
        "5\r\nhello\r\n\r\n",
        "0\r\n\n",
        "0\r\nX: a\nb",
        "0\r\nX: a\rb",
        "0\r\nX: \0",
        "0\r\n\rX",
        "0\n\r\n",
    ] {
        check(format!("{}{framed}", post(CHUNKED)), BROKEN, After::Linger);
    }
}

/// Who knows other codings, or takes other fields for these, sees other ends.
#[test]
fn other_framing_ends_the_connection() {
    for fields in [
        "Transfer-Encoding: gzip",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding: chunked;q=1",
        "Transfer-Encoding: \"chunked\"",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Content-Length: 5\r\nContent-Length: 5",
        "Content-Length: 5, 5",
        "Content-Length: +5",
        "Content-Length:",
    ] {
        let input = format!("{}5\r\nhello\r\n0\r\n\r\n", post(fields));
        let seen = drive(&[input.as_bytes()], usize::MAX);
        let expected = (in_full(BROKEN), After::Linger, 0);
        assert_eq!(
            (String::from_utf8_lossy(&seen.0).into_owned(), seen.1, seen.2),
            expected,
            "{fields}"
        );
    }
}

/// Names are told apart by a hash that others can have, too.
#[test]
fn a_field_with_the_hash_of_another_frames_nothing() {
    for (name, value) in [("x-uiuraiik", "5"), ("x-ftlvaqdn", "chunked")] {
        let input = format!("{}5\r\nhello\r\n0\r\n\r\n", post(&format!("{name}: {value}")));
        let seen = drive(&[input.as_bytes()], usize::MAX);
        assert!(seen.0.starts_with(b"HTTP/1.1 400 "), "{name}: {}", seen.0.escape_ascii());
        assert_eq!((seen.1, seen.2), (After::Linger, 0));
    }
}

/// What comes of a body of `data`, whole and by the kilobyte.
#[track_caller]
fn status(input: &[u8]) -> (String, After, u32) {
    let brief = |seen: Seen| (String::from_utf8_lossy(&seen.0[..12]).into_owned(), seen.1, seen.2);
    let whole = brief(drive(&[input], usize::MAX));
    for bytes in [1000, 7001] {
        let pieces: Vec<&[u8]> = input.chunks(bytes).collect();
        assert_eq!(brief(drive(&pieces, usize::MAX)), whole, "by {bytes}");
    }
    whole
}

#[test]
fn a_body_has_at_most_so_many_bytes() {
    let taken = ("HTTP/1.1 200".into(), After::KeepAlive, 1);
    let refused = ("HTTP/1.1 413".into(), After::Linger, 0);
    let most = LIMITS.body_bytes_max;
    for (bytes, expected) in [(most - 1, &taken), (most, &taken), (most + 1, &refused)] {
        let data = "x".repeat(bytes);
        let length = format!("{}{data}", post(&format!("Content-Length: {bytes}")));
        assert_eq!(status(length.as_bytes()), *expected, "{bytes}");
        let one = format!("{}{bytes:x}\r\n{data}\r\n0\r\n\r\n", post(CHUNKED));
        assert_eq!(status(one.as_bytes()), *expected, "{bytes}");
        let single = format!("{}{}0\r\n\r\n", post(CHUNKED), "1\r\nx\r\n".repeat(bytes));
        assert_eq!(status(single.as_bytes()), *expected, "{bytes}");
    }
}

/// Nobody has to send what will not be taken, and no number is too large to be read.
#[test]
fn a_length_beyond_the_limit_is_refused_at_once() {
    for field in [
        "Content-Length: 65537",
        "Content-Length: 4294967296",
        "Content-Length: 4294967301",
        "Content-Length: 18446744073709551616",
        "Content-Length: 99999999999999999999999999999999999",
        "Content-Length: 65537\r\nExpect: 100-continue",
    ] {
        check(post(field), REFUSED, After::Linger);
    }
    for framed in ["10001\r\n", "100000001\r\n", "10000000000000005\r\n", "1\r\nx\r\n10000\r\n"] {
        check(format!("{}{framed}", post(CHUNKED)), REFUSED, After::Linger);
    }
}

/// A peer cannot send for ever what is no data.
#[test]
fn framing_has_at_most_so_many_bytes() {
    let most = FRAMING_BYTES_MAX as usize;
    let taken = ("HTTP/1.1 200".into(), After::KeepAlive, 1);
    let refused = ("HTTP/1.1 413".into(), After::Linger, 0);
    for (bytes, expected) in [(most, &taken), (most + 1, &refused)] {
        for (begin, fill, end) in
            [("", "0", "\r\n\r\n"), ("0;", "x", "\r\n\r\n"), ("0\r\nX:", "y", "\r\n\r\n")]
        {
            let filling = fill.repeat(bytes - begin.len() - end.len());
            let input = format!("{}{begin}{filling}{end}", post(CHUNKED));
            assert_eq!(status(input.as_bytes()), *expected, "{begin}{fill}{end}");
        }
        // The data with its own.
        let data = format!("1000\r\n{}\r\n0;", "y".repeat(4096));
        let filling = "x".repeat(bytes + 16 * 4096 - "1000\r\n\r\n0;\r\n\r\n".len());
        let input = format!("{}{data}{filling}\r\n\r\n", post(CHUNKED));
        assert_eq!(status(input.as_bytes()), *expected);
    }
}

#[test]
fn a_client_that_asks_is_told_to_go_on() {
    const GO_ON: &str = "HTTP/1.1 100 Continue\r\n\r\n";
    let fields = "Content-Length: 5\r\nExpect: 100-continue";
    let head = post(fields);
    let answer = heard(fields, "hello");
    let told = in_full(&format!("{GO_ON}{answer}"));
    for takes_bytes in [1, 7, usize::MAX] {
        let seen = drive(&[head.as_bytes(), b"hello"], takes_bytes);
        assert_eq!((String::from_utf8_lossy(&seen.0), seen.2), (told.as_str().into(), 1));
        let seen = drive(&[head.as_bytes(), b"h", b"e", b"llo"], takes_bytes);
        assert_eq!((String::from_utf8_lossy(&seen.0), seen.2), (told.as_str().into(), 1));
        // Who does not wait need not be told.
        for cut in 1..=5 {
            let input = format!("{head}hello");
            let (some, rest) = input.as_bytes().split_at(head.len() + cut);
            let seen = drive(&[some, rest], takes_bytes);
            assert_eq!(
                (String::from_utf8_lossy(&seen.0), seen.2),
                (in_full(&answer).as_str().into(), 1)
            );
        }
    }
}

/// RFC 9110, section 10.1.1.
#[test]
fn an_old_client_is_not_told_to_go_on() {
    let input = "POST / HTTP/1.0\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nhi";
    let expected = said("Post /  [Content-Length=2,Expect=100-continue] hi").replace(';', ";close");
    check(input, &expected, After::Close);
}

#[test]
fn a_head_leaves_space_for_its_body() {
    let head = |bytes: usize, fields: &str| {
        let head = post(&format!("{fields}\r\nX: "));
        let filling = "x".repeat(bytes - head.len());
        post(&format!("{fields}\r\nX: {filling}"))
    };
    for (bytes, framed) in
        [(INPUT_BYTES - 1, "Content-Length: 2"), (INPUT_BYTES - 100, "Content-Length: 2")]
    {
        let input = format!("{}hi", head(bytes, framed));
        assert_eq!(status(input.as_bytes()).0, "HTTP/1.1 200");
    }
    let full = head(INPUT_BYTES, "Content-Length: 2");
    assert_eq!(status(format!("{full}hi").as_bytes()).0, "HTTP/1.1 431");
    assert_eq!(status(head(INPUT_BYTES, "Content-Length: 0").as_bytes()).0, "HTTP/1.1 200");
    // What stands before it does not count.
    let before = format!("GET /first HTTP/1.1\r\n{HOST}\r\n");
    let input = format!("{before}{}hi", head(INPUT_BYTES - before.len(), "Content-Length: 2"));
    let seen = drive(&[input.as_bytes()], usize::MAX);
    assert_eq!((seen.1, seen.2), (After::KeepAlive, 2));
    let too_large = format!("{}X", head(INPUT_BYTES + 1, "Content-Length: 2"));
    let seen = drive(&[too_large.as_bytes()], usize::MAX);
    assert_eq!(String::from_utf8_lossy(&seen.0), in_full(HEAD_TOO_LARGE));
}

/// Where a line with a chunk's length ends, and the length, as the intake reads it.
fn line_by_intake(line: &[u8]) -> Option<(usize, u64)> {
    let mut intake = Intake::default();
    intake.begin(None);
    for (at, &byte) in line.iter().enumerate() {
        intake.frame(byte).ok()?;
        if matches!(intake.state, State::Chunk | State::Trailer) {
            return Some((at + 1, intake.left));
        }
    }
    None
}

/// What the intake takes for a length, others do, too.
#[test]
fn a_length_is_one_to_others() {
    const BYTES: &[u8] = b"09aFg; \t\r\n\"";
    let mut accepted = 0;
    for number in 0..BYTES.len().pow(5) {
        let mut line: Vec<u8> =
            (0..5).map(|digit| BYTES[number / BYTES.len().pow(digit) % BYTES.len()]).collect();
        line.extend(b"\r\n");
        let Some(ours) = line_by_intake(&line) else { continue };
        accepted += 1;
        let theirs = httparse::parse_chunk_size(&line);
        assert_eq!(theirs, Ok(httparse::Status::Complete(ours)), "{}", line.escape_ascii());
    }
    assert!(accepted > 1000, "{accepted}");
}

/// A length is counted in 64 bits, however large a body may be.
#[test]
fn framing_of_a_large_body_is_counted() {
    let mut intake = Intake { state: State::ChunkEnd, bytes: 1 << 30, ..Intake::default() };
    intake.framing = 16 << 30;
    assert_eq!(intake.frame(b'\r'), Ok(()));
    intake.framing += FRAMING_BYTES_MAX - 1;
    assert_eq!(intake.frame(b'\n'), Err(Line::of(413)));
}
