use super::*;
use crate::layout::{Contents, files};
use crate::samples;
use crate::tar::{Archive, Entry};
use expect_test::{Expect, expect};

type Files = BTreeMap<String, Vec<u8>>;

/// The valid layout of one image, by path.
fn sample() -> Files {
    let (image, layer) = samples::image("linux/amd64", b"#!");
    let files = files(&[image], &["site".parse().unwrap()], true);
    let bytes = |contents| match contents {
        Contents::Bytes(bytes) => bytes,
        Contents::Layer(_) => layer.clone(),
    };
    files.into_iter().map(|file| (file.path, bytes(file.contents))).collect()
}

/// The path of the blob that holds `text`.
fn blob_with(files: &Files, text: &str) -> String {
    let holds = |bytes: &[u8]| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    let found = files.iter().find(|(path, bytes)| path.starts_with("blobs/") && holds(bytes));
    found.unwrap().0.clone()
}

/// The problems after `spoil`, a line each, with digests cut to the first digits.
#[track_caller]
fn check(spoil: impl FnOnce(&mut Files), expected: &Expect) {
    let mut files = sample();
    spoil(&mut files);
    let problems = layout(&mut |path| Ok(files.get(path).cloned()));
    expected.assert_eq(&problems.join("\n"));
}

fn replace(files: &mut Files, path: &str, old: &str, new: &str) {
    let bytes = files.get_mut(path).unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(text.contains(old), "{text}");
    *bytes = text.replace(old, new).into();
}

#[test]
fn a_valid_layout() {
    check(|_| {}, &expect![""]);
    check(|files| drop(files.remove("manifest.json")), &expect![""]);
}

