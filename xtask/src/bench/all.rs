//! `bench all`: every bench in one run, kept as JSON and CSV, and as a page.

use std::fs;
use std::path::{Path, PathBuf};

use results::{Results, Section};

use super::{BENCHES, Bench, find, machine, reason, section};
use crate::shell::{Outcome, cargo, run as sh};

pub(super) const NAME: &str = "all";
pub(super) const HELP: &str =
    "all of these [--html DIR] [--seconds N] [--rounds N] [--only NAME,...]";

/// What is run, and where the figures go.
#[derive(Debug, Default, PartialEq)]
struct Options {
    html: Option<PathBuf>,
    /// For the benches that put servers under load.
    load: Vec<String>,
    /// Names; all, when there are none.
    only: Vec<String>,
}

impl Options {
    fn parse(args: &[String]) -> Outcome<Self> {
        let mut options = Self::default();
        let mut args = args.iter();
        while let Some(flag) = args.next() {
            let mut value = || args.next().ok_or_else(|| format!("{flag}: what?"));
            match flag.as_str() {
                "--html" => options.html = Some(std::path::absolute(value()?)?),
                "--seconds" | "--rounds" => options.load.extend([flag.clone(), value()?.clone()]),
                "--only" => options.only = value()?.split(',').map(String::from).collect(),
                _ => return Err(format!("no flag {flag:?}: bench {NAME} runs {HELP}").into()),
            }
        }
        options.only.iter().try_for_each(|name| find(name).map(|_| ()))?;
        Ok(options)
    }

    fn wants(&self, bench: &Bench) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| name == bench.name)
    }
}

/// Runs them, prints what each has measured, and draws the page, if one is asked for.
pub(super) fn run(args: &[String]) -> Outcome {
    let options = Options::parse(args)?;
    let mut results = Results { machine: machine::this()?, sections: Vec::new() };
    for bench in BENCHES.iter().filter(|bench| options.wants(bench)) {
        watch(&mut results)?;
        eprintln!("== {}", bench.name);
        let section = measure(bench, &options.load);
        println!("{section}");
        results.sections.push(section);
        // After each, so that a run that is ended leaves what it has.
        options.html.iter().try_for_each(|folder| keep(&results, folder))?;
    }
    options.html.iter().try_for_each(|folder| draw(folder))
}

/// Looks what others do, and says so when it is too much.
fn watch(results: &mut Results) -> Outcome {
    let load = machine::load()?;
    let machine = &mut results.machine;
    machine.load = machine.load.max(load);
    if load > machine.load_max {
        let most = machine.load_max;
        eprintln!(
            "warning: others keep {load:.2} CPUs busy, more than {most:.2}: do not trust times"
        );
    }
    Ok(())
}

/// What `bench` has measured, or why it has not.
fn measure(bench: &Bench, load: &[String]) -> Section {
    let args = if bench.takes_load { load } else { &[] };
    (bench.run)(args).unwrap_or_else(|failure| {
        eprintln!("{}: {failure}", bench.name);
        Section {
            notes: vec![format!("failed: {}", reason(&*failure))],
            ..section(bench.name, bench.help)
        }
    })
}

/// Writes `results.json`, and a CSV for each table.
fn keep(results: &Results, folder: &Path) -> Outcome {
    fs::create_dir_all(folder)?;
    fs::write(folder.join("results.json"), serde_json::to_string_pretty(results)?)?;
    for section in &results.sections {
        for table in &section.tables {
            let name = format!("{}-{}.csv", section.name, table.name);
            fs::write(folder.join(name), table.csv())?;
        }
    }
    Ok(())
}

fn draw(folder: &Path) -> Outcome {
    sh(cargo(&["run", "--release", "--package", "report", "--"]).arg(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        let args: Vec<String> = line.split_whitespace().map(String::from).collect();
        Options::parse(&args).map_err(|failure| failure.to_string())
    }

    #[test]
    fn arguments() {
        let words = |line: &str| line.split_whitespace().map(String::from).collect();
        assert_eq!(parse(""), Ok(Options::default()));
        let expected = Options {
            html: Some("/tmp/page".into()),
            load: words("--seconds 1 --rounds 3"),
            only: words("speed docs"),
        };
        let line = "--html /tmp/page --seconds 1 --rounds 3 --only speed,docs";
        assert_eq!(parse(line), Ok(expected));
        assert_eq!(parse("--html"), Err("--html: what?".into()));
        let failure = parse("--only tea").unwrap_err();
        assert!(failure.starts_with("no bench \"tea\"\n"), "{failure}");
        assert!(parse("--tea").unwrap_err().starts_with("no flag \"--tea\": "));
    }

    #[test]
    fn a_failure_is_a_section() {
        let run = |args: &[String]| Err(format!("no wrk for {args:?}").into());
        let bench = Bench { name: "tea", run, help: "how it is made", takes_load: true };
        let args = ["--rounds", "3"].map(String::from);
        let failed = measure(&bench, &args);
        assert_eq!(failed.notes, ["failed: no wrk for [\"--rounds\", \"3\"]"]);
        let bench = Bench { takes_load: false, ..bench };
        assert_eq!(measure(&bench, &args).notes, ["failed: no wrk for []"]);
        assert_eq!((failed.name.as_str(), failed.tables.len()), ("tea", 0));
    }

    #[test]
    fn everything_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let mut tea = section("tea", "Tea");
        tea.tables.push(results::Table::new("green", "green tea", &[("time", "s", 1)]));
        let results = Results { machine: results::Machine::default(), sections: vec![tea] };
        keep(&results, &folder.path().join("new")).unwrap();
        let read = |name: &str| fs::read_to_string(folder.path().join("new").join(name)).unwrap();
        assert_eq!(serde_json::from_str::<Results>(&read("results.json")).unwrap(), results);
        assert_eq!(read("tea-green.csv"), "name,time s,note\r\n");
    }
}
