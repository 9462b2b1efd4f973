//! The rules of glibc's dynamic linker: the loader of the machine is asked, too.

use std::fs;

use pipkin_closure::Kind;

use crate::lab::{LIBS, Lab, libraries, said, sound};

/// The flag for RPATH instead of RUNPATH.
const OLD: &str = "-Wl,--disable-new-dtags";
/// Where the architecture is in an ELF header, and the word size.
const E_MACHINE_AT: usize = 18;
const EI_CLASS_AT: usize = 4;

/// What is found for the program is `expected`, is what the loader takes, and starts it.
#[track_caller]
fn check(lab: &Lab, program: &str, expected: &[&str]) {
    let closure = lab.find(program).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(libraries(&closure).iter().collect::<Vec<_>>(), expected, "found");
    assert_eq!(lab.loaded(program).iter().collect::<Vec<_>>(), expected, "loaded");
    sound(&closure);
    assert_eq!(said(&closure, &[]), "ran\n");
}

/// What is missing is told in these words.
#[track_caller]
fn check_missing(lab: &Lab, program: &str, expected: &str) {
    let output = lab.traced(program);
    assert!(String::from_utf8_lossy(&output.stdout).contains("=> not found"), "{output:?}");
    assert_eq!(lab.find(program).unwrap_err().to_string(), expected);
}

fn rpath(folders: &str) -> String {
    format!("-Wl,-rpath,{folders}")
}

#[test]
fn an_rpath_is_inherited() {
    let Some(lab) = Lab::new() else { return };
    lab.program("/bin/p", &["liba.so"], &[OLD, &rpath("/opt/p")]);
    lab.library("/opt/p/liba.so", "liba.so", &["libb.so"], &[OLD, &rpath("/opt/a")]);
    lab.library("/opt/a/libb.so", "libb.so", &["libc1.so", "libc2.so"], &[]);
    lab.library("/opt/p/libc1.so", "libc1.so", &[], &[]);
    lab.library("/opt/p/libc2.so", "libc2.so", &[], &[]);
    // The nearer comes first.
    lab.library("/opt/a/libc2.so", "libc2.so", &[], &[]);
    let expected = ["/opt/a/libb.so", "/opt/a/libc2.so", "/opt/p/liba.so", "/opt/p/libc1.so"];
    check(&lab, "/bin/p", &expected);
}

#[test]
fn a_runpath_is_not_inherited() {
    let Some(lab) = Lab::new() else { return };
    lab.program("/bin/p", &["liba.so"], &[&rpath("/opt/p")]);
    lab.library("/opt/p/liba.so", "liba.so", &["libb.so"], &[]);
    lab.library("/opt/p/libb.so", "libb.so", &[], &[]);
    let expected = format!(
        "/opt/p/liba.so, needed by /bin/p, needs libb.so, which is not in {LIBS}, /usr{LIBS}, /lib, \
         /usr/lib"
    );
    check_missing(&lab, "/bin/p", &expected);
    lab.library(&format!("{LIBS}/libb.so"), "libb.so", &[], &[]);
    check(&lab, "/bin/p", &[&format!("{LIBS}/libb.so"), "/opt/p/liba.so"]);
}

/// glibc forgets the RPATHs above for who has a RUNPATH, be it empty.
#[test]
fn a_runpath_hides_the_rpaths_above() {
    let Some(lab) = Lab::new() else { return };
    lab.program("/bin/p", &["liba.so"], &[OLD, &rpath("/opt/p")]);
    lab.library("/opt/p/liba.so", "liba.so", &["libb.so"], &[&rpath("/opt/none")]);
    lab.library("/opt/p/libb.so", "libb.so", &[], &[]);
    let expected = format!(
        "/opt/p/liba.so, needed by /bin/p, needs libb.so, which is not in /opt/none, {LIBS}, \
         /usr{LIBS}, /lib, /usr/lib"
    );
    check_missing(&lab, "/bin/p", &expected);
}

