//! Packing a tree into an image.

use pipkin_image::{Image, layer};
use tempfile::SpooledTempFile;

use crate::failure::Failure;
use crate::plan::Plan;
use crate::progress::Progress;
use crate::tree::Tree;

/// Bytes of a layer that are held in memory before it goes to a temporary file.
const LAYER_BYTES_HELD_MAX: usize = 8 << 20;

/// An image with the bytes of its layer.
pub(crate) struct Packed {
    pub(crate) image: Image,
    pub(crate) layer: SpooledTempFile,
}

/// The image for one platform; its layer waits in memory or, when large, on disk.
pub(crate) fn pack(plan: &Plan, tree: &Tree<'_>, progress: &Progress) -> Result<Packed, Failure> {
    progress.phase("packing", tree.bytes());
    let sink = SpooledTempFile::new(LAYER_BYTES_HELD_MAX);
    let (layer, written) =
        layer::spell(tree.tar(progress), plan.spelling, sink).map_err(|error| {
            // A large layer waits in a temporary file.
            Failure::temporary(error.into())
        })?;
    let image = Image::new(&tree.platform, &plan.image, &plan.annotations, written);
    Ok(Packed { image, layer })
}
