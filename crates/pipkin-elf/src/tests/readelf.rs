//! The programs and libraries of this machine, as `readelf` reads them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::crafted::{ENCODINGS, Hash, program};
use super::pack;
use crate::{Error, Object};

/// Files to compare, spread over all that there are.
const FILES_MAX: usize = 150;

#[test]
fn programs_and_libraries_are_read_as_readelf_reads_them() {
    if !has_readelf() {
        return;
    }
    let mut files = files("/usr/bin");
    files.extend(files_below_lib());
    let step = files.len().div_ceil(FILES_MAX).max(1);
    for path in files.iter().step_by(step) {
        let Ok(bytes) = fs::read(path) else { continue };
        match Object::read(&bytes) {
            Ok(object) => {
                assert_eq!(Said::by(&object), Said::by_readelf(path, &["--dyn-syms"]), "{path:?}");
            }
            Err(Error::NotElf) => {}
            Err(Error::NotProgram { e_type: 1 }) => {
                assert!(path.extension().is_some_and(|extension| extension == "o"), "{path:?}");
            }
            Err(error) => panic!("{path:?}: {error}"),
        }
    }
}

/// So that crafted files are not wrong in the way in which they are read. Without sections, readelf
/// counts symbols by the hash tables, too.
#[test]
fn crafted_files_are_what_readelf_reads() {
    if !has_readelf() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("crafted");
    for encoding in ENCODINGS {
        for hash in [Hash::Sysv, Hash::Gnu(4)] {
            let bytes = program(encoding, hash).bytes();
            fs::write(&path, &bytes).unwrap();

            let said = Said::by_readelf(&path, &["--use-dynamic", "--syms"]);
            assert_eq!(Said::by(&Object::read(&bytes).unwrap()), said, "{encoding:?}");
            assert_eq!(said.needed.len(), 2);
        }
    }
}

/// It would say that segments do not fit, or that a header is not as it should be.
#[test]
fn of_packed_programs_readelf_has_nothing_to_say() {
    if !has_readelf() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("packed");
    for (file, segments) in pack::files() {
        fs::write(&path, &file).unwrap();
        let done = Command::new("readelf").env("LC_ALL", "C").arg("-hlW").arg(&path).output();
        let done = done.unwrap();
        assert!(done.status.success() && done.stderr.is_empty(), "{done:?}");
        let said = String::from_utf8_lossy(&done.stdout);
        assert_eq!(said.matches(" LOAD ").count(), segments, "{said}");
    }
}

fn has_readelf() -> bool {
    let found = Command::new("readelf").arg("--version").output().is_ok();
    if !found {
        eprintln!("skipped: there is no readelf");
    }
    found
}

/// The files of a folder that are neither links nor folders, in order.
fn files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    let mut files: Vec<_> = files.map(|entry| entry.path()).collect();
    files.sort();
    files
}

fn files_below_lib() -> Vec<PathBuf> {
    let is_library = |path: &PathBuf| path.to_string_lossy().contains(".so");
    files("/usr/lib/x86_64-linux-gnu").into_iter().filter(is_library).collect()
}

/// What both say.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said {
    interpreter: Option<String>,
    soname: Option<String>,
    needed: Vec<String>,
    rpath: Option<String>,
    runpath: Option<String>,
    is_dynamic: bool,
    /// Sorted, each once.
    imports: Vec<String>,
}

impl Said {
    fn by(object: &Object<'_>) -> Self {
        let mut said = Self {
            interpreter: object.interpreter().map(str::to_owned),
            soname: object.soname().map(str::to_owned),
            needed: object.needed().iter().copied().map(str::to_owned).collect(),
            rpath: object.rpath().map(str::to_owned),
            runpath: object.runpath().map(str::to_owned),
            is_dynamic: object.is_dynamic(),
            imports: object.imports().iter().copied().map(str::to_owned).collect(),
        };
        said.sort();
        said
    }

    fn by_readelf(path: &Path, symbols: &[&str]) -> Self {
        let mut readelf = Command::new("readelf");
        let output = readelf.arg("-dlW").args(symbols).arg(path).output();
        let text = String::from_utf8_lossy(&output.unwrap().stdout).into_owned();
        let mut said = Self::default();
        text.lines().for_each(|line| said.line(line.trim()));
        said.sort();
        said
    }

    fn line(&mut self, line: &str) {
        let quoted = || line.rsplit_once(": [")?.1.strip_suffix(']').map(str::to_owned);
        let words: Vec<_> = line.split_whitespace().collect();
        match words[..] {
            ["[Requesting", ..] => {
                let path = line.rsplit_once(": ").unwrap().1.trim_end_matches(']');
                self.interpreter = Some(path.into());
            }
            ["DYNAMIC", ..] => self.is_dynamic = true,
            [_, "(NEEDED)", ..] => self.needed.extend(quoted()),
            [_, "(SONAME)", ..] => self.soname = quoted(),
            [_, "(RPATH)", ..] => self.rpath = quoted(),
            [_, "(RUNPATH)", ..] => self.runpath = quoted(),
            [_, _, _, _, _, _, "UND", name, ..] => {
                self.imports.push(name.split('@').next().unwrap().into());
            }
            _ => {}
        }
    }

    fn sort(&mut self) {
        self.imports.sort();
        self.imports.dedup();
    }
}
