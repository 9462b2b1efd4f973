//! The layer: files as a gzipped tar, written in one pass and never held as a whole.

use std::io::{Read, Write};

use crate::descriptor::{Descriptor, LAYER};
use crate::gzip::Gzip;
use crate::tar::Archive;
use crate::{Digest, Hashing, Result};

/// A file to put into a layer.
pub struct File<'a> {
    /// The path from the root of the image; a leading `/` is dropped.
    pub path: &'a str,
    /// The permissions.
    pub mode: u32,
    /// The length of `data` in bytes.
    pub size: u64,
    /// The content.
    pub data: &'a mut dyn Read,
}

/// What is known of a layer that has been written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// The name of the compressed bytes.
    pub descriptor: Descriptor,
    /// The digest of the tar within, which the config names.
    pub diff_id: Digest,
    /// The sum of the file sizes, which is what `docker images` shows.
    pub files_bytes: u64,
}

/// The sink, after the layer of `files` has been written to it, and what is known of the layer.
///
/// The files stand in the layer in the given order, owned by uid 0 with time 0.
///
/// # Errors
///
/// Those of [`Archive::append`], and those of the sink.
///
/// Source: OCI image-spec, Image Layer Filesystem Changeset.
pub fn write<'a, W: Write>(
    files: impl IntoIterator<Item = File<'a>>,
    sink: W,
) -> Result<(W, Layer)> {
    let mut archive = Archive::new(Hashing::new(Gzip::new(Hashing::new(sink))));
    let mut files_bytes = 0;
    for file in files {
        let path = file.path.trim_start_matches('/');
        archive.append(path, file.mode, file.size, file.data)?;
        files_bytes += file.size;
    }
    let (tar, _) = archive.finish_open();
    let (gzip, diff_id, _) = tar.finish();
    let (sink, digest, size) = gzip.finish()?.finish();
    Ok((sink, Layer { descriptor: Descriptor::new(LAYER, digest, size), diff_id, files_bytes }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::gunzip;

    #[test]
    fn a_layer_is_a_gzipped_tar() {
        let mut data: [&[u8]; 2] = [b"one", b"two!"];
        let [one, two] = &mut data;
        let files = [
            File { path: "/a/b", mode: 0o755, size: 3, data: one },
            File { path: "c", mode: 0o644, size: 4, data: two },
        ];
        let (bytes, layer) = write(files, Vec::new()).unwrap();
        assert_eq!(layer.descriptor, Descriptor::of(LAYER, &bytes));
        assert_eq!(layer.files_bytes, 7);

        let tar = gunzip(&bytes).unwrap();
        assert_eq!(layer.diff_id, Digest::of(&tar));
        assert_eq!(tar.len(), 4 * 512);
        assert_eq!(&tar[..4], b"a/b\0");
        assert_eq!(&tar[512..517], b"one\0\0");
        assert_eq!(&tar[1536..1541], b"two!\0");
    }

    #[test]
    fn a_failing_file_fails_the_layer() {
        let file = File { path: "/a", mode: 0o755, size: 3, data: &mut &b"on"[..] };
        let error = write([file], Vec::new()).err().unwrap().to_string();
        assert_eq!(error, "`a` ended after 2 of 3 bytes: did it change meanwhile?");
    }
}
