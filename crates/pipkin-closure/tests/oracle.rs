//! The dynamic linker of this machine is asked what it would load for each program here, and has to
//! name the files that we find without running anything.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use pipkin_closure::{Body, Closure, Error, Kind, Settings, find};

/// The files that start with the program, without links.
fn started(closure: &Closure) -> BTreeSet<PathBuf> {
    let needed = closure.entries.keys().filter(|path| {
        let is_file = matches!(closure.entries[*path].body, Body::File { .. });
        let chain = closure.why(path).unwrap();
        let starts = |kind| matches!(kind, Kind::Program | Kind::Needed | Kind::Loader);
        is_file && chain.len() > 1 && chain.iter().all(|(_, reason)| starts(reason.kind))
    });
    needed.map(PathBuf::from).collect()
}

/// What the loader says it would load, and whether something is missing; none when it says that
/// this is no program for it.
fn listed(loader: &Path, program: &Path) -> Option<(BTreeSet<PathBuf>, bool)> {
    let output = Command::new(loader).arg("--list").arg(program).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let is_missing = text.contains("=> not found");
    if !output.status.success() && !is_missing {
        return None;
    }
    let path = |line: &str| {
        let line = line.split_once("=> ").map_or(line, |(_, path)| path);
        let path = line.trim().split(" (").next()?;
        // Variants for this processor, where we take what runs on every one.
        let path = match path.split_once("/glibc-hwcaps/") {
            Some((folder, rest)) => Path::new(folder).join(rest.split_once('/')?.1),
            None => path.into(),
        };
        path.canonicalize().ok()
    };
    Some((text.lines().filter_map(path).collect(), is_missing))
}

fn programs() -> Vec<PathBuf> {
    let folders = ["/usr/bin", "/usr/sbin"].map(fs::read_dir);
    let entries = folders.into_iter().flatten().flatten().flatten();
    let mut paths: Vec<_> = entries.filter_map(|entry| entry.path().canonicalize().ok()).collect();
    paths.retain(|path| {
        let is_executable = fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 1 != 0);
        is_executable && fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"\x7fELF"))
    });
    paths.sort();
    paths.dedup();
    paths
}

#[test]
fn the_loader_agrees() {
    let loader = Path::new("/lib64/ld-linux-x86-64.so.2");
    if !loader.exists() {
        return;
    }
    let settings = Settings {
        // Only what starts is compared.
        is_traced: true,
        exclude: vec!["**/gconv".into(), "/usr/lib/locale".into()],
        may_be_setuid: true,
        ..Settings::default()
    };
    let programs = programs();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let parts: Vec<_> = programs.chunks(programs.len() / threads + 1).collect();
    let compared: usize = std::thread::scope(|scope| {
        let settings = &settings;
        let compare = |part| scope.spawn(move || compare(loader, part, settings));
        let threads: Vec<_> = parts.into_iter().map(compare).collect();
        threads.into_iter().map(|thread| thread.join().expect("they agree")).sum()
    });
    assert!(compared > 20, "only {compared} programs were compared");
}

/// How many of `programs` the loader and we agree on; it panics where we do not.
fn compare(loader: &Path, programs: &[PathBuf], settings: &Settings) -> usize {
    let mut compared = 0;
    for program in programs {
        let found = find(program.to_str().unwrap(), settings);
        let Some((expected, is_missing)) = listed(loader, program) else { continue };
        match found {
            Ok(closure) => {
                assert!(!is_missing, "{} lacks a library", program.display());
                assert_eq!(started(&closure), expected, "{}", program.display());
            }
            Err(Error::Library { .. }) => assert!(is_missing, "{}", program.display()),
            Err(error) => panic!("{}: {error}", program.display()),
        }
        compared += 1;
    }
    compared
}
