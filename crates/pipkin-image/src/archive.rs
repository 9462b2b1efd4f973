//! The archive: a layout as one tar, which Docker, podman, containerd, skopeo and umoci all load.
//!
//! It is an OCI layout and a docker-archive at the same time, and uncompressed: podman and skopeo
//! refuse a gzipped one, and the layer in it is compressed already.

use std::io::{Read, Write};

use crate::layout::{self, Contents, LayoutFile};
use crate::tar::{Archive, Entry};
use crate::{Error, Image, Reference, Result};

/// The permissions of each file in the archive.
const MODE: u32 = 0o644;

/// The folders of a layout, with their permissions. Skopeo 1.9 makes missing ones itself, for
/// uid 0, which fails for anyone else.
const FOLDERS: [&str; 2] = ["blobs", "blobs/sha256"];
const FOLDER_MODE: u32 = 0o755;

/// How many bytes the archive of `images` under `references` has, after it has been written to
/// `sink`. `layers` reads the layer of each image, in the same order.
///
/// # Errors
///
/// [`Error::LayerMissing`] for fewer readers than images; [`Error::Short`] and [`Error::Long`]
/// when a reader gives another number of bytes than its layer has; those of readers and sink.
pub fn write(
    images: &[Image],
    references: &[Reference],
    layers: &mut [&mut dyn Read],
    sink: impl Write,
) -> Result<u64> {
    let readers = layers.len();
    let mut archive = Archive::new(sink);
    for folder in FOLDERS {
        archive.append(Entry::folder(folder, FOLDER_MODE))?;
    }
    for LayoutFile { path, contents } in layout::files(images, references, true) {
        match contents {
            Contents::Bytes(bytes) => {
                archive.append(Entry::file(&path, MODE, bytes.len() as u64, bytes.as_slice()))?;
            }
            Contents::Layer(i) => {
                let missing = Error::LayerMissing { images: images.len(), readers };
                let reader = layers.get_mut(i).ok_or(missing)?;
                let size = images[i].layer().descriptor.size;
                archive.append(Entry::file(&path, MODE, size, reader))?;
            }
        }
    }
    let (mut sink, bytes) = archive.finish()?;
    sink.flush()?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{samples, validate};

    #[track_caller]
    fn check(platforms: &[&str], references: &[&str], bytes_expected: u64) {
        let made: Vec<(Image, Vec<u8>)> =
            platforms.iter().map(|platform| samples::image(platform, b"#!")).collect();
        let images: Vec<Image> = made.iter().map(|(image, _)| image.clone()).collect();
        let references: Vec<Reference> =
            references.iter().map(|text| text.parse().unwrap()).collect();
        let mut readers: Vec<&[u8]> = made.iter().map(|(_, layer)| layer.as_slice()).collect();
        let mut layers: Vec<&mut dyn Read> =
            readers.iter_mut().map(|reader| reader as &mut dyn Read).collect();
        let mut tar = Vec::new();
        let bytes = write(&images, &references, &mut layers, &mut tar).unwrap();
        assert_eq!((bytes, tar.len() as u64), (bytes_expected, bytes_expected));
        assert_eq!(validate::archive(&tar), [""; 0]);
    }

    #[test]
    fn archives_are_valid() {
        check(&["linux/amd64"], &[], 8_192);
        check(&["linux/amd64"], &["site"], 8_192);
        check(&["linux/amd64"], &["site", "ghcr.io/me/site:1"], 8_704);
        check(&["linux/amd64", "linux/arm64"], &["site"], 10_240);
    }

    #[test]
    fn a_golfed_image_is_valid() {
        let (image, layer) = samples::golf("linux/amd64", b"#!");
        let mut tar = Vec::new();
        write(&[image], &[], &mut [&mut &layer[..]], &mut tar).unwrap();
        assert_eq!(validate::archive(&tar), [""; 0]);
    }

    #[track_caller]
    fn check_error(layers: &mut [&mut dyn Read], expected: &str) {
        let (image, _) = samples::image("linux/amd64", b"#!");
        let error = write(&[image], &[], layers, Vec::new()).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn a_layer_must_be_the_images_own() {
        check_error(&mut [], "1 images came with 0 layer readers");
        let (image, _) = samples::image("linux/amd64", b"#!");
        let descriptor = &image.layer().descriptor;
        let (path, size) = (descriptor.blob_path(), descriptor.size);
        let short = format!("`{path}` ended after 5 of {size} bytes: did it change meanwhile?");
        check_error(&mut [&mut &b"short"[..]], &short);
        let long = format!("`{path}` goes on after its {size} bytes: did it change meanwhile?");
        check_error(&mut [&mut std::io::repeat(0)], &long);
    }
}
