//! Any bytes are a content blob: lookups return, none panics. In front of the blob stand the
//! path to look up and its length.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pipkin_format::{Content, Standing};

fuzz_target!(|bytes: &[u8]| {
    let Some((&path_bytes, rest)) = bytes.split_first() else { return };
    let Some((path, blob)) = rest.split_at_checked(path_bytes.into()) else { return };
    let content = Content::new(blob);
    content.port();
    if let Some(stored) = content.find(path) {
        assert!(content.head(stored).starts_with(content.shared(stored)));
        content.bytes(content.body(stored));
    }
    for standing in Standing::ALL {
        content.bytes(content.body(content.standing(standing)));
    }
});
