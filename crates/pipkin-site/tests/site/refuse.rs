//! What cannot be a site: message and help of every error.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use expect_test::{Expect, expect};
use pipkin_site::{Error, Settings};

use crate::tree::tree;
use crate::{compile, compile_with};

/// The message and the help.
fn text(error: &Error) -> String {
    let help = error.help().map(|help| format!("help: {help}\n")).unwrap_or_default();
    format!("{error}\n{help}")
}

/// The text of an error that no folder of a test leads to.
#[track_caller]
fn check_text(error: &Error, expected: Expect) {
    expected.assert_eq(&text(error));
}

/// The text of the error for `path` below `folder`, with `DIR` for the path of the folder.
#[track_caller]
fn check_below(folder: &Path, path: &str, expected: Expect) {
    let text = text(&compile(&folder.join(path)).unwrap_err());
    // A link's target is canonical, and the folder for temporary files may itself be a link.
    let text = text.replace(folder.canonicalize().unwrap().to_str().unwrap(), "DIR");
    expected.assert_eq(&text.replace(folder.to_str().unwrap(), "DIR"));
}

/// The text of the error for the folder `site` of a fixture.
#[track_caller]
fn check(fixture: &str, expected: Expect) {
    check_below(tree(fixture).path(), "site", expected);
}

