//! Folders that cannot be served.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use e2e::{Client, Server, free_port, ready, run, run_any, unprivileged, write};
use expect_test::{Expect, expect};

use crate::place::{FAILED, Place, check_in, check_said};

/// A site that `spoil` has made impossible to build.
#[track_caller]
fn check_site(spoil: impl Fn(&Path), expected: Expect) {
    let Some(pipkin) = ready(&[]) else { return };
    let place = Place::with_page();
    spoil(&place.path("site"));
    check_in(&pipkin, &place, &["build", "site", "-o", "out/site.tar"], FAILED, expected);
}

#[test]
fn missing_folder() {
    let Some(pipkin) = ready(&[]) else { return };
    check_in(
        &pipkin,
        &Place::new(),
        &["build", "gone", "-o", "out/a.tar"],
        FAILED,
        expect![[r#"
        error: cannot read gone: it is not here, and no program of the PATH
         help: check the spelling: it is the folder with your index.html, or a program such as /usr/bin/jq
    "#]],
    );
    check_in(
        &pipkin,
        &Place::new(),
        &["run", "gone"],
        FAILED,
        expect![[r#"
        error: cannot read gone: it is not here, and no program of the PATH
         help: check the spelling: it is the folder with your index.html, or a program such as /usr/bin/jq
    "#]],
    );
}

#[test]
fn a_file_for_a_folder() {
    let Some(pipkin) = ready(&[]) else { return };
    let args = ["build", "site/index.html", "-o", "out/a.tar"];
    check_in(
        &pipkin,
        &Place::with_page(),
        &args,
        FAILED,
        expect![[r#"
        error: site/index.html is neither a folder nor a program, which starts with the magic of ELF or with #!
         help: to serve it, give the folder that holds it: site; alone, `pipkin build --server micro` takes it
    "#]],
    );
}

#[test]
fn empty_folder() {
    let Some(pipkin) = ready(&[]) else { return };
    let place = Place::new();
    write(&place.path("site"), ".hidden", "not served");
    check_in(
        &pipkin,
        &place,
        &["build", "site", "-o", "out/a.tar"],
        FAILED,
        expect![[r#"
        error: nothing to serve in folder site: it holds no file
         help: add a file such as index.html; names that start with a dot are left out, except .well-known at the top
    "#]],
    );
}

#[test]
fn unreadable_file() {
    let Some(pipkin) = ready(&["setpriv"]) else { return };
    let place = Place::with_page();
    let page = place.path("site/index.html");
    fs::set_permissions(&page, fs::Permissions::from_mode(0o000)).unwrap();
    let copy = place.path("pipkin");
    fs::copy(pipkin.path(), &copy).unwrap();
    let mut command = unprivileged(&copy);
    command.args(["build", "site", "-o", "out/site.tar"]);
    check_said(
        &run_any(place.prepare(&mut command)),
        FAILED,
        expect![[r#"
        error: cannot read site/index.html: Permission denied (os error 13)
         help: make it readable: chmod -R u+rX site/index.html
    "#]],
    );
    place.check_clean();
}

#[test]
fn name_that_is_not_utf8() {
    let name = OsStr::from_bytes(b"caf\xe9.html");
    check_site(
        |site| fs::write(site.join(name), "").unwrap(),
        expect![[r#"
        error: cannot serve site/caf�.html: its name is not UTF-8
         help: rename it; many at once: convmv -r -f latin1 -t utf8 --notest FOLDER
    "#]],
    );
}

#[test]
fn link_out_of_the_folder() {
    check_site(
        |site| symlink("/dev/null", site.join("hosts")).unwrap(),
        expect![[r#"
        error: cannot follow link site/hosts to /dev/null: that is outside of the folder
         help: replace the link by a copy of what it leads to, or give a folder that holds both
    "#]],
    );
}

#[test]
fn link_loop() {
    let spoil = |site: &Path| {
        symlink("b", site.join("a")).unwrap();
        symlink("a", site.join("b")).unwrap();
    };
    check_site(
        spoil,
        expect![[r#"
        error: cannot follow link site/a: it leads in a circle
         help: remove the link that leads back
    "#]],
    );
}

#[test]
fn link_to_nothing() {
    check_site(
        |site| symlink("gone.txt", site.join("a")).unwrap(),
        expect![[r#"
        error: cannot follow link site/a to gone.txt: nothing is there
         help: remove the link, or put back what it leads to
    "#]],
    );
}

#[test]
fn fifo() {
    let spoil = |site: &Path| drop(run(Command::new("mkfifo").arg(site.join("pipe"))));
    check_site(
        spoil,
        expect![[r#"
        error: cannot serve site/pipe: it is a fifo
         help: move it out of the folder, or give it a name with a dot first
    "#]],
    );
}

#[test]
fn socket() {
    check_site(
        |site| drop(UnixListener::bind(site.join("run")).unwrap()),
        expect![[r#"
        error: cannot serve site/run: it is a socket
         help: move it out of the folder, or give it a name with a dot first
    "#]],
    );
}

#[test]
fn device() {
    if ready(&["root", "mknod"]).is_none() {
        return;
    }
    let spoil = |site: &Path| {
        run(Command::new("mknod").arg(site.join("null")).args(["c", "1", "3"]));
    };
    check_site(
        spoil,
        expect![[r#"
        error: cannot serve site/null: it is a character device
         help: move it out of the folder, or give it a name with a dot first
    "#]],
    );
}

#[test]
fn names_that_differ_in_case_are_two_files() {
    // No two files of a folder answer one path, which this comes closest to.
    let Some(pipkin) = ready(&[]) else { return };
    let place = Place::with_page();
    write(&place.path("site"), "INDEX.HTML", "other");
    let exe = pipkin.exe(&place.path("out"), &place.path("site"), "linux/amd64");
    let port = free_port();
    let server = Server::start(Command::new(exe).arg(format!("127.0.0.1:{port}")), port);
    let mut client = Client::connect(server.address);
    assert_eq!(client.get("/").body, b"hello world\n");
    assert_eq!(client.get("/INDEX.HTML").body, b"other");
}
