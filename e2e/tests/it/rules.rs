//! A site with `_redirects` and `_headers`, and one whose pages get policies.

use std::process::Command;

use e2e::{Browser, Client, Response, Server, free_port, ready, run_any, write};
use expect_test::{Expect, expect};

use crate::place::{FAILED, Place, check_in};

/// A site of these files, built with `flags` and served; none where tests are skipped.
pub(crate) fn serve<T: AsRef<[u8]>>(files: &[(&str, T)], flags: &[&str]) -> Option<Server> {
    let pipkin = ready(&[])?;
    let folder = tempfile::tempdir().unwrap();
    let site = folder.path().join("site");
    files.iter().for_each(|(name, text)| write(&site, name, text));
    let exe = folder.path().join("site.exe");
    let output = format!("type=exe,dest={}", exe.display());
    let _ = pipkin.build(folder.path(), &site, &[&["-o", &output], flags].concat());
    let port = free_port();
    Some(Server::start(Command::new(exe).arg(format!("127.0.0.1:{port}")), port))
}

/// The answer to GET for each line of `requests`: a target, and perhaps a field behind it.
#[expect(clippy::needless_pass_by_value, reason = "as `expect!` is meant to be used")]
#[track_caller]
pub(crate) fn check(server: &Server, requests: &[&str], expected: Expect) {
    let mut client = Client::connect(server.address);
    let mut ask = |request: &&str| {
        let (target, field) = request.split_once(' ').unwrap_or((request, ""));
        let field = if field.is_empty() { String::new() } else { format!("{field}\r\n") };
        format!("> {request}\n{}\n", text(&client.get_with(target, &field)))
    };
    expected.assert_eq(&requests.iter().map(&mut ask).collect::<String>());
}

/// The answer, without what other tests are about.
fn text(response: &Response) -> String {
    const LEFT_OUT: &[&str] = &["date", "etag", "content-length", "x-content-type-options"];
    let told = response.fields.iter().filter(|(name, _)| !LEFT_OUT.contains(&&name[..]));
    let fields: String = told.map(|(name, value)| format!("{name}: {value}\n")).collect();
    let body = match str::from_utf8(&response.body) {
        Ok(body) if body.len() < 100 => body.to_string(),
        _ => "(bytes)\n".into(),
    };
    format!("{}\n{fields}{body}", response.status)
}

const SITE: &[(&str, &str)] = &[
    ("index.html", "<p>home\n"),
    ("404.html", "<p>gone\n"),
    ("about.html", "<p>about\n"),
    ("app/index.html", "<p>app\n"),
    ("data/a.json", "{}\n"),
    (
        "_redirects",
        "/home / 302\n\
         /search /about?q=1\n\
         /start /about.html 200\n\
         /about/ /home 308!\n\
         /away/* https://example.com/\n\
         /app/* /app/index.html 200\n\
         /lost/* /404.html 410\n",
    ),
    (
        "_headers",
        "/*\n  X-Frame-Options: DENY\n\
         /data/*\n  Content-Type: application/geo+json\n  Cache-Control: max-age=60\n  \
         ! X-Frame-Options\n",
    ),
];

