//! The index: one name for the images of several platforms, and the entry point of a layout.

use serde::Serialize;

use crate::descriptor::INDEX;
use crate::{Descriptor, Digest, Image, Reference};

/// The tag of an entry, where podman, skopeo and umoci look for a name.
const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// The full name of an entry, where containerd looks for one, and podman before [`REF_NAME`].
const CONTAINERD_NAME: &str = "io.containerd.image.name";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    schema_version: u8,
    media_type: &'static str,
    manifests: Vec<Descriptor>,
}

/// The list of the images of several platforms, from which an engine takes its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    bytes: Vec<u8>,
    descriptor: Descriptor,
}

impl Index {
    /// The index of `images`, in their order.
    ///
    /// Source: OCI image-spec, Image Index.
    pub fn new(images: &[Image]) -> Index {
        let bytes = document(images.iter().map(|image| image.descriptor().clone()).collect());
        Index { descriptor: Descriptor::of(INDEX, &bytes), bytes }
    }

    /// The digest of the index, which is its name to a registry.
    pub fn digest(&self) -> Digest {
        self.descriptor.digest
    }

    /// The descriptor of the index.
    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// The bytes of the index.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// The bytes of a layout's `index.json`: `descriptor` once under each of `references`, or once
/// without a name.
///
/// Source: OCI image-spec, Image Layout, index.json File.
pub fn entry(descriptor: &Descriptor, references: &[Reference]) -> Vec<u8> {
    let named = references.iter().map(|reference| name(descriptor, reference));
    let unnamed = references.is_empty().then(|| descriptor.clone());
    document(named.chain(unnamed).collect())
}

fn name(descriptor: &Descriptor, reference: &Reference) -> Descriptor {
    let mut named = descriptor.clone();
    named.annotations.insert(REF_NAME.into(), reference.tag().into());
    named.annotations.insert(CONTAINERD_NAME.into(), reference.normalised());
    named
}

fn document(manifests: Vec<Descriptor>) -> Vec<u8> {
    crate::json(&Document { schema_version: 2, media_type: INDEX, manifests })
}
