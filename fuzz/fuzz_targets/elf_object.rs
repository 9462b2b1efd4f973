//! Any bytes are an object or an error; what it says is text of the file, and never more than the
//! file has. What is stripped is no longer than it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pipkin_elf::{Object, strip};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(object) = Object::read(bytes) {
        check(&object, bytes.len());
    }
    assert!(strip(bytes).map_or(0, |out| out.len()) <= bytes.len());
});

fn check(object: &Object<'_>, bytes_max: usize) {
    let (interpreter, soname) = (object.interpreter(), object.soname());
    let paths = [interpreter, soname, object.rpath(), object.runpath()];
    let texts = paths.into_iter().flatten().chain(object.needed().iter().copied());
    assert!(texts.chain(object.imports().iter().copied()).all(|text| !text.contains('\0')));
    let counts = [object.needed().len(), object.imports().len(), object.dlopen_notes().len()];
    assert!(counts.into_iter().all(|count| count <= bytes_max));
    // No byte is in two of them.
    let literals = object.literals(1).map(|text| text.len() + 1);
    assert!(literals.sum::<usize>() <= bytes_max);
}
