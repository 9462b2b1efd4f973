//! Round trips, and what no browser would take.

use super::*;

fn encode(coding: Coding, plain: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::new();
    coding.encode(&mut &plain[..], plain.len() as u64, &mut encoded).unwrap();
    encoded
}

/// What `encoded` decodes to, and what is behind it.
fn decode(coding: Coding, mut encoded: &[u8]) -> io::Result<(Vec<u8>, usize)> {
    let mut plain = Vec::new();
    coding.decode(&mut encoded)?.read_to_end(&mut plain)?;
    Ok((plain, encoded.len()))
}

#[test]
fn round_trips() {
    for coding in Coding::ALL {
        for plain in [b"".to_vec(), b"pipkin".to_vec(), b"small pot ".repeat(2000)] {
            let encoded = encode(coding, &plain);
            assert_eq!(decode(coding, &encoded).unwrap(), (plain.clone(), 0), "{coding}");
            assert_eq!(encode(coding, &plain), encoded, "{coding}");
        }
    }
}

#[test]
fn a_cut_at_every_byte() {
    for coding in Coding::ALL {
        let encoded = encode(coding, &b"small pot ".repeat(20));
        for end in 0..encoded.len() {
            assert!(decode(coding, &encoded[..end]).is_err(), "{coding} of {end} bytes");
        }
    }
}

#[test]
fn what_is_behind_the_end_is_left() {
    for coding in Coding::ALL {
        let once = encode(coding, b"small pot");
        let decoded = (b"small pot".to_vec(), once.len());
        assert_eq!(decode(coding, &once.repeat(2)).unwrap(), decoded, "{coding}");
    }
}

#[test]
fn windows_that_browsers_refuse() {
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
    encoder.window_log(ZSTD_WINDOW_LOG_MAX + 1).unwrap();
    encoder.write_all(&[0; 100]).unwrap();
    encoder.flush().unwrap();
    assert!(decode(Coding::Zstd, &encoder.finish().unwrap()).is_err());

    let (mut encoded, plain) = (Vec::new(), [0; 100]);
    let parameters = BrotliEncoderParams { large_window: true, lgwin: 28, ..Default::default() };
    brotli::BrotliCompress(&mut &plain[..], &mut encoded, &parameters).unwrap();
    assert!(decode(Coding::Brotli, &encoded).is_err());
}

#[test]
fn longer_ones_stream() {
    for coding in Coding::ALL {
        let plain = vec![b'x'; 1 << 20];
        let mut encoded = Vec::new();
        let input = &mut plain.repeat(17);
        coding.encode(&mut &input[..], input.len() as u64, &mut encoded).unwrap();
        assert!(decode(coding, &encoded).unwrap() == (input.clone(), 0), "{coding}");
    }
}

#[test]
fn names() {
    let check = |text: &str, expected: Result<Coding, &str>| assert_eq!(text.parse(), expected);
    check("gzip", Ok(Coding::Gzip));
    check("br", Ok(Coding::Brotli));
    check("zstd", Ok(Coding::Zstd));
    let error = Err("the codings are gzip, br and zstd; several are separated by commas");
    for text in ["", "GZIP", "gz", "brotli", "deflate", "identity", "gzip br"] {
        check(text, error);
    }
}
