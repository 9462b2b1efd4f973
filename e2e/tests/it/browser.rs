//! A browser shows a site: not what the answers say, but what it makes of them.

use std::any::Any;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use data_encoding::BASE64;
use e2e::{Browser, Pipkin, Server, example, free_port, has, pages, ready, write};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::docker;

const NEEDS: &[&str] = &["chromium", "chromedriver"];

/// 262 seconds at 8,000 bytes each: of this much a browser fetches the beginning, and what it
/// seeks by Range.
const TONE_BYTES: u32 = 2 << 20;
const TONE_BYTES_PER_SECOND: u32 = 8000;

/// What a browser could keep for good, by its name.
const HASHED: &str = "kept.3f2a9c1b.css";

const LISTEN: &str = r#"<!doctype html>
<html lang="en">
<title>Listen</title>
<link rel="icon" href="../favicon.svg">
<link rel="stylesheet" href="../kept.3f2a9c1b.css">
<audio preload="metadata" src="../tone.wav"></audio>
"#;

/// A site in a browser.
struct Shown {
    browser: Browser,
    /// `http://ADDRESS`.
    origin: String,
    /// What serves it: a container with its image, or a process. Ends after the browser.
    _running: Box<dyn Any>,
}

impl Shown {
    /// `site`, built with `flags` and served from its image where there is Docker.
    fn new(pipkin: &Pipkin, site: &Path, name: &str, flags: &[&str]) -> Self {
        let (address, running): (_, Box<dyn Any>) = if has("docker daemon") {
            let tag = format!("pipkin-e2e/{name}:1");
            let (address, running) = docker::serve(pipkin, site, &tag, flags);
            (address, Box::new(running))
        } else {
            let server = serve(pipkin, site, flags);
            (server.address, Box::new(server))
        };
        let origin = format!("http://{address}");
        Self { browser: Browser::start(), origin, _running: running }
    }

    /// Shows the page at `path`.
    #[track_caller]
    fn go(&self, path: &str) {
        self.browser.go(&format!("{}{path}", self.origin));
    }

    /// The function body `script` returns `expected` in the page.
    #[expect(clippy::needless_pass_by_value, reason = "as `json!` is meant to be used")]
    #[track_caller]
    fn check(&self, script: &str, expected: Value) {
        assert_eq!(self.browser.eval(script), expected, "{script}");
    }
}

fn serve(pipkin: &Pipkin, site: &Path, flags: &[&str]) -> Server {
    let folder = tempfile::tempdir().unwrap();
    let exe = folder.path().join("site.exe");
    let output = format!("type=exe,dest={}", exe.display());
    let _ = pipkin.build(folder.path(), site, &[&["-o", &output], flags].concat());
    let port = free_port();
    Server::start(Command::new(exe).arg(format!("127.0.0.1:{port}")), port)
}

/// `examples/site`, and what it has no use for: media, a name that is encoded, one with a hash.
fn site() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for page in pages(&example()).iter().filter(|page| !page.path.ends_with('/')) {
        write(folder.path(), &page.path[1..], fs::read(&page.file).unwrap());
    }
    write(folder.path(), "listen/index.html", LISTEN);
    write(folder.path(), "tone.wav", tone());
    write(folder.path(), "fünf Töne.html", "<!doctype html><title>Fünf Töne</title>");
    write(folder.path(), HASHED, "audio { display: none }");
    folder
}

/// A square wave of 400 Hz in 8-bit mono.
///
/// Source: Multimedia Programming Interface and Data Specifications 1.0, WAVE.
fn tone() -> Vec<u8> {
    let (format_bytes, pcm, channels, bits) = (16_u32, 1_u16, 1_u16, 8_u16);
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + TONE_BYTES).to_le_bytes());
    wav.extend(b"WAVEfmt ");
    wav.extend(format_bytes.to_le_bytes());
    wav.extend([pcm, channels].iter().flat_map(|n| n.to_le_bytes()));
    // Frames and bytes a second: one byte is one frame.
    wav.extend(TONE_BYTES_PER_SECOND.to_le_bytes().repeat(2));
    wav.extend([channels * bits / 8, bits].iter().flat_map(|n| n.to_le_bytes()));
    wav.extend(b"data");
    wav.extend(TONE_BYTES.to_le_bytes());
    wav.extend((0..TONE_BYTES).map(|at| if at / 10 % 2 == 0 { 68 } else { 188 }));
    wav
}

