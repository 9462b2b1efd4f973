//! OCI images as values: the bytes of a layer, of its documents and of the files that hold them.
//!
//! Bytes come in as [`std::io::Read`], go out as [`std::io::Write`], and everything between is a
//! value that is complete when it exists. The crate opens no file, reads no clock and no
//! environment and prints nothing, so the same input gives the same bytes on every machine.
//!
//! The way through it: [`layer::write`] turns files, links and folders into a layer, [`Image::new`]
//! turns a layer and its settings into an image, and [`archive::write`] or [`layout::files`] turn
//! images into what engines read. [`validate`] checks the result without the code that wrote it.

pub mod archive;
pub mod config;
pub mod descriptor;
pub mod digest;
mod error;
pub mod gzip;
pub mod image;
pub mod index;
pub mod layer;
pub mod layout;
pub mod manifest;
pub mod platform;
pub mod reference;
pub mod tar;
pub mod validate;

#[cfg(test)]
mod samples;

pub use config::Settings;
pub use descriptor::Descriptor;
pub use digest::{Digest, Hashing};
pub use error::{Error, Result};
pub use image::Image;
pub use index::Index;
pub use layer::Layer;
pub use platform::Platform;
pub use reference::Reference;
pub use tar::Entry;

/// The annotations of a manifest: names to values, in the order of the names.
pub type Annotations = std::collections::BTreeMap<String, String>;

/// How much documents and headers say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spelling {
    /// What some reader somewhere looks for.
    #[default]
    Full,
    /// Only what all readers need that were tried: Docker 20.10, podman 4.3, containerd 1.6, skopeo
    /// 1.9, umoci 0.4. The specifications have it as optional.
    Golf,
}

/// The minimal JSON of one of this crate's documents.
fn json(document: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(document).expect("documents are structs and maps with text as keys")
}
