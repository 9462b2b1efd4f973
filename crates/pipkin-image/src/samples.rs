//! What the tests of several modules build on.

use crate::{Annotations, Entry, Image, Settings, Spelling, layer};

/// An image whose one file is `program`, and the bytes of its layer.
pub(crate) fn image(platform: &str, program: &[u8]) -> (Image, Vec<u8>) {
    let settings = Settings { entrypoint: vec!["/a".into()], ..Settings::default() };
    spelled(platform, program, &settings, Spelling::Full)
}

/// The same in the least that readers need.
pub(crate) fn golf(platform: &str, program: &[u8]) -> (Image, Vec<u8>) {
    let settings = Settings { cmd: vec!["/a".into()], ..Settings::default() };
    spelled(platform, program, &settings, Spelling::Golf)
}

fn spelled(
    platform: &str,
    program: &[u8],
    settings: &Settings,
    spelling: Spelling,
) -> (Image, Vec<u8>) {
    let file = Entry::file("/a", 0o755, program.len() as u64, program);
    let (bytes, layer) = layer::spell([file], spelling, Vec::new()).unwrap();
    let platform = platform.parse().unwrap();
    (Image::new(&platform, settings, &Annotations::new(), layer), bytes)
}
