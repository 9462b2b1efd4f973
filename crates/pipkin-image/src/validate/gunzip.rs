//! Gzip to bytes, for streams of several members.

use libdeflater::{DecompressionError, Decompressor};

/// The decompressed form of all gzip members in `bytes`.
///
/// # Errors
///
/// A text that says what is wrong, for anything that is not whole members.
///
/// Source: RFC 1952, section 2.2.
pub fn gunzip(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut output = Vec::new();
    let mut at = 0;
    while at == 0 || at < bytes.len() {
        let member = inflate(&bytes[at..]).ok_or_else(|| format!("is no gzip at byte {at}"))?;
        at += member_length(&bytes[at..], &member);
        output.extend_from_slice(&member);
    }
    Ok(output)
}

/// The content of the member that `bytes` start with.
fn inflate(bytes: &[u8]) -> Option<Vec<u8>> {
    /// Deflate writes 258 bytes with two bits at best.
    const RATIO_MAX: usize = 1032;
    let mut output = vec![0; 64 << 10];
    loop {
        match Decompressor::new().gzip_decompress(bytes, &mut output) {
            Ok(length) => {
                output.truncate(length);
                return Some(output);
            }
            Err(DecompressionError::InsufficientSpace)
                if output.len() / RATIO_MAX <= bytes.len() =>
            {
                output = vec![0; output.len() * 4];
            }
            Err(_) => return None,
        }
    }
}

/// The length of the member that `bytes` start with and that decompresses to `content`.
///
/// libdeflater does not tell it. A member ends with the checksum and the length of its content:
/// of the places where these bytes stand, the first up to which the input decompresses is it.
fn member_length(bytes: &[u8], content: &[u8]) -> usize {
    let mut trailer = libdeflater::crc32(content).to_le_bytes().to_vec();
    trailer.extend((content.len() as u32).to_le_bytes());
    let mut output = vec![0; content.len()];
    let mut is_member =
        |end: usize| Decompressor::new().gzip_decompress(&bytes[..end], &mut output).is_ok();
    let windows = bytes.windows(trailer.len()).enumerate();
    let mut ends = windows.filter(|(_, window)| *window == trailer).map(|(i, _)| i + trailer.len());
    ends.find(|&end| is_member(end)).unwrap_or(bytes.len())
}