/// One below that has neither asks those above again, over the head of who has a RUNPATH.
#[test]
fn below_a_runpath_rpaths_count_again() {
    let Some(lab) = Lab::new() else { return };
    lab.program("/bin/p", &["liba.so"], &[OLD, &rpath("/opt/p")]);
    lab.library("/opt/p/liba.so", "liba.so", &["libb.so"], &[&rpath("/opt/a")]);
    lab.library("/opt/a/libb.so", "libb.so", &["libc1.so"], &[]);
    lab.library("/opt/p/libc1.so", "libc1.so", &[], &[]);
    lab.library("/opt/a/libc1.so", "libc1.so", &[], &[]);
    check(&lab, "/bin/p", &["/opt/a/libb.so", "/opt/p/liba.so", "/opt/p/libc1.so"]);
}

/// An object with both: the RUNPATH alone counts. Linkers no longer write both, so the bytes of
/// a `DT_DEBUG` are made one.
#[test]
fn a_runpath_hides_the_rpath_beside_it() {
    let Some(lab) = Lab::new() else { return };
    lab.program("/bin/p", &["liba.so"], &[OLD, &rpath("/opt/p")]);
    lab.library("/opt/p/liba.so", "liba.so", &[], &[]);
    let path = lab.at("/bin/p");
    let mut bytes = fs::read(&path).unwrap();
    let rpath_at = tag_at(&bytes, 15);
    let debug_at = tag_at(&bytes, 21);
    let soname_value = bytes[rpath_at + 8..rpath_at + 16].to_vec();
    bytes[debug_at..debug_at + 8].copy_from_slice(&29_u64.to_le_bytes());
    // The end of the same text: `opt/p`, which is another folder.
    let value = u64::from_le_bytes(soname_value.try_into().unwrap()) + 1;
    bytes[debug_at + 8..debug_at + 16].copy_from_slice(&value.to_le_bytes());
    fs::write(&path, bytes).unwrap();
    lab.library("/other/liba.so", "liba.so", &[], &[]);
    // The folder is relative, to the one that the program starts in: the root here.
    check(&lab, "/bin/p", &["/opt/p/liba.so"]);
    let closure = lab.find("/bin/p").unwrap();
    let reason = &closure.entries["/opt/p/liba.so"].reason;
    assert_eq!(reason.to_string(), "needed by /bin/p (liba.so, in opt/p, RUNPATH of /bin/p)");
}

/// Where the entry of `tag` is in the dynamic section of a little endian file of 64 bits.
fn tag_at(bytes: &[u8], tag: u64) -> usize {
    let word = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
    let headers = word(32) as usize;
    let dynamic = (0..).map(|n| headers + n * 56).find(|at| bytes[*at] == 2).unwrap();
    let at = word(dynamic + 8) as usize;
    (0..).map(|n| at + n * 16).find(|at| word(*at) == tag).unwrap()
}

#[test]
fn tokens() {
    let Some(lab) = Lab::new() else { return };
    let folders = "$ORIGIN/../a:${ORIGIN}/b:/l/$LIB:/l2/${LIB}x:/$LIBX:/$ORIGINAL:/$NONE/c:/x$$LIB";
    lab.program(
        "/opt/bin/p",
        &["liba.so", "libb.so", "libl.so", "libm.so", "libn.so", "libo.so", "libq.so", "libr.so"],
        &[&rpath(folders)],
    );
    let mut expected =
        vec!["/opt/a/liba.so", "/opt/bin/b/libb.so", "/l/lib/x86_64-linux-gnu/libl.so"];
    expected.extend(["/l2/lib/x86_64-linux-gnux/libm.so", "/$LIBX/libn.so", "/$ORIGINAL/libo.so"]);
    expected.extend(["/$NONE/c/libq.so", "/x$lib/x86_64-linux-gnu/libr.so"]);
    for path in &expected {
        lab.library(path, path.rsplit('/').next().unwrap(), &[], &[]);
    }
    expected.sort_unstable();
    check(&lab, "/opt/bin/p", &expected);
}

/// The folder of a library is the one in which it was found; that of a program is the true one.
#[test]
fn origin_by_way_of_links() {
    let Some(lab) = Lab::new() else { return };
    lab.program("/opt/true/p", &["liba.so"], &[&rpath("$ORIGIN/lib")]);
    lab.link("/bin/p", "/opt/true/p");
    lab.link("/opt/true/lib", "../seen");
    lab.link("/opt/seen/liba.so", "../hidden/liba.so.1");
    lab.library("/opt/hidden/liba.so.1", "liba.so", &["libb.so"], &[&rpath("$ORIGIN")]);
    lab.library("/opt/hidden/libb.so", "libb.so", &[], &[]);
    lab.library("/opt/seen/libb.so", "libb.so", &[], &[]);
    lab.library("/bin/lib/liba.so", "liba.so", &[], &[]);
    check(&lab, "/bin/p", &["/opt/hidden/liba.so.1", "/opt/seen/libb.so"]);
}

