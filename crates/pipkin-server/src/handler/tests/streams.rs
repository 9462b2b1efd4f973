//! Answers that are written while they are sent.

use std::fmt::Write as _;

use super::*;

/// What the peer of a stream gets to see first.
const HEAD: &str = "HTTP/1.1 200 \r\nX: y\r\nTransfer-Encoding: chunked;close";
const OLD_HEAD: &str = "HTTP/1.1 200 \r\nX: y;close";

/// Streams what the path says.
pub(super) fn respond(desk: &mut Desk) {
    let step: Step = match desk.path() {
        b"/stream/none" => |_| Next::End,
        b"/stream/one" => |feed| one(feed, Next::End),
        b"/stream/last" => |feed| {
            feed.state += 1;
            if feed.state == 2 { Next::End } else { one(feed, Next::Now) }
        },
        b"/stream/count" => |feed| count(feed, Next::Now),
        b"/stream/slow" => |feed| count(feed, Next::After(1)),
        b"/stream/vain" => |feed| {
            feed.state += 1;
            match feed.state {
                1 | 3 => Next::Now,
                2 | 4 => Next::After(0),
                _ => one(feed, Next::End),
            }
        },
        b"/stream/full" => |feed| {
            while feed.write(b"0123456789abcdef").is_ok() {}
            while feed.write(b".").is_ok() {}
            assert_eq!(feed.write(b"."), Err(Full));
            assert!(feed.write_str("").is_ok());
            Next::End
        },
        _ => unreachable!("a stream of the tests"),
    };
    desk.begin(Line::of(200));
    assert!(desk.field(b"X", b"y"));
    desk.end_with_stream(step, 0, false);
}

fn one(feed: &mut Feed<'_>, next: Next) -> Next {
    feed.write(b"a part").unwrap();
    next
}

/// Writes `n` times the number `n`, from 1 to 20.
fn count(feed: &mut Feed<'_>, next: Next) -> Next {
    feed.state += 1;
    for _ in 0..feed.state {
        let number = feed.state;
        write!(feed, "{number}.").unwrap();
    }
    if feed.state == 20 { Next::End } else { next }
}

fn counted() -> Vec<String> {
    (1..=20).map(|number| format!("{number}.").repeat(number)).collect()
}

/// The chunks that are `parts`.
fn chunks(parts: &[impl AsRef<str>]) -> String {
    let chunks = parts.iter().map(AsRef::as_ref);
    let chunks = chunks.map(|part: &str| format!("{:04x}\r\n{part}\r\n", part.len()));
    chunks.collect::<String>() + "0\r\n\r\n"
}

/// The path streams `parts`, and the connection ends.
#[track_caller]
fn check_stream(path: &str, parts: &[impl AsRef<str>]) {
    let chunked = format!("{HEAD}{}", chunks(parts));
    check(format!("GET {path} HTTP/1.1\r\n{HOST}\r\n"), &chunked, After::Linger);
    let plain = parts.iter().map(AsRef::as_ref).collect::<String>();
    check(format!("GET {path} HTTP/1.0\r\n\r\n"), &format!("{OLD_HEAD}{plain}"), After::Linger);
    check(format!("HEAD {path} HTTP/1.1\r\n{HOST}\r\n"), HEAD, After::Linger);
    check(format!("HEAD {path} HTTP/1.0\r\n\r\n"), OLD_HEAD, After::Linger);
}

#[test]
fn a_stream_has_parts() {
    check_stream("/stream/none", &[""; 0]);
    check_stream("/stream/one", &["a part"]);
    check_stream("/stream/last", &["a part"]);
    check_stream("/stream/count", &counted());
}

#[test]
fn a_stream_pauses() {
    // Less often than with [`check`]: it takes its time.
    let input = format!("GET /stream/slow HTTP/1.1\r\n{HOST}\r\n");
    let expected = in_full(&format!("{HEAD}{}", chunks(&counted())));
    for takes_bytes in [1, 7, usize::MAX] {
        let seen = drive(&[input.as_bytes()], takes_bytes);
        assert_eq!((String::from_utf8(seen.0).unwrap(), seen.2), (expected.clone(), 1));
    }
}

