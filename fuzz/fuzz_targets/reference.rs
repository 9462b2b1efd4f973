//! Any text is an image name or an error; a name in full is a name, and means the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pipkin_image::Reference;

fuzz_target!(|text: &str| {
    let Ok(reference) = text.parse::<Reference>() else { return };
    assert_eq!(reference.to_string().parse().ok().as_ref(), Some(&reference));
    // In full it may be too long.
    if let Ok(full) = reference.normalised().parse::<Reference>() {
        assert_eq!(full.normalised(), reference.normalised());
    }
});
