use super::*;
use crate::validate::entries;
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

#[test]
fn an_archive_gives_its_files_back() {
    let long = "long/".repeat(60) + "file";
    let name = "n".repeat(255);
    let block = [b'z'; 512];
    let files: [(&str, &[u8]); 5] =
        [("a", b""), ("b/c", b"1"), (&long, b"path"), (&name, b"name"), ("z", &block)];
    let mut archive = Archive::new(Vec::new());
    for (path, data) in files {
        archive.append(path, 0o644, data.len() as u64, &mut &data[..]).unwrap();
    }
    let (tar, bytes) = archive.finish().unwrap();
    assert_eq!(tar.len() as u64, bytes);
    assert!(tar.ends_with(&[0; 1024]));
    let found = entries(&tar).unwrap();
    assert!(found.iter().map(|(path, data)| (path.as_str(), *data)).eq(files));
    assert_eq!(entries(&tar[..tar.len() - 1024]).unwrap(), found);
}

#[test]
fn a_record_counts_its_own_digits() {
    assert_eq!(path_record("ab"), "11 path=ab\n");
    for length in 0..1100 {
        let record = path_record(&"x".repeat(length));
        let (digits, _) = record.split_once(' ').unwrap();
        assert_eq!(digits.parse(), Ok(record.len()), "{length}");
    }
}

#[track_caller]
fn check_content(size: u64, mut data: &[u8], expected: &str) {
    let appended = Archive::new(Vec::new()).append("a", 0o644, size, &mut data);
    assert_eq!(appended.map_or_else(|error| error.to_string(), |()| String::new()), expected);
}

#[test]
fn contents_have_the_announced_size() {
    check_content(3, b"abc", "");
    check_content(4, b"abc", "`a` ended after 3 of 4 bytes: did it change meanwhile?");
    check_content(2, b"abc", "`a` goes on after its 2 bytes: did it change meanwhile?");
    check_content(0, b"a", "`a` goes on after its 0 bytes: did it change meanwhile?");
}