#[test]
fn nothing_at_all() {
    check(
        Files::clear,
        &expect![[r#"
        oci-layout does not exist
        index.json does not exist"#]],
    );
}

#[test]
fn spoiled_entry_files() {
    check(
        |files| replace(files, "oci-layout", "1.0.0", "2"),
        &expect![[r#"oci-layout has imageLayoutVersion "2", not "1.0.0""#]],
    );
    check(
        |files| replace(files, "index.json", ":2", ":1"),
        &expect!["index.json has schemaVersion 1, not 2"],
    );
    check(
        |files| replace(files, "index.json", "image.index", "index"),
        &expect![[
            r#"index.json has mediaType "application/vnd.oci.index.v1+json", not "application/vnd.oci.image.index.v1+json""#
        ]],
    );
    check(
        |files| replace(files, "index.json", "image.manifest", "image"),
        &expect![[
            r#"index.json manifests[0] has the media type "application/vnd.oci.image.v1+json""#
        ]],
    );
    check(
        |files| replace(files, "index.json", "\"manifests\"", "\"m\""),
        &expect!["index.json has no manifests"],
    );
    check(
        |files| replace(files, "index.json", "sha256:", "sha512:"),
        &expect!["index.json manifests[0] is no descriptor"],
    );
    check(
        |files| replace(files, "index.json", "amd64", "arm64"),
        &expect![[
            r#"index.json manifests[0] config has architecture "amd64", and the index says "arm64""#
        ]],
    );
    check(
        |files| replace(files, "index.json", "{", "["),
        &expect!["index.json is no JSON: expected `,` or `]` at line 1 column 17"],
    );
}

#[test]
fn spoiled_docker_manifest() {
    check(
        |files| replace(files, "manifest.json", "/sha256/", "/"),
        &expect![[r#"
        blobs/79f2102d2193397c7df12246d68c4e9c5920d3b7e40db3f6172d0ef7705733e4 does not exist
        blobs/3c6eb1a475c8df02b6b9d36efbff2ae7980924c64c7534f7e4c7f5a06f2a2c41 does not exist"#]],
    );
    check(
        |files| replace(files, "manifest.json", "Tags", ""),
        &expect!["manifest.json [0] has no RepoTags"],
    );
    check(
        |files| replace(files, "manifest.json", "Config", "C"),
        &expect!["manifest.json [0] has null for a path"],
    );
}

#[test]
fn spoiled_blobs() {
    let config = |files: &Files| blob_with(files, "rootfs");
    let manifest = |files: &Files| blob_with(files, "layers\":[{");
    let layer = |files: &Files| blob_with(files, "\x1f");
    check(
        |files| replace(files, &manifest(files), "tar+gzip", "tar"),
        &expect![[r#"
        index.json manifests[0] has 395 bytes, and its descriptor says 400
        index.json manifests[0] has the digest "sha256:82733d83e320a7e7ad37f66e1cb91a09fa210c83b79c12e5429d077b7d5ab803", and its descriptor says "sha256:0dd2e8edeeb7af2e043e1f90a00fc23041d23594f3ab2c7a734553ebb87a26ca"
        index.json manifests[0] layers[0] has the media type "application/vnd.oci.image.layer.v1.tar", not "application/vnd.oci.image.layer.v1.tar+gzip""#]],
    );
    check(
        |files| replace(files, &config(files), "\"os\"", "\"OS\""),
        &expect![[r#"
        index.json manifests[0] config has the digest "sha256:eb1fcdf066dc76d1ab9ee8333bd7ec3991a3876d8defac5788b6b84767c18317", and its descriptor says "sha256:3c6eb1a475c8df02b6b9d36efbff2ae7980924c64c7534f7e4c7f5a06f2a2c41"
        index.json manifests[0] config has no os
        index.json manifests[0] config has os null, and the index says "linux""#]],
    );
    check(
        |files| replace(files, &config(files), "layers", "layer"),
        &expect![[r#"
        index.json manifests[0] config has 181 bytes, and its descriptor says 182
        index.json manifests[0] config has the digest "sha256:822dc5933bd832d3ef6d9b6c11821e26b89bc102e5a2abc9911475aec6963800", and its descriptor says "sha256:3c6eb1a475c8df02b6b9d36efbff2ae7980924c64c7534f7e4c7f5a06f2a2c41"
        index.json manifests[0] config has no rootfs of layers"#]],
    );
    check(
        |files| replace(files, &config(files), "[\"sha256:", "[\"sha256:0"),
        &expect![[r#"
        index.json manifests[0] config has 183 bytes, and its descriptor says 182
        index.json manifests[0] config has the digest "sha256:5227aefa98cbb83595e1ab64f3e7b320714df4f5c911a834275cbefc58855b2b", and its descriptor says "sha256:3c6eb1a475c8df02b6b9d36efbff2ae7980924c64c7534f7e4c7f5a06f2a2c41"
        index.json manifests[0] config has diff ids ["sha256:0fdbd55d919d10aa42b907e1b49d5c3d16301df9dacb5da332d26861ea47c01a2"], and the layers ["sha256:fdbd55d919d10aa42b907e1b49d5c3d16301df9dacb5da332d26861ea47c01a2"]"#]],
    );
    check(
        |files| drop(files.remove(&layer(files))),
        &expect![[r#"
        blobs/sha256/79f2102d2193397c7df12246d68c4e9c5920d3b7e40db3f6172d0ef7705733e4 does not exist
        index.json manifests[0] config has diff ids ["sha256:fdbd55d919d10aa42b907e1b49d5c3d16301df9dacb5da332d26861ea47c01a2"], and the layers []
        blobs/sha256/79f2102d2193397c7df12246d68c4e9c5920d3b7e40db3f6172d0ef7705733e4 does not exist"#]],
    );
    check(
        |files| files.get_mut(&layer(files)).unwrap().truncate(50),
        &expect![[r#"
        index.json manifests[0] layers[0] has 50 bytes, and its descriptor says 67
        index.json manifests[0] layers[0] has the digest "sha256:f6434e1d3dd98b9e7cdae1ea4ae10894b3b7c9e2b5e3598601944dee0684a63a", and its descriptor says "sha256:79f2102d2193397c7df12246d68c4e9c5920d3b7e40db3f6172d0ef7705733e4"
        index.json manifests[0] layers[0] is no gzip at byte 0
        index.json manifests[0] config has diff ids ["sha256:fdbd55d919d10aa42b907e1b49d5c3d16301df9dacb5da332d26861ea47c01a2"], and the layers []"#]],
    );
}

#[test]
fn a_reader_that_fails() {
    let problems = layout(&mut |_| Err(io::ErrorKind::PermissionDenied.into()));
    expect![[r#"
        oci-layout cannot be read: permission denied
        index.json cannot be read: permission denied"#]]
    .assert_eq(&problems.join("\n"));
}

#[track_caller]
fn check_tar(tar: &[u8], expected: &str) {
    assert_eq!(entries(tar).map(|files| files.len()), Err(expected.into()));
}

#[test]
fn spoiled_tars() {
    let (_, layer) = samples::image("linux/amd64", b"#!");
    let tar = gunzip(&layer).unwrap();
    let a = Found { path: "a".into(), mode: 0o755, body: Body::File(b"#!") };
    assert_eq!(entries(&tar).unwrap(), [a]);
    check_tar(&tar[..513], "ends within `a`");
    let huge = crate::tar::header("a", 0o644, u64::MAX).unwrap();
    check_tar(&huge, "ends within `a`");
    check_tar(&tar[..600], "has no padding after `a`");
    check_tar(&tar[1..], "has a wrong checksum for ``");
    check_tar(&[&tar[..], &tar].concat(), "has `a` twice");
    check_tar(&[&tar[..], b"x"].concat(), "goes on after its end");
    assert_eq!(archive(&tar), ["the archive does not end with two zero blocks"]);
}

/// What is wrong with the tar of `list` after `spoil` changed the header at its end.
#[track_caller]
fn check_spoiled(list: Vec<Entry<'_>>, spoil: impl FnOnce(&mut [u8]), expected: &str) {
    let mut archive = Archive::new(Vec::new());
    list.into_iter().for_each(|entry| archive.append(entry).unwrap());
    let (mut tar, _) = archive.finish_open();
    let last = tar.len() - BLOCK_BYTES;
    let header = &mut tar[last..];
    spoil(header);
    sum_up(header);
    check_tar(&tar, expected);
}

/// Gives a header the checksum that it should have.
fn sum_up(header: &mut [u8]) {
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

#[test]
fn spoiled_links_and_folders() {
    let (link, folder) = (|| Entry::link("a", "b"), || Entry::folder("a", 0o755));
    let file = |path| Entry::file(path, 0o644, 0, &b""[..]);
    let below = "has `a/b` below `a`, which is no folder";
    check_spoiled(vec![link(), file("a/b")], |_| {}, below);
    check_spoiled(vec![file("a/b"), link()], |_| {}, below);
    check_spoiled(vec![file("a"), file("a/b")], |_| {}, below);
    check_spoiled(vec![folder(), link()], |_| {}, "has `a` twice");
    let root = "has the path `../a`, which leaves its root";
    check_spoiled(vec![file("..a")], |header| header[2..4].copy_from_slice(b"/a"), root);
    let nowhere = "has the link `a` to nowhere";
    check_spoiled(vec![link()], |header| header[157] = 0, nowhere);
    let kind = "has `a`, which is no ustar file, link or folder";
    check_spoiled(vec![file("a")], |header| header[156] = b'1', kind);
    let mode = "has no permissions for `a`";
    check_spoiled(vec![file("a")], |header| header[100] = b'8', mode);
    check_spoiled(vec![link()], |header| header[134] = b'1', "ends within `a`");
    check_spoiled(vec![file("a")], |header| header[156] = b'x', "ends with pax records");
}

/// A file of one byte whose header says that it is of another kind.
#[track_caller]
fn check_kind(kind: u8, expected: &str) {
    let mut archive = Archive::new(Vec::new());
    archive.append(Entry::file("a", 0o644, 1, &b"x"[..])).unwrap();
    let (mut tar, _) = archive.finish_open();
    tar[156] = kind;
    sum_up(&mut tar[..BLOCK_BYTES]);
    check_tar(&tar, expected);
}

#[test]
fn data_of_what_is_no_file() {
    check_kind(b'2', "has data for `a`, which is no file");
    check_kind(b'5', "has data for `a`, which is no file");
    check_kind(b'x', "has pax records of another kind");
}

#[test]
fn members_are_told_apart() {
    let member = |input: &[u8]| {
        let mut output = Vec::new();
        zopfli::compress(Default::default(), zopfli::Format::Gzip, input, &mut output).unwrap();
        output
    };
    let bytes = [member(b"a small "), member(b""), member(b"pot")].concat();
    assert_eq!(gunzip(&bytes).unwrap(), b"a small pot");
    assert_eq!(gunzip(&member(&[0; 1 << 20])).unwrap(), [0; 1 << 20]);
    for end in 1..member(b"a small ").len() {
        assert_eq!(gunzip(&bytes[..end]), Err("is no gzip at byte 0".into()));
    }
    assert_eq!(gunzip(b""), Err("is no gzip at byte 0".into()));
    let tail = [&bytes[..], b"x"].concat();
    assert_eq!(gunzip(&tail), Err(format!("is no gzip at byte {}", bytes.len())));
}