/// Where a picture of the last run is kept, below the folder that cargo builds into.
fn picture() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("e2e").join("browser.png")
}

#[test]
fn a_site() {
    let Some(pipkin) = ready(NEEDS) else { return };
    let site = site();
    let shown = Shown::new(&pipkin, site.path(), "browser", &[]);
    check_front_page(&shown);
    check_bytes(&shown);
    check_caches(&shown);
    check_media(&shown);
    check_other_pages(&shown);
    check_types_are_believed(&shown);
}

/// Style, font, picture and a module that imports another all do what they are for, and the
/// console has no complaint.
fn check_front_page(shown: &Shown) {
    shown.go("/");
    let picture = picture();
    fs::create_dir_all(picture.parent().unwrap()).unwrap();
    fs::write(picture, shown.browser.screenshot()).unwrap();
    shown.check("return document.title", json!("pipkin: a small pot"));
    shown.check("return document.characterSet", json!("UTF-8"));
    shown.check(
        "await document.fonts.load('32px Pipkin');
         return [...document.fonts].map((font) => [font.family, font.status])",
        json!([["Pipkin", "loaded"]]),
    );
    shown.check(
        "return getComputedStyle(document.querySelector('.logo')).fontFamily.split(',')[0]",
        json!("Pipkin"),
    );
    shown.check(
        "const image = document.querySelector('img');
         await image.decode();
         return [image.naturalWidth, image.naturalHeight]",
        json!([720, 480]),
    );
    shown.check(
        "document.querySelector('#blow').click();
         return document.querySelector('#told').textContent",
        json!("The embers wake."),
    );
    assert_eq!(shown.browser.console(), [""; 0], "the console complains");
}

/// However a body comes over the wire, a script gets the bytes of the file.
fn check_bytes(shown: &Shown) {
    for page in pages(&example()) {
        let script = format!(
            "const answer = await fetch({});
             const bytes = new Uint8Array(await answer.arrayBuffer());
             return btoa(String.fromCharCode(...bytes))",
            json!(page.path)
        );
        shown.check(&script, json!(BASE64.encode(&fs::read(page.file).unwrap())));
    }
}

/// A page is asked for again and answered without its body; a name with a hash is not asked for.
/// A browser counts 300 bytes for a head that came, 0 for what it had.
///
/// Source: Resource Timing, transferSize.
fn check_caches(shown: &Shown) {
    let page = "const [page] = performance.getEntriesByType('navigation');
                return [page.responseStatus, page.transferSize > page.encodedBodySize,
                        page.transferSize]";
    let hashed = format!(
        "const [entry] = performance.getEntriesByName(location.origin + '/{HASHED}');
         return [entry.responseStatus, entry.transferSize == 0]"
    );
    shown.go("/listen/");
    shown.check(&hashed, json!([200, false]));
    shown.go("/");
    shown.check(page, json!([200, false, 300]));
    shown.go("/listen/");
    shown.check(&hashed, json!([200, true]));
}

/// The end of a recording is heard without what lies before it.
fn check_media(shown: &Shown) {
    shown.go("/listen/");
    shown.check(
        "const audio = document.querySelector('audio');
         const event = (name) => new Promise((done, fail) => {
           audio.addEventListener(name, done, { once: true });
           audio.addEventListener('error', () => fail(new Error(audio.error.message)));
         });
         if (audio.readyState < HTMLMediaElement.HAVE_METADATA) await event('loadedmetadata');
         const seeked = event('seeked');
         audio.currentTime = 250;
         await seeked;
         const parts = audio.buffered;
         const last = parts.length - 1;
         return { duration: audio.duration, at: audio.currentTime, parts: parts.length,
                  alone: parts.start(last) > 200 && parts.end(last) >= 250 }",
        json!({"duration": 262.144, "at": 250, "parts": 2, "alone": true}),
    );
    shown.check(
        "const answer = await fetch('/tone.wav', { headers: { Range: 'bytes=-3' } });
         return [answer.status, answer.headers.get('content-range'),
                 (await answer.arrayBuffer()).byteLength]",
        json!([206, "bytes 2097193-2097195/2097196", 3]),
    );
}

