use super::*;
use crate::Digest;
use crate::validate::gunzip;

/// `length` bytes in which a compressor finds something, but not everything.
fn sample(length: usize) -> Vec<u8> {
    let mut state = 1u32;
    let word = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        [b'a' + (state >> 29) as u8, (state >> 24) as u8]
    };
    (0..length.div_ceil(2)).flat_map(word).take(length).collect()
}

/// Limits so low that short inputs reach all of them.
const LOW: Limits =
    Limits { zopfli_bytes_max: 20, member_bytes: 32, best_members: 2, batch_members: 3 };

/// The gzip form of `input`, written in pieces of `piece` bytes on `threads` threads.
fn gzip(limits: Limits, input: &[u8], piece: usize, threads: usize) -> Vec<u8> {
    let mut gzip = Gzip { limits, ..Gzip::with_threads(Vec::new(), threads) };
    for bytes in input.chunks(piece) {
        gzip.write_all(bytes).unwrap();
        gzip.flush().unwrap();
    }
    gzip.finish().unwrap()
}

/// Every length up to the third batch, so each limit, the one before it and the one after it.
#[test]
fn bytes_come_back_and_depend_on_the_input_alone() {
    for length in 0..=2 * 96 + 1 {
        let input = sample(length);
        let output = gzip(LOW, &input, usize::MAX, 1);
        assert_eq!(gunzip(&output).unwrap(), input, "{length} bytes");
        for (piece, threads) in [(1, 2), (7, 3), (32, 64), (96, 1), (usize::MAX, 4)] {
            let again = gzip(LOW, &input, piece, threads);
            assert!(again == output, "{length} bytes in pieces of {piece} on {threads} threads");
        }
    }
}

#[test]
fn the_limits_choose_the_compressor() {
    let members = |length| {
        let output = gzip(LOW, &sample(length), usize::MAX, 2);
        let count = output.windows(4).filter(|window| *window == [31, 139, 8, 0]).count();
        (output[9], count)
    };
    let (zopfli, libdeflate) = (3, 255); // The system that each names in its header.
    assert_eq!(members(0), (zopfli, 1));
    assert_eq!(members(20), (zopfli, 1));
    assert_eq!(members(21), (libdeflate, 1));
    assert_eq!(members(32), (libdeflate, 1));
    assert_eq!(members(33), (libdeflate, 2));
    assert_eq!(members(96), (libdeflate, 3));
    assert_eq!(members(97), (libdeflate, 4));
}

/// The bytes themselves, so that a new compressor does not change every image unnoticed.
#[track_caller]
fn check(length: usize, bytes: usize, digest: &str) {
    let input = sample(length);
    let output = gzip(LIMITS, &input, 4093, 2);
    assert!(gunzip(&output).unwrap() == input);
    assert_eq!((output.len(), &Digest::of(&output).hex()[..16]), (bytes, digest), "{length}");
    assert_eq!(output[..8], [31, 139, 8, 0, 0, 0, 0, 0], "no name and no time");
}

#[test]
fn bytes() {
    check(0, 20, "f61f27bd17de5462");
    check(1, 21, "86ad97fc8228352e");
    check(8192, 6_252, "9b6e120db2132bf2");
    check(LIMITS.zopfli_bytes_max + 1, 182_860, "9c98f2145bb6cddd");
    check(LIMITS.member_bytes + 1, 2_910_461, "8efa3c1c5757c381");
}

/// A sink that fails once it has taken `left` bytes.
struct Full {
    left: usize,
}

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.left);
        self.left -= taken;
        if taken > 0 { Ok(taken) } else { Err(io::ErrorKind::StorageFull.into()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn errors_of_the_sink_come_back() {
    for length in [0, 20, 21, 400] {
        let mut gzip = Gzip { limits: LOW, ..Gzip::new(Full { left: 12 }) };
        let written = gzip.write_all(&sample(length));
        let error = written.and_then(|()| gzip.finish()).err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }
}
