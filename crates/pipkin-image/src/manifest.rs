//! The manifest: the config and the layers that make up one image.

use serde::Serialize;

use crate::descriptor::MANIFEST;
use crate::{Annotations, Descriptor};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    schema_version: u8,
    media_type: &'static str,
    config: &'a Descriptor,
    layers: &'a [Descriptor],
    #[serde(skip_serializing_if = "Annotations::is_empty")]
    annotations: &'a Annotations,
}

/// The bytes of the manifest of `config` and `layers`.
///
/// The media type is optional by the specification and kept: registries and tools that are not
/// much older than it look for it.
///
/// Source: OCI image-spec, Image Manifest.
pub fn document(config: &Descriptor, layers: &[Descriptor], annotations: &Annotations) -> Vec<u8> {
    let media_type = MANIFEST;
    crate::json(&Document { schema_version: 2, media_type, config, layers, annotations })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptor::{CONFIG, LAYER};
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(annotations: &Annotations, expected: &Expect) {
        let (config, layer) = (Descriptor::of(CONFIG, b"c"), Descriptor::of(LAYER, b"l"));
        let bytes = document(&config, &[layer], annotations);
        expected.assert_eq(&String::from_utf8(bytes).unwrap());
    }

    #[test]
    fn manifests() {
        check(
            &Annotations::new(),
            &expect![[
                r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:2e7d2c03a9507ae265ecf5b5356885a53393a2029d241394997265a1a25aefc6","size":1},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:acac86c0e609ca906f632b0e2dacccb2b77d22b0621f20ebece1a4835b93f6f0","size":1}]}"#
            ]],
        );
        check(
            &[("b".into(), "2".into()), ("a".into(), "1".into())].into(),
            &expect![[
                r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:2e7d2c03a9507ae265ecf5b5356885a53393a2029d241394997265a1a25aefc6","size":1},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:acac86c0e609ca906f632b0e2dacccb2b77d22b0621f20ebece1a4835b93f6f0","size":1}],"annotations":{"a":"1","b":"2"}}"#
            ]],
        );
    }
}
