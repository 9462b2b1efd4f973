//! What rules make of sites.

use super::super::parse;
use super::super::tests::{location_text, pattern_text};
use super::*;
use expect_test::{Expect, expect};

/// What the rules make of a site of files and, behind a `>`, redirects.
#[expect(clippy::needless_pass_by_value, reason = "as `expect!` is meant to be used")]
#[track_caller]
fn check(rules: &str, site: &str, expected: Expect) {
    let rules = parse(rules.as_bytes()).unwrap();
    let redirects = site.split_whitespace().filter_map(|path| path.strip_prefix('>'));
    let redirects = &redirects.map(Into::into).collect();
    let files = site.split_whitespace().filter(|path| path.starts_with('/'));
    let files = &files.map(Into::into).collect();
    let text = match compile(&rules, Existing { files, redirects }) {
        Ok(compiled) => text(&compiled),
        Err(fault) => format!("{fault}\n{}\n", fault.help),
    };
    expected.assert_eq(&text);
}

fn text(compiled: &Compiled) -> String {
    let mut text = String::new();
    for (path, action) in &compiled.exact {
        text += &format!("{} {}\n", pattern_text(path), show(action));
    }
    for (folder, fallbacks) in &compiled.fallbacks {
        text += &format!("in {}\n", pattern_text(folder));
        for Fallback { pattern, action } in fallbacks {
            let pattern = pattern.as_ref().map_or("all".into(), |pattern| pattern_text(pattern));
            text += &format!("  {pattern} {}\n", show(action));
        }
    }
    let dropped = compiled.dropped.iter().map(|path| format!("dropped {path}\n"));
    let unused = compiled.unused.iter().map(|line| format!("unused line {line}\n"));
    text + &dropped.chain(unused).collect::<String>()
}

fn show(action: &Action) -> String {
    match action {
        Action::Redirect { status, location } => format!("-> {status} {}", location_text(location)),
        Action::Rewrite { status, to } => format!("= {status} {to}"),
        Action::NotFound => "is not found".into(),
    }
}