#[test]
fn empty_and_relative_folders() {
    let Some(lab) = Lab::new() else { return };
    lab.program("/bin/p", &["liba.so", "libb.so"], &[&rpath(":/opt/a::rel:")]);
    lab.library("/opt/a/liba.so", "liba.so", &[], &[]);
    lab.library("/rel/libb.so", "libb.so", &[], &[]);
    check(&lab, "/bin/p", &["/opt/a/liba.so", "/rel/libb.so"]);
}

/// An empty part is the folder that the program is started in: that of the image.
#[test]
fn an_empty_folder_is_the_one_started_in() {
    let Some(lab) = Lab::new() else { return };
    lab.program("/bin/p", &["liba.so"], &[&rpath("/opt/none::/opt/a")]);
    lab.library("/liba.so", "liba.so", &[], &[]);
    lab.library("/opt/a/liba.so", "liba.so", &[], &[]);
    check(&lab, "/bin/p", &["/liba.so"]);
}

#[test]
fn names_with_slashes() {
    let Some(lab) = Lab::new() else { return };
    let names = ["/opt/x/liba.so", "$ORIGIN/../lib/libb.so", "opt/x/libd.so"];
    lab.program("/opt/bin/p", &names, &[]);
    lab.link("/bin/p", "../opt/bin/p");
    lab.library("/opt/x/liba.so", "liba.so", &["$ORIGIN/libe.so", "libb.so"], &[]);
    lab.library("/opt/lib/libb.so", "libb.so", &[], &[]);
    lab.library("/opt/x/libd.so", "", &[], &[]);
    lab.library("/opt/x/libe.so", "", &[], &[]);
    let expected = ["/opt/lib/libb.so", "/opt/x/liba.so", "/opt/x/libd.so", "/opt/x/libe.so"];
    check(&lab, "/bin/p", &expected);
}

#[test]
fn circles() {
    let Some(lab) = Lab::new() else { return };
    lab.program("/bin/p", &["liba.so"], &[OLD, &rpath("/l")]);
    lab.library("/l/liba.so", "liba.so", &["libb.so", "liba.so"], &[]);
    lab.library("/l/libb.so", "libb.so", &["liba.so"], &[]);
    check(&lab, "/bin/p", &["/l/liba.so", "/l/libb.so"]);
}

/// The first library of a soname serves all who ask for that name, wherever they would look.
#[test]
fn the_first_of_a_soname_is_taken() {
    let Some(lab) = Lab::new() else { return };
    lab.program("/bin/p", &["/l1/a.so", "liba.so", "libb.so"], &[&rpath("/l2")]);
    lab.library("/l1/a.so", "liba.so", &[], &[]);
    lab.library("/l2/liba.so", "liba.so", &[], &[]);
    lab.library("/l2/libb.so", "libb.so", &["liba.so"], &[&rpath("/l2")]);
    check(&lab, "/bin/p", &["/l1/a.so", "/l2/libb.so"]);
}

/// Without a soname a library is known by the name that was asked for, and as the same file.
#[test]
fn a_library_without_a_soname() {
    let Some(lab) = Lab::new() else { return };
    lab.program("/bin/p", &["liba.so", "libb.so", "/l/link.so"], &[&rpath("/l")]);
    lab.library("/l/liba.so", "", &[], &[]);
    lab.link("/l/link.so", "liba.so");
    lab.library("/l/libb.so", "libb.so", &["liba.so"], &[]);
    check(&lab, "/bin/p", &["/l/liba.so", "/l/libb.so"]);
}

/// Found by a link, asked for by its soname then.
#[test]
fn a_soname_that_is_not_the_name() {
    let Some(lab) = Lab::new() else { return };
    lab.program("/bin/p", &["libother.so", "libtrue.so.1"], &[&rpath("/l")]);
    lab.library("/l/libother.so", "libtrue.so.1", &[], &[]);
    check(&lab, "/bin/p", &["/l/libother.so"]);
}

