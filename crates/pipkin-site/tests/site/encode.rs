//! Files in several codings: found beside each other, or made.

use std::fs;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::Path;

use expect_test::{Expect, expect};
use pipkin_format::{Content, Standing};
use pipkin_site::{Coding, Error, Progress, Settings, Site};
use tempfile::TempDir;

use crate::show::show;
use crate::tree::tree;
use crate::{blob, compile_with, line};

/// What every coding makes shorter.
fn text(word: &str) -> String {
    format!("{word} in a small pot\n").repeat(100)
}

fn gzip(plain: &str) -> Vec<u8> {
    let mut encoded = Vec::new();
    let level = flate2::Compression::default();
    flate2::bufread::GzEncoder::new(plain.as_bytes(), level).read_to_end(&mut encoded).unwrap();
    encoded
}

fn brotli(plain: &str) -> Vec<u8> {
    let mut encoded = Vec::new();
    brotli::BrotliCompress(&mut plain.as_bytes(), &mut encoded, &Default::default()).unwrap();
    encoded
}

fn zstd(plain: &str) -> Vec<u8> {
    zstd::encode_all(plain.as_bytes(), 3).unwrap()
}

/// A folder of files.
fn files(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tree("");
    for (name, content) in files {
        fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

fn compress(compress: &[Coding]) -> Settings {
    Settings { compress: compress.into(), ..Settings::default() }
}

fn compiled(folder: &TempDir, settings: &Settings) -> Site {
    compile_with(folder.path(), settings).unwrap()
}

/// The answers to `path`, or else those of [`Standing::NotFound`].
#[track_caller]
fn check(folder: &TempDir, settings: &Settings, path: &str, expected: Expect) {
    let blob = blob(&compiled(folder, settings));
    let content = Content::new(&blob);
    let stored = content.find(path.as_bytes());
    expected.assert_eq(&show(content, stored.unwrap_or(content.standing(Standing::NotFound))));
}

/// Every path, with the codings of its answers.
#[track_caller]
fn check_codings(folder: &TempDir, settings: &Settings, expected: Expect) {
    expected.assert_eq(&compiled(folder, settings).routes().map(line).collect::<String>());
}

/// Each body decodes to the one without a coding.
#[track_caller]
fn check_decodes(blob: &[u8], path: &str, plain: &str) {
    let content = Content::new(blob);
    let mut next = content.find(path.as_bytes());
    while let Some(stored) = next {
        let bytes = content.bytes(content.body(stored));
        let mut decoded = Vec::new();
        match content.head(stored, pipkin_format::Extent::Whole) {
            head if has(head, "gzip") => {
                flate2::bufread::GzDecoder::new(bytes).read_to_end(&mut decoded).unwrap();
            }
            head if has(head, "br") => {
                brotli::BrotliDecompress(&mut &*bytes, &mut decoded).unwrap();
            }
            head if has(head, "zstd") => decoded = zstd::decode_all(bytes).unwrap(),
            _ => decoded = bytes.into(),
        }
        assert!(decoded == plain.as_bytes(), "{path}");
        next = content.next(stored);
    }
}

fn has(head: &[u8], coding: &str) -> bool {
    str::from_utf8(head).unwrap().contains(&format!("\r\nContent-Encoding: {coding}\r\n"))
}

/// A file in every coding.
fn app(plain: &str) -> TempDir {
    files(&[
        ("app.js", plain.as_bytes()),
        ("app.js.br", &brotli(plain)),
        ("app.js.gz", &gzip(plain)),
        ("app.js.zst", &zstd(plain)),
    ])
}

#[test]
fn beside_the_file() {
    let (folder, settings) = (app(&text("tea")), Settings::default());
    check(
        &folder,
        &settings,
        "/app.js",
        expect![[r#"
            [br]
            HTTP/1.1 200 OK
            ETag: "PvWRqGDJjhSZyUQ3"
            Vary: Accept-Encoding
            X-Content-Type-Options: nosniff
            -- of 304
            Content-Type: text/javascript; charset=utf-8
            Content-Encoding: br
            Content-Length:
            -- of 206 35

            (35 bytes)

            [zstd]
            HTTP/1.1 200 OK
            ETag: "8nWfCo3RmONwDGlN"
            Vary: Accept-Encoding
            X-Content-Type-Options: nosniff
            -- of 304
            Content-Type: text/javascript; charset=utf-8
            Content-Encoding: zstd
            Content-Length:
            -- of 206 36

            (36 bytes)

            [gzip]
            HTTP/1.1 200 OK
            ETag: "TtEvejoTC4z-5fGp"
            Vary: Accept-Encoding
            X-Content-Type-Options: nosniff
            -- of 304
            Content-Type: text/javascript; charset=utf-8
            Content-Encoding: gzip
            Content-Length:
            -- of 206 60

            (60 bytes)

            HTTP/1.1 200 OK
            ETag: "OorBJkKlp1SjJq6u"
            Vary: Accept-Encoding
            X-Content-Type-Options: nosniff
            -- of 304
            Content-Type: text/javascript; charset=utf-8
            Content-Length:
            -- of 206 1900

            (1900 bytes)

        "#]],
    );
}

#[test]
fn encoded_files_are_files_too() {
    let (folder, settings) = (app(&text("tea")), Settings::default());
    check_codings(
        &folder,
        &settings,
        expect![[r#"
        /app.js = app.js (1900 bytes, br, zstd, gzip)
        /app.js.br = app.js.br (35 bytes)
        /app.js.gz = app.js.gz (60 bytes)
        /app.js.zst = app.js.zst (36 bytes)
    "#]],
    );
    check(
        &folder,
        &settings,
        "/app.js.gz",
        expect![[r#"
            HTTP/1.1 200 OK
            ETag: "TtEvejoTC4z-5fGp"
            X-Content-Type-Options: nosniff
            -- of 304
            Content-Type: application/gzip
            Content-Length:
            -- of 206 60

            (60 bytes)

        "#]],
    );
}

#[test]
fn beside_the_file_and_no_byte_twice() {
    let plain = text("tea");
    let folder = app(&plain);
    let site = compiled(&folder, &Settings::default());
    check_decodes(&blob(&site), "/app.js", &plain);
    let bytes = [plain.len(), brotli(&plain).len(), gzip(&plain).len(), zstd(&plain).len()];
    let not_found_bytes = "404 not found\n".len();
    assert_eq!(site.body_bytes(), (bytes.iter().sum::<usize>() + not_found_bytes) as u64);
}

#[test]
fn beside_the_file_and_something_else() {
    let (tea, coffee) = (text("tea"), text("coffee"));
    let folder = files(&[
        ("a-cut.js", tea.as_bytes()),
        ("a-cut.js.gz", &gzip(&tea)[..40]),
        ("an-other.js", tea.as_bytes()),
        ("an-other.js.br", &brotli(&coffee)),
        ("longer.txt", b"tea"),
        ("longer.txt.gz", &gzip("tea")),
        ("nothing.js.gz", &gzip(&tea)),
        ("no-encoding.js", tea.as_bytes()),
        ("no-encoding.js.br", b"tea"),
        ("twice.js", tea.as_bytes()),
        ("twice.js.gz", &[gzip(&tea), gzip("")].concat()),
        ("trailing.js", tea.as_bytes()),
        ("trailing.js.zst", &[zstd(&tea), b"tea".to_vec()].concat()),
    ]);
    check_codings(
        &folder,
        &Settings::default(),
        expect![[r#"
        /a-cut.js = a-cut.js (1900 bytes)
        /a-cut.js.gz = a-cut.js.gz (40 bytes)
        /an-other.js = an-other.js (1900 bytes)
        /an-other.js.br = an-other.js.br (26 bytes)
        /longer.txt = longer.txt (3 bytes)
        /longer.txt.gz = longer.txt.gz (23 bytes)
        /no-encoding.js = no-encoding.js (1900 bytes)
        /no-encoding.js.br = no-encoding.js.br (3 bytes)
        /nothing.js.gz = nothing.js.gz (60 bytes)
        /trailing.js = trailing.js (1900 bytes)
        /trailing.js.zst = trailing.js.zst (39 bytes)
        /twice.js = twice.js (1900 bytes)
        /twice.js.gz = twice.js.gz (80 bytes)
    "#]],
    );
}

#[test]
fn made() {
    let plain = text("tea");
    let folder = files(&[("index.html", plain.as_bytes())]);
    check(
        &folder,
        &compress(&Coding::ALL),
        "/",
        expect![[r#"
            [br]
            HTTP/1.1 200 OK
            ETag: "PvWRqGDJjhSZyUQ3"
            Vary: Accept-Encoding
            Cache-Control: no-cache
            X-Content-Type-Options: nosniff
            -- of 304
            Content-Type: text/html; charset=utf-8
            Content-Encoding: br
            Content-Length:
            -- of 206 35

            (35 bytes)

            [zstd]
            HTTP/1.1 200 OK
            ETag: "9J0K06g5ri3r1XK4"
            Vary: Accept-Encoding
            Cache-Control: no-cache
            X-Content-Type-Options: nosniff
            -- of 304
            Content-Type: text/html; charset=utf-8
            Content-Encoding: zstd
            Content-Length:
            -- of 206 37

            (37 bytes)

            [gzip]
            HTTP/1.1 200 OK
            ETag: "sd5i_2WMRvknxhrB"
            Vary: Accept-Encoding
            Cache-Control: no-cache
            X-Content-Type-Options: nosniff
            -- of 304
            Content-Type: text/html; charset=utf-8
            Content-Encoding: gzip
            Content-Length:
            -- of 206 56

            (56 bytes)

            HTTP/1.1 200 OK
            ETag: "OorBJkKlp1SjJq6u"
            Vary: Accept-Encoding
            Cache-Control: no-cache
            X-Content-Type-Options: nosniff
            -- of 304
            Content-Type: text/html; charset=utf-8
            Content-Length:
            -- of 206 1900

            (1900 bytes)

        "#]],
    );
    check_decodes(&blob(&compiled(&folder, &compress(&Coding::ALL))), "/", &plain);
}

#[test]
fn made_where_it_pays() {
    let plain = text("tea");
    let dense: Vec<u8> =
        (0..2000u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let folder = files(&[
        ("a.css", plain.as_bytes()),
        ("b.css", plain.as_bytes()),
        ("b.css.gz", &gzip(&plain)),
        ("dense.txt", &dense),
        ("picture.png", plain.as_bytes()),
        ("short.txt", &plain.as_bytes()[..300]),
    ]);
    check_codings(
        &folder,
        &compress(&[Coding::Zstd, Coding::Gzip, Coding::Zstd]),
        expect![[r#"
        /a.css = a.css (1900 bytes, zstd, gzip)
        /b.css = b.css (1900 bytes, zstd, gzip)
        /b.css.gz = b.css.gz (60 bytes)
        /dense.txt = dense.txt (8000 bytes)
        /picture.png = picture.png (1900 bytes)
        /short.txt = short.txt (300 bytes)
    "#]],
    );
}

#[test]
fn equal_files_are_encoded_once() {
    let plain = text("tea");
    let one = files(&[("a.txt", plain.as_bytes())]);
    let three = files(&["a.txt", "b.html", "c.svg"].map(|name| (name, plain.as_bytes())));
    let bytes = |folder| compiled(folder, &compress(&Coding::ALL)).body_bytes();
    assert_eq!(bytes(&one), bytes(&three));
}

#[test]
fn pages_for_404() {
    let plain = text("gone");
    let folder = files(&[("404.html", plain.as_bytes())]);
    check(
        &folder,
        &compress(&[Coding::Brotli]),
        "/x",
        expect![[r#"
            [br]
            HTTP/1.1 404 Not Found
            Vary: Accept-Encoding
            X-Content-Type-Options: nosniff
            Content-Type: text/html; charset=utf-8
            Content-Encoding: br
            Content-Length: 24

            (24 bytes)

            HTTP/1.1 404 Not Found
            Vary: Accept-Encoding
            X-Content-Type-Options: nosniff
            Content-Type: text/html; charset=utf-8
            Content-Length: 2000

            (2000 bytes)

        "#]],
    );
}

#[test]
fn an_application() {
    let folder = files(&[("index.html", text("app").as_bytes())]);
    let settings = Settings { spa: Some("index.html".into()), ..compress(&[Coding::Gzip]) };
    check(
        &folder,
        &settings,
        "/users/1",
        expect![[r#"
            [gzip, navigation]
            HTTP/1.1 200 OK
            ETag: "jceaYISXTFlsj0C-"
            Vary: Accept-Encoding, Accept
            Cache-Control: no-cache
            X-Content-Type-Options: nosniff
            -- of 304
            Content-Type: text/html; charset=utf-8
            Content-Encoding: gzip
            Content-Length:
            -- of 206 56

            (56 bytes)

            [navigation]
            HTTP/1.1 200 OK
            ETag: "2QB0tIHd_t6peZ_i"
            Vary: Accept-Encoding, Accept
            Cache-Control: no-cache
            X-Content-Type-Options: nosniff
            -- of 304
            Content-Type: text/html; charset=utf-8
            Content-Length:
            -- of 206 1900

            (1900 bytes)

            [no navigation]
            HTTP/1.1 404 Not Found
            Vary: Accept-Encoding, Accept
            X-Content-Type-Options: nosniff
            Content-Type: text/plain; charset=utf-8
            Content-Length: 14

            404 not found
        "#]],
    );
}

#[test]
fn refusals_vary_with_what_was_weighed() {
    let folder = files(&[("a.txt", text("tea").as_bytes())]);
    let blob = blob(&compiled(&folder, &compress(&[Coding::Gzip])));
    let content = Content::new(&blob);
    let standing =
        [Standing::NotAcceptable, Standing::PreconditionFailed, Standing::RangeNotSatisfiable];
    let answers = standing.map(|standing| show(content, content.standing(standing)));
    expect![[r#"
        HTTP/1.1 406 Not Acceptable
        Vary: Accept-Encoding
        Content-Length: 0

        HTTP/1.1 412 Precondition Failed
        Vary: Accept-Encoding
        Content-Length: 0

        HTTP/1.1 416 Range Not Satisfiable
        Vary: Accept-Encoding
        X-Content-Type-Options: nosniff
        Content-Length: 0
        Content-Range: bytes *

    "#]]
    .assert_eq(&answers.concat());
}

#[test]
fn the_same_bytes_each_time() {
    let names: Vec<String> = (0..30).map(|number| format!("{number:02}.txt")).collect();
    let texts: Vec<String> = names.iter().map(|name| text(name)).collect();
    let all: Vec<(&str, &[u8])> =
        names.iter().zip(&texts).map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    let folder = files(&all);
    let first = compiled(&folder, &compress(&Coding::ALL));
    let content = blob(&first);
    assert_eq!(blob(&first), content, "read again");
    assert_eq!(blob(&compiled(&folder, &compress(&Coding::ALL))), content, "made again");
    for (name, text) in names.iter().zip(&texts) {
        check_decodes(&content, &format!("/{name}"), text);
    }
}

#[test]
fn bodies_that_are_large() {
    let plain: String = (0..250_000).map(|number| format!("{number}\n")).collect();
    let folder = files(&[("large.csv", plain.as_bytes())]);
    let site = compiled(&folder, &compress(&[Coding::Zstd]));
    check_decodes(&blob(&site), "/large.csv", &plain);
    assert!(site.body_bytes() > plain.len() as u64);
}

/// The error of a site with encodings to find and to make, when `at` says so.
fn error_at(at: impl Fn(&Path, Progress) -> ControlFlow<()> + Sync) -> Error {
    let plain = text("tea");
    let folder = files(&[("a.js", plain.as_bytes()), ("a.js.gz", &gzip(&plain))]);
    let report = |now| at(folder.path(), now);
    pipkin_site::compile(folder.path(), &compress(&Coding::ALL), &report).unwrap_err()
}

#[test]
fn the_caller_ends_it() {
    let encoded_bytes = gzip(&text("tea")).len() as u64;
    let hashed_bytes = text("tea").len() as u64 + encoded_bytes;
    for bytes in [hashed_bytes, hashed_bytes + encoded_bytes] {
        let error = error_at(|_, now| match now.bytes_done > bytes {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        });
        assert!(matches!(error, Error::Interrupted), "{error}");
    }
}

#[test]
fn files_that_change_meanwhile() {
    for name in ["a.js", "a.js.gz"] {
        let error = error_at(|folder, now| {
            if now.files_done == 2 {
                fs::write(folder.join(name), text("cup").replace("small", "large")).unwrap();
            }
            ControlFlow::Continue(())
        });
        assert!(matches!(&error, Error::Changed { path } if path.ends_with(name)), "{error}");
    }
}

#[test]
fn progress_counts_what_is_read_again() {
    let plain = text("tea");
    let folder = files(&[("a.js", plain.as_bytes()), ("a.js.gz", &gzip(&plain))]);
    let last = std::sync::Mutex::new(Progress::default());
    let report = |now: Progress| {
        let mut last = last.lock().unwrap();
        last.bytes_done = last.bytes_done.max(now.bytes_done);
        last.bytes_total = last.bytes_total.max(now.bytes_total);
        ControlFlow::Continue(())
    };
    pipkin_site::compile(folder.path(), &compress(&Coding::ALL), &report).unwrap();
    let (plain_bytes, encoded_bytes) = (plain.len() as u64, gzip(&plain).len() as u64);
    let bytes = 3 * plain_bytes + 2 * encoded_bytes;
    let last = *last.lock().unwrap();
    assert_eq!((last.bytes_done, last.bytes_total), (bytes, bytes));
}

#[test]
fn no_place_for_what_is_made() {
    let folder = files(&[("a.js", text("tea").as_bytes())]);
    let scratch = "/nowhere".into();
    let settings = Settings { scratch, ..compress(&[Coding::Gzip]) };
    let error = compile_with(folder.path(), &settings).unwrap_err();
    expect![[r#"
        cannot use a temporary file in /nowhere: No such file or directory (os error 2)
        help: set TMPDIR to a folder with room, or leave --compress out
    "#]]
    .assert_eq(&format!("{error}\nhelp: {}\n", error.help().unwrap()));
}
