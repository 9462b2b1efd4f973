//! Any bytes are a request, the start of one, or neither. What they are does not change as more
//! come, a head is read the same whatever follows it, and httparse takes it for one, too.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pipkin_format::{IDENTITY, coding};
use pipkin_server::conn::INPUT_BYTES;
use pipkin_server::http::names::Name;
use pipkin_server::http::request::{Parsed, Request};

fuzz_target!(|input: &[u8]| {
    let input = &input[..input.len().min(INPUT_BYTES)];
    let mut request = Box::<Request>::default();
    request.load(input);
    let whole = request.parse(0);
    let head_bytes = request.next() as usize;
    if whole == Parsed::Complete {
        read_fields(&mut request);
        check_by_other(&input[..head_bytes]);
    }
    let mut before = Parsed::Partial;
    for cut in 0..input.len() {
        request.load(&input[..cut]);
        let parsed = request.parse(0);
        assert!(before == Parsed::Partial || parsed == before, "changes at {cut}");
        if parsed == Parsed::Complete {
            assert_eq!(request.next() as usize, head_bytes);
        }
        assert_eq!(parsed == Parsed::Complete, whole == Parsed::Complete && cut >= head_bytes);
        before = parsed;
    }
    assert!(before == Parsed::Partial || whole == before);
});

/// Reads all that a site asks of a request, whatever its method.
fn read_fields(request: &mut Request) {
    const TAG: &[u8; 18] = b"\"0123456789abcdef\"";
    let mut space = [0; 64];
    // Longer than the space is an answer, too.
    assert!(request.path(&mut space).is_none_or(|bytes| bytes <= INPUT_BYTES));
    request.navigates();
    for coding in [IDENTITY, coding(b"gzip"), coding(b"br")] {
        request.quality(coding);
    }
    for name in [Name::IfMatch, Name::IfNoneMatch, Name::IfRange] {
        let has_strong = request.has_tag(name, TAG, b'/');
        assert!(!has_strong || request.has_tag(name, TAG, 0) && request.has(name));
    }
    for bytes in [0, 1, 100, u64::MAX >> 8] {
        let asks = request.asks_for_part(bytes);
        assert!(!asks || request.has(Name::Range));
        assert!(!(asks && bytes == 0 && request.is_part()));
    }
}

fn check_by_other(head: &[u8]) {
    let mut headers = vec![httparse::EMPTY_HEADER; INPUT_BYTES / 3];
    let parsed = httparse::Request::new(&mut headers).parse(head);
    assert_eq!(parsed, Ok(httparse::Status::Complete(head.len())));
}
