use std::vec;
use std::vec::Vec;

use super::*;

#[track_caller]
fn check(bytes: &[u8], packed_bytes: usize) {
    let packed = pack(bytes);
    assert_eq!(packed.len(), packed_bytes);
    let (mut out, mut left) = (vec![0; bytes.len()], packed.into_iter());
    let mut model = Model { contexts: &mut Contexts::default(), slots: &mut slots() };
    unpack(&mut model, &mut left, &mut out);
    assert_eq!(out, bytes);
    assert_eq!(left.next(), None, "what is packed is read to its end");
}

#[test]
fn what_is_packed_is_unpacked() {
    check(b"", 0);
    check(b"\0", 4);
    check(b"\xff", 4);
    check(b"code code code code code code", 12);
    check(&[0; 10_000], 15);
    check(&(0..=255).collect::<Vec<u8>>(), 237);
}
