//! What a micro server answers: three stored answers behind its code.
//!
//! ```text
//!  0         33        50           51      53                   53 + head_bytes
//! +---------+---------+------------+-------+--------------------+----------+
//! | 405     | 404     | head_bytes | bytes | head of the answer | document |   up to 53 + bytes
//! +---------+---------+------------+-------+--------------------+----------+
//! ```
//!
//! `head_bytes` has 8 bits and is what HEAD gets, `bytes` has 16 and is what GET gets: head and
//! document. The answers are of HTTP/1.0: each ends with its connection, so that only the length of the
//! document has to be said, and a server need not ask for `Host`. A reason phrase may be empty (RFC 9112
//! section 4), a space before a field's value left out (section 5.1).

/// To a method that is neither GET nor HEAD. It must name those that there are (RFC 9110 section
/// 15.5.6).
pub const METHOD: &[u8] = b"HTTP/1.0 405 \r\nAllow:GET,HEAD\r\n\r\n";
/// To a path that is not that of the document.
pub const MISSING: &[u8] = b"HTTP/1.0 404 \r\n\r\n";

/// Where the answer to a wrong path is.
pub const MISSING_AT: usize = METHOD.len();
/// Where the length of the head is.
pub const HEAD_BYTES_AT: usize = MISSING_AT + MISSING.len();
/// Where the length of head and document is.
pub const BYTES_AT: usize = HEAD_BYTES_AT + 1;
/// Where the head is.
pub const HEAD_AT: usize = BYTES_AT + 2;

/// Bytes of a document at most: as many as the kernel takes of a new connection at once, so that a
/// client who reads nothing keeps nobody waiting.
///
/// Source: `tcp_wmem` in tcp(7): a send buffer has 16 KiB or more from the start.
pub const DOCUMENT_BYTES_MAX: usize = 16 << 10;

/// The content for `document`, of `media_type`; none when it is too long, or its type is.
#[cfg(feature = "write")]
pub fn write(media_type: &str, document: &[u8]) -> Option<alloc::vec::Vec<u8>> {
    use alloc::format;

    let length = document.len();
    let head =
        format!("HTTP/1.0 200 \r\nContent-Type:{media_type}\r\nContent-Length:{length}\r\n\r\n");
    let head_bytes = u8::try_from(head.len()).ok()?;
    let bytes = u16::try_from(head.len() + length).ok()?;
    let lengths = [&[head_bytes][..], &bytes.to_le_bytes()].concat();
    let parts = [METHOD, MISSING, &lengths, head.as_bytes(), document];
    (length <= DOCUMENT_BYTES_MAX).then(|| parts.concat())
}

#[cfg(all(test, feature = "write"))]
mod tests {
    use super::*;

    #[test]
    fn content() {
        let head = "HTTP/1.0 200 \r\nContent-Type:text/html\r\nContent-Length:12\r\n\r\n";
        let content = write("text/html", b"hello world\n").unwrap();
        let (errors, page) = content.split_at(HEAD_AT);
        assert_eq!(&errors[..MISSING_AT], METHOD);
        assert_eq!(&errors[MISSING_AT..HEAD_BYTES_AT], MISSING);
        assert_eq!(errors[HEAD_BYTES_AT..], [60, 72, 0]);
        assert_eq!(page, [head.as_bytes(), b"hello world\n"].concat());
        assert_eq!(content.len(), 125);
    }

    #[test]
    fn limits() {
        let longest = std::vec![b'a'; DOCUMENT_BYTES_MAX];
        assert_eq!(write("a/b", &longest).unwrap()[BYTES_AT..HEAD_AT], 16_441_u16.to_le_bytes());
        assert_eq!(write("a/b", &[&longest[..], b"a"].concat()), None);
        let media_type = |bytes: usize| "a".repeat(bytes);
        assert!(write(&media_type(205), b"").is_some());
        assert_eq!(write(&media_type(207), b""), None);
    }
}
