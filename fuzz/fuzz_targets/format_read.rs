//! Any bytes are a content blob: lookups return, none panics. In front of the blob stand the
//! path to look up and its length.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pipkin_format::{Content, Extent, Standing, Stored};

fuzz_target!(|bytes: &[u8]| {
    let Some((&path_bytes, rest)) = bytes.split_first() else { return };
    let Some((path, blob)) = rest.split_at_checked(path_bytes.into()) else { return };
    let content = Content::new(blob);
    content.port();
    content.fallback_bytes();
    let standing = Standing::ALL.map(|standing| content.standing(standing));
    content
        .find(path)
        .into_iter()
        .chain(standing)
        .for_each(|first| read_all(&content, blob, first));
});

/// Reads an answer and those behind it, which come to an end.
fn read_all(content: &Content<'_>, blob: &[u8], first: Stored) {
    let mut count = 0;
    for stored in std::iter::successors(Some(first), |&stored| content.next(stored)) {
        for extent in [Extent::Whole, Extent::Part, Extent::Shared] {
            assert!(content.head(stored, extent).len() <= blob.len());
        }
        content.coding(stored);
        content.flags(stored);
        let body = content.body(stored);
        let bytes = content.bytes(body).len();
        assert!(bytes == 0 || bytes as u64 == body.len);
        count += 1;
        assert!(count <= blob.len() + 1, "answers without end");
    }
}
