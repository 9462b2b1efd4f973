//! Interpreters bring their own libraries, with which modules of each kind work.

use std::fs;
use std::path::Path;
use std::process::Command;

use pipkin_closure::{Closure, Settings, find};

use crate::lab::{are_here, said, said_by, sound};

const PYTHON: &str = "/usr/bin/python3";
const PERL: &str = "/usr/bin/perl";

#[track_caller]
fn closure(path: &str) -> Closure {
    let closure = find(path, &Settings::default()).unwrap_or_else(|error| panic!("{error}"));
    sound(&closure);
    closure
}

#[test]
fn python() {
    if !are_here(&[PYTHON]) {
        return;
    }
    let closure = closure(PYTHON);
    let code = "import ssl, sqlite3, json, ctypes, zoneinfo, socket, decimal, hashlib, pwd, os\n\
                ssl.create_default_context()\n\
                print(sqlite3.connect(':memory:').execute('select 6 * 7').fetchone()[0])\n\
                print(json.dumps('\\u00e9'.encode('euc-jp').hex()), hashlib.md5().digest_size)\n\
                print(pwd.getpwuid(os.getuid()).pw_name, ctypes.sizeof(ctypes.c_long))\n";
    assert_eq!(said(&closure, &["-c", code]), "42\n\"8fabb1\" 16\nuser 8\n");
    let is_compiled = |path: &&String| path.contains("__pycache__") || path.contains("/test/");
    assert_eq!(closure.entries.keys().find(is_compiled), None);
}

/// A script of an environment with a package in it, by the name of that environment's python.
#[test]
fn python_environments() {
    if !are_here(&[PYTHON]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let venv = folder.path().join("venv");
    let mut command = Command::new(PYTHON);
    command.args(["-m", "venv", "--without-pip"]).arg(&venv);
    // Debian has the module in a package of its own.
    if !command.output().is_ok_and(|output| output.status.success()) {
        make_venv(&venv);
    }
    let packages = packages(&venv);
    fs::create_dir(packages.join("tiny")).unwrap();
    fs::write(packages.join("tiny/__init__.py"), "def main(): print('tiny')\n").unwrap();
    let script = venv.join("bin/tiny");
    let python = venv.join("bin/python3");
    let text = format!("#!{}\nimport tiny\ntiny.main()\n", python.display());
    fs::write(&script, text).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&script, mode).unwrap();
    let of_script = closure(script.to_str().unwrap());
    assert_eq!(of_script.interpreter, [python.to_str().unwrap()]);
    assert_eq!(said(&of_script, &[]), "tiny\n");
    let of_python = closure(python.to_str().unwrap());
    assert_eq!(said(&of_python, &["-c", "import tiny; tiny.main()"]), "tiny\n");
}

/// What `python3 -m venv` makes.
fn make_venv(folder: &Path) {
    fs::create_dir_all(folder.join("bin")).unwrap();
    let real = fs::canonicalize(PYTHON).unwrap();
    let name = real.file_name().unwrap();
    fs::create_dir_all(folder.join("lib").join(name).join("site-packages")).unwrap();
    std::os::unix::fs::symlink("lib", folder.join("lib64")).unwrap();
    std::os::unix::fs::symlink(PYTHON, folder.join("bin/python3")).unwrap();
    fs::write(folder.join("pyvenv.cfg"), "home = /usr/bin\n").unwrap();
}

fn packages(venv: &Path) -> std::path::PathBuf {
    let mut versions = fs::read_dir(venv.join("lib")).unwrap();
    versions.next().unwrap().unwrap().path().join("site-packages")
}

#[test]
fn perl() {
    if !are_here(&[PERL]) {
        return;
    }
    let closure = closure(PERL);
    let code = "print POSIX::floor(6.9), length(encode('UTF-16', 'a')), md5_hex('')";
    let args = ["-MPOSIX", "-MEncode", "-MDigest::MD5=md5_hex", "-Mstrict", "-e", code];
    assert_eq!(said(&closure, &args), "64d41d8cd98f00b204e9800998ecf8427e");
}

/// Both in one image, each with its libc's parts once.
#[test]
fn one_runs_the_other() {
    if !are_here(&[PYTHON, PERL]) {
        return;
    }
    let include = vec![pipkin_closure::Include {
        path: PERL.into(),
        dest: None,
        kind: pipkin_closure::Kind::Included,
        detail: String::new(),
    }];
    let closure = find(PYTHON, &Settings { include, ..Settings::default() }).unwrap();
    sound(&closure);
    let code = "import subprocess\n\
                words = ['perl', '-MPOSIX', '-e', 'print floor(1.5)']\n\
                print(subprocess.run(words, capture_output=True).stdout.decode())";
    assert_eq!(said_by(&closure, &[PYTHON, "-c", code]), "1\n");
}
