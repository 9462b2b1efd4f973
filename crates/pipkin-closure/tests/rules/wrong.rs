//! What is no program, or not a whole one, and roots that lead elsewhere.

use std::fs;
use std::process::Command;

use pipkin_closure::{Body, Error, Include, Kind, Settings, find};

use crate::lab::{LIBS, LOADER, Lab, libraries, sound};

#[track_caller]
fn check(lab: &Lab, path: &str, expected: &str, help: Option<&str>) {
    let error = lab.find(path).unwrap_err();
    assert_eq!((error.to_string().as_str(), error.help().as_deref()), (expected, help));
}

#[test]
fn what_is_no_program() {
    let Some(lab) = Lab::new() else { return };
    let install = Some("give the path of a program, with --root as seen in there");
    check(&lab, "/none", "there is no /none", install);
    lab.link("/dangling", "/usr/none");
    check(&lab, "/dangling", "/dangling is a link to /usr/none, which is not there", None);
    lab.link("/loop", "loop");
    check(&lab, "/loop", "cannot read /loop: too many symbolic links", None);
    check(&lab, "/lib", "/lib is neither an ELF file nor a script that starts with #!", None);
    check(&lab, "/", "/ is neither an ELF file nor a script that starts with #!", None);
    lab.executable("/text", "hello");
    let expected = "/text is neither an ELF file nor a script that starts with #!";
    check(&lab, "/text", expected, None);
    lab.program("/p", &[], &[]);
    check(&lab, "/p/below", "cannot read /p/below: Not a directory (os error 20)", None);
    check(&lab, "/p/../p", "cannot read /p/../p: Not a directory (os error 20)", None);
    lab.chmod("/p", 0o644);
    check(&lab, "/p", "/p is not executable", Some("chmod +x /p"));
    lab.chmod("/p", 0o4755);
    let expected = "/p is setuid or setgid: it would give everybody the rights of its owner";
    check(&lab, "/p", expected, Some("--allow-setuid takes it all the same"));
    lab.chmod("/p", 0o2755);
    check(&lab, "/p", expected, Some("--allow-setuid takes it all the same"));
    let closure = find("/p", &Settings { may_be_setuid: true, ..lab.settings() }).unwrap();
    assert!(matches!(closure.entries["/p"].body, Body::File { mode: 0o2755, .. }));
}

#[test]
fn no_root() {
    let settings = Settings { root: "/none/at/all".into(), ..Settings::default() };
    let error = find("/bin/p", &settings).unwrap_err();
    assert_eq!(error.to_string(), "there is no folder /none/at/all, in which /bin/p should be");
}

/// No cut of a program is anything but an error, or a program that asks for less.
#[test]
fn truncated_programs() {
    let Some(lab) = Lab::new() else { return };
    lab.program("/whole", &[], &["-s"]);
    let bytes = fs::read(lab.at("/whole")).unwrap();
    lab.executable("/cut", "");
    for end in (0..bytes.len()).step_by(37) {
        fs::write(lab.at("/cut"), &bytes[..end]).unwrap();
        let Err(error) = lab.find("/cut") else { continue };
        let text = error.to_string();
        let of_elf = text.starts_with("cannot use /cut: this is ");
        assert!(of_elf || matches!(error, Error::NotAProgram { .. }), "cut at {end}: {text}");
    }
}

/// Every byte of the headers turned into its opposite.
#[test]
fn damaged_programs() {
    let Some(lab) = Lab::new() else { return };
    lab.program("/p", &[], &["-s"]);
    let bytes = fs::read(lab.at("/p")).unwrap();
    for at in 0..0x400.min(bytes.len()) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0xff;
        fs::write(lab.at("/p"), damaged).unwrap();
        // It ends, and without a panic.
        let _ = lab.find("/p");
    }
}

#[test]
fn missing_libraries() {
    let Some(lab) = Lab::new() else { return };
    lab.program("/bin/p", &["liba.so.1"], &["-Wl,-rpath,/l"]);
    lab.library("/l/liba.so.1", "liba.so.1", &["libb.so.2"], &["-Wl,-rpath,/m:/n"]);
    let expected = format!(
        "/l/liba.so.1, needed by /bin/p, needs libb.so.2, which is not in /m, /n, {LIBS}, /usr{LIBS}, \
         /lib, /usr/lib"
    );
    let help = "install what brings libb.so.2, or leave it: --exclude '**/libb.so.2'";
    check(&lab, "/bin/p", &expected, Some(help));
    lab.write("/var/lib/dpkg/info/liba1:amd64.list", "/.\n/usr/lib\n/usr/lib/liba.so.1\n");
    lab.write("/var/lib/dpkg/info/libb2:amd64.list", "/.\n/usr/lib\n/usr/lib/libb.so.2\n");
    let help = "the package libb2:amd64 brings it: apt-get install --reinstall libb2:amd64";
    check(&lab, "/bin/p", &expected, Some(help));
    // As the help says, but then the program does not start.
    let exclude = vec!["**/libb.so.2".into()];
    let closure = find("/bin/p", &Settings { exclude, ..lab.settings() }).unwrap();
    assert_eq!(closure.warnings, [expected]);
    assert_eq!(closure.left[0].name, "libb.so.2");
    sound(&closure);
}

