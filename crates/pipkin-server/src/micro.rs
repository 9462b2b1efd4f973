//! The micro server: one document, one connection at a time, nothing else.
//!
//! It answers GET and HEAD of `/`, with or without a query, by what the builder has stored
//! ([`pipkin_format::micro`]), any other path by 404 and any other method by 405. A client that sends
//! nothing for a while is not waited for. Its port is its first argument.

use core::mem::MaybeUninit;

use crate::sys::micro::{Answer, Argument, How, Listener, Memory};
use crate::sys::opaque::{byte, seen};

/// What a request of a kind begins with. That a space follows HEAD is not looked at: of another method
/// that begins so, what is taken for the path has something else than `/` there.
const GET: u32 = u32::from_le_bytes(*b"GET ");
const HEAD: u32 = u32::from_le_bytes(*b"HEAD");

/// Serves, or ends with 1.
#[inline(always)]
pub(crate) fn run(argument: Argument) -> ! {
    let mut memory = MaybeUninit::uninit();
    let listener = Listener::new(&mut memory, argument.number());
    let how = How::new();
    let mut memory = Memory::new(&mut memory);
    loop {
        let connection = listener.accept();
        let request = connection.receive(&mut memory);
        connection.end(&choose(request, Answer::whole()), how);
    }
}

/// The answer to a request that begins with these bytes.
#[inline(always)]
fn choose(request: &[u8; 8], mut answer: Answer) -> Answer {
    let mut request = seen(request);
    let [get @ .., _] = request;
    let mut rest = get;
    if first(rest) != GET {
        request = seen(request);
        let [get @ .., _] = request;
        if first(get) != HEAD {
            return answer.method();
        }
        let [_, head @ ..] = request;
        rest = head;
        answer = answer.head();
    }
    let &[_, _, _, _, slash, end, _] = seen(rest);
    if slash == b'/' {
        let end = byte(end);
        if end == b'?' || byte(end) == b' ' {
            return answer;
        }
    }
    answer.missing()
}

#[inline(always)]
fn first(bytes: &[u8; 7]) -> u32 {
    let [a, b, c, d, ..] = *bytes;
    u32::from_le_bytes([a, b, c, d])
}

#[cfg(test)]
mod tests {
    use pipkin_format::micro::{METHOD, MISSING};

    use super::*;

    const PAGE: &[u8] = b"HTTP/1.0 200 \r\nContent-Type:text/html\r\nContent-Length:3\r\n\r\nhi\n";
    const HEAD_BYTES: usize = PAGE.len() - 3;

    #[track_caller]
    fn check(request: &str, expected: &[u8]) {
        let content = pipkin_format::micro::write("text/html", b"hi\n").unwrap().leak();
        // What was there before is of no interest.
        for before in [0, b'/', b' ', b'?'] {
            let mut bytes = [before; 8];
            let len = request.len().min(8);
            bytes[..len].copy_from_slice(&request.as_bytes()[..len]);
            let answer = choose(&bytes, Answer::whole_of(content));
            assert_eq!(answer.bytes(), expected, "{request:?}");
        }
    }

    #[test]
    fn the_document() {
        for target in ["/ HTTP/1.1", "/ HTTP/1.0", "/? HTTP/1.1", "/?a=/b HTTP/1.1"] {
            check(&std::format!("GET {target}\r\n"), PAGE);
            check(&std::format!("HEAD {target}\r\n"), &PAGE[..HEAD_BYTES]);
        }
    }

    #[test]
    fn other_paths() {
        for target in ["/a", "//", "/index.html", "/%20", "/.", "*", "a", "http://a/", "?", " /"] {
            check(&std::format!("GET {target} HTTP/1.1\r\n"), MISSING);
            check(&std::format!("HEAD {target} HTTP/1.1\r\n"), MISSING);
        }
    }

    #[test]
    fn other_methods() {
        for method in ["POST", "PUT", "DELETE", "OPTIONS", "get", "head", "GETS", "READ", "GE"] {
            check(&std::format!("{method} / HTTP/1.1\r\n"), METHOD);
        }
        check("\r\n\r\n\r\n\r\n", METHOD);
        check("HEADER / HTTP/1.1\r\n", MISSING);
    }
}