#[test]
fn of_another_architecture() {
    let Some(lab) = Lab::new() else { return };
    lab.program("/bin/p", &["liba.so", "libb.so"], &[&rpath("/l1:/l2")]);
    for (name, at, value) in [("liba.so", E_MACHINE_AT, 183), ("libb.so", EI_CLASS_AT, 1)] {
        lab.library(&format!("/l2/{name}"), name, &[], &[]);
        let mut bytes = fs::read(lab.at(&format!("/l2/{name}"))).unwrap();
        bytes[at] = value;
        fs::write(lab.at(&format!("/l1/{name}")), bytes).unwrap();
    }
    check(&lab, "/bin/p", &["/l2/liba.so", "/l2/libb.so"]);
    // A folder of that name, too.
    fs::remove_file(lab.at("/l1/liba.so")).unwrap();
    fs::create_dir(lab.at("/l1/liba.so")).unwrap();
    let closure = lab.find("/bin/p").unwrap();
    assert!(libraries(&closure).contains("/l2/liba.so"));
}

/// The loader gives up on text where a library should be. We go on as for another architecture, so
/// the image runs where the host does not.
#[test]
fn text_in_place_of_a_library() {
    let Some(lab) = Lab::new() else { return };
    lab.program("/bin/p", &["liba.so"], &[&rpath("/l1:/l2")]);
    let script = "/* GNU ld script */\nGROUP ( /l2/liba.so )\n".repeat(3);
    lab.write("/l1/liba.so", &script);
    lab.library("/l2/liba.so", "liba.so", &[], &[]);
    let output = lab.run(&["/bin/p"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("/l1/liba.so: invalid ELF header"), "{said}");
    let closure = lab.find("/bin/p").unwrap();
    assert_eq!(libraries(&closure).iter().collect::<Vec<_>>(), ["/l2/liba.so"]);
}

/// `-z nodefaultlib` is of who asks.
#[test]
fn without_default_folders() {
    let Some(lab) = Lab::new() else { return };
    let none = "-Wl,-z,nodefaultlib";
    let paths = rpath(&format!("/l:{LIBS}/none"));
    lab.program("/bin/p", &["liba.so"], &[&paths]);
    lab.library("/l/liba.so", "liba.so", &["libb.so"], &[none]);
    lab.library(&format!("{LIBS}/libb.so"), "libb.so", &[], &[]);
    let expected = "/l/liba.so, needed by /bin/p, needs libb.so, which is not in any folder";
    check_missing(&lab, "/bin/p", expected);
    lab.ldconfig();
    check_missing(&lab, "/bin/p", expected);
    // A folder of the cache that is no default is one for it, too.
    lab.write("/etc/ld.so.conf", "/conf\n");
    lab.library("/conf/libb.so", "libb.so", &[], &[]);
    fs::remove_file(lab.at(&format!("{LIBS}/libb.so"))).unwrap();
    lab.ldconfig();
    check(&lab, "/bin/p", &["/conf/libb.so", "/l/liba.so"]);
}

#[test]
fn folders_of_the_cache() {
    let Some(lab) = Lab::new() else { return };
    lab.write("/etc/ld.so.conf", "include /etc/ld.so.conf.d/*.conf\n");
    lab.write("/etc/ld.so.conf.d/x.conf", "/opt/conf\n");
    lab.program("/bin/p", &["liba.so.9", "liba.so.10", "libb.so"], &[]);
    lab.library("/opt/conf/liba.so.9", "liba.so.9", &[], &[]);
    lab.library("/opt/conf/liba.so.10", "liba.so.10", &[], &[]);
    lab.library(&format!("{LIBS}/libb.so"), "libb.so", &[], &[]);
    // The cache comes before the default folders.
    lab.library("/opt/conf/libb.so", "libb.so", &[], &[]);
    lab.ldconfig();
    let all = ["/opt/conf/liba.so.10", "/opt/conf/liba.so.9", "/opt/conf/libb.so"];
    check(&lab, "/bin/p", &all);
    let closure = lab.find("/bin/p").unwrap();
    assert_eq!(closure.entries["/etc/ld.so.cache"].reason.kind, Kind::Named);
    // Where ldconfig has not run yet, what it would find is taken.
    fs::remove_file(lab.at("/etc/ld.so.cache")).unwrap();
    let closure = lab.find("/bin/p").unwrap();
    assert_eq!(libraries(&closure).iter().collect::<Vec<_>>(), all);
    sound(&closure);
    assert_eq!(said(&closure, &[]), "ran\n");
}

/// A cache that names a file that is gone: the default folders are searched then.
#[test]
fn a_stale_cache() {
    let Some(lab) = Lab::new() else { return };
    lab.write("/etc/ld.so.conf", "/conf\n");
    lab.program("/bin/p", &["liba.so"], &[]);
    lab.library("/conf/liba.so", "liba.so", &[], &[]);
    lab.ldconfig();
    fs::remove_file(lab.at("/conf/liba.so")).unwrap();
    lab.library("/usr/lib/liba.so", "liba.so", &[], &[]);
    check(&lab, "/bin/p", &["/usr/lib/liba.so"]);
}

/// What runs on every processor is taken, though this one could have better.
#[test]
fn variants_for_processors() {
    let Some(lab) = Lab::new() else { return };
    lab.program("/bin/p", &["liba.so", "libb.so"], &[&rpath("/l")]);
    lab.library("/l/liba.so", "liba.so", &[], &[]);
    lab.library("/l/glibc-hwcaps/x86-64-v2/liba.so", "liba.so", &[], &[]);
    lab.library("/l/glibc-hwcaps/x86-64-v3/libb.so", "libb.so", &[], &[]);
    lab.library("/l/glibc-hwcaps/x86-64-v2/libb.so", "libb.so", &[], &[]);
    let closure = lab.find("/bin/p").unwrap();
    let v2 = |name: &str| format!("/l/glibc-hwcaps/x86-64-v2/{name}");
    let expected = [v2("libb.so"), "/l/liba.so".into()];
    assert_eq!(libraries(&closure).into_iter().collect::<Vec<_>>(), expected);
    let left: Vec<_> = closure.left.iter().map(|left| (&*left.name, &*left.because)).collect();
    assert_eq!(left, [(&*v2("liba.so"), "/l/liba.so runs on every processor")]);
    sound(&closure);
    assert_eq!(said(&closure, &[]), "ran\n");
}

/// The same by way of the cache, for folders that are no default.
#[test]
fn variants_of_the_cache() {
    let Some(lab) = Lab::new() else { return };
    lab.write("/etc/ld.so.conf", "/conf\n");
    lab.program("/bin/p", &["liba.so", "libb.so"], &[]);
    lab.library("/conf/liba.so", "liba.so", &[], &[]);
    lab.library("/conf/glibc-hwcaps/x86-64-v2/liba.so", "liba.so", &[], &[]);
    lab.library("/conf/glibc-hwcaps/x86-64-v2/libb.so", "libb.so", &[], &[]);
    lab.ldconfig();
    let closure = lab.find("/bin/p").unwrap();
    let expected = ["/conf/glibc-hwcaps/x86-64-v2/libb.so", "/conf/liba.so"];
    assert_eq!(libraries(&closure).iter().collect::<Vec<_>>(), expected);
    sound(&closure);
    assert_eq!(said(&closure, &[]), "ran\n");
}

/// A root in which `/lib` is a link, as in most.
#[test]
fn merged_folders() {
    let Some(lab) = Lab::new() else { return };
    fs::create_dir_all(lab.at("/usr/x")).unwrap();
    fs::rename(lab.at("/lib"), lab.at("/usr/lib")).unwrap();
    fs::rename(lab.at("/lib64"), lab.at("/usr/lib64")).unwrap();
    lab.link("/lib", "usr/lib");
    lab.link("/lib64", "/usr/lib64");
    lab.program("/usr/bin/p", &["liba.so.1"], &[]);
    lab.link("/bin", "usr/bin");
    lab.link(&format!("/usr{LIBS}/liba.so.1"), "liba.so.1.2");
    lab.library(&format!("/usr{LIBS}/liba.so.1.2"), "liba.so.1", &[], &[]);
    check(&lab, "/bin/p", &[&format!("/usr{LIBS}/liba.so.1.2")]);
}