/// A chunk without bytes would be the last.
#[test]
fn a_part_may_be_empty() {
    check_stream("/stream/vain", &["a part"]);
}

#[test]
fn a_part_has_room_for_so_many_bytes() {
    let most = OUTPUT_BYTES - "ffff\r\n\r\n0\r\n\r\n".len();
    let input = format!("GET /stream/full HTTP/1.1\r\n{HOST}\r\n");
    for takes_bytes in [1000, usize::MAX] {
        let seen = String::from_utf8(drive(&[input.as_bytes()], takes_bytes).0).unwrap();
        let (head, body) = seen.split_at(in_full(HEAD).len());
        assert_eq!(head, in_full(HEAD));
        assert_eq!(body.len(), OUTPUT_BYTES);
        assert!(body.starts_with(&format!("{most:04x}\r\n0123")));
        assert!(
            body.ends_with("...\r\n0\r\n\r\n") || body.ends_with("f\r\n0\r\n\r\n"),
            "{}",
            &body[body.len() - 20..]
        );
    }
}

/// What is before a stream is answered, what is behind it is not.
#[test]
fn a_stream_is_the_last_answer() {
    let [small, stream] =
        ["/a", "/stream/one"].map(|path| format!("GET {path} HTTP/1.1\r\n{HOST}\r\n"));
    let expected = format!("{}{HEAD}{}", said("Get /a  [] "), chunks(&["a part"]));
    check(format!("{small}{stream}{small}"), &expected, After::Linger);
    let large = format!("GET /large HTTP/1.1\r\n{HOST}\r\n");
    let expected =
        format!("HTTP/1.1 200 \r\nContent-Length: 5000;LARGE{HEAD}{}", chunks(&["a part"]));
    let seen = drive(&[format!("{large}{stream}{small}").as_bytes()], 1000);
    assert_eq!(
        (String::from_utf8(seen.0).unwrap(), seen.1, seen.2),
        (in_full(&expected), After::Linger, 2)
    );
}

/// A descriptor that comes again has nothing of the stream that had it.
#[test]
fn a_stream_that_is_cut_leaves_nothing() {
    with_desk(|desk, number| {
        for cut in [0, 50, 100, 200, 400] {
            let mut wire = Wire::new(number).stopping_after(cut);
            wire.receive(desk, format!("GET /stream/count HTTP/1.1\r\n{HOST}\r\n").as_bytes());
            wire.close(desk);
            let mut wire = Wire::new(number);
            wire.receive(desk, format!("GET /a HTTP/1.1\r\n{HOST}\r\n").as_bytes());
            let (out, after) = wire.close(desk);
            let expected = (in_full(&said("Get /a  [] ")), After::KeepAlive);
            assert_eq!((String::from_utf8(out).unwrap(), after), expected);
        }
    });
}

#[test]
fn events_have_a_line_for_each_of_their_data() {
    for (data, expected) in [
        ("", "data: \n\n"),
        ("a", "data: a\n\n"),
        ("a\nb", "data: a\ndata: b\n\n"),
        ("a\rb", "data: a\ndata: b\n\n"),
        ("a\r\nb", "data: a\ndata: b\n\n"),
        ("a\r\r\nb\n\rc", "data: a\ndata: \ndata: b\ndata: \ndata: c\n\n"),
        ("a\n", "data: a\ndata: \n\n"),
        ("event: x", "data: event: x\n\n"),
    ] {
        let mut space = [0; 100];
        let mut feed = Feed::new(0, &mut space);
        assert_eq!(feed.event(data), Ok(()));
        assert_eq!(str::from_utf8(feed.written()), Ok(expected), "{data:?}");
    }
    for bytes in 0..16 {
        let mut space = [0; 15];
        let mut feed = Feed::new(0, &mut space[..bytes.min(15)]);
        assert_eq!(feed.event("a\nb").is_ok(), bytes >= 17);
        assert!(feed.written().len() <= bytes);
    }
}
