//! What the extended server reads of a site, and what needs it.

use expect_test::{Expect, expect};
use pipkin_format::Content;
use pipkin_site::Settings;

use crate::show::show;
use crate::tree::tree;
use crate::{blob, compile_with, line};

/// The routes, and what the server is to do.
#[track_caller]
fn check(fixture: &str, settings: &Settings, expected: Expect) {
    let folder = tree(fixture);
    let site = compile_with(folder.path(), settings).unwrap();
    let blob = blob(&site);
    let content = Content::new(&blob);
    let routes = site.routes().map(line).collect::<String>();
    let setting = content.setting().map(|setting| show(content, setting));
    assert_eq!(site.is_extended(), content.setting().is_some() || site.needs_rules());
    expected.assert_eq(&(routes + &setting.unwrap_or_default()));
}

#[test]
fn nothing() {
    check(
        "/a.txt\na\n",
        &Settings::default(),
        expect![[r#"
        /a.txt = a.txt (2 bytes)
    "#]],
    );
}

#[test]
fn a_log() {
    let settings = Settings { access_log: true, ..Settings::default() };
    check(
        "/a.txt\na\n",
        &settings,
        expect![[r#"
        /a.txt = a.txt (2 bytes)
        [log]


    "#]],
    );
}

#[test]
fn variables() {
    let (env_js, base_path) = ("API_URL, B".into(), "/app".into());
    let settings = Settings { env_js, base_path, access_log: true, ..Settings::default() };
    check(
        "/a.txt\na\n",
        &settings,
        expect![[r#"
        /app -> /app/
        /app/a.txt = a.txt (2 bytes)
        /app/env.js = from variables
        [env, log]
        HTTP/1.1 200 OK
        ETag: "47DEQpj8HBSa-_TI"
        Cache-Control: no-cache
        X-Content-Type-Options: nosniff
        -- of 304
        Content-Type: text/javascript; charset=utf-8
        Content-Length:
        -- of 206

        API_URL=B="#]],
    );
}

#[test]
fn fields_of_variables() {
    let settings = Settings { env_js: "A".into(), ..Settings::default() };
    let fixture = "/a.txt\na\n/_headers\n|/env.js\n  Cache-Control: max-age=60\n";
    check(
        fixture,
        &settings,
        expect![[r#"
        /a.txt = a.txt (2 bytes)
        /env.js = from variables
        [env]
        HTTP/1.1 200 OK
        ETag: "47DEQpj8HBSa-_TI"
        X-Content-Type-Options: nosniff
        Cache-Control: max-age=60
        -- of 304
        Content-Type: text/javascript; charset=utf-8
        Content-Length:
        -- of 206

        A="#]],
    );
}
