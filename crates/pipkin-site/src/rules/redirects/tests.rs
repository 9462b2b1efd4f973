//! What lines say, and what is wrong with them.

use super::*;
use expect_test::{Expect, expect};

/// A pattern, with marks as a reader can see them.
pub(super) fn pattern_text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.replace('\u{1}', "{segment}").replace('\u{2}', "{rest}")
}

/// A Location, with marks as a reader can see them.
pub(super) fn location_text(location: &Location) -> String {
    let visible = location.text.iter().map(|&byte| match byte {
        0x80..0xC0 => format!("{{{}}}", byte - Location::SEGMENT),
        0xC0.. => format!("{{{}..}}", byte - Location::REST),
        byte => char::from(byte).to_string(),
    });
    visible.chain(location.query.then(|| " +query".into())).collect()
}

/// What each of the files says.
#[expect(clippy::needless_pass_by_value, reason = "as `expect!` is meant to be used")]
#[track_caller]
fn check(files: &[&str], expected: Expect) {
    let text = |file: &&str| match parse(file.as_bytes()) {
        Ok(rules) => rules.iter().map(rule).collect(),
        Err(fault) => format!("{fault}: {}\n", fault.help),
    };
    expected.assert_eq(&files.iter().map(text).collect::<String>());
}

fn rule(rule: &Rule) -> String {
    let forced = if rule.is_forced { "!" } else { "" };
    let (from, to) = (pattern_text(rule.from.bytes()), location_text(&rule.to.location()));
    format!("{from} {}{forced} {to}\n", rule.status)
}

