use pipkin_closure::Kind;

use super::*;
use crate::program::tests::sample;

#[track_caller]
fn check_path(typed: &str, expected: &str) {
    let (_folder, closure) = sample();
    let shown = match path_in(&closure, typed) {
        Ok(path) => path.unwrap_or_default(),
        Err(failure) => failure.to_string(),
    };
    assert_eq!(shown, expected, "{typed}");
}

#[test]
fn a_path_may_be_the_end_of_one() {
    check_path("/usr/bin/b", "/usr/bin/b");
    check_path("/bin/a", "/bin/a");
    check_path("/usr/../bin/a", "/usr/bin/b");
    check_path("b", "/usr/bin/b");
    check_path("bin/b", "/usr/bin/b");
    check_path("ld.so", "/usr/lib/ld.so");
    check_path("d.so", "");
    check_path("/ld.so", "");
    check_path("", "error: the path is empty\n help: pipkin why INPUT PATH");
    check_path(
        "/usr",
        "error: /usr is a folder, and files have reasons\n help: name one of them: /usr/bin/b, \
         /usr/lib/ld.so",
    );
}

#[test]
fn several_paths_may_have_that_end() {
    let (_folder, mut closure) = sample();
    let entry = closure.entries["/usr/bin/b"].clone();
    closure.entries.extend((0..5).map(|i| (format!("/{i}/b"), entry.clone())));
    assert_eq!(
        path_in(&closure, "b").unwrap_err().to_string(),
        "error: 6 paths end with b\n help: name one of them: /0/b, /1/b, /2/b, /3/b, /4/b, ..."
    );
}

#[track_caller]
fn check_without(root: Option<Scratch>, path: &str, expected: &str) {
    let (_folder, closure) = sample();
    let subject = Subject { closure, root };
    assert_eq!(subject.without(path).to_string(), expected);
}

#[test]
fn what_nobody_asks_for() {
    let left = "error: libx.so is left out, named in a dlopen note of /usr/bin/b (x): it is not \
                there\n help: --include PATH takes it along all the same";
    check_without(None, "libx.so", left);
    check_without(
        None,
        "/etc/x",
        "error: /bin/a does not need /etc/x, as far as reading tells\n help: --trace finds what it \
         opens when it runs, --include takes along what you name",
    );
    let root = || {
        let root = Scratch::new().unwrap();
        std::fs::write(root.path().join("x"), "").unwrap();
        Some(root)
    };
    check_without(root(), "libx.so", left);
    check_without(
        root(),
        "/x",
        "error: nobody asks for /x, as far as reading /bin/a tells\n help: it may have been traced \
         or included, or is of use to another program, or to none",
    );
    check_without(
        root(),
        "/y",
        "error: there is no /y in the image, and /bin/a does not need it\n help: give the path of \
         a file as it is in the image, or the end of one",
    );
}

#[test]
fn the_chain_starts_with_the_program() {
    let (_folder, mut closure) = sample();
    // As the finder has it: a link is on the way to what is asked for.
    closure.entries.get_mut("/bin/a").unwrap().reason = Reason::new(Kind::Way, "/usr/bin/b", "");
    closure.entries.get_mut("/usr/bin/b").unwrap().reason = Reason::start(Kind::Program, "");
    assert_eq!(
        chain(&closure, "/usr/lib/ld.so"),
        "/usr/bin/b  the program\n/usr/lib/ld.so  loads /usr/bin/b\n"
    );
    assert_eq!(
        chain(&closure, "/bin/a"),
        "/usr/bin/b  the program\n/bin/a  on the way to /usr/bin/b\n"
    );
}
