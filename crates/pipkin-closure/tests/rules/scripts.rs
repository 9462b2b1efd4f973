//! Scripts: the kernel of the machine has to agree with what is found for them.

use pipkin_closure::Error;

use crate::lab::{Lab, said, sound};

/// A root with a shell and env in it.
fn lab() -> Option<Lab> {
    let lab = Lab::new()?;
    lab.copy("/bin/sh");
    lab.copy("/usr/bin/env");
    Some(lab)
}

/// The script runs as it is, and where only its closure is, and says `expected`.
#[track_caller]
fn check(lab: &Lab, path: &str, expected: &str, interpreter: &[&str]) {
    let output = lab.run(&[path]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected, "{error}");
    let closure = lab.find(path).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(closure.interpreter, interpreter);
    sound(&closure);
    assert_eq!(said(&closure, &[]), expected);
}

/// The script does not run, and that is said in these words.
#[track_caller]
fn check_wrong(lab: &Lab, path: &str, expected: &str, help: Option<&str>) {
    assert!(!lab.run(&[path]).status.success(), "it runs");
    let error = lab.find(path).unwrap_err();
    assert_eq!((error.to_string().as_str(), error.help().as_deref()), (expected, help));
}

#[test]
fn shells() {
    let Some(lab) = lab() else { return };
    lab.executable("/s", "#!/bin/sh\necho hello\n");
    check(&lab, "/s", "hello\n", &["/bin/sh"]);
    lab.executable("/spaced", "#! \t/bin/sh -e \t\nfalse\n");
    let closure = lab.find("/spaced").unwrap();
    assert_eq!(closure.interpreter, ["/bin/sh", "-e"]);
    lab.executable("/no-line-end", "#!/bin/sh");
    check(&lab, "/no-line-end", "", &["/bin/sh"]);
    lab.link("/bin/linked", "../s");
    check(&lab, "/bin/linked", "hello\n", &["/bin/sh"]);
}

/// A shell runs what only it understands, which is told.
#[test]
fn what_a_shell_runs_is_not_known() {
    let Some(lab) = lab() else { return };
    lab.executable("/s", "#!/bin/sh\nls\n");
    let warnings = lab.find("/s").unwrap().warnings;
    let expected = "sh runs programs by names that only it understands: add them with --trace or \
                    --include";
    assert_eq!(warnings, [expected]);
    // The shell alone is run for what its user types.
    assert_eq!(lab.find("/bin/sh").unwrap().warnings, [""; 0]);
    assert_eq!(lab.find("/bin/sh").unwrap().interpreter, [""; 0]);
}

#[test]
fn by_env() {
    let Some(lab) = lab() else { return };
    lab.executable("/s", "#!/usr/bin/env sh\necho hello\n");
    check(&lab, "/s", "hello\n", &["/bin/sh"]);
    lab.executable("/split", "#!/usr/bin/env -S A=1 sh -e\necho $A\n");
    let closure = lab.find("/split").unwrap();
    assert_eq!(closure.interpreter, ["/bin/sh", "-e"]);
    assert_eq!(said(&closure, &[]), "1\n");
    lab.executable("/joined", "#!/usr/bin/env -Ssh -e\necho $-\n");
    check(&lab, "/joined", "e\n", &["/bin/sh", "-e"]);
    lab.executable("/long", "#!/usr/bin/env --split-string=-i sh -e\necho $-\n");
    check(&lab, "/long", "e\n", &["/bin/sh", "-e"]);
    lab.executable("/unset", "#!/usr/bin/env -S -u HOME -C / sh -e\necho $-\n");
    check(&lab, "/unset", "e\n", &["/bin/sh", "-e"]);
    // env passes over what may not be run.
    lab.write("/usr/local/bin/sh", "");
    check(&lab, "/s", "hello\n", &["/bin/sh"]);
}

/// Without `-S` all that follows is one name.
#[test]
fn by_env_with_spaces() {
    let Some(lab) = lab() else { return };
    lab.executable("/s", "#!/usr/bin/env sh -e\necho hello\n");
    let help = "install sh -e, or correct the first line of the script";
    check_wrong(&lab, "/s", "/s is run by sh -e, which is not there", Some(help));
    lab.executable("/set", "#!/usr/bin/env A=1 sh\n");
    assert!(lab.find("/set").is_err());
}

