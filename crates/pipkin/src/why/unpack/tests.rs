use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;

use tar::{Builder, Header};

use super::*;

/// An entry of a layer: its kind, its path, and its content or where it leads.
type Made<'a> = (EntryType, &'a str, &'a str);

const FILE: EntryType = EntryType::Regular;
const FOLDER: EntryType = EntryType::Directory;
const LINK: EntryType = EntryType::Symlink;
const HARD: EntryType = EntryType::Link;

/// A layer of these, whatever their paths are: no builder of tars would take some of them.
fn made(entries: &[Made<'_>]) -> Vec<u8> {
    let mut tar = Builder::new(Vec::new());
    for (kind, path, text) in entries {
        let mut header = Header::new_ustar();
        header.set_entry_type(*kind);
        header.set_mode(0o4555);
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        let is_file = *kind == FILE;
        if !is_file {
            header.as_old_mut().linkname[..text.len()].copy_from_slice(text.as_bytes());
        }
        header.set_size(if is_file { text.len() as u64 } else { 0 });
        header.set_cksum();
        tar.append(&header, if is_file { text.as_bytes() } else { b"" }).unwrap();
    }
    tar.into_inner().unwrap()
}

fn put(bytes: &[u8], root: &Path) -> Result<(), Error> {
    layer(bytes, bytes.len() as u64, root)
}

/// What is below `folder`, a line each: a file with its content, a link with its target.
fn shown(folder: &Path, prefix: &str) -> String {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(Result::unwrap).collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    let show = |entry: fs::DirEntry| {
        let (path, name) = (entry.path(), entry.file_name().into_string().unwrap());
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            format!("{prefix}{name}/\n") + &shown(&path, &format!("{prefix}{name}/"))
        } else if kind.is_symlink() {
            format!("{prefix}{name} -> {}\n", fs::read_link(path).unwrap().display())
        } else {
            format!("{prefix}{name} {}\n", fs::read_to_string(path).unwrap())
        }
    };
    entries.into_iter().map(show).collect()
}

