//! Any bytes are a program or an error; what is read can be written.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let programs = [
        pipkin_elf::read(bytes).ok(),
        pipkin_elf::read_handler(bytes).ok().map(|handler| handler.program),
    ];
    for program in programs.into_iter().flatten() {
        // There may be no room for content before its variables.
        if let Ok(server) = program.with_content(1) {
            assert_eq!(server.len(), program.bytes());
        }
    }
});