#[test]
fn variables() {
    let folder = tree("/env.js\n1\n");
    let refusal = |env_js: &str| {
        let settings = Settings { env_js: env_js.into(), ..Settings::default() };
        text(&compile_with(folder.path(), &settings).unwrap_err())
    };
    expect![[r#"
        cannot serve env.js: --env-js makes one
        help: rename or remove the file, or leave --env-js out
        cannot make env.js: "" is not the name of a variable: letters, digits and _, and no digit first
        help: type --env-js NAME,... with names of variables
    "#]].assert_eq(&(refusal("A") + &refusal("A,,B")));
}

#[test]
fn missing_folder() {
    check(
        "",
        expect![[r#"
        cannot read folder DIR/site: there is no such folder
        help: check the spelling: it is the folder with your index.html
    "#]],
    );
    check(
        "/site -> nothing\n",
        expect![[r#"
        cannot read folder DIR/site: there is no such folder
        help: check the spelling: it is the folder with your index.html
    "#]],
    );
}

#[test]
fn a_file_for_a_folder() {
    check(
        "/site\na\n",
        expect![[r#"
        cannot read folder DIR/site: it is not a folder
        help: give the folder that holds it: DIR
    "#]],
    );
    check_text(
        &Error::NotAFolder { folder: "a.txt".into() },
        expect![[r#"
        cannot read folder a.txt: it is not a folder
        help: give the folder that holds it: .
    "#]],
    );
}

#[test]
fn empty_folder() {
    check(
        "/site/.git/config\nx\n/site/docs/\n",
        expect![[r#"
        nothing to serve in folder DIR/site: it holds no file
        help: add a file such as index.html; names that start with a dot are left out, except .well-known at the top
    "#]],
    );
}

#[test]
fn name_not_utf8() {
    let folder = tree("/site/a.txt\na\n");
    let name = OsStr::from_bytes(b"caf\xe9.html");
    fs::write(folder.path().join("site").join(name), "").unwrap();
    check_below(
        folder.path(),
        "site",
        expect![[r#"
        cannot serve DIR/site/caf�.html: its name is not UTF-8
        help: rename it; many at once: convmv -r -f latin1 -t utf8 --notest FOLDER
    "#]],
    );
}

#[test]
fn control_character_in_a_name() {
    check(
        "/site/docs/Icon\r\n",
        expect![[r#"
        cannot serve "DIR/site/docs/Icon\r": its name has a control character
        help: rename it
    "#]],
    );
    check(
        "/site/a\u{85}b/c.txt\n",
        expect![[r#"
        cannot serve "DIR/site/a\u{85}b": its name has a control character
        help: rename it
    "#]],
    );
}

#[test]
fn link_outside() {
    check(
        "/site/null -> /dev/null\n",
        expect![[r#"
            cannot follow link DIR/site/null to /dev/null: that is outside of the folder
            help: replace the link by a copy of what it leads to, or give a folder that holds both
        "#]],
    );
    check(
        "/site/docs/up -> ../..\n",
        expect![[r#"
            cannot follow link DIR/site/docs/up to DIR: that is outside of the folder
            help: replace the link by a copy of what it leads to, or give a folder that holds both
        "#]],
    );
    check(
        "/site/a -> ../site-private/key\n/site-private/key\nsecret\n",
        expect![[r#"
            cannot follow link DIR/site/a to DIR/site-private/key: that is outside of the folder
            help: replace the link by a copy of what it leads to, or give a folder that holds both
        "#]],
    );
    check(
        "/site/a -> b\n/site/b -> ../key\n/key\nsecret\n",
        expect![[r#"
            cannot follow link DIR/site/a to DIR/key: that is outside of the folder
            help: replace the link by a copy of what it leads to, or give a folder that holds both
        "#]],
    );
}

#[test]
fn link_loop() {
    check(
        "/site/a -> b\n/site/b -> a\n",
        expect![[r#"
        cannot follow link DIR/site/a: it leads in a circle
        help: remove the link that leads back
    "#]],
    );
    check(
        "/site/docs/self -> .\n",
        expect![[r#"
        cannot follow link DIR/site/docs/self: it leads in a circle
        help: remove the link that leads back
    "#]],
    );
    check(
        "/site/docs/a/up -> ../..\n",
        expect![[r#"
        cannot follow link DIR/site/docs/a/up: it leads in a circle
        help: remove the link that leads back
    "#]],
    );
    check(
        "/site/a/to-b -> ../b\n/site/b/to-a -> ../a\n",
        expect![[r#"
        cannot follow link DIR/site/a/to-b/to-a: it leads in a circle
        help: remove the link that leads back
    "#]],
    );
    check(
        "/site/p/q/up -> ..\n/site/x -> p/q\n",
        expect![[r#"
        cannot follow link DIR/site/p/q/up: it leads in a circle
        help: remove the link that leads back
    "#]],
    );
    check(
        "/site/p/q/up -> ..\n/site/a -> p/q\n",
        expect![[r#"
        cannot follow link DIR/site/a/up/q: it leads in a circle
        help: remove the link that leads back
    "#]],
    );
}

#[test]
fn broken_link() {
    check(
        "/site/a.txt -> gone.txt\n",
        expect![[r#"
            cannot follow link DIR/site/a.txt to gone.txt: nothing is there
            help: remove the link, or put back what it leads to
        "#]],
    );
    check(
        "/site/a.txt -> b.txt\n/site/b.txt -> gone.txt\n",
        expect![[r#"
        cannot follow link DIR/site/a.txt to b.txt: nothing is there
        help: remove the link, or put back what it leads to
    "#]],
    );
    check(
        "/site/a.txt -> b.txt/c\n/site/b.txt\nb\n",
        expect![[r#"
            cannot follow link DIR/site/a.txt to b.txt/c: nothing is there
            help: remove the link, or put back what it leads to
        "#]],
    );
}

#[test]
fn socket() {
    check(
        "/site/docs/run =\n",
        expect![[r#"
        cannot serve DIR/site/docs/run: it is a socket
        help: move it out of the folder, or give it a name with a dot first
    "#]],
    );
}

#[test]
fn unreadable() {
    let error =
        |kind: io::ErrorKind| Error::Read { path: "public/a.txt".into(), source: kind.into() };
    check_text(
        &error(io::ErrorKind::PermissionDenied),
        expect![[r#"
        cannot read public/a.txt: permission denied
        help: make it readable: chmod -R u+rX public/a.txt
    "#]],
    );
    check_text(
        &error(io::ErrorKind::StorageFull),
        expect![[r#"
        cannot read public/a.txt: no storage space
    "#]],
    );
}

#[test]
fn changed() {
    check_text(
        &Error::Changed { path: "public/a.txt".into() },
        expect![[r#"
        cannot read public/a.txt: it was changed or removed meanwhile
        help: end what is writing to the folder, then try again
    "#]],
    );
}

#[test]
fn two_files_for_one_path() {
    let (first, second) = ("docs/".into(), "docs/index.html".into());
    check_text(
        &Error::TwoFiles { route: "/docs/".into(), first, second },
        expect![[r#"
        cannot serve both docs/ and docs/index.html: each answers the path /docs/
        help: rename or remove one of them
    "#]],
    );
}

/// The texts of the errors for one site with each of these settings.
#[track_caller]
fn check_settings<const N: usize>(settings: [Settings; N], expected: Expect) {
    let folder = tree("/index.html\n<p>\n/app/shell.html\n<p>\n/.hidden.html\n<p>\n");
    let text = settings.map(|settings| text(&compile_with(folder.path(), &settings).unwrap_err()));
    expected.assert_eq(&text.concat().replace(folder.path().to_str().unwrap(), "DIR"));
}

#[test]
fn base_path() {
    let paths = [
        "app",
        "/",
        "/app/",
        "/app//v1",
        "//evil.example",
        "/app/../v1",
        "/app?v=1",
        "/a%20b",
        "/app\r\nX: 1",
        "https://example.com/app",
        "https://example.com",
    ];
    let settings = |path: &str| Settings { base_path: path.into(), ..Settings::default() };
    check_settings(
        paths.map(settings),
        expect![[r#"
            cannot serve below "app": it does not start with a slash
            help: type --base-path /app
            cannot serve below "/": it ends with a slash
            help: leave --base-path out: a site is at the top already
            cannot serve below "/app/": it ends with a slash
            help: type --base-path /app
            cannot serve below "/app//v1": it has two slashes in a row
            help: type --base-path /app/v1
            cannot serve below "//evil.example": it has two slashes in a row
            help: type --base-path /evil.example
            cannot serve below "/app/../v1": it has a part that is only dots
            help: type --base-path /app/v1
            cannot serve below "/app?v=1": it has one of the characters ? # %
            help: give a path as it is read, without a query: --base-path /app
            cannot serve below "/a%20b": it has one of the characters ? # %
            help: give a path as it is read, without a query: --base-path /app
            cannot serve below "/app\r\nX: 1": it has a control character
            help: give a path as it is read, without a query: --base-path /app
            cannot serve below "https://example.com/app": it does not start with a slash
            help: type --base-path /app
            cannot serve below "https://example.com": it does not start with a slash
            help: leave --base-path out: a site is at the top already
        "#]],
    );
}

#[test]
fn no_file_for_the_application() {
    let files = ["app.html", "/index.html", "./public/app/shell.html", ".hidden.html", "a\nb"];
    let settings = |file: &str| Settings { spa: Some(file.into()), ..Settings::default() };
    check_settings(
        files.map(settings),
        expect![[r#"
            cannot answer navigations with "app.html": DIR serves no such file
            help: type --spa=FILE, where FILE is the page of the application, relative to the folder
            cannot answer navigations with "/index.html": DIR serves no such file
            help: type --spa=index.html: names are relative to the folder
            cannot answer navigations with "./public/app/shell.html": DIR serves no such file
            help: type --spa=app/shell.html: names are relative to the folder
            cannot answer navigations with ".hidden.html": DIR serves no such file
            help: type --spa=FILE, where FILE is the page of the application, relative to the folder
            cannot answer navigations with "a\nb": DIR serves no such file
            help: type --spa=FILE, where FILE is the page of the application, relative to the folder
        "#]],
    );
}

#[test]
fn path_too_long() {
    let folder = "d".repeat(250);
    let name = [folder.as_str(); 9].join("/");
    let folder = tree(&format!("/site/{name}\n"));
    let error = compile(&folder.path().join("site")).unwrap_err();
    assert!(error.to_string().starts_with(&format!("cannot serve {name}: ")));
    check_text(
        &Error::PathTooLong { path: "long".into(), bytes: 2260 },
        expect![[r#"
        cannot serve long: its path has 2260 bytes, and 2048 is the limit
        help: shorten the names of the file and of its folders
    "#]],
    );
}

#[test]
fn index_too_large() {
    check_text(
        &Error::Index(pipkin_format::WriteError::TooLarge),
        expect![[r#"
        cannot write the index of the site: the index would have more than 4 GiB
        help: split the folder into several images
    "#]],
    );
}
