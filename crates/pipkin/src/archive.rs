//! A tree as an archive: a tar, which may be compressed.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::Path;

use lzma_rust2::{XzOptions, XzWriter};
use pipkin_image::gzip::Gzip;
use pipkin_image::tar::Archive;

use crate::progress::Progress;
use crate::tree::Tree;

/// The level of xz, and how far back it looks at most. The standard library of Python, 60 MB, comes
/// out at 10.4 MB and takes 400 MB of memory; with the 8 MiB that the level has on its own it is
/// 12.2 MB, and no faster. A program that unpacks it needs this much memory.
const XZ_LEVEL: u32 = 6;
const XZ_WINDOW_BYTES_MAX: u64 = 32 << 20;
const XZ_WINDOW_BYTES_MIN: u64 = 1 << 16;

/// How an archive is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    Plain,
    Gzip,
    Xz,
}

impl Compression {
    /// What the name of a file says.
    pub(crate) fn of(path: &Path) -> Self {
        match path.extension().and_then(OsStr::to_str) {
            Some("gz" | "tgz") => Self::Gzip,
            Some("xz" | "txz") => Self::Xz,
            _ => Self::Plain,
        }
    }
}

/// Writes all of `tree`.
pub(crate) fn write(
    tree: &Tree<'_>,
    compression: Compression,
    progress: &Progress,
    sink: &mut dyn Write,
) -> io::Result<()> {
    match compression {
        Compression::Plain => tar(tree, progress, sink).map(drop),
        Compression::Gzip => tar(tree, progress, Gzip::new(sink))?.finish().map(drop),
        Compression::Xz => {
            let xz = XzWriter::new(sink, xz_options(tree.bytes()))?;
            tar(tree, progress, xz)?.finish().map(drop)
        }
    }
}

fn tar<W: Write>(tree: &Tree<'_>, progress: &Progress, sink: W) -> io::Result<W> {
    let mut archive = Archive::new(sink);
    tree.tar(progress).try_for_each(|entry| archive.append(entry))?;
    let (sink, _) = archive.finish()?;
    Ok(sink)
}

/// Looking back further than `bytes` would cost memory and find nothing.
fn xz_options(bytes: u64) -> XzOptions {
    let mut options = XzOptions::with_preset(XZ_LEVEL);
    let window = bytes.clamp(XZ_WINDOW_BYTES_MIN, XZ_WINDOW_BYTES_MAX).next_power_of_two();
    options.lzma_options.dict_size = window as u32;
    options
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use pipkin_image::validate;

    use super::*;
    use crate::flags::Story;
    use crate::program::{self, tests};

    /// The archive of the sample.
    fn written(compression: Compression) -> Vec<u8> {
        let (_files, closure) = tests::sample();
        let tree = program::tree(&tests::amd64(), &closure).unwrap();
        let progress = Progress::start(Story { quiet: true, verbose: false });
        let mut archive = Vec::new();
        write(&tree, compression, &progress, &mut archive).unwrap();
        archive
    }

    #[test]
    fn an_archive_has_what_the_tree_has() {
        let tar = written(Compression::Plain);
        let found = validate::entries(&tar).unwrap();
        let shown: Vec<_> = found.iter().map(|found| (found.path.as_str(), found.mode)).collect();
        let expected = [
            ("bin/a", 0o777),
            ("etc/passwd", 0o644),
            ("tmp", 0o1777),
            ("usr/bin/b", 0o755),
            ("usr/lib/ld.so", 0o555),
        ];
        assert_eq!(shown, expected);
        assert!(tar.ends_with(&[0; 1024]));
        assert_eq!(validate::gunzip(&written(Compression::Gzip)).unwrap(), tar);
        let mut unpacked = Vec::new();
        let xz = written(Compression::Xz);
        lzma_rust2::XzReader::new(&xz[..], false).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, tar);
    }

    #[test]
    fn names_say_how_to_compress() {
        let check = |name: &str, expected| assert_eq!(Compression::of(Path::new(name)), expected);
        check("a.tar", Compression::Plain);
        check("a", Compression::Plain);
        check("a.tar.gz", Compression::Gzip);
        check("a.tgz", Compression::Gzip);
        check("a.tar.xz", Compression::Xz);
        check("a.txz", Compression::Xz);
    }

    #[test]
    fn xz_looks_back_as_far_as_there_is_something() {
        let check =
            |bytes, expected| assert_eq!(xz_options(bytes).lzma_options.dict_size, expected);
        check(0, 1 << 16);
        check((1 << 20) + 1, 1 << 21);
        check(u64::MAX, 32 << 20);
    }
}
