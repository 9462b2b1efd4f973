//! Files that change meanwhile, and callers that end early.

use std::fs;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Mutex;

use expect_test::{Expect, expect};
use pipkin_site::{Error, Progress, Settings};

use crate::compile;
use crate::tree::tree;

/// What reading the content says after `change`, with `DIR` for the path of the folder.
#[track_caller]
fn check(change: impl FnOnce(&Path), expected: Expect) {
    let folder = tree("/a.txt\none\n/b.txt\ntwo\n/empty.txt");
    let site = compile(folder.path()).unwrap();
    change(folder.path());
    // Exactly as many bytes as promised, so that the error must come with the last of them.
    let mut content = vec![0; site.content_bytes() as usize];
    let result = site.content().read_exact(&mut content);
    let text = result.map_or_else(|error| inner(&error).to_string(), |()| "the same".into());
    expected.assert_eq(&text.replace(folder.path().to_str().unwrap(), "DIR"));
}

fn inner(error: &io::Error) -> &Error {
    error.get_ref().unwrap().downcast_ref().unwrap()
}

#[test]
fn nothing_changed() {
    check(|_| {}, expect!["the same"]);
}

#[test]
fn rewritten_with_equal_content() {
    check(|folder| fs::write(folder.join("a.txt"), "one\n").unwrap(), expect!["the same"]);
}

#[test]
fn other_content_of_equal_length() {
    check(
        |folder| fs::write(folder.join("a.txt"), "six\n").unwrap(),
        expect!["cannot read DIR/a.txt: it was changed or removed meanwhile"],
    );
}

#[test]
fn longer() {
    check(
        |folder| fs::write(folder.join("b.txt"), "two\nmore\n").unwrap(),
        expect!["cannot read DIR/b.txt: it was changed or removed meanwhile"],
    );
}

#[test]
fn shorter() {
    check(
        |folder| fs::write(folder.join("b.txt"), "tw").unwrap(),
        expect!["cannot read DIR/b.txt: it was changed or removed meanwhile"],
    );
}

#[test]
fn no_longer_empty() {
    check(
        |folder| fs::write(folder.join("empty.txt"), "x").unwrap(),
        expect!["cannot read DIR/empty.txt: it was changed or removed meanwhile"],
    );
}

#[test]
fn gone() {
    check(
        |folder| fs::remove_file(folder.join("b.txt")).unwrap(),
        expect!["cannot read DIR/b.txt: it was changed or removed meanwhile"],
    );
}

#[test]
fn a_folder_in_its_place() {
    // A failure to read that binds the superuser too.
    let replace = |folder: &Path| {
        fs::remove_file(folder.join("b.txt")).unwrap();
        fs::create_dir(folder.join("b.txt")).unwrap();
    };
    check(replace, expect!["cannot read DIR/b.txt: Is a directory (os error 21)"]);
}

#[test]
fn gone_before_it_was_hashed() {
    let folder = tree("/a.txt\none\n/b.txt\ntwo\n");
    let remove = |_| {
        let _ = fs::remove_file(folder.path().join("b.txt"));
        ControlFlow::Continue(())
    };
    let error =
        pipkin_site::compile(folder.path(), &Settings { port: 1, ..Settings::default() }, &remove)
            .unwrap_err();
    assert!(matches!(&error, Error::Changed { path } if path.ends_with("b.txt")), "{error}");
}

#[test]
fn the_first_error_is_the_same_each_time() {
    let names: Vec<String> = (0..40).map(|number| format!("{number:02}.txt")).collect();
    for _ in 0..20 {
        let folder = tree(&names.iter().map(|name| format!("/{name}\nx\n")).collect::<String>());
        let remove = |now: Progress| {
            if now.files_total == names.len() {
                names[7..].iter().for_each(|name| drop(fs::remove_file(folder.path().join(name))));
            }
            ControlFlow::Continue(())
        };
        let result = pipkin_site::compile(
            folder.path(),
            &Settings { port: 1, ..Settings::default() },
            &remove,
        );
        assert!(matches!(result, Err(Error::Changed { path }) if path.ends_with("07.txt")));
    }
}

#[test]
fn progress_is_counted() {
    let folder = tree("/a.txt\none\n/docs/b.txt\ntwo\n/empty.txt");
    let seen = Mutex::new(Vec::new());
    let report = |now: Progress| {
        seen.lock().unwrap().push(now);
        ControlFlow::Continue(())
    };
    pipkin_site::compile(folder.path(), &Settings { port: 1, ..Settings::default() }, &report)
        .unwrap();
    let all = Progress { files_done: 3, files_total: 3, bytes_done: 8, bytes_total: 8 };
    assert!(seen.lock().unwrap().contains(&all));
}

#[test]
fn the_caller_ends_it() {
    let folder = tree("/a.txt\none\n/b.txt\ntwo\n");
    let end_at = |end: fn(Progress) -> bool| {
        let report =
            |now| if end(now) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
        pipkin_site::compile(folder.path(), &Settings { port: 1, ..Settings::default() }, &report)
            .unwrap_err()
    };
    let ends: [fn(Progress) -> bool; 3] =
        [|now| now.files_total == 1, |now| now.bytes_done > 0, |now| now.files_done == 2];
    for error in ends.map(end_at) {
        assert_eq!((error.to_string().as_str(), error.help()), ("interrupted", None));
    }
}