#[test]
fn missing_interpreters() {
    let Some(lab) = lab() else { return };
    lab.executable("/s", "#!/usr/bin/none -x\n");
    let help = "install /usr/bin/none, or correct the first line of the script";
    check_wrong(&lab, "/s", "/s is run by /usr/bin/none, which is not there", Some(help));
    lab.executable("/e", "#!/usr/bin/env none\n");
    let help = "install none, or correct the first line of the script";
    check_wrong(&lab, "/e", "/e is run by none, which is not there", Some(help));
    lab.executable("/f", "#!/usr\n");
    check_wrong(
        &lab,
        "/f",
        "/f is run by /usr, which is not there",
        Some("install /usr, or correct the first line of the script"),
    );
}

/// An end of line of another system is of the name.
#[test]
fn carriage_returns() {
    let Some(lab) = lab() else { return };
    let help = |path| format!("its lines end with a carriage return: sed -i 's/\\r$//' {path}");
    lab.executable("/s", "#!/bin/sh\r\necho hello\r\n");
    check_wrong(&lab, "/s", "/s is run by /bin/sh\\r, which is not there", Some(&help("/s")));
    lab.executable("/e", "#!/usr/bin/env sh\r\necho hello\r\n");
    check_wrong(&lab, "/e", "/e is run by sh\\r, which is not there", Some(&help("/e")));
}

#[test]
fn without_an_interpreter() {
    let Some(lab) = lab() else { return };
    for text in ["echo hello\n", "", "#", "\n#!/bin/sh\n", " #!/bin/sh\n"] {
        lab.executable("/s", text);
        let expected = "/s is neither an ELF file nor a script that starts with #!";
        assert_eq!(lab.find("/s").unwrap_err().to_string(), expected, "{text:?}");
    }
    for text in ["#!", "#!\n", "#!  \t\n/bin/sh\n"] {
        lab.executable("/s", text);
        let expected = "/s names no program behind #!";
        assert_eq!(lab.find("/s").unwrap_err().to_string(), expected, "{text:?}");
    }
}

/// The kernel reads 256 bytes, and takes no name that does not end in them.
#[test]
fn long_first_lines() {
    let Some(lab) = lab() else { return };
    let name = |bytes: usize| format!("/{}/sh", "d".repeat(bytes - 4));
    lab.executable("/s", &format!("#!/bin/sh {}\n", " ".repeat(400)));
    check(&lab, "/s", "", &["/bin/sh"]);
    let fits = name(253);
    lab.copy("/bin/sh");
    std::fs::create_dir_all(lab.at(&fits).parent().unwrap()).unwrap();
    std::fs::copy("/bin/sh", lab.at(&fits)).unwrap();
    lab.executable("/s", &format!("#!{fits}\necho hello\n"));
    check(&lab, "/s", "hello\n", &[&fits]);
    lab.executable("/s", &format!("#!{fits}x\necho hello\n"));
    assert!(lab.find("/s").is_err());
}

#[test]
fn scripts_for_scripts() {
    let Some(lab) = lab() else { return };
    lab.executable("/s1", "#!/bin/sh\necho hello\n");
    for number in 2..=6 {
        lab.executable(&format!("/s{number}"), &format!("#!/s{}\n", number - 1));
    }
    check(&lab, "/s2", "hello\n", &["/s1"]);
    check(&lab, "/s5", "hello\n", &["/s4"]);
    let expected = "/s6 is run by a script that is run by a script, and so on";
    check_wrong(&lab, "/s6", expected, None);
    lab.executable("/self", "#!/self\n");
    check_wrong(&lab, "/self", "/self is run by a script that is run by a script, and so on", None);
    lab.executable("/a", "#!/b\n");
    lab.executable("/b", "#!/a\n");
    check_wrong(&lab, "/a", "/a is run by a script that is run by a script, and so on", None);
}

/// An interpreter that may not be run is no interpreter.
#[test]
fn an_interpreter_without_rights() {
    let Some(lab) = lab() else { return };
    lab.executable("/s", "#!/bin/sh\n");
    lab.chmod("/bin/sh", 0o644);
    assert!(matches!(lab.find("/s"), Err(Error::NotExecutable { path }) if path == "/bin/sh"));
}
