//! Any bytes are a request, the start of one, or neither; a head is read the same whatever
//! follows it, and every cut of it is partial.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pipkin_server::http::request::{Parsed, Request, parse, percent_decode};

fuzz_target!(|input: &[u8]| {
    let (mut request, mut again) = (Request::default(), Request::default());
    if parse(input, &mut request) != Parsed::Complete {
        return;
    }
    assert_eq!(parse(&input[..request.head_bytes], &mut again), Parsed::Complete);
    assert_eq!(again, request);
    for cut in 0..request.head_bytes {
        assert_eq!(parse(&input[..cut], &mut Request::default()), Parsed::Partial, "cut at {cut}");
    }
    let mut space = [0; 64];
    let decoded = percent_decode(request.path(), &mut space);
    assert!(decoded.is_none_or(|path| path.len() <= request.path().len()));
});
