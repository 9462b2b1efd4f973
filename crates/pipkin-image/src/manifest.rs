//! The manifest: the config and the layers that make up one image.

use serde::Serialize;

use crate::descriptor::MANIFEST;
use crate::{Annotations, Descriptor, Spelling};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    schema_version: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    media_type: Option<&'static str>,
    config: &'a Descriptor,
    layers: &'a [Descriptor],
    #[serde(skip_serializing_if = "Annotations::is_empty")]
    annotations: &'a Annotations,
}

/// The bytes of the manifest of `config` and `layers`.
///
/// The media type is optional by the specification and kept, but in [`Spelling::Golf`]: registries
/// and tools that are not much older than it look for it.
///
/// Source: OCI image-spec, Image Manifest.
pub fn document(
    config: &Descriptor,
    layers: &[Descriptor],
    annotations: &Annotations,
    spelling: Spelling,
) -> Vec<u8> {
    let media_type = (spelling == Spelling::Full).then_some(MANIFEST);
    crate::json(&Document { schema_version: 2, media_type, config, layers, annotations })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptor::{CONFIG, LAYER};
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(annotations: &Annotations, spelling: Spelling, expected: &Expect) {
        let (config, layer) = (Descriptor::of(CONFIG, b"c"), Descriptor::of(LAYER, b"l"));
        let bytes = document(&config, &[layer], annotations, spelling);
        expected.assert_eq(&String::from_utf8(bytes).unwrap());
    }

    #[test]
    fn manifests() {
        check(
            &Annotations::new(),
            Spelling::Full,
            &expect![[
                r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:2e7d2c03a9507ae265ecf5b5356885a53393a2029d241394997265a1a25aefc6","size":1},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:acac86c0e609ca906f632b0e2dacccb2b77d22b0621f20ebece1a4835b93f6f0","size":1}]}"#
            ]],
        );
        check(
            &Annotations::new(),
            Spelling::Golf,
            &expect![[
                r#"{"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:2e7d2c03a9507ae265ecf5b5356885a53393a2029d241394997265a1a25aefc6","size":1},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:acac86c0e609ca906f632b0e2dacccb2b77d22b0621f20ebece1a4835b93f6f0","size":1}]}"#
            ]],
        );
        check(
            &[("b".into(), "2".into()), ("a".into(), "1".into())].into(),
            Spelling::Full,
            &expect![[
                r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:2e7d2c03a9507ae265ecf5b5356885a53393a2029d241394997265a1a25aefc6","size":1},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:acac86c0e609ca906f632b0e2dacccb2b77d22b0621f20ebece1a4835b93f6f0","size":1}],"annotations":{"a":"1","b":"2"}}"#
            ]],
        );
    }
}