/// A library that is there and cannot be used is told apart from one that is not.
#[test]
fn unusable_libraries() {
    let Some(lab) = Lab::new() else { return };
    lab.program("/bin/p", &["liba.so"], &["-Wl,-rpath,/l:/m,-z,nodefaultlib"]);
    lab.write("/l/liba.so", "INPUT(libb.so)\n");
    lab.library("/m/liba.so", "liba.so", &[], &[]);
    let mut bytes = fs::read(lab.at("/m/liba.so")).unwrap();
    bytes.truncate(100);
    fs::write(lab.at("/m/liba.so"), &bytes).unwrap();
    let error = lab.find("/bin/p").unwrap_err().to_string();
    let note = "(what is there is no library for it)";
    let expected = format!("/bin/p needs liba.so, which is not in /l {note}, /m {note}");
    assert!(error.starts_with(&expected), "{error}");
}

#[test]
fn missing_loaders() {
    let Some(lab) = Lab::new() else { return };
    lab.program("/p", &[], &["-Wl,-dynamic-linker,/lib/ld-none.so.1"]);
    let help = "install /lib/ld-none.so.1, which comes with the libc that it was made for";
    check(&lab, "/p", "/p is loaded by /lib/ld-none.so.1, which is not there", Some(help));
    lab.write("/lib/ld-none.so.1", "text");
    let expected =
        "/p is run by /lib/ld-none.so.1, which is not a program of the same architecture";
    check(&lab, "/p", expected, None);
    let mut bytes = fs::read(LOADER).unwrap();
    bytes[18] = 183;
    fs::write(lab.at("/lib/ld-none.so.1"), bytes).unwrap();
    check(&lab, "/p", expected, None);
}

/// Links of a root lead to what is in the root, or nowhere.
#[test]
fn links_out_of_the_root() {
    let Some(lab) = Lab::new() else { return };
    lab.program("/opt/p", &["liba.so", "libb.so"], &["-Wl,-rpath,/up:/abs"]);
    lab.link("/bin/p", "../../../../../../../../opt/p");
    lab.link("/up", "../../../../../../../../../../l1");
    lab.link("/abs", "/l2");
    lab.library("/l1/liba.so", "liba.so", &[], &[]);
    lab.library("/l2/libb.so", "libb.so", &[], &[]);
    let closure = lab.find("/bin/p").unwrap();
    assert_eq!(libraries(&closure).iter().collect::<Vec<_>>(), ["/l1/liba.so", "/l2/libb.so"]);
    sound(&closure);
    // On this machine there is such a file, in this root there is none.
    lab.link("/bin/outside", "/etc/passwd");
    assert!(matches!(lab.find("/bin/outside"), Err(Error::Dangling { .. })));
    lab.link("/bin/outside2", "../../../../../../../../../etc/passwd");
    assert!(matches!(lab.find("/bin/outside2"), Err(Error::Dangling { .. })));
}

/// What is neither a file nor a folder is not read: a pipe would have us wait for ever.
#[test]
fn pipes() {
    let Some(lab) = Lab::new() else { return };
    let pipe = |path: &str| {
        assert!(Command::new("mkfifo").arg(lab.at(path)).status().unwrap().success());
    };
    pipe("/pipe");
    pipe("/etc/ld.so.cache");
    pipe("/etc/ld.so.conf");
    pipe("/etc/nsswitch.conf");
    pipe("/etc/services");
    pipe("/l/liba.so");
    lab.chmod("/pipe", 0o755);
    check(&lab, "/pipe", "/pipe is neither an ELF file nor a script that starts with #!", None);
    let source = "#include <netdb.h>\nint main(void) {\n\
                  return getservbyname(\"a\", 0) || gethostbyname(\"a\"); }\n";
    lab.c("/p", source, &["-Wl,-rpath,/l"]);
    let include = |path: &str| Include {
        path: path.into(),
        dest: None,
        kind: Kind::Included,
        detail: String::new(),
    };
    let settings = Settings { include: vec![include("/l")], ..lab.settings() };
    let closure = find("/p", &settings).unwrap();
    let left = closure.left.iter().find(|left| left.name == "/l/liba.so").unwrap();
    assert_eq!(left.because, "it is neither a file nor a folder");
    assert!(!closure.entries.contains_key("/etc/services"));
    let settings = Settings { include: vec![include("/pipe")], ..lab.settings() };
    assert!(find("/p", &settings).is_err());
}
