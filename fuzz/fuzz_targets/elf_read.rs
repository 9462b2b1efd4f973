//! Any bytes are a program or an error; what is read can be written, if there is room for content.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let programs = [
        pipkin_elf::read(bytes).ok(),
        pipkin_elf::read_handler(bytes).ok().map(|handler| handler.program),
    ];
    for program in programs.into_iter().flatten() {
        if let Ok(out) = program.with_content(1) {
            assert_eq!(out.len(), program.bytes());
        }
    }
});
