//! Entity tags from content.

/// The SHA-256 of a body.
pub(crate) type Digest = [u8; 32];

/// Bits of the digest that make the tag: two of 2^40 different bodies share one with a chance
/// of 2^-17, and 96 bits are 16 letters of base64url without padding.
const TAG_BITS: usize = 96;

const BASE64URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The strong entity tag of the body with this digest, quotes included.
///
/// It comes from content and not from size and time, since an image built twice has one time
/// for all versions and a browser would keep the old page.
///
/// Source: RFC 9110 section 8.8.3; RFC 4648 section 5 (base64url).
pub(crate) fn etag(digest: &Digest) -> String {
    let letters = digest[..TAG_BITS / 8].chunks(3).flat_map(|three| {
        let bits = three.iter().fold(0, |bits, &byte| bits << 8 | usize::from(byte));
        [18, 12, 6, 0].map(|shift| char::from(BASE64URL[bits >> shift & 63]))
    });
    format!("\"{}\"", letters.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(head: &[u8], tag: &str) {
        let mut digest = [0xaa; 32];
        digest[..head.len()].copy_from_slice(head);
        assert_eq!(etag(&digest), tag);
    }

    #[test]
    fn first_96_bits_in_base64url() {
        check(&[0; 12], "\"AAAAAAAAAAAAAAAA\"");
        check(&[0xff; 12], "\"________________\"");
        check(b"Many hands m", "\"TWFueSBoYW5kcyBt\"");
        check(&[0xfb, 0xef, 0xbe, 0, 0, 1, 0, 0, 63, 0, 0, 64], "\"----AAABAAA_AABA\"");
    }
}
