//! The layer: files, links and folders as a gzipped tar, written in one pass and never held as a whole.

use std::io::Write;

use crate::descriptor::{Descriptor, LAYER};
use crate::gzip::Gzip;
use crate::tar::{Archive, Body, Entry};
use crate::{Digest, Hashing, Result, Spelling};

/// What is known of a layer that has been written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// The name of the compressed bytes.
    pub descriptor: Descriptor,
    /// The digest of the tar within, which the config names.
    pub diff_id: Digest,
    /// The sum of the file sizes, which is what `docker images` shows.
    pub files_bytes: u64,
    /// How it is spelled, and with it the manifest.
    pub spelling: Spelling,
}

/// The sink, after the layer of `entries` has been written to it, and what is known of the layer.
///
/// They stand in the layer in the given order, owned by uid 0 with time 0.
///
/// # Errors
///
/// Those of [`Archive::append`], and those of the sink.
///
/// Source: OCI image-spec, Image Layer Filesystem Changeset.
pub fn write<'a, W: Write>(
    entries: impl IntoIterator<Item = Entry<'a>>,
    sink: W,
) -> Result<(W, Layer)> {
    spell(entries, Spelling::Full, sink)
}

/// The same in a spelling, which that of an image's manifest will be, too.
///
/// # Errors
///
/// Those of [`write`].
pub fn spell<'a, W: Write>(
    entries: impl IntoIterator<Item = Entry<'a>>,
    spelling: Spelling,
    sink: W,
) -> Result<(W, Layer)> {
    let mut archive = Archive::new(Hashing::new(Gzip::new(Hashing::new(sink)))).spelled(spelling);
    let mut files_bytes = 0;
    for entry in entries {
        if let Body::File { size, .. } = entry.body {
            files_bytes += size;
        }
        archive.append(entry)?;
    }
    let (tar, _) = archive.finish_open();
    let (gzip, diff_id, _) = tar.finish();
    let (sink, digest, size) = gzip.finish()?.finish();
    let descriptor = Descriptor::new(LAYER, digest, size);
    Ok((sink, Layer { descriptor, diff_id, files_bytes, spelling }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::{self, gunzip};

    #[test]
    fn a_layer_is_a_gzipped_tar() {
        let entries = [
            Entry::file("/a/b", 0o755, 3, &b"one"[..]),
            Entry::file("c", 0o644, 4, &b"two!"[..]),
            Entry::link("/d", "a/b"),
            Entry::folder("/tmp", 0o1777),
        ];
        let (bytes, layer) = write(entries, Vec::new()).unwrap();
        assert_eq!(layer.descriptor, Descriptor::of(LAYER, &bytes));
        assert_eq!(layer.files_bytes, 7);

        let tar = gunzip(&bytes).unwrap();
        assert_eq!(layer.diff_id, Digest::of(&tar));
        assert_eq!(tar.len(), 6 * 512);
        assert_eq!(&tar[..4], b"a/b\0");
        assert_eq!(&tar[512..517], b"one\0\0");
        assert_eq!(&tar[1536..1541], b"two!\0");
        assert_eq!(&tar[2048 + 156..2048 + 161], b"2a/b\0");
        assert_eq!(&tar[2560..2564], b"tmp\0");
    }

    #[test]
    fn the_least_that_readers_need() {
        let path = "x/".repeat(60) + "y";
        let entries = || {
            [
                Entry::file("/a", 0o755, 3, &b"one"[..]),
                Entry::link("/d", "a"),
                Entry::folder("/tmp", 0o1777),
                Entry::file(&path, 0o644, 4, &b"two!"[..]),
            ]
        };
        let (bytes, layer) = spell(entries(), Spelling::Golf, Vec::new()).unwrap();
        let tar = gunzip(&bytes).unwrap();
        assert_eq!(layer.diff_id, Digest::of(&tar));
        assert_eq!(tar.len(), 5 * 512 + 4);
        let (full, _) = write(entries(), Vec::new()).unwrap();
        assert_eq!(validate::entries(&tar), validate::entries(&gunzip(&full).unwrap()));
        let mut header = [0; 512];
        header[0] = b'a';
        header[100..103].copy_from_slice(b"755");
        header[124] = b'3';
        header[148..152].copy_from_slice(b"1065");
        assert_eq!(tar[..512], header);
    }

    #[test]
    fn a_failing_file_fails_the_layer() {
        let file = Entry::file("/a", 0o755, 3, &b"on"[..]);
        let error = write([file], Vec::new()).err().unwrap().to_string();
        assert_eq!(error, "`a` ended after 2 of 3 bytes: did it change meanwhile?");
    }
}
