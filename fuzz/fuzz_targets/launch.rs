//! Any bytes are a recipe, which comes to an end; one that is whole is written the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pipkin_format::launch::{self, Kind, Recipe};

const KINDS: [Kind; 9] = [
    Kind::Place,
    Kind::Interpreter,
    Kind::Execute,
    Kind::Argument,
    Kind::Name,
    Kind::Unless,
    Kind::Variable,
    Kind::OwnVariable,
    Kind::FrontVariable,
];

fuzz_target!(|bytes: &[u8]| {
    let mut recipe = Recipe::new(bytes);
    let (mut steps, mut read) = (Vec::new(), 0);
    while let letter @ 1.. = recipe.byte() {
        let text: Vec<u8> =
            std::iter::repeat_with(|| recipe.byte()).take_while(|byte| *byte != 0).collect();
        read += text.len() + 2;
        // The NUL behind the last may be missing.
        assert!(read <= bytes.len() + 1, "a recipe without end");
        steps.push((letter, text));
    }
    let step = |(letter, text): &(u8, Vec<u8>)| {
        let kind = KINDS.into_iter().find(|kind| *kind as u8 == *letter)?;
        Some((kind, String::from_utf8(text.clone()).ok()?))
    };
    let Some(steps) = steps.iter().map(step).collect::<Option<Vec<_>>>() else { return };
    let steps: Vec<_> = steps.iter().map(|(kind, text)| (*kind, text.as_str())).collect();
    let Some(written) = launch::write(&steps) else { return };
    assert_eq!(written.len(), read);
    assert!(written.starts_with(&bytes[..read.min(bytes.len())]));
});
