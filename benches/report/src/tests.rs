use std::fs;
use std::path::Path;

use results::{Chart, Machine, Results, Section, Table};
use tempfile::TempDir;

use crate::chart::{chart, ladder};
use crate::lead::lead;
use crate::page::page;
use crate::table::table;
use crate::{asked, report};

const SAMPLE: &str = include_str!("../tests/sample.json");

const BARS: Option<Chart> = Some(Chart::Bars { column: 0, is_log: true });

fn sizes(rows: &[(&str, bool, Option<f64>)]) -> Table {
    let mut table = Table::new("one-page", "One page", &[("files", "B", 0)]);
    for (name, is_ours, cell) in rows {
        table.push(name, *is_ours, &[*cell]);
    }
    Table { chart: BARS, ..table }
}

fn results(tables: Vec<Table>) -> Results {
    let section = Section {
        name: "sizes".into(),
        title: "Sizes".into(),
        command: "cargo xtask bench sizes".into(),
        notes: vec!["All by the same packer.".into()],
        tables,
    };
    Results { machine: Machine::default(), sections: vec![section] }
}

/// `text` has all `parts`, in their order.
#[track_caller]
fn check(text: &str, parts: &[&str]) {
    let mut rest = text;
    for part in parts {
        let at = rest.find(part).unwrap_or_else(|| panic!("no {part:?} in\n{rest}"));
        rest = &rest[at + part.len()..];
    }
}

#[track_caller]
fn check_absent(text: &str, part: &str) {
    assert!(!text.contains(part), "{part:?} in\n{text}");
}

#[test]
fn a_page() {
    let text = page(&results(vec![sizes(&[("pipkin", true, Some(512.0))])]));
    check(
        &text,
        &[
            "<!doctype html>",
            "width=device-width",
            "@media (prefers-color-scheme:dark)",
            "<a href=\"#sizes\">Sizes</a>",
            "<section id=\"sizes\">\n<h2>Sizes</h2>",
            "All by the same packer.",
            "<code>cargo xtask bench sizes</code>",
            "<article id=\"sizes-one-page\">\n<h3>One page</h3>",
            "<svg ",
            "<table>",
            "<a href=\"sizes-one-page.csv\" download>sizes-one-page.csv</a>",
            "<a href=\"results.json\" download>results.json</a>",
        ],
    );
    for absent in ["<script", "http-equiv", "src=", "@import", "url("] {
        check_absent(&text, absent);
    }
}

#[test]
fn sections_are_in_the_order_of_reading() {
    let mut all = results(vec![sizes(&[]), Table { name: "hello".into(), ..sizes(&[]) }]);
    all.sections[0].tables.reverse();
    for name in ["extra", "scale", "memory", "speed"] {
        let section = Section { name: name.into(), tables: Vec::new(), ..all.sections[0].clone() };
        all.sections.insert(0, section);
    }
    let ids = ["sizes", "sizes-one-page", "sizes-hello", "speed", "memory", "scale", "extra"];
    let ids = ids.map(|id| format!(" id=\"{id}\""));
    check(&page(&all), &ids.each_ref().map(String::as_str));
}

#[test]
fn empty_results() {
    let text = page(&Results { machine: Machine::default(), sections: Vec::new() });
    check(&text, &["<main>\n<p>Nothing was measured. <code>cargo xtask bench all</code>"]);
    check(&page(&results(vec![sizes(&[])])), &["<p class=\"note\">Nothing was measured.</p>"]);
    check_absent(&page(&results(vec![sizes(&[])])), "<svg ");
}

#[test]
fn a_busy_machine() {
    let mut all = results(Vec::new());
    check_absent(&page(&all), "class=\"warning\"");
    all.machine = Machine { load: 2.25, load_max: 0.5, ..Machine::default() };
    let warning = "On average 2.2 processes of others wanted a CPU, and 0.5 is the most";
    check(
        &page(&all),
        &["class=\"warning\" role=\"alert\"><strong>The machine was busy.", warning],
    );
    check(&page(&all), &["<dt>Load by others</dt><dd>2.2 of at most 0.5</dd>"]);
}

