//! Fields by path, and what is refused.

use super::*;
use expect_test::{Expect, expect};

/// The fields of each path; a path with a star stands for its folder.
#[expect(clippy::needless_pass_by_value, reason = "as `expect!` is meant to be used")]
#[track_caller]
fn check(file: &str, paths: &str, expected: Expect) {
    let headers = parse(file.as_bytes()).unwrap();
    let mut text = String::new();
    for path in paths.split_whitespace() {
        let (fields, detached) = match path.as_bytes().strip_suffix(b"*") {
            Some(folder) => (headers.for_folder(folder), headers.detached_for_folder(folder)),
            None => (headers.for_path(path.as_bytes()), headers.detached(path.as_bytes())),
        };
        let mut lines: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        lines.extend(detached.iter().map(|name| format!("! {name}")));
        text += &format!("{path} [{}]\n", lines.join("] ["));
    }
    expected.assert_eq(&text);
}

/// What is wrong with each of the files.
#[expect(clippy::needless_pass_by_value, reason = "as `expect!` is meant to be used")]
#[track_caller]
fn check_faults(files: &[&str], expected: Expect) {
    let faults = files.iter().map(|file| parse(file.as_bytes()).unwrap_err());
    let lines = faults.map(|fault| format!("{fault}: {}\n", fault.help));
    expected.assert_eq(&lines.collect::<String>());
}

