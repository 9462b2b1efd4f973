//! What the tests of several modules build on.

use crate::{Annotations, File, Image, Settings, layer};

/// An image whose one file is `program`, and the bytes of its layer.
pub(crate) fn image(platform: &str, program: &[u8]) -> (Image, Vec<u8>) {
    let mut data = program;
    let file = File { path: "/a", mode: 0o755, size: program.len() as u64, data: &mut data };
    let (bytes, layer) = layer::write([file], Vec::new()).unwrap();
    let settings = Settings { entrypoint: vec!["/a".into()], ..Settings::default() };
    let image = Image::new(&platform.parse().unwrap(), &settings, &Annotations::new(), layer);
    (image, bytes)
}