#[test]
fn a_path_with_and_without_slash() {
    check(
        "/a /b\n/c/ /d?e 302\n/ /f",
        "/a/x",
        expect![[r#"
        / -> 301 /f +query
        /a -> 301 /b +query
        /a/ -> 301 /b +query
        /c -> 302 /d?e
        /c/ -> 302 /d?e
    "#]],
    );
    check(
        "/a /b",
        "/a/",
        expect![[r#"
        /a -> 301 /b +query
    "#]],
    );
    check(
        "/a /a/",
        "",
        expect![[r#"
        /a -> 301 /a/ +query
    "#]],
    );
    check(
        "/a/ /a",
        "",
        expect![[r#"
        /a/ -> 301 /a +query
    "#]],
    );
}

#[test]
fn the_first_rule_wins() {
    check(
        "/a /b\n/a/ /c\n/a /d",
        "",
        expect![[r#"
        /a -> 301 /b +query
        /a/ -> 301 /b +query
        unused line 2
        unused line 3
    "#]],
    );
    check(
        "/a/* /b\n/a/x /c",
        "",
        expect![[r#"
        /a -> 301 /b +query
        /a/ -> 301 /b +query
        /a/x -> 301 /b +query
        /a/x/ -> 301 /b +query
        in /a/
          all -> 301 /b +query
        unused line 2
    "#]],
    );
    check(
        "/a/x /c\n/a/* /b",
        "",
        expect![[r#"
        /a -> 301 /b +query
        /a/ -> 301 /b +query
        /a/x -> 301 /c +query
        /a/x/ -> 301 /c +query
        in /a/
          all -> 301 /b +query
    "#]],
    );
    check(
        "/* /b\n/a/* /c",
        "/b",
        expect![[r#"
        / -> 301 /b +query
        /a -> 301 /b +query
        /a/ -> 301 /b +query
        in /
          all -> 301 /b +query
        in /a/
          all -> 301 /b +query
        unused line 2
    "#]],
    );
    check(
        "/a/* /c\n/* /b",
        "/b",
        expect![[r#"
        / -> 301 /b +query
        /a -> 301 /c +query
        /a/ -> 301 /c +query
        in /
          all -> 301 /b +query
        in /a/
          all -> 301 /c +query
    "#]],
    );
}

#[test]
fn what_the_site_has_comes_first() {
    check(
        "/a /b",
        "/a",
        expect![[r#"
        /a/ -> 301 /b +query
        unused line 1
    "#]],
    );
    check(
        "/a /b\n/a /c 302!",
        "/a",
        expect![[r#"
            /a -> 302 /c +query
            /a/ -> 301 /b +query
            unused line 1
        "#]],
    );
    check(
        "/a/* /b/:splat",
        "/a/x /a/",
        expect![[r#"
        /a -> 301 /b/ +query
        in /a/
          /a/{rest} -> 301 /b/{1..} +query
    "#]],
    );
}

#[test]
fn but_not_where_a_rule_is_forced() {
    check(
        "/a/* /b/:splat 301!",
        "/a/x /a/ /b/x",
        expect![[r#"
        /a -> 301 /b/ +query
        /a/ -> 301 /b/ +query
        in /a/
          /a/{rest} -> 301 /b/{1..} +query
        dropped /a/x
    "#]],
    );
    check(
        "/* /closed.html 302!",
        "/ /index.html /closed.html",
        expect![[r#"
        / -> 302 /closed.html +query
        in /
          all -> 302 /closed.html +query
        dropped /index.html
    "#]],
    );
    check(
        "/* /c\n/a/* /b 302!",
        "/a/x /c",
        expect![[r#"
        / -> 301 /c +query
        /a -> 301 /c +query
        /a/ -> 301 /c +query
        /a/x -> 302 /b +query
        in /
          all -> 301 /c +query
        in /a/
          all -> 301 /c +query
    "#]],
    );
    check(
        "/:a/ /:a 301!",
        "/a/ /b",
        expect![[r#"
        in /
          /{segment}/ -> 301 /{0} +query
        dropped /a/
    "#]],
    );
}

#[test]
fn a_redirect_of_the_site_is_its_own() {
    check(
        "/docs/* /x\n/docs/ /y",
        ">/docs /docs/",
        expect![[r#"
        in /docs/
          all -> 301 /x +query
        unused line 2
    "#]],
    );
    check(
        "/* /x 302!",
        ">/docs /docs/ /x",
        expect![[r#"
        / -> 302 /x +query
        in /
          all -> 302 /x +query
        dropped /docs
        dropped /docs/
    "#]],
    );
    check(
        "/a /docs 200",
        ">/docs /docs/",
        expect![[r#"
        /a = 200 /docs/
        /a/ = 200 /docs/
    "#]],
    );
    check(
        "/a /b 200",
        ">/b",
        expect![[r#"
        _redirects:1:4: there is no /b in the site
        write the path of a file that there is
    "#]],
    );
}

#[test]
fn a_splat_stands_for_its_folder_too() {
    check(
        "/blog/* /news/:splat",
        "",
        expect![[r#"
        /blog -> 301 /news/ +query
        /blog/ -> 301 /news/ +query
        in /blog/
          /blog/{rest} -> 301 /news/{1..} +query
    "#]],
    );
    check(
        "/blog/* https://example.com/?p=:splat",
        "",
        expect![[r#"
        /blog -> 301 https://example.com/?p=
        /blog/ -> 301 https://example.com/?p=
        in /blog/
          /blog/{rest} -> 301 https://example.com/?p={1..}
    "#]],
    );
    check(
        "/* https://example.com/:splat",
        "",
        expect![[r#"
        / -> 301 https://example.com/ +query
        in /
          /{rest} -> 301 https://example.com/{0..} +query
    "#]],
    );
    check(
        "/ä%20/* /b",
        "",
        expect![[r#"
            /ä  -> 301 /b +query
            /ä / -> 301 /b +query
            in /ä /
              all -> 301 /b +query
        "#]],
    );
}

#[test]
fn placeholders_are_for_the_server() {
    check(
        "/p/:id /products?id=:id",
        "/p/1",
        expect![[r#"
        in /p/
          /p/{segment} -> 301 /products?id={1}
          /p/{segment}/ -> 301 /products?id={1}
    "#]],
    );
    check(
        "/:a/x/* /:a/:splat\n/q/:b /r",
        "",
        expect![[r#"
        in /
          /{segment}/x/{rest} -> 301 /{0}/{2..} +query
          /{segment}/x -> 301 /{0}/{2..} +query
        in /q/
          /{segment}/x/{rest} -> 301 /{0}/{2..} +query
          /{segment}/x -> 301 /{0}/{2..} +query
          /q/{segment} -> 301 /r +query
          /q/{segment}/ -> 301 /r +query
    "#]],
    );
    check(
        "/:a/:b /:b/:a",
        "",
        expect![[r#"
        in /
          /{segment}/{segment} -> 301 /{1}/{0} +query
          /{segment}/{segment}/ -> 301 /{1}/{0} +query
    "#]],
    );
    check(
        "/:a /:a/",
        "",
        expect![[r#"
        in /
          /{segment} -> 301 /{0}/ +query
    "#]],
    );
}

#[test]
fn lists_are_complete() {
    check(
        "/:a/x /one\n/blog/:slug /two\n/blog/old/* /three\n/* /four\n/* /five",
        "/four",
        expect![[r#"
        / -> 301 /four +query
        /blog -> 301 /four +query
        /blog/ -> 301 /four +query
        /blog/old -> 301 /two +query
        /blog/old/ -> 301 /two +query
        in /
          /{segment}/x -> 301 /one +query
          /{segment}/x/ -> 301 /one +query
          all -> 301 /four +query
        in /blog/
          /{segment}/x -> 301 /one +query
          /{segment}/x/ -> 301 /one +query
          /blog/{segment} -> 301 /two +query
          /blog/{segment}/ -> 301 /two +query
          all -> 301 /four +query
        in /blog/old/
          all -> 301 /three +query
        unused line 5
    "#]],
    );
    check(
        "/blog/* /one\n/:a/x /two",
        "",
        expect![[r#"
        /blog -> 301 /one +query
        /blog/ -> 301 /one +query
        in /
          /{segment}/x -> 301 /two +query
          /{segment}/x/ -> 301 /two +query
        in /blog/
          all -> 301 /one +query
    "#]],
    );
}

#[test]
fn rewrites_of_one_file() {
    check(
        "/* /index.html 200",
        "/ /index.html /app.js",
        expect![[r#"
        in /
          all = 200 /index.html
    "#]],
    );
    check(
        "/app/* /app/ 200\n/* /404.html 404",
        "/app/ /app/x /404.html",
        expect![[r#"
        / = 404 /404.html
        /app = 200 /app/
        in /
          all = 404 /404.html
        in /app/
          all = 200 /app/
    "#]],
    );
    check(
        "/gone/* /gone 410!",
        "/gone.html /gone/x",
        expect![[r#"
        /gone = 410 /gone.html
        /gone/ = 410 /gone.html
        in /gone/
          all = 410 /gone.html
        dropped /gone/x
    "#]],
    );
    check(
        "/a /docs 200",
        "/docs/",
        expect![[r#"
        /a = 200 /docs/
        /a/ = 200 /docs/
    "#]],
    );
    check(
        "/a /b%20c 200",
        "/b c",
        expect![[r#"
        _redirects:1:4: there is no /b%20c in the site
        write the path of a file that there is
    "#]],
    );
    check(
        "/* /index.html 200!",
        "/ /index.html /app.js",
        expect![[r#"
        / = 200 /index.html
        in /
          all = 200 /index.html
        dropped /app.js
    "#]],
    );
}

#[test]
fn rewrites_of_each_file() {
    check(
        "/d/* /v2/:splat 200",
        "/v2/ /v2/a /v2/b/c /d/a",
        expect![[r#"
        /d = 200 /v2/
        /d/ = 200 /v2/
        /d/a/ = 200 /v2/a
        /d/b/c = 200 /v2/b/c
        /d/b/c/ = 200 /v2/b/c
        in /d/
          all is not found
    "#]],
    );
    check(
        "/d/:page /pages/:page 200",
        "/pages/a.html /pages/b/ /pages/c/d",
        expect![[r#"
            /d/a = 200 /pages/a.html
            /d/a.html = 200 /pages/a.html
            /d/a/ = 200 /pages/a.html
            /d/b = 200 /pages/b/
            /d/b/ = 200 /pages/b/
        "#]],
    );
}

#[test]
fn files_by_parts_of_names() {
    check(
        "/:y/:m /:y-:m.html 200",
        "/a-b-c.html /d.html",
        expect![[r#"
        /a-b/c = 200 /a-b-c.html
        /a-b/c/ = 200 /a-b-c.html
        /a/b-c = 200 /a-b-c.html
        /a/b-c/ = 200 /a-b-c.html
    "#]],
    );
    check(
        "/:a/x /:a/:a 200",
        "/b/b /b/c",
        expect![[r#"
        /b/x = 200 /b/b
        /b/x/ = 200 /b/b
    "#]],
    );
    check(
        "/d/* /v/:splat 200",
        "/v/x.y/ /v/a.js",
        expect![[r#"
        /d is not found
        /d/ is not found
        /d/a.js = 200 /v/a.js
        /d/a.js/ is not found
        /d/x.y = 200 /v/x.y/
        /d/x.y/ = 200 /v/x.y/
        in /d/
          all is not found
    "#]],
    );
    check(
        "/assets/* /assets/:splat 200\n/* / 200",
        "/ /assets/a.js",
        expect![[r#"
            /assets is not found
            /assets/ is not found
            /assets/a.js/ is not found
            in /
              all = 200 /
            in /assets/
              all is not found
        "#]],
    );
}

#[test]
fn what_leads_nowhere() {
    check(
        "/a /b 302\n/c  /b 200",
        "/a",
        expect![[r#"
        _redirects:2:5: there is no /b in the site
        write the path of a file that there is
    "#]],
    );
    check(
        "/a/* /b%e4 404",
        "/a",
        expect![[r#"
        _redirects:1:6: there is no /b%e4 in the site
        write the path of a file that there is
    "#]],
    );
    check(
        "/* /new",
        "",
        expect![[r#"
        _redirects:1:4: /new leads to itself where the site has no such path
        add the file, or write a target that the rule does not stand for
    "#]],
    );
    check(
        "/* /new",
        "/new",
        expect![[r#"
        / -> 301 /new +query
        in /
          all -> 301 /new +query
    "#]],
    );
    check(
        "/new /x\n/* /new",
        "",
        expect![[r#"
        / -> 301 /new +query
        /new -> 301 /x +query
        /new/ -> 301 /x +query
        in /
          all -> 301 /new +query
    "#]],
    );
}

#[test]
fn targets_below_the_path() {
    check(
        "/blog/* /blog/",
        "",
        expect![[r#"
        _redirects:1:9: /blog/ leads to itself where the site has no such path
        add the file, or write a target that the rule does not stand for
    "#]],
    );
    check(
        "/blog/* /blog",
        "",
        expect![[r#"
        /blog/ -> 301 /blog +query
        in /blog/
          all -> 301 /blog +query
    "#]],
    );
    check(
        "/:a/:b /:a/x",
        "/a/x",
        expect![[r#"
        _redirects:1:8: /:a/x leads to itself where the site has no such path
        add the file, or write a target that the rule does not stand for
    "#]],
    );
    check(
        "/blog/* /blog/archive/:splat",
        "",
        expect![[r#"
        /blog -> 301 /blog/archive/ +query
        /blog/ -> 301 /blog/archive/ +query
        in /blog/
          /blog/{rest} -> 301 /blog/archive/{1..} +query
    "#]],
    );
}

#[test]
fn cut_anywhere() {
    let text = "/a/* /b/:splat 200!\n/:x/y/* https://a.example/:x?b=:splat 302 # c\n/%C3%A4 /b\n";
    let (files, redirects) = (&["/b/c".into(), "/b/".into()].into(), &["/b".into()].into());
    let existing = Existing { files, redirects };
    for end in 0..text.len() {
        let _ = parse(&text.as_bytes()[..end]).and_then(|rules| compile(&rules, existing));
    }
}