#[test]
fn redirects() {
    let Some(server) = serve(SITE, &[]) else { return };
    let requests = &["/home", "/home?a=b", "/home/", "/search?q=2", "/about", "/away/x/y?z"];
    check(
        &server,
        requests,
        expect![[r#"
        > /home
        302
        x-frame-options: DENY
        location: /

        > /home?a=b
        302
        x-frame-options: DENY
        location: /?a=b

        > /home/
        302
        x-frame-options: DENY
        location: /

        > /search?q=2
        301
        x-frame-options: DENY
        location: /about?q=1

        > /about
        308
        x-frame-options: DENY
        location: /home

        > /away/x/y?z
        301
        x-frame-options: DENY
        location: https://example.com/?z

    "#]],
    );
}

#[test]
fn rewrites() {
    let Some(server) = serve(SITE, &[]) else { return };
    check(
        &server,
        &["/start", "/app/users/1", "/app", "/lost/x"],
        expect![[r#"
        > /start
        200
        cache-control: no-cache
        x-frame-options: DENY
        content-type: text/html; charset=utf-8
        <p>about

        > /app/users/1
        200
        cache-control: no-cache
        x-frame-options: DENY
        content-type: text/html; charset=utf-8
        <p>app

        > /app
        301
        x-frame-options: DENY
        location: /app/

        > /lost/x
        410
        x-frame-options: DENY
        content-type: text/html; charset=utf-8
        <p>gone

    "#]],
    );
    let mut client = Client::connect(server.address);
    let (rewritten, own) = (client.get("/start"), client.get("/about.html"));
    assert_eq!(rewritten.field("etag"), own.field("etag"));
}

#[test]
fn fields() {
    let Some(server) = serve(SITE, &[]) else { return };
    check(
        &server,
        &["/", "/x", "/data/a.json", "/data/x"],
        expect![[r#"
        > /
        200
        cache-control: no-cache
        x-frame-options: DENY
        content-type: text/html; charset=utf-8
        <p>home

        > /x
        404
        x-frame-options: DENY
        content-type: text/html; charset=utf-8
        <p>gone

        > /data/a.json
        200
        cache-control: max-age=60
        content-type: application/geo+json
        {}

        > /data/x
        404
        content-type: text/html; charset=utf-8
        <p>gone

    "#]],
    );
    let mut client = Client::connect(server.address);
    let tag = client.get("/").field("etag").unwrap().to_string();
    let unchanged = client.get_with("/", &format!("If-None-Match: {tag}\r\n"));
    assert_eq!((unchanged.status, unchanged.field("x-frame-options")), (304, Some("DENY")));
    check(
        &server,
        &["/data/a.json Range: bytes=0-0"],
        expect![[r#"
        > /data/a.json Range: bytes=0-0
        206
        content-range: bytes 0-0/3
        cache-control: max-age=60
        content-type: application/geo+json
        {
    "#]],
    );
}

#[test]
fn below_a_path() {
    let Some(server) = serve(SITE, &["--base-path", "/site"]) else { return };
    let requests = ["/site/home?a=b", "/site/start", "/site/away/x", "/site/data/x", "/home"];
    check(
        &server,
        &requests,
        expect![[r#"
        > /site/home?a=b
        302
        x-frame-options: DENY
        location: /site/?a=b

        > /site/start
        200
        cache-control: no-cache
        x-frame-options: DENY
        content-type: text/html; charset=utf-8
        <p>about

        > /site/away/x
        301
        x-frame-options: DENY
        location: https://example.com/

        > /site/data/x
        404
        content-type: text/html; charset=utf-8
        <p>gone

        > /home
        404
        x-frame-options: DENY
        content-type: text/html; charset=utf-8
        <p>gone

    "#]],
    );
}

#[test]
fn policies() {
    let page = "<script>go()</script>\n";
    let own = "/own\n  Content-Security-Policy: default-src 'none'\n";
    let files = [("index.html", page), ("own.html", page), ("a.txt", "a\n"), ("_headers", own)];
    let Some(server) = serve(&files, &["--csp"]) else { return };
    check(
        &server,
        &["/", "/own", "/a.txt"],
        expect![[r#"
        > /
        200
        cache-control: no-cache
        content-security-policy: default-src 'self'; script-src 'self' 'sha256-5KYv+PUboo5h+0+YAtGRPbwv5d/QxzHslP4YGnUaxRw='; style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'
        content-type: text/html; charset=utf-8
        <script>go()</script>

        > /own
        200
        cache-control: no-cache
        content-security-policy: default-src 'none'
        content-type: text/html; charset=utf-8
        <script>go()</script>

        > /a.txt
        200
        content-type: text/plain; charset=utf-8
        a

    "#]],
    );
}

/// A browser runs what the page has, and not what its policy warns of.
#[test]
fn a_browser_keeps_to_a_policy() {
    if ready(&["chromium", "chromedriver"]).is_none() {
        return;
    }
    let page = "<!doctype html><title>p</title><link rel=icon href=data:,>\n\
                <style>p { color: rgb(1, 2, 3) }</style><p onclick='window.clicked = 1'>p\n\
                <script>\nwindow.ran = 'ä'\n</script>\n";
    let Some(server) = serve(&[("index.html", page)], &["--csp"]) else { return };
    let browser = Browser::start();
    browser.go(&format!("http://{}/", server.address));
    assert_eq!(browser.eval("return window.ran"), "ä");
    let color = "return getComputedStyle(document.querySelector('p')).color";
    assert_eq!(browser.eval(color), "rgb(1, 2, 3)");
    let blocked = browser.eval("document.querySelector('p').click(); return !window.clicked");
    assert_eq!(blocked, true, "a handler that no hash is for");
    let later = "const s = document.createElement('script'); s.text = 'window.later = 1'; \
                 document.body.append(s); return !window.later";
    assert_eq!(browser.eval(later), true, "a script that somebody else put in");
}

#[test]
fn what_is_wrong() {
    let Some(pipkin) = ready(&[]) else { return };
    let place = Place::with_page();
    let args = ["build", "site", "-o", "out/site.tar"];
    write(&place.path("site"), "_redirects", "/a /\n\n/b    /nothing 200\n");
    check_in(
        &pipkin,
        &place,
        &args,
        FAILED,
        expect![[r#"
        error: _redirects:3:7: there is no /nothing in the site
         help: write the path of a file that there is
    "#]],
    );
    write(&place.path("site"), "_redirects", "");
    write(&place.path("site"), "_headers", "/*\n  Content-Length: 5\n");
    check_in(
        &pipkin,
        &place,
        &args,
        FAILED,
        expect![[r#"
        error: _headers:2:3: Content-Length cannot be set: the server says where a message ends
         help: remove the line
    "#]],
    );
}

#[test]
fn what_is_odd() {
    let Some(pipkin) = ready(&[]) else { return };
    let place = Place::with_page();
    write(&place.path("site"), "_redirects", "/index.html /\n");
    write(&place.path("site"), "a.html", "<p onclick=x>\n");
    let said = |more: &[&str]| {
        let args = [&["build", "site", "-o", "out/site.tar", "--csp"], more].concat();
        let mut command = pipkin.command(place.folder.path(), args);
        let done = run_any(place.prepare(&mut command));
        assert!(done.status.success());
        let said = String::from_utf8(done.stderr).unwrap();
        said.lines().filter(|line| line.starts_with("warning")).collect::<Vec<_>>().join("\n")
    };
    expect![[r#"
        warning: _redirects:1: this rule answers for no path: earlier ones do, or files, over which it wins with ! behind its status
        warning: a.html: its policy blocks <p onclick>, an event handler: call addEventListener in a script"#]].assert_eq(&said(&[]));
    assert_eq!(said(&["-q"]), "");
}
