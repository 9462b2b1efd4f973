//! Packing an executable into an image.

use pipkin_image::{Entry, Image, layer};
use tempfile::SpooledTempFile;

use crate::executable::Executable;
use crate::failure::Failure;
use crate::plan::Plan;
use crate::progress::Progress;

/// Bytes of a layer that are held in memory before it goes to a temporary file.
const LAYER_BYTES_HELD_MAX: usize = 8 << 20;

/// An image with the bytes of its layer.
pub(crate) struct Packed {
    pub(crate) image: Image,
    pub(crate) layer: SpooledTempFile,
}

/// The image for one platform; its layer waits in memory or, when large, on disk.
pub(crate) fn pack(
    plan: &Plan,
    executable: &Executable<'_>,
    progress: &Progress,
) -> Result<Packed, Failure> {
    progress.phase("packing", executable.bytes());
    let data = progress.watch(executable.reader());
    let file = Entry::file(plan.program_path, 0o755, executable.bytes(), data);
    let (layer, written) = layer::write([file], SpooledTempFile::new(LAYER_BYTES_HELD_MAX))
        .map_err(|error| {
            // A large layer waits in a temporary file.
            Failure::temporary(error.into())
        })?;
    let image = Image::new(&executable.platform, &plan.image, &plan.annotations, written);
    Ok(Packed { image, layer })
}
