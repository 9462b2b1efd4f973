//! What is somebody's is neither replaced nor published by a build.

use std::fs;

use e2e::{ready, run, run_any, write};
use expect_test::expect;

use crate::place::{FAILED, Place, USAGE, check_said};

#[test]
fn a_folder_that_only_looks_like_ours() {
    let Some(pipkin) = ready(&[]) else { return };
    let place = Place::with_page();
    write(&place.path("out"), "layout/oci-layout", "{}");
    write(&place.path("out"), "layout/thesis.txt", "years");
    write(&place.path("out"), "rootfs/site/thesis.txt", "years");
    for (output, said) in [
        (
            "type=oci,dest=out/layout",
            expect![[r#"
                error: cannot write out/layout: it holds something else
                 help: give another path, or remove it first
            "#]],
        ),
        (
            "type=dir,dest=out/rootfs",
            expect![[r#"
                error: cannot write out/rootfs: it holds something else
                 help: give another path, or remove it first
            "#]],
        ),
    ] {
        let mut command = pipkin.command(place.folder.path(), ["build", "site", "-o", output]);
        check_said(&run_any(place.prepare(&mut command)), FAILED, said);
    }
    assert_eq!(fs::read_to_string(place.path("out/rootfs/site/thesis.txt")).unwrap(), "years");
}

/// A build with other flags takes the place of an earlier one; what else has its name is kept.
#[test]
fn a_root_of_a_golfed_build() {
    let Some(pipkin) = ready(&[]) else { return };
    let place = Place::with_page();
    let build = |more: &[&str]| {
        let args = [&["build", "site", "-o", "type=dir,dest=out/rootfs"], more].concat();
        run_any(place.prepare(&mut pipkin.command(place.folder.path(), args)))
    };
    for (more, path) in [(&["--golf"][..], "a"), (&[], "site"), (&["--golf"], "a")] {
        assert_eq!(build(more).status.code(), Some(0), "{more:?}");
        assert!(place.path("out/rootfs").join(path).is_file());
    }
    write(&place.path("out"), "rootfs/a", "years");
    for more in [&["--golf"][..], &[]] {
        assert_eq!(build(more).status.code(), Some(FAILED), "{more:?}");
    }
    assert_eq!(fs::read_to_string(place.path("out/rootfs/a")).unwrap(), "years");
}

#[test]
fn the_folder_to_serve() {
    let Some(pipkin) = ready(&[]) else { return };
    let place = Place::new();
    write(&place.path("out"), "site/index.html", "hello\n");
    let args = ["build", "out/site", "-o", "type=dir,dest=out"];
    let done = run_any(place.prepare(&mut pipkin.command(place.folder.path(), args)));
    assert_ne!(done.status.code(), Some(0));
    assert_eq!(fs::read_to_string(place.path("out/site/index.html")).unwrap(), "hello\n");
}

#[test]
fn an_archive_in_the_folder_is_not_of_the_site() {
    let Some(pipkin) = ready(&[]) else { return };
    let place = Place::with_page();
    let args = ["build", "site", "-o", "site/site.tar"];
    let build = || run(place.prepare(&mut pipkin.command(place.folder.path(), args)));
    let first = build();
    assert!(place.path("site/site.tar").is_file());
    assert_eq!(build(), first, "the second build packs the first");
}

#[test]
fn a_link_stays_a_link() {
    let Some(pipkin) = ready(&[]) else { return };
    let place = Place::with_page();
    fs::write(place.path("out/real.tar"), "old").unwrap();
    std::os::unix::fs::symlink("real.tar", place.path("out/link.tar")).unwrap();
    let args = ["build", "site", "-o", "out/link.tar"];
    run(place.prepare(&mut pipkin.command(place.folder.path(), args)));
    assert!(place.path("out/link.tar").is_symlink());
    assert!(fs::metadata(place.path("out/real.tar")).unwrap().len() > 1000);
}

#[test]
fn a_device_stays_a_device() {
    let Some(pipkin) = ready(&["mkfifo"]) else { return };
    let place = Place::with_page();
    let fifo = place.path("out/fifo");
    run(std::process::Command::new("mkfifo").arg(&fifo));
    let reader = std::thread::spawn({
        let fifo = fifo.clone();
        move || fs::read(fifo).unwrap().len()
    });
    let args = ["build", "site", "-o", "out/fifo"];
    run(place.prepare(&mut pipkin.command(place.folder.path(), args)));
    assert!(!fifo.is_file(), "it is still a fifo");
    assert!(reader.join().unwrap() > 1000, "its reader has the archive");
}

#[test]
fn one_output_is_not_another() {
    let Some(pipkin) = ready(&[]) else { return };
    let place = Place::with_page();
    let args = ["build", "site", "-o", "out/x", "-o", "type=exe,dest=./out/x"];
    let mut command = pipkin.command(place.folder.path(), args);
    check_said(
        &run_any(place.prepare(&mut command)),
        USAGE,
        expect![[r#"
            error: two outputs go to ./out/x
        "#]],
    );
    place.check_clean();
}
