//! What is packed is unpacked, and all else is, too, to something.

use std::string::String;
use std::vec::Vec;
use std::{env, format, fs, vec};

use super::*;

/// The first `bytes` bytes that `packed` is unpacked to, and what is not read of it.
fn unpacked(packed: &[u8], bytes: usize) -> (Vec<u8>, Vec<u8>) {
    let (mut out, mut left) = (vec![0; bytes], packed.iter().copied());
    let mut model = Model { contexts: &mut Contexts::default(), slots: &mut slots() };
    unpack(&mut model, &mut left, &mut out);
    (out, left.collect())
}

/// The length of what `bytes` are packed into, and unpacked from.
#[track_caller]
fn packed_bytes(bytes: &[u8]) -> usize {
    let packed = pack(bytes);
    assert_eq!(pack(bytes), packed, "the same each time");
    let (out, left) = unpacked(&packed, bytes.len());
    assert!(out == bytes);
    assert_eq!(left, [], "what is packed is read to its end");
    packed.len()
}

#[track_caller]
fn check(bytes: &[u8], expected: usize) {
    assert_eq!(packed_bytes(bytes), expected);
}

/// Bytes that look random and are the same in every run: an LCG of Knuth's.
fn random(count: usize) -> Vec<u8> {
    let next = |state: &u64| {
        Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407))
    };
    let states = core::iter::successors(next(&1), next);
    states.map(|state| (state >> 56) as u8).take(count).collect()
}

fn text() -> Vec<u8> {
    (0..300).map(|line| format!("{line} is line {line}\n")).collect::<String>().into_bytes()
}

#[test]
fn what_is_packed_is_unpacked() {
    check(b"", 0);
    check(b"\0", 4);
    check(b"\xff", 4);
    check(b"code code code code code code", 12);
    check(&[0; 10_000], 15);
    check(&(0..=255).collect::<Vec<u8>>(), 237);
    check(&text(), 643);
    check(&random(5_000), 5314);
}

#[test]
fn any_length() {
    let whole = [random(40), vec![0; 40], text(), random(40)].concat();
    for bytes in (0..20).chain([79, 80, 81, 255, 256, 257]) {
        let bytes = &whole[..bytes];
        // A bit that was not to be expected costs up to 16.
        assert!(packed_bytes(bytes) <= 2 * bytes.len() + 4);
    }
}

/// Thousands of the same byte, and then others: weights begin again when they are at an end, which
/// costs bytes and is no error.
#[test]
fn what_a_weight_cannot_count() {
    check(&[0; 20_000], 15);
    check(&[0; 30_000], 1378);
    check(&[vec![0xff; 20_000], vec![0; 20_000], random(1000)].concat(), 1356);
    check(&[0x80, 0x7f].repeat(20_000), 125);
}

/// As they were compiled: 32 KiB of this program from each of some places on.
#[test]
fn real_code() {
    let program = fs::read(env::current_exe().unwrap()).unwrap();
    for part in program.chunks_exact(1 << 15).step_by(program.len() / (5 << 15) + 1) {
        assert!(packed_bytes(part) < part.len() + 100);
    }
}

/// No bytes are wrong, nor too few: zeros follow.
#[test]
fn anything_is_unpacked() {
    let packed = pack(&text());
    for wrong in [vec![], vec![0xff; 3000], random(3000), packed.clone()] {
        for bytes in [0, 1, 2, 3, 4, 5, 100, wrong.len()] {
            let short = &wrong[..bytes.min(wrong.len())];
            let (out, _) = unpacked(short, 4000);
            let (same, _) = unpacked(&[short, &[0; 10_000]].concat(), 4000);
            assert!(out == same);
        }
    }
    // What was packed is there as far as it goes.
    let (out, left) = unpacked(&packed, 1000);
    assert!(out == text()[..1000]);
    assert!(!left.is_empty());
}

/// The sum of all weights, were each as large as it can be, still makes a chance.
#[test]
fn a_chance_is_neither_0_nor_1() {
    let (mut slots, places) = (slots(), Contexts::default());
    for weight in [i16::MIN, -26_215, -26_214, -1, 0, 1, 26_214, 26_215, i16::MAX] {
        slots.fill(Slot { weight, slowness: 0 });
        let mut model = Model { contexts: &mut places.clone(), slots: &mut slots };
        for error in [0, -ONE + 1, -1, 1, ONE - 1] {
            let chance = model.chance(1, error);
            assert!((1..ONE).contains(&chance), "{chance}");
        }
    }
}

/// It ends where an eighth of the difference is nothing.
#[test]
fn a_slot_learns_slower_until_it_does_not() {
    let mut slots = slots();
    let mut model = Model { contexts: &mut Contexts::default(), slots: &mut slots };
    for _ in 0..1000 {
        model.chance(0, 0);
    }
    let slowness = slots.iter().map(|slot| slot.slowness).max();
    assert_eq!(slowness, Some((FIRST_RATE - LAST_RATE - 7) as u16));
}
