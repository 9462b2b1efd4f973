//! Draws what the benches have measured: `report DIR` reads `results.json` in the folder DIR, and
//! writes `index.html`, and `ladder.png` and `ladder.svg` where the sizes of one page were measured.
//!
//! Everything between reading and writing is values.

mod chart;
mod figure;
mod html;
mod lead;
mod page;
mod table;

use std::ffi::OsString;
use std::fmt::{self, Display, Formatter};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use results::Results;

const INPUT: &str = "results.json";

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    match asked(&args).and_then(report) {
        Ok(paths) => {
            paths.iter().for_each(|path| println!("{}", path.display()));
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::from(if matches!(failure, Failure::Usage) { 2 } else { 1 })
        }
    }
}

/// The folder that is to be drawn.
fn asked(args: &[OsString]) -> Result<&Path, Failure> {
    match args {
        [folder] if !folder.as_encoded_bytes().starts_with(b"-") => Ok(Path::new(folder)),
        _ => Err(Failure::Usage),
    }
}

/// Draws what is in `folder`; the files written.
fn report(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let results = read(&folder.join(INPUT))?;
    let mut files = vec![("index.html", page::page(&results).into_bytes())];
    if let Some(ladder) = chart::ladder(&results) {
        files.push(("ladder.png", ladder.png().map_err(Failure::Draw)?));
        files.push(("ladder.svg", ladder.svg().into_bytes()));
    }
    let write = |(name, bytes): (&str, Vec<u8>)| write(&folder.join(name), &bytes);
    files.into_iter().map(write).collect()
}

fn read(path: &Path) -> Result<Results, Failure> {
    let bytes = fs::read(path).map_err(|error| Failure::Read(path.into(), error))?;
    serde_json::from_slice(&bytes).map_err(|error| Failure::Parse(path.into(), error))
}

/// Writes a file, which is whole or not there; its path.
fn write(path: &Path, bytes: &[u8]) -> Result<PathBuf, Failure> {
    let part = path.with_added_extension("part");
    let written = fs::write(&part, bytes).and_then(|()| fs::rename(&part, path));
    written.map(|()| path.into()).map_err(|error| {
        // It may be what has failed.
        fs::remove_file(&part).ok();
        Failure::Write(path.into(), error)
    })
}

/// Why there is no page.
#[derive(Debug)]
enum Failure {
    Usage,
    Read(PathBuf, io::Error),
    Parse(PathBuf, serde_json::Error),
    Draw(String),
    Write(PathBuf, io::Error),
}

impl Display for Failure {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let measure = "`cargo xtask bench all --html DIR` writes it";
        match self {
            Self::Usage => write!(
                f,
                "one folder is drawn, in which {INPUT} is\n help: cargo run --release --package \
                 report -- DIR"
            ),
            Self::Read(path, error) => {
                write!(f, "cannot read {}: {error}\n help: {measure}", path.display())
            }
            Self::Parse(path, error) => write!(
                f,
                "{} is not what was measured: {error}\n help: {measure}; one of another version \
                 has to be measured again",
                path.display()
            ),
            Self::Draw(error) => write!(f, "cannot draw ladder.png: {error}"),
            Self::Write(path, error) => write!(
                f,
                "cannot write {}: {error}\n help: copy its folder to where it may be written, and draw \
                 that",
                path.display()
            ),
        }
    }
}

#[cfg(test)]
mod tests;
