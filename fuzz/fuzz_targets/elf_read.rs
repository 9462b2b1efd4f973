//! Any bytes are a program or an error; what is read can be written, if there is room for content,
//! and as small as it can be, if it is flat.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pipkin_elf::{Program, Shape};

fuzz_target!(|bytes: &[u8]| {
    let programs = [
        pipkin_elf::read(bytes).ok(),
        pipkin_elf::read_handler(bytes).ok().map(|handler| handler.program),
    ];
    for program in programs.into_iter().flatten() {
        if let Ok(out) = program.with_content(1) {
            assert_eq!(out.len(), program.bytes());
        }
        check_small(&program);
    }
});

fn check_small(program: &Program) {
    let [portable, golf] =
        [Shape::Portable, Shape::Golf].map(|shape| program.minimise(b"x", shape));
    let portable = portable.map(|out| out.len()).ok();
    assert!(portable.is_none_or(|bytes| bytes == program.bytes() + 1));
    if let Ok(golf) = golf {
        let least = portable.map(|bytes| (bytes - 48).max(80));
        assert_eq!(Some(golf.len()), least);
    }
}
