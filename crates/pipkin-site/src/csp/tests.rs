//! Hashes by what is hashed, and warnings.

use super::*;
use expect_test::{Expect, expect};
use sha2::{Digest, Sha256};

/// The policy of `html` has the hashes of just these scripts and style sheets.
#[track_caller]
fn check(html: &str, scripts: &[&str], styles: &[&str]) {
    let page = Page::read(html.as_bytes());
    let hashes = |texts: &[&str]| texts.iter().map(|text| hash(text)).collect::<BTreeSet<_>>();
    assert_eq!(page.scripts, hashes(scripts), "scripts of {html}");
    assert_eq!(page.styles, hashes(styles), "styles of {html}");
}

/// By way of hexadecimal digits, so that it is another way than that of the code.
fn hash(text: &str) -> String {
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digest = Sha256::digest(text);
    let mut bits: String = digest.iter().map(|byte| format!("{byte:08b}")).collect();
    bits += "00";
    let letter = |at: usize| {
        let index = usize::from_str_radix(&bits[6 * at..6 * at + 6], 2).unwrap();
        LETTERS.chars().nth(index).unwrap()
    };
    (0..43).map(letter).chain(['=']).collect()
}

#[expect(clippy::needless_pass_by_value, reason = "as `expect!` is meant to be used")]
#[track_caller]
fn check_warnings(html: &str, expected: Expect) {
    let (_, warnings) = policy(html.as_bytes());
    let lines = warnings.iter().map(|warning| format!("{warning}\n"));
    expected.assert_eq(&lines.collect::<String>());
}

