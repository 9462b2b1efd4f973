//! Any bytes are a program or an error; what is read can be written.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(program) = pipkin_elf::read(bytes) {
        assert_eq!(program.with_content(1).len(), program.bytes());
    }
});
