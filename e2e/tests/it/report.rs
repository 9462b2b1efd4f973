//! The page of what was measured, in a browser: on a phone and in a wide window, in light and in
//! dark. pipkin serves it, so its policy of pages holds, too.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use data_encoding::BASE64;
use e2e::{Browser, Pipkin, Server, free_port, ready, run};
use serde_json::{Value, json};
use tempfile::TempDir;

const NEEDS: &[&str] = &["chromium", "chromedriver"];

/// How many drawings each chart of the sample shows, whatever the width.
const DRAWINGS: [usize; 9] = [1, 1, 1, 1, 1, 1, 1, 4, 1];

/// The drawings that are shown, by their charts.
const SHOWN: &str = "const shown = (svg) => svg.getBoundingClientRect().width > 0
                                        && svg.getBoundingClientRect().height > 0;
                     const charts = [...document.querySelectorAll('.chart')].map(
                       (chart) => [...chart.querySelectorAll('svg')].filter(shown));";

/// A folder with the page of the sample.
fn drawn() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let sample = workspace.join("benches/report/tests/sample.json");
    fs::copy(sample, folder.path().join("results.json")).unwrap();
    let mut report = Command::new("cargo");
    report.args(["run", "--quiet", "--package", "report", "--"]).current_dir(workspace);
    run(report.arg(folder.path()));
    folder
}

fn serve(pipkin: &Pipkin, folder: &Path) -> Server {
    let port = free_port();
    Server::start(&mut pipkin.command(folder, ["run", "--port", &port.to_string(), "."]), port)
}

#[test]
fn a_page_of_results() {
    let Some(pipkin) = ready(NEEDS) else { return };
    let folder = drawn();
    let server = serve(&pipkin, folder.path());
    let browser = Browser::start();
    for (width, is_phone) in [(360, true), (1280, false)] {
        for scheme in ["light", "dark"] {
            show(&browser, width, is_phone, scheme);
            browser.go(&format!("http://{}/", server.address));
            keep_picture(&browser, &format!("report-{width}-{scheme}.png"));
            check_page(&browser, &format!("{width} {scheme}"));
        }
    }
    check_pictures(&browser, server.address);
}

/// As a window of this width shows it to a user who prefers `scheme`.
fn show(browser: &Browser, width: u32, is_phone: bool, scheme: &str) {
    let scale = if is_phone { 2 } else { 1 };
    let metrics =
        json!({"width": width, "height": 800, "deviceScaleFactor": scale, "mobile": is_phone});
    browser.devtools("Emulation.setDeviceMetricsOverride", &metrics);
    let feature = json!({"name": "prefers-color-scheme", "value": scheme});
    browser.devtools("Emulation.setEmulatedMedia", &json!({"features": [feature]}));
}

fn check_page(browser: &Browser, view: &str) {
    assert_eq!(browser.console(), [""; 0], "{view}: the console complains");
    check(browser, view, "return document.title", json!("pipkin, measured"));
    let overflow = "return [innerWidth, document.documentElement.scrollWidth - innerWidth]";
    let width: Value = view.split(' ').next().unwrap().parse::<u32>().unwrap().into();
    check(browser, view, overflow, json!([width, 0]));
    let count = "return charts.map((drawings) => drawings.length)";
    check(browser, view, &format!("{SHOWN}{count}"), json!(DRAWINGS));
    let missing = "const row = [...document.querySelectorAll('#sizes-one-page tbody tr')].find(
                     (row) => row.cells[0].textContent == 'caddy');
                   return [...row.cells].map((cell) => cell.textContent)";
    let why = "missing: Debian has no package caddy for this release";
    check(browser, view, missing, json!(["caddy", why]));
    check(browser, view, WARNED, json!("The machine was busy."));
    check(browser, view, &format!("{SHOWN}{MISPLACED}"), json!([]));
    check(browser, view, FAINT, json!([]));
}

const WARNED: &str = "return document.querySelector('.warning strong').textContent";

/// Texts of drawings that are cut off, and pairs that lie on each other.
const MISPLACED: &str = "
    const found = [];
    for (const svg of charts.flat()) {
      const texts = [...svg.querySelectorAll('text')];
      const boxes = texts.map((text) => text.getBoundingClientRect());
      const edge = svg.getBoundingClientRect();
      boxes.forEach((box, at) => {
        const out = box.left < edge.left - 1 || box.right > edge.right + 1
          || box.top < edge.top - 1 || box.bottom > edge.bottom + 1;
        if (out) found.push(texts[at].textContent);
        boxes.slice(0, at).forEach((other, before) => {
          const over = box.left < other.right - 1 && other.left < box.right - 1
            && box.top < other.bottom - 3 && other.top < box.bottom - 3;
          if (over) found.push([texts[before].textContent, texts[at].textContent]);
        });
      });
    }
    return found";

/// Texts with less contrast to the page than 4.5 to 1.
///
/// Source: WCAG 2.2, 1.4.3 and relative luminance.
const FAINT: &str = "
    const luminance = (color) => {
      const parts = color.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255);
      const [r, g, b] = parts.map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
    };
    const ground = luminance(getComputedStyle(document.body).backgroundColor);
    const faint = (element) => {
      const style = getComputedStyle(element);
      const ink = luminance(element.closest('svg') ? style.fill : style.color);
      return Math.max(ink, ground) / Math.min(ink, ground) < 4.5;
    };
    const texts = [...document.querySelectorAll('h1, h2, h3, p, a, td, th, code, svg text, dd')];
    return [texts.length > 500 ? [] : 'too few texts', texts.filter(faint)].flat()
      .map((text) => text.textContent ?? text)";

#[expect(clippy::needless_pass_by_value, reason = "as `json!` is meant to be used")]
#[track_caller]
fn check(browser: &Browser, view: &str, script: &str, expected: Value) {
    assert_eq!(browser.eval(script), expected, "{view}: {script}");
}

/// The ladder alone is a picture that a browser reads.
fn check_pictures(browser: &Browser, address: std::net::SocketAddr) {
    for (name, scale) in [("ladder.png", 2), ("ladder.svg", 1)] {
        let script = format!(
            "const image = new Image();
             image.src = 'http://{address}/{name}';
             await image.decode();
             return image.naturalWidth / {scale}"
        );
        check(browser, name, &script, json!(896));
    }
}

/// Keeps all of the page, from its beginning to its end, for those who look at it.
fn keep_picture(browser: &Browser, name: &str) {
    let all = json!({"captureBeyondViewport": true});
    let picture = browser.devtools("Page.captureScreenshot", &all);
    let bytes = BASE64.decode(picture["data"].as_str().unwrap().as_bytes()).unwrap();
    let path = pictures().join(name);
    fs::create_dir_all(pictures()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Below the folder that cargo builds into.
fn pictures() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("e2e")
}