#[test]
fn texts_are_escaped() {
    let text = "<b a='1' c=\"2\">&";
    let escaped = "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;";
    let mut table = Table::new(text, text, &[(text, text, 0)]);
    table.push(text, true, &[Some(1.0)]).note = Some(text.into());
    table.push_missing(text, text);
    table.notes.push(text.into());
    table.chart = BARS;
    let section = Section {
        name: text.into(),
        title: text.into(),
        command: text.into(),
        notes: vec![text.into()],
        tables: vec![table],
    };
    let name = || text.to_owned();
    let machine = Machine {
        date: name(),
        cpu: name(),
        kernel: name(),
        versions: vec![(name(), name())],
        ..Machine::default()
    };
    let shown = page(&Results { machine, sections: vec![section] });
    check_absent(&shown, "<b a");
    check(&shown, &[&format!("<h2>{escaped}</h2>"), &format!("<h3>{escaped}</h3>")]);
    check(&shown, &[&format!("<dt>{escaped}</dt><dd>{escaped}</dd>")]);
}

#[test]
fn rows_of_a_table() {
    let mut sizes = sizes(&[("pipkin", true, Some(4346.0)), ("nginx", false, Some(12_582_912.0))]);
    sizes.rows[1].note = Some("it logs".into());
    sizes.push_missing("caddy", "no package");
    let expected = "\
<thead><tr><td></td><th scope=\"col\">files <span class=\"soft\">B</span></th><td></td></tr></thead>
<tbody>
<tr class=\"ours\"><th scope=\"row\">pipkin</th><td>4,346</td><td class=\"text soft\"></td></tr>
<tr><th scope=\"row\">nginx</th><td>12,582,912</td><td class=\"text soft\">it logs</td></tr>
<tr><th scope=\"row\">caddy</th><td class=\"missing soft\" colspan=\"2\"><p>missing: no package</p></td></tr>
</tbody>";
    check(&table(&sizes), &[expected]);
}

#[test]
fn a_cell_that_is_missing() {
    let mut speed = Table::new("speed", "Speed", &[("CPU", "us", 2), ("p99", "us", 0)]);
    speed.push("httpd", false, &[Some(412.5), None]);
    let expected =
        "<td>412.50</td><td class=\"soft\">–</td><td class=\"text soft\">p99: wrk gave up";
    speed.rows[0].note = Some("p99: wrk gave up".into());
    speed.push("nginx", false, &[None, None]).note = Some("no package".into());
    speed.chart = Some(Chart::Bars { column: 1, is_log: false });
    assert_eq!(chart(&speed), "");
    speed.push("pipkin", true, &[Some(1.0), Some(9.0)]);
    let texts = drawn(&speed).1;
    assert_eq!(texts[texts.len() - 4..], ["httpd", "missing", "nginx", "missing: no package"]);
    check(&table(&speed), &["CPU <span class=\"soft\">µs</span>", expected]);
}

#[test]
fn what_is_ours_says_so_beside_others() {
    let both = sizes(&[("hello.rs", true, Some(1.0)), ("hyper", false, Some(2.0))]);
    check(&table(&both), &["<tr class=\"ours\"><th scope=\"row\">hello.rs (pipkin)</th>"]);
    check(&chart(&both), &[">hello.rs (pipkin)</tspan>"]);
    let ours = sizes(&[("hello.rs", true, Some(1.0)), ("todo.rs", true, Some(2.0))]);
    check(&table(&ours), &["<tr><th scope=\"row\">hello.rs</th>"]);
}

/// What the wide drawing of `table` shows: its bars, their widths, then its texts.
fn drawn(table: &Table) -> (Vec<(String, f64)>, Vec<String>) {
    let html = chart(table);
    let wide = html.split("</svg>").next().unwrap_or_default();
    let value = |element: &str, name: &str| -> String {
        let rest = element.split_once(&format!(" {name}=\"")).map_or("", |(_, rest)| rest);
        rest.split('"').next().unwrap_or_default().into()
    };
    let bars = wide.split("<rect").skip(1).filter(|rect| value(rect, "height") == "18");
    let bars = bars.map(|bar| (value(bar, "fill"), value(bar, "width").parse().unwrap()));
    let text = |text: &str| -> String {
        let text = text.split("</text>").next().unwrap_or_default();
        text.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text).collect()
    };
    (bars.collect(), wide.split("<text").skip(1).map(|part| text(&format!("<{part}"))).collect())
}

#[track_caller]
fn check_drawn(table: &Table, bars: &[(&str, f64)], texts: &[&str]) {
    let (drawn_bars, drawn_texts) = drawn(table);
    let drawn_bars: Vec<(&str, f64)> =
        drawn_bars.iter().map(|(ink, width)| (ink.as_str(), width.round())).collect();
    assert_eq!(drawn_bars, bars);
    let drawn_texts: Vec<String> =
        drawn_texts.iter().map(|text| text.replace('\u{a0}', " ")).collect();
    assert_eq!(drawn_texts, texts);
}

