//! Any bytes are unpacked to as many as are asked for; what is packed is unpacked to what it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pipkin_format::packed::{Contexts, Model, pack, slots, unpack};

fuzz_target!(|bytes: &[u8]| {
    let _ = unpacked(bytes, 2 * bytes.len());
    assert!(unpacked(&pack(bytes), bytes.len()) == bytes);
});

fn unpacked(packed: &[u8], bytes: usize) -> Vec<u8> {
    let mut out = vec![0; bytes];
    let mut model = Model { contexts: &mut Contexts::default(), slots: &mut slots() };
    unpack(&mut model, &mut packed.iter().copied(), &mut out);
    out
}