/// A folder, a name that the browser encodes, and a page that is not there, each by its address.
fn check_other_pages(shown: &Shown) {
    let status = "const [page] = performance.getEntriesByType('navigation');
                  return [document.title, page.responseStatus]";
    shown.go("/docs/");
    shown.check("return document.images[0].naturalWidth > 0", json!(true));
    shown.go("/fünf Töne.html?part=2#end");
    shown.check(status, json!(["Fünf Töne", 200]));
    shown.go("/no/such/page");
    shown.check(status, json!(["Nothing in this pot · pipkin", 404]));
    shown.check("return document.styleSheets[0].cssRules.length > 20", json!(true));
}

/// Text stays text: a browser that may guess would run it.
fn check_types_are_believed(shown: &Shown) {
    shown.go("/");
    shown.check(
        "return new Promise((done) => {
           const script = document.createElement('script');
           script.onload = () => done('run');
           script.onerror = () => done('refused');
           script.src = 'robots.txt';
           document.head.append(script);
         })",
        json!("refused"),
    );
}
const SPA_PAGE: &str = r#"<!doctype html>
<html lang="en">
<title>App</title>
<link rel="icon" href="data:,">
<main></main>
<script type="module" src="/router.js"></script>
"#;

const SPA_ROUTER: &str = r#"
const main = document.querySelector("main");
const show = () => { main.textContent = `route ${location.pathname}`; };
window.visit = (path) => { history.pushState({}, "", path); show(); };
show();
"#;

/// The page and status of a navigation, and what the router makes of the path.
const SPA_SHOWN: &str = "const [page] = performance.getEntriesByType('navigation');
                         return [document.title, page.responseStatus,
                                 document.querySelector('main').textContent]";

fn spa() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "index.html", SPA_PAGE);
    write(folder.path(), "router.js", SPA_ROUTER);
    write(folder.path(), "about.html", "<!doctype html><title>About</title>");
    folder
}

#[test]
fn a_single_page_application() {
    let Some(pipkin) = ready(NEEDS) else { return };
    let site = spa();
    let shown = Shown::new(&pipkin, site.path(), "spa", &["--spa"]);
    shown.go("/");
    shown.check(SPA_SHOWN, json!(["App", 200, "route /"]));
    check_route(&shown, "/inbox");
    check_route(&shown, "/users/42/settings?tab=1#top");
    check_reload(&shown);
    check_missing_files(&shown);
}

/// A deep link is the application, which finds its way by the path.
fn check_route(shown: &Shown, path: &str) {
    shown.go(path);
    let route = path.split(['?', '#']).next().unwrap_or_default();
    shown.check(SPA_SHOWN, json!(["App", 200, format!("route {route}")]));
}

/// A route that the application went to by itself is still there after a reload.
fn check_reload(shown: &Shown) {
    shown.go("/");
    shown.check("visit('/deep/er'); return location.pathname", json!("/deep/er"));
    // WebDriver's own reload comes back when the page is loaded; a script's does not.
    shown.go("/deep/er");
    shown.check(SPA_SHOWN, json!(["App", 200, "route /deep/er"]));
}

/// What is there is not the application, and a file that is not there is an error that a script
/// sees, not a page with the wrong type.
fn check_missing_files(shown: &Shown) {
    shown.go("/about.html");
    shown.check("return document.title", json!("About"));
    for path in ["/gone.js", "/assets/gone.3f2a9c1b.css", "/img/gone.webp"] {
        let status = format!("return (await fetch({})).status", json!(path));
        shown.check(&status, json!(404));
    }
    shown.check(
        "return import('/gone.js').then(() => 'imported', () => 'refused')",
        json!("refused"),
    );
}