const OURS: &str = "#b3501c";
const OTHERS: &str = "#c4b09c";

#[test]
fn bars_from_the_shortest_and_none_for_what_is_missing() {
    let mut sizes = sizes(&[("nginx", false, Some(1e7)), ("pipkin", true, Some(1e4))]);
    sizes.push_missing("caddy", "no package");
    check_drawn(
        &sizes,
        &[(OURS, 171.0), (OTHERS, 685.0)],
        &[
            "1 kB",
            "10 kB",
            "100 kB",
            "1 MB",
            "10 MB",
            "pipkin",
            "10.0 kB",
            "nginx",
            "10.0 MB",
            "caddy",
            "missing: no package",
        ],
    );
    let caption = "<figcaption>files (logarithmic: each line is ten times the one before)<";
    check(&chart(&sizes), &[caption, "class=\"wide\"", "class=\"narrow\""]);
}

#[test]
fn bars_from_zero() {
    let mut sizes = sizes(&[("nginx", false, Some(40.0)), ("pipkin", true, Some(10.0))]);
    sizes.chart = Some(Chart::Bars { column: 0, is_log: false });
    check_drawn(
        &sizes,
        &[(OURS, 178.0), (OTHERS, 711.0)],
        &["0 B", "10 B", "20 B", "30 B", "40 B", "pipkin", "10 B", "nginx", "40 B"],
    );
    check(&chart(&sizes), &["<figcaption>files</figcaption>"]);
}

#[test]
fn one_bar() {
    let one = sizes(&[("nginx", false, Some(512.0))]);
    check_drawn(&one, &[(OTHERS, 722.0)], &["100 B", "nginx", "512 B"]);
}

#[test]
fn bars_of_huge_ratios() {
    let rows = [("byte", true, Some(1.0)), ("none", false, Some(0.0)), ("disk", false, Some(1e9))];
    check_drawn(
        &sizes(&rows),
        &[(OURS, 64.0), (OTHERS, 639.0)],
        &[
            "0.1 B",
            "1 B",
            "10 B",
            "100 B",
            "1 kB",
            "10 kB",
            "100 kB",
            "1 MB",
            "10 MB",
            "100 MB",
            "1 GB",
            "none",
            "0 B",
            "byte (pipkin)",
            "1 B",
            "disk",
            "1.0 GB",
        ],
    );
}

#[test]
fn no_chart() {
    let missing = sizes(&[("nginx", false, None), ("caddy", false, None)]);
    assert_eq!(chart(&missing), "");
    check(&table(&missing), &["<p>missing</p>", "<p>missing</p>"]);
    let nothing = Some(Chart::Bars { column: 7, is_log: true });
    assert_eq!(chart(&Table { chart: nothing, ..sizes(&[("nginx", false, Some(1.0))]) }), "");
    let nothing = Some(Chart::Lines { x: 0, ys: vec![3] });
    assert_eq!(chart(&Table { chart: nothing, ..sizes(&[("nginx", false, Some(1.0))]) }), "");
}

#[test]
fn lines_of_one_unit_are_in_one_drawing() {
    let columns =
        [("connections", "", 0), ("pipkin", "us", 1), ("nginx", "us", 1), ("all", "B", 0)];
    let mut scale = Table::new("scale", "Scale", &columns);
    scale.push("1", true, &[Some(1.0), Some(8.0), Some(20.0), Some(1000.0)]);
    scale.push("100", true, &[Some(100.0), Some(4.0), None, Some(5000.0)]);
    scale.chart = Some(Chart::Lines { x: 0, ys: vec![1, 2, 3] });
    let html = chart(&scale).replace('\u{a0}', " ");
    assert_eq!(html.matches("<svg ").count(), 4, "two, in two widths");
    let line = |ink| format!("stroke=\"{ink}\" stroke-width=\"2\"");
    check(
        &html,
        &[
            "Both axes are logarithmic.",
            "µs",
            "1 µs",
            "10 µs",
            "100 µs",
            "connections",
            &line(OTHERS),
            &line(OURS),
            "nginx 20.0 µs",
            "pipkin 4.0 µs",
            "all, B",
            "1 kB",
            "5,000 B",
        ],
    );
}

