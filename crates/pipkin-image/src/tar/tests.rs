use super::*;
use crate::validate::{self, Found, entries};
use expect_test::{Expect, expect};

/// The fields of a header that are not empty, each with its offset.
fn show(header: &[u8]) -> String {
    let mut shown = String::new();
    let mut i = 0;
    while i < header.len() {
        let field: Vec<u8> = header[i..].iter().copied().take_while(|&byte| byte != 0).collect();
        if !field.is_empty() {
            shown += &format!("{i} {}\n", field.escape_ascii());
        }
        i += field.len() + 1;
    }
    shown
}

#[track_caller]
fn check(path: &str, mode: u32, size: u64, expected: &Expect) {
    let shown = match header(path, mode, size) {
        Ok(header) => show(&header),
        Err(error) => error.to_string(),
    };
    expected.assert_eq(&shown);
}

#[test]
fn headers() {
    check(
        "a",
        0o755,
        226,
        &expect![[r#"
        0 a
        100 0000755
        108 0000000
        116 0000000
        124 00000000342
        136 00000000000
        148 006112
        155  0
        257 ustar
        263 00
    "#]],
    );
    check(
        "etc/ssl/certs/ü.pem",
        0o4644,
        0,
        &expect![[r#"
        0 etc/ssl/certs/\xc3\xbc.pem
        100 0004644
        108 0000000
        116 0000000
        124 00000000000
        136 00000000000
        148 012014
        155  0
        257 ustar
        263 00
    "#]],
    );
}

#[test]
fn sizes_from_8_gib_on_are_binary() {
    check(
        "a",
        0o644,
        (1 << 33) - 1,
        &expect![[r#"
        0 a
        100 0000644
        108 0000000
        116 0000000
        124 77777777777
        136 00000000000
        148 006213
        155  0
        257 ustar
        263 00
    "#]],
    );
    check(
        "a",
        0o644,
        1 << 33,
        &expect![[r#"
        0 a
        100 0000644
        108 0000000
        116 0000000
        124 \x80
        131 \x02
        136 00000000000
        148 005260
        155  0
        257 ustar
        263 00
    "#]],
    );
    let field = |size| size_field(size).to_vec();
    assert_eq!(field(1 << 33), [0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0]);
    assert_eq!(field(u64::MAX), [[0x80, 0, 0, 0].as_slice(), &[0xff; 8]].concat());
}

#[test]
fn long_paths_are_split() {
    let part = |length: usize| "x".repeat(length);
    let split_at = |path: &str| split(path).map(|(prefix, name)| (prefix.len(), name.len()));
    assert_eq!(split_at(&part(100)), Some((0, 100)));
    assert_eq!(split_at(&part(101)), None);
    assert_eq!(split_at(&format!("{}/{}", part(1), part(99))), Some((1, 99)));
    assert_eq!(split_at(&format!("{}/{}", part(155), part(100))), Some((155, 100)));
    assert_eq!(split_at(&format!("{}/{}", part(156), part(99))), None);
    assert_eq!(split_at(&format!("{}/{}", part(99), part(101))), None);
    assert_eq!(split_at(&format!("{}/{}/{}", part(60), part(60), part(60))), Some((121, 60)));
    assert_eq!(split_at(&"ü".repeat(51)), None);
}

#[test]
fn what_has_no_header() {
    check("", 0, 0, &expect!["the path `` is empty"]);
    check("/a", 0, 0, &expect!["the path `/a` starts with `/`, and paths here are relative"]);
    check("a/", 0, 0, &expect!["the path `a/` ends with `/`, which names a folder"]);
    check("a//b", 0, 0, &expect!["the path `a//b` has an empty component"]);
    check("a/../b", 0, 0, &expect!["the path `a/../b` has a component `.` or `..`"]);
    check("./a", 0, 0, &expect!["the path `./a` has a component `.` or `..`"]);
    check("a\0b", 0, 0, &expect![[r#"the path `a\0b` holds a NUL byte"#]]);
    check(
        "a",
        0o100_644,
        0,
        &expect!["`a` has the mode 100644, which is more than permissions, 7777 at most"],
    );
    check(
        &"x".repeat(101),
        0,
        0,
        &expect![
            "the path `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx` fits no ustar header: it splits nowhere into 155 bytes, `/` and 100 bytes"
        ],
    );
}

#[test]
fn contents_are_padded() {
    let cases = [(0, 0), (1, 511), (511, 1), (512, 0), (513, 511), (u64::MAX, 1)];
    for (size, expected) in cases {
        assert_eq!(padding(size), expected, "{size}");
    }
}

/// The tar of `entries`, without the zero blocks.
fn archive<'a>(entries: impl IntoIterator<Item = Entry<'a>>) -> Vec<u8> {
    let mut archive = Archive::new(Vec::new());
    entries.into_iter().for_each(|entry| archive.append(entry).unwrap());
    archive.finish_open().0
}

#[test]
fn an_archive_gives_its_files_back() {
    let long = "long/".repeat(60) + "file";
    let name = "n".repeat(255);
    let block = [b'z'; 512];
    let files: [(&str, &[u8]); 5] =
        [("a", b""), ("b/c", b"1"), (&long, b"path"), (&name, b"name"), ("z", &block)];
    let mut archive = Archive::new(Vec::new());
    for (path, data) in files {
        archive.append(Entry::file(path, 0o644, data.len() as u64, data)).unwrap();
    }
    let (tar, bytes) = archive.finish().unwrap();
    assert_eq!(tar.len() as u64, bytes);
    assert!(tar.ends_with(&[0; 1024]));
    let found = entries(&tar).unwrap();
    let file = |(path, data): (&str, _)| Found {
        path: path.into(),
        mode: 0o644,
        body: validate::Body::File(data),
    };
    assert_eq!(found, files.map(file));
    assert_eq!(entries(&tar[..tar.len() - 1024]).unwrap(), found);
}

/// Entries whose paths and targets are as long as a header holds them, and longer.
fn links_and_folders() -> Vec<(String, u32, Option<String>)> {
    let long = |length: usize| "l".repeat(length);
    let link = |path: String, target: String| (path, 0o777, Some(target));
    vec![
        ("tmp".into(), 0o1777, None),
        (long(101), 0o755, None),
        link("bin".into(), "usr/bin".into()),
        link("to/100".into(), long(100)),
        link("to/101".into(), long(101)),
        link("to/root".into(), "/../../ü".into()),
        link(format!("to/{}", long(101)), "short".into()),
        link(format!("to/{}", long(102)), format!("../{}", long(300))),
    ]
}

#[test]
fn an_archive_gives_its_links_and_folders_back() {
    let list = links_and_folders();
    let entry = |(path, mode, target): &'_ (String, u32, Option<String>)| match target {
        Some(target) => (path.clone(), *mode, validate::Body::Link(target.clone())),
        None => (path.clone(), *mode, validate::Body::Folder),
    };
    let tar = archive(list.iter().map(|(path, mode, target)| match target {
        Some(target) => Entry::link(path, target),
        None => Entry::folder(path, *mode),
    }));
    let found = entries(&tar).unwrap().into_iter();
    let found: Vec<_> = found.map(|found| (found.path, found.mode, found.body)).collect();
    assert_eq!(found, list.iter().map(entry).collect::<Vec<_>>());
}

#[test]
fn a_header_of_a_link() {
    let tar = archive([Entry::link("/usr/bin/awk", "mawk")]);
    expect![[r#"
        0 usr/bin/awk
        100 0000777
        108 0000000
        116 0000000
        124 00000000000
        136 00000000000
        148 010712
        155  2mawk
        257 ustar
        263 00
    "#]]
    .assert_eq(&show(&tar));
}

#[test]
fn a_record_counts_its_own_digits() {
    assert_eq!(record("path", "ab"), "11 path=ab\n");
    assert_eq!(record("linkpath", "ab"), "15 linkpath=ab\n");
    for length in 0..1100 {
        let record = record("path", &"x".repeat(length));
        let (digits, _) = record.split_once(' ').unwrap();
        assert_eq!(digits.parse(), Ok(record.len()), "{length}");
    }
}

#[track_caller]
fn check_target(target: &str, expected: &str) {
    let appended = Archive::new(Vec::new()).append(Entry::link("a", target));
    assert_eq!(appended.unwrap_err().to_string(), expected);
}

#[test]
fn what_is_no_target() {
    check_target("", "the link `a` has an empty target");
    check_target("b\0", "the link `a` has a NUL byte in its target");
}

#[track_caller]
fn check_content(size: u64, data: &[u8], expected: &str) {
    let appended = Archive::new(Vec::new()).append(Entry::file("/a", 0o644, size, data));
    assert_eq!(appended.map_or_else(|error| error.to_string(), |()| String::new()), expected);
}

#[test]
fn contents_have_the_announced_size() {
    check_content(3, b"abc", "");
    check_content(4, b"abc", "`a` ended after 3 of 4 bytes: did it change meanwhile?");
    check_content(2, b"abc", "`a` goes on after its 2 bytes: did it change meanwhile?");
    check_content(0, b"a", "`a` goes on after its 0 bytes: did it change meanwhile?");
}
