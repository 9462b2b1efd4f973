//! `bench sizes`: the same page, the same line, and programs of Debian, as images of everybody's and of
//! pipkin's: bytes of files, of archives, and in a registry.

mod folder;
mod hello;
mod image;
mod jail;
mod ladder;
mod minimal;
mod one_page;
mod programs;
mod rival;

use results::Section;
use serde_json::Value;

use super::section;
use crate::shell::{Outcome, pipkin};
use ladder::Ladder;
use rival::Place;

pub(super) const HELP: &str = "images of rivals, by pipkin and in Debian's minimum [TABLE|ROW...]";

/// The page that is served.
const PAGE: &str = include_str!("../../../benches/rivals/page/index.html");

const LADDERS: [&Ladder; 2] = [&one_page::LADDER, &hello::LADDER];

const NOTES: [&str; 2] = [
    "Bytes: the files of an image; the archive that engines load; what a registry stores of it, which is \
     layer, config and manifest, of a base the layer alone. All are packed by pipkin's packer.",
    "Rivals are images from scratch, with the smallest closure that pipkin finds for them.",
];

pub(super) fn run(args: &[String]) -> Outcome<Section> {
    let wanted = Wanted::parse(args)?;
    let place = Place::new(pipkin()?)?;
    let mut section = section("sizes", "Sizes");
    section.notes.extend(NOTES.map(Into::into));
    section.tables.extend(LADDERS.iter().filter_map(|ladder| ladder.measure(&place, &wanted)));
    section.tables.extend(programs::measure(&place, &wanted));
    Ok(section)
}

/// What an image weighs.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bytes {
    /// The sum of the files.
    files: u64,
    /// The tar that engines load, where there is one.
    archive: Option<u64>,
    /// The layer, compressed, and where there is one, config and manifest.
    registry: u64,
}

impl Bytes {
    /// From what `pipkin build --json` says.
    fn reported(report: &str) -> Outcome<Self> {
        let report: Value = serde_json::from_str(report)?;
        let platform = &report["platforms"][0];
        let number =
            |field: &str| platform[field].as_u64().ok_or_else(|| format!("--json: no {field}"));
        let blobs = ["layer_bytes", "config_bytes", "manifest_bytes"];
        Ok(Self {
            files: number("files_bytes")?,
            archive: report["archive_bytes"].as_u64(),
            registry: blobs.iter().map(|field| number(field)).sum::<Result<_, _>>()?,
        })
    }
}

/// The tables and rows that were asked for by name; all when none was.
struct Wanted(Vec<String>);

impl Wanted {
    fn parse(args: &[String]) -> Outcome<Self> {
        let rows = |ladder: &Ladder| ladder.rivals.iter().map(|rival| rival.name);
        let names = LADDERS.iter().flat_map(|ladder| rows(ladder).chain([ladder.name]));
        let names: Vec<_> = names.chain(programs::names()).chain([programs::NAME]).collect();
        match args.iter().find(|arg| !names.contains(&arg.as_str())) {
            Some(arg) => Err(format!("no table and no row {arg:?}: {}", names.join(", ")).into()),
            None => Ok(Self(args.into())),
        }
    }

    fn wants(&self, table: &str, row: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|name| name == table || name == row)
    }
}

/// The line of `failure` that says most: the first that a program calls an error, or else the last.
fn reason(failure: &str) -> String {
    let is_error = |line: &&str| line.starts_with("error") || line.starts_with("E: ");
    let mut lines = failure.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.clone().find(is_error).or_else(|| lines.next_back()).unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_asked_for_by_name() {
        let wanted = |args: &[&str]| {
            let args: Vec<String> = args.iter().map(ToString::to_string).collect();
            Wanted::parse(&args).map_err(|why| why.to_string())
        };
        let all = wanted(&[]).unwrap();
        assert!(all.wants("one-page", "nginx") && all.wants("programs", "jq"));
        let some = wanted(&["nginx", "hello"]).unwrap();
        assert!(some.wants("one-page", "nginx") && some.wants("hello", "Go"));
        assert!(!some.wants("one-page", "caddy") && !some.wants("programs", "jq"));
        let why = wanted(&["apache"]).err().unwrap();
        assert!(why.starts_with("no table and no row \"apache\": pipkin site, "), "{why}");
    }

    #[test]
    fn the_error_is_the_reason() {
        let check = |text: &str, expected: &str| assert_eq!(reason(text), expected);
        check("apt-get: exit status: 100\nE: No package caddy\nE: more\n", "E: No package caddy");
        check("pipkin build: exit status: 2\nerror: no --server\n\nusage", "error: no --server");
        check("chroot: exit status: 1\nnode: Cannot open /a\n\n", "node: Cannot open /a");
        check("", "");
    }

    #[test]
    fn a_report_has_the_bytes() {
        let report = r#"{"archive_bytes": 9, "platforms": [{"files_bytes": 8, "layer_bytes": 4,
            "config_bytes": 2, "manifest_bytes": 1}]}"#;
        let bytes = Bytes { files: 8, archive: Some(9), registry: 7 };
        assert_eq!(Bytes::reported(report).unwrap(), bytes);
        let why = Bytes::reported(r#"{"platforms": []}"#).unwrap_err();
        assert_eq!(why.to_string(), "--json: no files_bytes");
    }
}