#[test]
fn rules() {
    check(
        &[
            "/a /b",
            "# none\n\n  /a\t/b  302 # why\n/c /d 200!",
            "/a/ https://example.com",
            "/a HTTP://example.com:8080/b 308",
            "/%C3%A4%20/%2a/%3Ab /ä%20b",
            "/a:b /c",
            "/ /index.html 200",
        ],
        expect![[r#"
            /a 301 /b +query
            /a 302 /b +query
            /c 200! /d +query
            /a 301 https://example.com +query
            /a 308 HTTP://example.com:8080/b +query
            /ä /*/:b 301 /%C3%A4%20b +query
            /a:b 301 /c +query
            / 200 /index.html +query
        "#]],
    );
}

#[test]
fn parts() {
    check(
        &[
            "/blog/* /news/:splat",
            "/* https://example.com/:splat 301!",
            "/:a/x/:b_2/* /:b_2-:a?all=:splat#:a",
            "/p/:id /?id=:id",
            "/p/:id /#:id",
            "/a/:b/:c /a/:c/:b",
            "/* /:splat/",
        ],
        expect![[r#"
            /blog/{rest} 301 /news/{1..} +query
            /{rest} 301! https://example.com/{0..} +query
            /{segment}/x/{segment}/{rest} 301 /{2}-{0}?all={3..}#{0}
            /p/{segment} 301 /?id={1}
            /p/{segment} 301 /#{1}
            /a/{segment}/{segment} 301 /a/{2}/{1} +query
            /{rest} 301 /{0..}/ +query
        "#]],
    );
}

#[test]
fn encoded() {
    check(
        &[r#"/a /\b"<>^`{|}[]"#, "/a /%e4%2F?ä=ö"],
        expect![[r#"
        /a 301 /%5Cb%22%3C%3E%5E%60%7B%7C%7D[] +query
        /a 301 /%e4%2F?%C3%A4=%C3%B6
    "#]],
    );
}

#[test]
fn the_path() {
    check(
        &[
            "a /b",
            "  https://example.com/a /b",
            "//a /b",
            "/a?b=1 /b",
            "/a#b /b",
            "/a/*/b /c",
            "/a* /c",
            "/*/* /c",
            "/:a/:a /c",
            "/:splat /c",
            "/:1 /c",
            "/:a.html /c",
            "/100% /c",
            "/a%2fb /c",
            "/a%01 /c",
            &format!("{} /c", "/a".repeat(32)),
            &format!("/{} /c", "a".repeat(2047)),
        ],
        expect![[r#"
            _redirects:1:1: a path must start with /: write it as /path
            _redirects:1:3: rules for other hosts are not supported: write the path alone, from /
            _redirects:1:1: // in a path: write one slash
            _redirects:1:1: conditions on the query are not supported: write the path up to the ?: it stands for all queries
            _redirects:1:1: browsers do not send what follows #: write the path up to the #
            _redirects:1:1: * is not the last segment: write it as /folder/*, and :name for one segment, or %2A for a star
            _redirects:1:1: * is not the last segment: write it as /folder/*, and :name for one segment, or %2A for a star
            _redirects:1:1: * is not the last segment: write it as /folder/*, and :name for one segment, or %2A for a star
            _redirects:1:1: :a is there twice: write two names
            _redirects:1:1: :splat is the name of what * stands for: write * at the end, or another name
            _redirects:1:1: :1 is no placeholder: write :name, a whole segment of letters, digits and _, or %3A for a colon
            _redirects:1:1: :a.html is no placeholder: write :name, a whole segment of letters, digits and _, or %3A for a colon
            _redirects:1:1: % without two hexadecimal digits: write %25 for a percent sign
            _redirects:1:1: %2F in a path: write /, which the server takes it for
            _redirects:1:1: a control character in a path: remove it
            _redirects:1:1: a path of 32 segments, and 31 is the limit: write fewer, with * for the rest
            _redirects:1:1: longer than any path that the server takes: write * for the rest
        "#]],
    );
}

#[test]
fn the_target() {
    check(
        &[
            "/a",
            "/a  # /b",
            "/a b",
            "/a //b",
            "/a ftp://b",
            "/a https://",
            "/a https:///b",
            "/* https://:splat",
            "/:a https://:a.example.com/",
            "/* https://example.com:splat",
            "/a https://bücher.example/",
            "/a /100%",
            "/a/* /b/*",
            "/a /b/:splat",
            "/a/:b /:c",
            "/a /Talk:Main",
            &format!("/a /{}", "ä".repeat(342)),
        ],
        expect![[r#"
            _redirects:1:3: a path without a target: write where it leads to: /from /to
            _redirects:1:3: a path without a target: write where it leads to: /from /to
            _redirects:1:4: the target b is neither a path nor a URL: write it as /path or https://host/path
            _redirects:1:4: a target with // first is on another host: write https://b if it is, or one slash
            _redirects:1:4: the target ftp://b is neither a path nor a URL: write it as /path or https://host/path
            _redirects:1:4: a target without a host: write it as https://host/path
            _redirects:1:4: a target without a host: write it as https://host/path
            _redirects:1:4: a part of the path in the host of a target: write the host in full, and parts of the path behind its /
            _redirects:1:5: a part of the path in the host of a target: write the host in full, and parts of the path behind its /
            _redirects:1:4: a part of the path in the host of a target: write the host in full, and parts of the path behind its /
            _redirects:1:4: a host that is not ASCII: write it in its ASCII form, which starts with xn--
            _redirects:1:4: % without two hexadecimal digits: write %25 for a percent sign
            _redirects:1:6: * in a target: write :splat for what * stands for, or %2A for a star
            _redirects:1:4: :splat in a target, and no * in the path: write the path as /folder/*
            _redirects:1:7: :c in a target, and not in the path: write :c as a segment of the path too, or %3A for a colon
            _redirects:1:4: :Main in a target, and not in the path: write :Main as a segment of the path too, or %3A for a colon
            _redirects:1:4: a target of 2053 bytes, and 2048 is the limit: write a shorter one
        "#]],
    );
}

#[test]
fn the_status() {
    check(
        &[
            "/a /b 300",
            "/a /b 301!!",
            "/a /b moved",
            "/a /b 301 302",
            "/a https://example.com/ 200",
            "/a /b?c 200",
            "/a /b#c 404",
            "/a/:b /c 200",
            "/:a/* /c/:splat 200",
            "/:a/* /:a/:a/:splat 200",
        ],
        expect![[r#"
            _redirects:1:7: 300 is no status that a rule can have: write 301, 302, 303, 307 or 308 for a redirect, 200, 404 or 410 for a rewrite
            _redirects:1:7: 301!! is no status that a rule can have: write 301, 302, 303, 307 or 308 for a redirect, 200, 404 or 410 for a rewrite
            _redirects:1:7: moved is no status that a rule can have: write 301, 302, 303, 307 or 308 for a redirect, 200, 404 or 410 for a rewrite
            _redirects:1:11: 302 is one word too many: write it as /from /to 301
            _redirects:1:4: 200 answers with a file of the site, and this is none: write the path of a file, or 302 for a redirect: nothing is fetched from others
            _redirects:1:4: 200 answers with a file of the site, and this is none: write the path of a file, or 302 for a redirect: nothing is fetched from others
            _redirects:1:4: 404 answers with a file of the site, and this is none: write the path of a file, or 302 for a redirect: nothing is fetched from others
            _redirects:1:1: which paths these are for 200, only the server could know: write each :name and * in the target too, or a path with * alone
            _redirects:1:1: which paths these are for 200, only the server could know: write each :name and * in the target too, or a path with * alone
            /{segment}/{rest} 200 /{0}/{0}/{1..} +query
        "#]],
    );
}

#[test]
fn conditions() {
    check(
        &[
            "/a id=:id /b/:id 301",
            "/a /b Country=us",
            "/a /b 301 language=de",
            "/a Role=admin",
            "/a /b 200! Cookie=x",
        ],
        expect![[r#"
            _redirects:1:4: conditions on the query are not supported: remove it: the rule then stands for all queries
            _redirects:1:7: conditions on country, language, role or cookie are not supported: remove the line, or the condition where the rule is for everybody
            _redirects:1:11: conditions on country, language, role or cookie are not supported: remove the line, or the condition where the rule is for everybody
            _redirects:1:4: conditions on country, language, role or cookie are not supported: remove the line, or the condition where the rule is for everybody
            _redirects:1:12: conditions on country, language, role or cookie are not supported: remove the line, or the condition where the rule is for everybody
        "#]],
    );
}

#[test]
fn itself() {
    check(
        &[
            "/a /a",
            "/a/ /a/?b#c",
            "/a/ /a",
            "/a /a/",
            "/%61 /a",
            "/a https://example.com/a",
            "/a /a 200",
            "/:a/* /:a/:splat",
            "/:a/:b /:b/:a",
        ],
        expect![[r#"
            _redirects:1:4: a redirect to itself: remove the line
            _redirects:1:5: a redirect to itself: remove the line
            /a 301 /a +query
            /a 301 /a/ +query
            _redirects:1:6: a redirect to itself: remove the line
            /a 301 https://example.com/a +query
            /a 200 /a +query
            _redirects:1:7: a redirect to itself: remove the line
            /{segment}/{segment} 301 /{1}/{0} +query
        "#]],
    );
}