/// What comes of `layers`, in a folder beside which nothing may appear.
#[track_caller]
fn check(layers: &[&[Made<'_>]], expected: &str) {
    let outer = tempfile::tempdir().unwrap();
    let root = outer.path().join("root");
    fs::create_dir(&root).unwrap();
    let done = layers.iter().try_for_each(|entries| put(&made(entries), &root));
    let shown = match done {
        Ok(()) => shown(&root, ""),
        Err(Error::Layer(why)) => why.to_string(),
        Err(Error::Folder(error)) => panic!("{error}"),
    };
    assert_eq!(shown, expected);
    assert_eq!(fs::read_dir(outer.path()).unwrap().count(), 1, "something is beside the root");
}

#[test]
fn layers_lie_on_each_other() {
    check(
        &[&[(FILE, "./a/b", "1"), (FOLDER, "c/", ""), (LINK, "d", "a/b")]],
        "a/\na/b 1\nc/\nd -> a/b\n",
    );
    check(&[&[(FILE, "a", "1")], &[(FILE, "a", "2")]], "a 2\n");
    check(&[&[(FILE, "a", "1")], &[(FOLDER, "a", ""), (FILE, "a/b", "2")]], "a/\na/b 2\n");
    check(&[&[(FILE, "a/b", "1")], &[(FILE, "a", "2")]], "a 2\n");
    check(&[&[(FILE, "a/b", "1")], &[(FOLDER, "a", "")]], "a/\na/b 1\n");
    check(&[&[(LINK, "a", "b")], &[(FILE, "a", "2")]], "a 2\n");
    check(
        &[&[(LINK, "lib", "usr/lib")], &[(FILE, "lib/x", "1")]],
        "lib -> usr/lib\nusr/\nusr/lib/\nusr/lib/x 1\n",
    );
    check(&[&[(FILE, "a", "1"), (HARD, "b", "a")]], "a 1\nb 1\n");
    check(&[&[(EntryType::Fifo, "a", ""), (EntryType::Char, "b", "")]], "");
}

#[test]
fn whiteouts_remove_what_is_below() {
    let below: &[Made<'_>] = &[(FILE, "a/b", "1"), (FILE, "a/c/d", "1"), (FILE, "e", "1")];
    check(&[below, &[(FILE, "a/.wh.b", "")]], "a/\na/c/\na/c/d 1\ne 1\n");
    check(&[below, &[(FILE, "a/.wh.c", "")]], "a/\na/b 1\ne 1\n");
    check(&[below, &[(FILE, ".wh.a", ""), (FILE, ".wh.gone", "")]], "e 1\n");
    let opaque = (FILE, "a/.wh..wh..opq", "");
    check(&[below, &[opaque, (FILE, "a/x/y", "2")]], "a/\na/x/\na/x/y 2\ne 1\n");
    check(&[below, &[(FILE, "a/x/y", "2"), opaque]], "a/\na/x/\na/x/y 2\ne 1\n");
    check(
        &[below, &[(FILE, "a/.wh..wh.plnk", ""), (FILE, ".wh...", "")]],
        "a/\na/b 1\na/c/\na/c/d 1\ne 1\n",
    );
}

#[test]
fn nothing_is_written_outside() {
    check(&[&[(FILE, "../x", "1")]], "x 1\n");
    check(&[&[(FILE, "/../../x", "1")]], "x 1\n");
    check(&[&[(FILE, "..", "1"), (FILE, "a/..", "1"), (FOLDER, ".", ""), (FOLDER, "/", "")]], "");
    check(&[&[(LINK, "a", "../.."), (FILE, "a/x", "1")]], "a -> ../..\nx 1\n");
    check(&[&[(LINK, "a", "/"), (FILE, "a/x", "1")]], "a -> /\nx 1\n");
    check(
        &[&[(LINK, "a", ".."), (HARD, "b", "a/../root/c")]],
        "there is no file a/../root/c to link to",
    );
    check(&[&[(LINK, "a", "../x"), (FILE, "a", "1")]], "a 1\n");
    check(&[&[(LINK, "a", "../x"), (FOLDER, "a", "")]], "a/\n");
    check(&[&[(LINK, "a", ".."), (FILE, "a/.wh.root", "")]], "a -> ..\n");
    check(&[&[(LINK, "a", "a"), (FILE, "a/x", "1")]], "a -> a\n");
    check(&[&[(FILE, "a", "1"), (FILE, "a/x", "1")]], "a/x is below a file");
}

#[test]
fn what_is_unpacked_can_be_read_and_removed() {
    let root = tempfile::tempdir().unwrap();
    let entries = [(FOLDER, "a", ""), (FILE, "a/b", "1")];
    put(&made(&entries), root.path()).unwrap();
    let mode = |path: &str| root.path().join(path).metadata().unwrap().mode() & 0o7777;
    assert_eq!((mode("a"), mode("a/b")), (0o755, 0o755));
}

#[test]
fn layers_may_be_compressed() {
    let tar = made(&[(FILE, "a", "1")]);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&tar).unwrap();
    let gzip = gzip.finish().unwrap();
    let zstd = zstd::encode_all(&tar[..], 1).unwrap();
    for bytes in [&tar, &gzip, &zstd, &[gzip.clone(), gzip.clone()].concat()] {
        let root = tempfile::tempdir().unwrap();
        put(bytes, root.path()).unwrap();
        assert_eq!(shown(root.path(), ""), "a 1\n");
    }
    let root = tempfile::tempdir().unwrap();
    let cut = put(&gzip[..gzip.len() - 20], root.path());
    assert!(matches!(cut, Err(Error::Layer(_))));
    assert!(matches!(put(&b"x".repeat(600), root.path()), Err(Error::Layer(_))));
}

/// As `--golf` leaves it, and in the middle of its content.
#[test]
fn the_last_block_may_be_cut() {
    let tar = made(&[(FILE, "a", "1"), (FILE, "b", &"2".repeat(700))]);
    let root = tempfile::tempdir().unwrap();
    put(&tar[..3 * 512 + 700], root.path()).unwrap();
    assert_eq!(shown(root.path(), ""), format!("a 1\nb {}\n", "2".repeat(700)));
    assert!(matches!(put(&tar[..3 * 512 + 500], root.path()), Err(Error::Layer(_))));
}

#[test]
fn names_that_no_file_can_have() {
    let mut tar = Builder::new(Vec::new());
    let mut header = Header::new_gnu();
    header.set_size(0);
    header.set_mode(0o644);
    tar.append_data(&mut header, "x".repeat(300), &b""[..]).unwrap();
    let root = tempfile::tempdir().unwrap();
    let error = put(&tar.into_inner().unwrap(), root.path()).unwrap_err();
    assert!(matches!(error, Error::Layer(why) if why.kind() == io::ErrorKind::InvalidFilename));
}

#[test]
fn what_is_decompressed_has_a_bound() {
    let read = |room| {
        let mut read = Vec::new();
        Bounded { reader: &[0; 100][..], room }.read_to_end(&mut read).map_err(|it| it.to_string())
    };
    assert_eq!(read(100), Ok(100));
    let expected = "far more comes out of it than any layer of files holds";
    assert_eq!(read(99), Err(expected.into()));
}
