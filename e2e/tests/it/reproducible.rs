//! Same input, same bytes, whatever the circumstances.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use e2e::{Pipkin, example, pages, ready, run, write};

/// Copies `examples/site` to `folder`, in reverse order if `backwards`, the files `age` old.
fn copy(folder: &Path, backwards: bool, age: Duration) {
    let mut names: Vec<_> =
        pages(&example()).into_iter().filter(|page| !page.path.ends_with('/')).collect();
    if backwards {
        names.reverse();
    }
    for page in names {
        let name = page.path.trim_start_matches('/');
        write(folder, name, fs::read(&page.file).unwrap());
        let file = fs::File::options().write(true).open(folder.join(name)).unwrap();
        file.set_modified(SystemTime::now() - age).unwrap();
    }
}

/// Builds `input` in `folder` under a umask, locale, time zone and user name.
fn build(pipkin: &Pipkin, folder: &Path, input: &Path, umask: &str, output: &str) -> PathBuf {
    let script = format!("umask {umask} && exec \"$@\"");
    let mut build = Command::new("sh");
    build.args(["-c", &script, "sh"]).arg(pipkin.path()).arg("build").arg(input);
    build.args(["-q", "-t", "site:1", "-o", output]).current_dir(folder);
    run(build.env("TZ", format!("UTC+{umask}")).env("LC_ALL", "C").env("USER", umask));
    folder.join("site")
}

/// Two copies of one site, as different as copies can be, built to `output`.
fn check(output: &str) {
    let Some(pipkin) = ready(&[]) else { return };
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy(&one.path().join("site-a"), false, Duration::ZERO);
    copy(&other.path().join("b"), true, Duration::from_secs(400_000_000));
    let first = build(&pipkin, one.path(), Path::new("site-a"), "022", output);
    let second = build(&pipkin, other.path(), &other.path().join("b"), "077", output);
    assert!(fs::read(&first).unwrap() == fs::read(second).unwrap(), "{output}: other bytes");
    let again = fs::read(&first).unwrap();
    build(&pipkin, one.path(), Path::new("site-a"), "022", output);
    assert!(again == fs::read(first).unwrap(), "{output}: other bytes the second time");
}

#[test]
fn the_same_files_give_the_same_archive() {
    check("site");
}

#[test]
fn the_same_files_give_the_same_executable() {
    check("type=exe,dest=site");
}