#[test]
fn the_whole_value() {
    let (value, warnings) =
        policy(b"<script>b</script><script>a</script><script>b</script><style>c</style>");
    expect![[r#"
        default-src 'self';
        script-src 'self' 'sha256-PiPoFgA5WUoziU9lZOGxNIu9egCI1CxKy3PurtWcAJ0=' 'sha256-ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs=';
        style-src 'self' 'sha256-Ln0sA6lQeuJl7PW1NWiFpTOTogKdJBOUmXJloaJa78Y=';
        img-src 'self' data:;
        object-src 'none';
        base-uri 'self';
        form-action 'self';
        frame-ancestors 'self'"#]].assert_eq(&value.replace("; ", ";\n"));
    assert_eq!(warnings, []);
    expect!["default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"].assert_eq(&policy(b"hello").0);
}

/// The hash of `alert('Hello, world.');` in the specification.
///
/// Source: Content Security Policy Level 3, section 8.3.
#[test]
fn the_hash_of_the_specification() {
    let (value, _) = policy(b"<script>alert('Hello, world.');</script>");
    assert!(value.contains("'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"), "{value}");
}

#[test]
fn scripts_by_type() {
    check("<SCRIPT>a</ScripT >", &["a"], &[]);
    for script in [
        "type",
        "type=''",
        "type=' Text/JavaScript '",
        "type=module",
        "type=importmap",
        "type=speculationrules",
        "language=JavaScript1.2",
        "nomodule defer",
        "language=''",
    ] {
        check(&format!("<script {script}>a</script>"), &["a"], &[]);
    }
    for data in [
        "src=a.js",
        "src",
        "type=application/json",
        "type=application/ld+json",
        "type=text/template",
        "type='text/javascript; charset=utf-8'",
        "language=vbscript",
        "type=module src=a.js",
    ] {
        check(&format!("<script {data}>a</script>"), &[], &[]);
    }
}

#[test]
fn styles() {
    check("<style>a{}</style><style media=print>b{}</style>", &[], &["a{}", "b{}"]);
    check("<style type=TEXT/CSS>a</style><style type=text/less>b</style>", &[], &["a"]);
    check("<style></style><script></script><script> </script>", &[" "], &[]);
}

#[test]
fn text_as_browsers_read_it() {
    check("<script>a\r\nb\rc\n</script>", &["a\nb\nc\n"], &[]);
    check("<script>a\0b</script><style>\0</style>", &["a\u{fffd}b"], &["\u{fffd}"]);
    check("<script>a &amp; b && <b> </scrip </script>", &["a &amp; b && <b> </scrip "], &[]);
    check("<script><!--<script></script>--></script>", &["<!--<script></script>-->"], &[]);
    check("<script><!-- a </script> b", &["<!-- a "], &[]);
    check("\u{feff}<script>ä</script>", &["ä"], &[]);
    let (value, _) = policy(b"<script>\xe4</script>");
    assert!(value.contains(&hash("\u{fffd}")));
}

#[test]
fn what_has_no_end() {
    check("<style>a", &[], &["a"]);
    check("<script>a", &[], &[]);
    check("<script>a</script", &[], &[]);
    check("<script", &[], &[]);
}

#[test]
fn what_only_looks_like_a_script() {
    check("<!-- <script>a</script> --><script>b</script>", &["b"], &[]);
    check("<textarea><script>a</script></textarea><script>b</script>", &["b"], &[]);
    check("<title><style>a</style></title>", &[], &[]);
    check("<p title='<script>a</script>'>", &[], &[]);
    check("<xmp><script>a</script></xmp><plaintext><script>b</script>", &[], &[]);
    check("<iframe><script>a</script></iframe><script>b</script>", &["b"], &[]);
    check("<![CDATA[ > <script>a</script>]]>", &["a"], &[]);
}

#[test]
fn pages_inside_of_pages() {
    check(
        "<noscript><style>a</style></noscript><template><script>b</script></template>",
        &["b"],
        &["a"],
    );
    check("<noscript><!-- </noscript><script>b</script> -->", &["b"], &[]);
    check("<iframe srcdoc='<script>&quot;a&quot;</script>'></iframe>", &["\"a\""], &[]);
}

#[test]
fn svg_and_mathml() {
    check("<svg><style>a &gt; b</style></svg><style>a &gt; b</style>", &[], &["a > b", "a &gt; b"]);
    check("<svg><style><![CDATA[a > b]]></style></svg>", &[], &["a > b"]);
    check("<svg><script>a &amp;&amp; b</script><script href=x>c</script></svg>", &["a && b"], &[]);
    check("<svg><style/><path/></svg><style>a&amp;</style>", &[], &["a&amp;"]);
    check("<svg/><style>a&amp;</style>", &[], &["a&amp;"]);
    check(
        "<svg><title>x</title><foreignObject><style>a&amp;</style></foreignObject><style>b&amp;</style></svg>",
        &[],
        &["a&amp;", "b&"],
    );
    check("<math><mi><script>a&amp;</script></mi></math>", &["a&amp;"], &[]);
    check("<svg><path><p><script>a&amp;</script>", &["a&amp;"], &[]);
}

#[test]
fn warnings() {
    check_warnings(
        "<a onclick=x ONCLICK=y>a</a><a onclick=z><p style='a:b'><p style=''><p once=a>",
        expect![[r#"
            <a onclick> is an event handler: call addEventListener in a script
            <p style> is a style of one element: write a rule in a style sheet
        "#]],
    );
    check_warnings(
        "<a href=' java\nscript:x'><form action=JavaScript:y><a href=x>",
        expect![[r#"
        <a href> is a script in an address: call addEventListener in a script
        <form action> is a script in an address: call addEventListener in a script
    "#]],
    );
    check_warnings(
        "<script src=//a.example/b.js></script><img src=HTTPS://a.example/b><img src=/b>",
        expect![[r#"
            <script src> is on another host: serve a copy from this one
            <img src> is on another host: serve a copy from this one
        "#]],
    );
    check_warnings(
        "<object data=a></object><embed src=b><a href=https://a.example>",
        expect![[r#"
            <object data> is an object, as plugins were: write <iframe>, <img> or <video>
            <embed src> is an object, as plugins were: write <iframe>, <img> or <video>
        "#]],
    );
    check_warnings(
        "<link rel='preload stylesheet' href=https://a.example/b.css><link rel=canonical href=https://a.example/>",
        expect![[r#"
            <link href> is on another host: serve a copy from this one
        "#]],
    );
    check_warnings(
        "<svg onload=x><path style=fill:red>",
        expect![[r#"
        <svg onload> is an event handler: call addEventListener in a script
        <path style> is a style of one element: write a rule in a style sheet
    "#]],
    );
}

#[test]
fn cut_anywhere() {
    let html = "<svg><style><![CDATA[a]]></style></svg><script type=\"module\"><!--a--></script>\
                <p style='&amp;'><iframe srcdoc=\"<script>&auml;</script>\"></iframe>ä";
    for end in 0..html.len() {
        let (value, _) = policy(&html.as_bytes()[..end]);
        assert!(value.is_ascii());
    }
}
