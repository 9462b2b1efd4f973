//! Descriptors: how one part of an image names another.

use serde::Serialize;

use crate::{Annotations, Digest, Platform};

/// The media type of a config document.
pub const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
/// The media type of a layer that is a gzipped tar.
pub const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
/// The media type of a manifest.
pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// The media type of an index.
pub const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// The name, size and kind of a blob.
///
/// Source: OCI image-spec, Content Descriptors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// The kind of the blob, one of the constants of this module.
    pub media_type: &'static str,
    /// The digest of the blob.
    pub digest: Digest,
    /// The length of the blob in bytes.
    pub size: u64,
    /// What the image runs on; in the entries of an index only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
    /// Facts about the blob for those who list it.
    #[serde(skip_serializing_if = "Annotations::is_empty")]
    pub annotations: Annotations,
}

impl Descriptor {
    /// The descriptor of the blob `bytes`.
    pub fn of(media_type: &'static str, bytes: &[u8]) -> Descriptor {
        Descriptor::new(media_type, Digest::of(bytes), bytes.len() as u64)
    }

    /// The descriptor of a blob whose digest and size are known.
    pub fn new(media_type: &'static str, digest: Digest, size: u64) -> Descriptor {
        let annotations = Annotations::new();
        Descriptor { media_type, digest, size, platform: None, annotations }
    }

    /// The path of the blob in an OCI layout.
    ///
    /// Source: OCI image-spec, Image Layout, Blobs.
    pub fn blob_path(&self) -> String {
        format!("blobs/sha256/{}", self.digest.hex())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_the_order_of_the_fields() {
        let mut descriptor = Descriptor::of(CONFIG, b"");
        let digest = Digest::of(b"");
        assert_eq!(
            serde_json::to_string(&descriptor).unwrap(),
            format!(r#"{{"mediaType":"{CONFIG}","digest":"{digest}","size":0}}"#),
        );
        descriptor.platform = "arm64".parse().ok();
        descriptor.annotations.insert("a".into(), "b".into());
        assert_eq!(
            serde_json::to_string(&descriptor).unwrap(),
            format!(
                "{{\"mediaType\":\"{CONFIG}\",\"digest\":\"{digest}\",\"size\":0,\
                 \"platform\":{{\"architecture\":\"arm64\",\"os\":\"linux\"}},\
                 \"annotations\":{{\"a\":\"b\"}}}}"
            ),
        );
        assert_eq!(descriptor.blob_path(), format!("blobs/sha256/{}", digest.hex()));
    }
}
