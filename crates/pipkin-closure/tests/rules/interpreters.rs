//! Interpreters bring their own libraries, with which modules of each kind work.

use std::fs;
use std::path::Path;
use std::process::Command;

use pipkin_closure::{Closure, Settings, find};

use crate::lab::{Lab, are_here, said, said_by, sound};

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
    assert_eq!(of_script.warnings, [""; 0]);
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

/// Of a script without an environment, modules that are not of the library are for the user to name.
#[test]
fn modules_of_scripts() {
    if !are_here(&[PYTHON, PERL]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let check = |interpreter: &str, name: &str| {
        let script = folder.path().join("s");
        fs::write(&script, format!("#!{interpreter}\n")).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(&script, mode).unwrap();
        let warnings = closure(script.to_str().unwrap()).warnings;
        let name = format!("modules that {name}");
        assert!(warnings.len() == 1 && warnings[0].starts_with(&name), "{warnings:?}");
        assert_eq!(closure(interpreter).warnings, [""; 0]);
    };
    check(PYTHON, "python3.");
    check(PERL, "perl");
}

/// A program that has an interpreter within asks for its library as that does, like gdb.
#[test]
fn within_programs() {
    let Some(lab) = Lab::new() else { return };
    let source = "char *at = \"/usr/share/perl/5.30\"; int main(void) { return !at; }";
    lab.c("/usr/bin/p", source, &[]);
    for name in ["libpython3.9.so.1.0", "libperl.so.5.30"] {
        lab.library(&format!("/usr/lib/x/{name}"), name, &[], &[]);
        let library = lab.at(&format!("/usr/lib/x/{name}"));
        let flags = ["-Wl,--no-as-needed,-rpath,/usr/lib/x", library.to_str().unwrap()];
        lab.c(&format!("/usr/bin/{name}"), source, &flags);
    }
    let all = ["/usr/lib/python3.9/os.py", "/usr/lib/python3.9/json.py"];
    let perl = "/usr/share/perl/5.30/strict.pm";
    all.iter().chain([&perl]).for_each(|path| lab.write(path, ""));
    lab.write("/usr/lib/x/python3.9/none.py", "");
    let library = |program: &str| {
        let closure = lab.find(program).unwrap();
        sound(&closure);
        let ours = |path: &&String| path.contains("/python3.9/") || path.contains("/perl/");
        closure.entries.keys().filter(ours).cloned().collect::<Vec<_>>()
    };
    assert_eq!(library("/usr/bin/p"), [""; 0]);
    assert_eq!(library("/usr/bin/libpython3.9.so.1.0"), [all[1], all[0]]);
    assert_eq!(library("/usr/bin/libperl.so.5.30"), [perl]);
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
