//! A blob that the extended server makes when it starts: one answer, with a body that nobody could
//! know before, and the standing answers that go with it.

use crate::{
    ANSWER_BYTES, BODY_LEN_AT, CODING_AT, ETAG_BYTES, ETAG_NAME, EXTENTS_AT, Extent, FLAGS_AT,
    HEAD_BYTES_MAX, HEADER_BYTES, OK_LINE, STANDING_AT, Standing, Stored, read::Content,
};

/// Where the body of the answer begins in the blob: all that comes before it has space.
pub const MADE_BODY_AT: usize = HEADER_BYTES + Standing::COUNT * (ANSWER_BYTES + HEAD_BYTES_MAX);

/// Digits of the longest length of a body, and the blank before them.
const LENGTH_BYTES: usize = 21;

const BASE64URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Makes `blob`, in which the body is, [`MADE_BODY_AT`] bytes from its start and up to its end, a blob:
/// its standing answer for OPTIONS is `model` with that body, the others are those of `site`. None
/// when the head has no space.
///
/// The head of the model has any entity tag, and a length without a number at its end. It may be
/// repeated as others are.
pub fn make(blob: &mut [u8], site: Content<'_>, model: Stored) -> Option<()> {
    let (_, body) = blob.split_at_checked(MADE_BODY_AT)?;
    let (tag, body_bytes) = (tag(body), body.len() as u64);
    let mut at = HEADER_BYTES;
    for standing in Standing::ALL {
        put(blob, STANDING_AT + 4 * standing as usize, &(at as u32).to_le_bytes())?;
        let is_made = matches!(standing, Standing::Options);
        let stored = if is_made { model } else { site.standing(standing) };
        let head = site.head(stored, Extent::Whole);
        let head_at = at + ANSWER_BYTES;
        put(blob, at, site.bytes_of(stored)?)?;
        put(blob, at, &[0; CODING_AT])?;
        put(blob, at + FLAGS_AT, &[0])?;
        put(blob, head_at, head)?;
        let mut head_bytes = head.len();
        if is_made {
            let mut length = [0; LENGTH_BYTES];
            let length = decimal(body_bytes, &mut length);
            put(blob, head_at + OK_LINE.len() + ETAG_NAME.len(), &tag)?;
            put(blob, head_at + head_bytes, length)?;
            head_bytes += length.len();
            put(blob, at, &(MADE_BODY_AT as u64).to_le_bytes())?;
            put(blob, at + BODY_LEN_AT, &body_bytes.to_le_bytes())?;
            put(blob, at + EXTENTS_AT, &(head_bytes as u16).to_le_bytes())?;
        }
        at = head_at + head_bytes;
    }
    (at <= MADE_BODY_AT).then_some(())
}

fn put(blob: &mut [u8], at: usize, bytes: &[u8]) -> Option<()> {
    let space = blob.get_mut(at..)?.get_mut(..bytes.len())?;
    space.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    Some(())
}

/// The entity tag of a body: 96 bits of two hashes, the second of which starts where the first has
/// ended.
fn tag(body: &[u8]) -> [u8; ETAG_BYTES] {
    let first = hash(0xcbf2_9ce4_8422_2325, body);
    let second = hash(first, body);
    let mut bits = u128::from(first) << 64 | u128::from(second);
    let mut tag = [b'"'; ETAG_BYTES];
    let [_, letters @ .., _] = &mut tag;
    for letter in letters {
        *letter = BASE64URL[(bits >> 122) as usize];
        bits <<= 6;
    }
    tag
}

/// 64-bit FNV-1a from any start.
///
/// Source: draft-eastlake-fnv, section 2.
fn hash(start: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(start, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The number in decimal digits behind a blank.
fn decimal(mut number: u64, space: &mut [u8; LENGTH_BYTES]) -> &[u8] {
    let mut count = 0;
    for digit in space.iter_mut().rev() {
        count += 1;
        if number == 0 && count > 1 {
            *digit = b' ';
            break;
        }
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
    space.get(LENGTH_BYTES - count..).unwrap_or_default()
}

#[cfg(all(test, feature = "write"))]
mod tests;