#[test]
fn each_block_that_stands_for_the_path() {
    check(
        "# all\n/*\n  X-A: 1\n\n/docs/*\n\tX-B: 2\n/docs/:page\n  X-C: a: b\n/about\n  X-D: 4\n",
        "/ /x /docs /docs/ /docs/a /docs/a/ /docs/a/b /about /about/ /about/x",
        expect![[r#"
            / [X-A: 1]
            /x [X-A: 1]
            /docs [X-A: 1] [X-B: 2]
            /docs/ [X-A: 1] [X-B: 2]
            /docs/a [X-A: 1] [X-B: 2] [X-C: a: b]
            /docs/a/ [X-A: 1] [X-B: 2] [X-C: a: b]
            /docs/a/b [X-A: 1] [X-B: 2]
            /about [X-A: 1] [X-D: 4]
            /about/ [X-A: 1] [X-D: 4]
            /about/x [X-A: 1]
        "#]],
    );
}

#[test]
fn stars_stand_anywhere() {
    check(
        "/*.js\n  X-A: 1\n/fonts/*-v*.woff\n  X-B: 2\n/*/img/*\n  X-C: 3\n/a%20b/%2A\n  X-D: 4",
        "/a.js /a/b.js /a.jsx /fonts/x-v1.woff /fonts/x.woff /x/img/y /img/y",
        expect![[r#"
            /a.js [X-A: 1]
            /a/b.js [X-A: 1]
            /a.jsx []
            /fonts/x-v1.woff [X-B: 2]
            /fonts/x.woff []
            /x/img/y [X-C: 3]
            /img/y []
        "#]],
    );
    let headers = parse(b"/a%20b/%2A\n  X-D: 4").unwrap();
    assert_eq!(headers.for_path(b"/a b/*"), [("X-D".into(), "4".into())]);
    assert_eq!(headers.for_path(b"/a b/c"), []);
}

#[test]
fn a_name_more_than_once() {
    check(
        "/*\n  Vary: a\n  vary: b\n  Set-Cookie: a=1\n  Content-Type: text/plain\n\
         /x\n  VARY: c\n  Set-Cookie: b=2\n  content-type: text/html\n",
        "/ /x",
        expect![[r#"
            / [Vary: a, b] [Set-Cookie: a=1] [Content-Type: text/plain]
            /x [Vary: a, b, c] [Set-Cookie: a=1] [Content-Type: text/html] [Set-Cookie: b=2]
        "#]],
    );
}

#[test]
fn detached() {
    check(
        "/*\n  X-A: 1\n  X-B: 2\n/x/*\n  ! x-a\n  !Cache-Control\n/x/y\n  X-A: 3\n",
        "/ /x/z /x/y /* /x/*",
        expect![[r#"
            / [X-A: 1] [X-B: 2]
            /x/z [X-B: 2] [! x-a] [! Cache-Control]
            /x/y [X-B: 2] [X-A: 3] [! Cache-Control]
            /* [X-A: 1] [X-B: 2]
            /x/* [X-B: 2] [! x-a] [! Cache-Control]
        "#]],
    );
}

#[test]
fn what_stands_for_all_of_a_folder() {
    check(
        "/*\n  X-A: 1\n/docs/*\n  X-B: 2\n/docs/x\n  X-C: 3\n/*.js\n  X-D: 4\n/:a/*\n  X-E: 5\n",
        "/* /docs/* /docs/deep/* /blog/*",
        expect![[r#"
            /* [X-A: 1]
            /docs/* [X-A: 1] [X-B: 2] [X-E: 5]
            /docs/deep/* [X-A: 1] [X-B: 2] [X-E: 5]
            /blog/* [X-A: 1] [X-E: 5]
        "#]],
    );
}

#[test]
fn windows_wrote_it() {
    check(
        "\u{feff}/*\r\n  X-A: 1\r\n\r\n",
        "/",
        expect![[r#"
        / [X-A: 1]
    "#]],
    );
}

#[test]
fn faults_of_form() {
    check_faults(
        &[
            "  X-A: 1\n/*\n",
            "/*\nX-A: 1\n",
            "/a\n/b\n  X-A: 1\n",
            "/a\n  X-A: 1\n/b\n# none\n",
            "/*\n  X-A\n",
            "/*\n  X-A:  \n",
            "/*\n  X A: 1\n",
            "/*\n  X-A : 1\n",
            "/*\n  : 1\n",
            "/*\n  !\n",
            "/*\n  X-A: 1\n  ! X-A: 1\n",
            "/*\n  X-A: ä\n",
            "/*\n  X-A: a\u{1b}b\n",
        ],
        expect![[r#"
            _headers:1:3: a field before any path: write the path above it, such as /*
            _headers:2:1: X-A: 1 is not indented, and no path: indent the lines below a path with spaces; a path starts with /
            _headers:1:1: a path without fields: write them below it, indented: Name: value
            _headers:3:1: a path without fields: write them below it, indented: Name: value
            _headers:2:3: no colon in X-A: write it as Name: value
            _headers:2:7: a field without a value: write one, or ! Name for no such field
            _headers:2:3: "X A" is no name of a field: a name has letters, digits and -, and a colon right behind it
            _headers:2:3: "X-A " is no name of a field: a name has letters, digits and -, and a colon right behind it
            _headers:2:3: "" is no name of a field: a name has letters, digits and -, and a colon right behind it
            _headers:2:4: "" is no name of a field: a name has letters, digits and -, and a colon right behind it
            _headers:3:5: "X-A: 1" is no name of a field: a name has letters, digits and -, and a colon right behind it
            _headers:2:8: 'ä' in a value, which is not ASCII: write %XX in URLs, and the plain letters elsewhere
            _headers:2:9: the control character '\u{1b}': remove it
        "#]],
    );
}

#[test]
fn faults_of_paths() {
    check_faults(
        &[
            "https://example.com/*\n  X-A: 1\n",
            "/a b\n  X-A: 1\n",
            "/a?b\n  X-A: 1\n",
            "/a//b\n  X-A: 1\n",
            "/:a-b\n  X-A: 1\n",
            "/50%\n  X-A: 1\n",
            "/a%2Fb\n  X-A: 1\n",
            "/%00\n  X-A: 1\n",
        ],
        expect![[r#"
            _headers:1:1: rules for other hosts are not supported: write the path alone, from /
            _headers:1:1: a space in a path: write %20 for a space, and fields on lines of their own
            _headers:1:1: conditions on the query are not supported: write the path up to the ?: it stands for all queries
            _headers:1:1: // in a path: write one slash
            _headers:1:1: :a-b is no placeholder: write :name, a whole segment of letters, digits and _, or %3A for a colon
            _headers:1:1: % without two hexadecimal digits: write %25 for a percent sign
            _headers:1:1: %2F in a path: write /, which the server takes it for
            _headers:1:1: a control character in a path: remove it
        "#]],
    );
}

#[test]
fn faults_of_names() {
    check_faults(
        &["/*\n  ! ETag\n"],
        expect![[r#"
        _headers:2:5: ETag cannot be set: it comes from the content: remove the line
    "#]],
    );
    let text: String = REFUSED
        .iter()
        .map(|(name, _)| parse(format!("/*\n  {}: 1\n", name.to_lowercase()).as_bytes()))
        .map(|result| format!("{}\n", result.unwrap_err()))
        .collect();
    expect![[r#"
        _headers:2:3: Accept-Ranges cannot be set: the server answers ranges by itself
        _headers:2:3: Basic-Auth cannot be set: there are no passwords, and every file of an image is readable
        _headers:2:3: Connection cannot be set: the server keeps the connection
        _headers:2:3: Content-Encoding cannot be set: it is chosen by what the client takes
        _headers:2:3: Content-Length cannot be set: the server says where a message ends
        _headers:2:3: Content-Range cannot be set: the server answers ranges by itself
        _headers:2:3: Date cannot be set: the server has a clock
        _headers:2:3: ETag cannot be set: it comes from the content
        _headers:2:3: Keep-Alive cannot be set: the server keeps the connection
        _headers:2:3: Last-Modified cannot be set: the server decides by ETag alone whether a browser has the file
        _headers:2:3: Location cannot be set: redirects are written in _redirects
        _headers:2:3: TE cannot be set: the server keeps the connection
        _headers:2:3: Trailer cannot be set: the server says where a message ends
        _headers:2:3: Transfer-Encoding cannot be set: the server says where a message ends
        _headers:2:3: Upgrade cannot be set: the server keeps the connection
    "#]].assert_eq(&text);
}

#[test]
fn cut_anywhere() {
    let text = "# a\n/*\n  Vary: a\n\n/b/:c/*.d\n  ! Vary\n  Set-Cookie: e=f\n/%C3%A4\n  X-A: 1\n";
    for end in 0..text.len() {
        let _ = parse(&text.as_bytes()[..end]).map(|headers| headers.for_path(b"/b/c/x.d"));
    }
}
