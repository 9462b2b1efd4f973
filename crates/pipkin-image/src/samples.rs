//! What the tests of several modules build on.

use crate::{Annotations, Entry, Image, Settings, layer};

/// An image whose one file is `program`, and the bytes of its layer.
pub(crate) fn image(platform: &str, program: &[u8]) -> (Image, Vec<u8>) {
    let file = Entry::file("/a", 0o755, program.len() as u64, program);
    let (bytes, layer) = layer::write([file], Vec::new()).unwrap();
    let settings = Settings { entrypoint: vec!["/a".into()], ..Settings::default() };
    let image = Image::new(&platform.parse().unwrap(), &settings, &Annotations::new(), layer);
    (image, bytes)
}
