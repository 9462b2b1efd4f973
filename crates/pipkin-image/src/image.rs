//! The image: a layer, its config and its manifest, complete from the start.

use crate::descriptor::{CONFIG, MANIFEST};
use crate::{Annotations, Descriptor, Digest, Layer, Platform, Settings, config, manifest};

/// An image for one platform with one layer. The bytes of the layer are the caller's; all other
/// bytes are here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    platform: Platform,
    layer: Layer,
    config: Vec<u8>,
    config_descriptor: Descriptor,
    manifest: Vec<u8>,
    descriptor: Descriptor,
}

impl Image {
    /// The image that unpacks to `layer` and runs by `settings`; its manifest carries
    /// `annotations`.
    pub fn new(
        platform: &Platform,
        settings: &Settings,
        annotations: &Annotations,
        layer: Layer,
    ) -> Image {
        let config = config::document(platform, settings, &[layer.diff_id]);
        let config_descriptor = Descriptor::of(CONFIG, &config);
        let layers = std::slice::from_ref(&layer.descriptor);
        let manifest = manifest::document(&config_descriptor, layers, annotations, layer.spelling);
        let mut descriptor = Descriptor::of(MANIFEST, &manifest);
        descriptor.platform = Some(platform.clone());
        Image { platform: platform.clone(), layer, config, config_descriptor, manifest, descriptor }
    }

    /// The platform that the image runs on.
    pub fn platform(&self) -> &Platform {
        &self.platform
    }

    /// The digest of the manifest, which is the image's name to a registry.
    pub fn digest(&self) -> Digest {
        self.descriptor.digest
    }

    /// The descriptor of the manifest, with the platform, as an index lists it.
    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// The bytes of the manifest.
    pub fn manifest(&self) -> &[u8] {
        &self.manifest
    }

    /// The descriptor of the config.
    pub fn config_descriptor(&self) -> &Descriptor {
        &self.config_descriptor
    }

    /// The bytes of the config.
    pub fn config(&self) -> &[u8] {
        &self.config
    }

    /// The layer.
    pub fn layer(&self) -> &Layer {
        &self.layer
    }

    /// What a registry stores: the bytes of the layer, the config and the manifest.
    pub fn registry_bytes(&self) -> u64 {
        self.layer.descriptor.size + self.config_descriptor.size + self.descriptor.size
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn the_parts_name_each_other() {
        let (image, layer) = samples::image("linux/amd64", b"#!");
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        assert!(text(image.config()).contains(&image.layer().diff_id.to_string()));
        assert!(text(image.manifest()).contains(&image.config_descriptor().digest.to_string()));
        assert!(text(image.manifest()).contains(&Digest::of(&layer).to_string()));
        assert_eq!(image.digest(), Digest::of(image.manifest()));
        let blobs = [image.config(), image.manifest(), &layer];
        assert_eq!(image.registry_bytes(), blobs.map(<[u8]>::len).iter().sum::<usize>() as u64);
    }

    /// A program of 150 bytes: headers, two system calls, and what it says.
    const PROGRAM: [&[u8]; 2] = [
        b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0\x01\0\0\0\x78\0\0\0\0\0\0\0\
        \x40\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x40\0\x38\0\x01\0\0\0\0\0\0\0\
        \x01\0\0\0\x05\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
        \x96\0\0\0\0\0\0\0\x96\0\0\0\0\0\0\0\0\x10\0\0\0\0\0\0",
        b"H\x8d\x35\x11\0\0\0\x6a\x01\x58\x89\xc7\x6a\x06\x5a\x0f\x05\x6a\x3c\x58\x31\xff\x0f\x05hello\n",
    ];

    #[track_caller]
    fn check_bytes((image, layer): (Image, Vec<u8>), expected: [usize; 3]) {
        let parts = [layer.len(), image.config().len(), image.manifest().len()];
        assert_eq!(parts, expected);
        assert_eq!(image.registry_bytes(), expected.iter().sum::<usize>() as u64);
    }

    #[test]
    fn what_a_registry_stores_of_a_small_program() {
        let program = PROGRAM.concat();
        assert_eq!(program.len(), 150);
        check_bytes(samples::image("linux/amd64", &program), [133, 182, 401]);
        check_bytes(samples::golf("linux/amd64", &program), [109, 175, 344]);
    }
}