#[test]
fn a_lead_names_who_is_first() {
    let check = |rows: &[(&str, bool, Option<f64>)], expected: Option<&str>| {
        let lead = lead(&sizes(rows)).map(|lead| lead.replace('\u{a0}', " "));
        assert_eq!(lead.as_deref(), expected);
    };
    let (ours, theirs) = (("pipkin", true, Some(500.0)), ("a<b", false, Some(14_250.0)));
    let expected = "pipkin: <strong>500 B</strong>. a&lt;b: 14.2 kB, 28 times as much.";
    check(&[theirs, ours], Some(expected));
    let smaller = ("asm", false, Some(400.0));
    let expected = "asm: <strong>400 B</strong>. pipkin: 500 B, 1.2 times as much.";
    check(&[theirs, ours, smaller], Some(expected));
    check(&[ours], None);
    check(&[("pipkin", true, None), theirs], None);
}

#[test]
fn a_ladder() {
    let sample: Results = serde_json::from_str(SAMPLE).unwrap();
    let ladder = ladder(&sample).unwrap();
    let (png, svg) = (ladder.png().unwrap(), ladder.svg());
    // Width and height of IHDR: two pixels for each of the SVG's.
    assert_eq!(png[..8], *b"\x89PNG\r\n\x1a\n");
    assert_eq!(png[16..24], [0, 0, 7, 0, 0, 0, 4, 142]);
    check(&svg, &["<svg viewBox=\"0 0 896 583\" ", "pipkin --server micro", "508\u{a0}B"]);
    check(&svg, &["cargo xtask bench sizes, 2026-11-21"]);
    assert!(ladder_of(&[]).is_none());
}

fn ladder_of(rows: &[(&str, bool, Option<f64>)]) -> Option<Vec<u8>> {
    ladder(&results(vec![sizes(rows)]))?.png().ok()
}

/// A folder with `results.json`.
fn folder(json: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("results.json"), json).unwrap();
    folder
}

fn names(folder: &Path) -> Vec<String> {
    let entries = folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = entries.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn the_sample_is_drawn() {
    let folder = folder(SAMPLE);
    report(folder.path()).unwrap();
    let expected = ["index.html", "ladder.png", "ladder.svg", "results.json"];
    assert_eq!(names(folder.path()), expected);
    let written = fs::read_to_string(folder.path().join("index.html")).unwrap();
    assert_eq!(written, page(&serde_json::from_str(SAMPLE).unwrap()));
}

#[test]
fn without_a_ladder_there_is_no_picture() {
    let folder = folder(&serde_json::to_string(&results(Vec::new())).unwrap());
    report(folder.path()).unwrap();
    assert_eq!(names(folder.path()), ["index.html", "results.json"]);
}

#[track_caller]
fn check_failure(folder: &Path, expected: &str) {
    let before = names(folder);
    let message = report(folder).unwrap_err().to_string();
    assert_eq!(message.replace(&*folder.to_string_lossy(), "DIR"), expected);
    assert_eq!(names(folder), before, "something half-written is left");
}

#[test]
fn wrong_input() {
    let empty = tempfile::tempdir().unwrap();
    check_failure(
        empty.path(),
        "cannot read DIR/results.json: No such file or directory (os error 2)\n \
         help: `cargo xtask bench all --html DIR` writes it",
    );
    check_failure(
        folder("{\"machine\":").path(),
        "DIR/results.json is not what was measured: EOF while parsing a value at line 1 column 11\n \
         help: `cargo xtask bench all --html DIR` writes it; one of another version has to be \
         measured again",
    );
    let taken = folder(SAMPLE);
    fs::create_dir(taken.path().join("index.html")).unwrap();
    check_failure(
        taken.path(),
        "cannot write DIR/index.html: Is a directory (os error 21)\n \
         help: copy its folder to where it may be written, and draw that",
    );
}

#[test]
fn one_folder_is_asked_for() {
    let check = |args: &[&str], expected: Result<&str, &str>| {
        let args: Vec<_> = args.iter().map(Into::into).collect();
        let found = asked(&args).map_err(|failure| failure.to_string());
        assert_eq!(found, expected.map(Path::new).map_err(Into::into), "{args:?}");
    };
    check(&["a"], Ok("a"));
    check(&["./-a"], Ok("./-a"));
    for wrong in [&[][..], &["a", "b"], &["--help"]] {
        let usage = "one folder is drawn, in which results.json is\n help: cargo run --release \
                     --package report -- DIR";
        check(wrong, Err(usage));
    }
}
