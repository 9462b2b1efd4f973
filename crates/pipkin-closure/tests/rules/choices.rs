//! What the user asks for and leaves, and what holds for every closure.

use std::fs;
use std::time::{Duration, Instant};

use pipkin_closure::{Body, Closure, Include, Kind, Settings, find};

use crate::lab::{LIBS, Lab, libraries, said, sound};

/// `--include PATH[:DEST]`.
fn included(kind: Kind, text: &str) -> Include {
    let (path, dest) = text.split_once(':').map_or((text, None), |(path, dest)| (path, Some(dest)));
    Include { path: path.into(), dest: dest.map(String::from), kind, detail: String::new() }
}

fn with(lab: &Lab, include: &[&str], exclude: &[&str]) -> Settings {
    let include = include.iter().map(|text| included(Kind::Included, text)).collect();
    let exclude = exclude.iter().copied().map(String::from).collect();
    Settings { include, exclude, ..lab.settings() }
}

/// The closure of `/p`; it is sound, and the same each time.
#[track_caller]
fn closure(settings: &Settings) -> Closure {
    let closure = find("/p", settings).unwrap_or_else(|error| panic!("{error}"));
    let again = find("/p", settings).unwrap();
    assert_eq!(format!("{closure:?}"), format!("{again:?}"));
    sound(&closure);
    assert_eq!(said(&closure, &[]), "ran\n");
    closure
}

/// The paths below `folder`, links with their targets, folders with a slash.
fn below(closure: &Closure, folder: &str) -> Vec<String> {
    let entries = closure.entries.iter().filter(|(path, _)| path.starts_with(folder));
    let shown = entries.map(|(path, entry)| match &entry.body {
        Body::Link(target) => format!("{path} -> {target}"),
        Body::Folder(_) => format!("{path}/"),
        _ => path.clone(),
    });
    shown.collect()
}

fn lab() -> Option<Lab> {
    let lab = Lab::new()?;
    lab.program("/p", &[], &[]);
    Some(lab)
}

#[test]
fn files_and_folders() {
    let Some(lab) = lab() else { return };
    lab.write("/data/a", "a");
    lab.write("/data/sub/b", "b");
    lab.link("/data/c", "sub/b");
    lab.link("/data/z", "sub");
    lab.link("/data/gone", "/none");
    lab.link("/data/sub/up", "..");
    fs::create_dir(lab.at("/data/empty")).unwrap();
    lab.link("/way", "data");
    let expected = ["/data/a", "/data/c -> sub/b", "/data/empty/", "/data/gone -> /none"];
    let more = ["/data/sub/b", "/data/sub/up -> ..", "/data/z -> sub"];
    let expected = [&expected[..], &more].concat();
    assert_eq!(below(&closure(&with(&lab, &["/data"], &[])), "/data"), expected);
    let by_link = closure(&with(&lab, &["/way"], &[]));
    assert_eq!(below(&by_link, "/data"), expected);
    assert_eq!(below(&by_link, "/way"), ["/way -> data"]);
    let file = closure(&with(&lab, &["/way/c"], &[]));
    assert_eq!(below(&file, "/data"), ["/data/c -> sub/b", "/data/sub/b"]);
    let left = closure(&with(&lab, &["/data"], &["*/sub", "/data/c", "empty"]));
    assert_eq!(below(&left, "/data"), ["/data/a", "/data/gone -> /none"]);
}

#[test]
fn to_another_place() {
    let Some(lab) = lab() else { return };
    lab.write("/data/a", "a");
    lab.write("/data/sub/b", "b");
    lab.link("/data/z", "sub");
    lab.link("/data/sub/up", "..");
    lab.link("/data/gone", "/none");
    let to = |dest: &str| closure(&with(&lab, &[&format!("/data:{dest}")], &[]));
    let expected =
        ["/new/a", "/new/gone -> /none", "/new/sub/b", "/new/sub/up -> /new", "/new/z -> /new/sub"];
    assert_eq!(below(&to("/new"), "/new"), expected);
    assert_eq!(below(&to("new"), "/new"), expected);
    assert_eq!(below(&to("//new/./x/../"), "/new"), expected);
    let file = closure(&with(&lab, &["/data/sub/b:/etc/b"], &[]));
    assert_eq!(below(&file, "/etc"), ["/etc/b"]);
    // `..` stops at the root, as everywhere.
    let file = closure(&with(&lab, &["/data/sub/b:/../../x"], &[]));
    assert_eq!(below(&file, "/x"), ["/x"]);
}

/// Folders that lead to each other are each copied once.
#[test]
fn folders_in_circles() {
    let Some(lab) = lab() else { return };
    for (path, target) in [("/data/a/x", "../b"), ("/data/b/y", "../a"), ("/data/b/z", "..")] {
        lab.link(path, target);
    }
    let closure = closure(&with(&lab, &["/data:/new"], &[]));
    assert!(closure.entries.len() < 20, "{:?}", below(&closure, "/new"));
}

/// A place below what is a link in the image is where that link leads.
#[test]
fn to_a_place_behind_a_link() {
    let Some(lab) = lab() else { return };
    fs::create_dir_all(lab.at("/usr")).unwrap();
    fs::rename(lab.at("/lib"), lab.at("/usr/lib")).unwrap();
    lab.link("/lib", "usr/lib");
    lab.write("/a", "a");
    let closure = closure(&with(&lab, &["/a:/lib/deep/a"], &[]));
    assert_eq!(below(&closure, "/usr/lib/deep"), ["/usr/lib/deep/a"]);
}

#[test]
fn programs_and_libraries() {
    let Some(lab) = lab() else { return };
    lab.copy("/bin/sh");
    lab.program("/q", &["liba.so"], &["-Wl,-rpath,$ORIGIN/l"]);
    lab.library("/l/liba.so", "liba.so", &["libb.so"], &["-Wl,-rpath,$ORIGIN"]);
    lab.library("/l/libb.so", "libb.so", &[], &[]);
    let expected = ["/l/liba.so", "/l/libb.so"];
    let program = closure(&with(&lab, &["/q"], &[]));
    assert_eq!(libraries(&program).iter().collect::<Vec<_>>(), expected);
    let library = closure(&with(&lab, &["/l/liba.so"], &[]));
    assert_eq!(libraries(&library).iter().collect::<Vec<_>>(), expected);
    assert_eq!(library.entries["/l/liba.so"].reason.to_string(), "asked for");
    let why = library.why("/l/libb.so").unwrap();
    assert_eq!(why.iter().map(|(path, _)| *path).collect::<Vec<_>>(), ["/l/libb.so", "/l/liba.so"]);
    // A script brings its interpreter, and does not make the program one.
    lab.executable("/s", "#!/bin/sh\n");
    let script = closure(&with(&lab, &["/s"], &[]));
    assert!(script.entries.contains_key("/bin/sh"));
    assert_eq!((script.is_script(), script.program.as_str()), (false, "/p"));
    lab.executable("/t", "#!/none\n");
    let script = closure(&with(&lab, &["/t"], &[]));
    assert_eq!(script.warnings, ["/t is run by /none, which is not there"]);
}

#[test]
fn what_is_not_there() {
    let Some(lab) = lab() else { return };
    let error = find("/p", &with(&lab, &["/none"], &[])).unwrap_err();
    assert_eq!(error.to_string(), "there is no /none");
    // A trace tells what was there.
    let include = vec![included(Kind::Traced, "/none")];
    let closure = closure(&Settings { include, ..lab.settings() });
    let left: Vec<_> = closure.left.iter().map(|left| (&*left.name, &*left.because)).collect();
    assert_eq!(left, [("/none", "it is not there any more")]);
}

/// A library that is loaded by its path is there for all who need it by its name.
#[test]
fn libraries_that_come_later() {
    let Some(lab) = lab() else { return };
    lab.library("/l/liba.so", "liba.so", &["libb.so"], &[]);
    lab.library("/m/libb.so", "libb.so", &[], &[]);
    let warnings = |paths: &[&str]| {
        let include = paths.iter().map(|path| included(Kind::Traced, path)).collect();
        closure(&Settings { include, ..lab.settings() }).warnings
    };
    assert_eq!(warnings(&["/l/liba.so", "/m/libb.so"]), [""; 0]);
    let warning = "/l/liba.so, needed by /p, needs libb.so, which is not in";
    assert!(warnings(&["/l/liba.so"])[0].starts_with(warning));
}

/// What a traced compiler links has its bytes alone, and is nothing to worry about.
#[test]
fn object_files() {
    let Some(lab) = lab() else { return };
    lab.c("/crt.o", "int a;", &["-c"]);
    let include = vec![included(Kind::Traced, "/crt.o")];
    let closure = closure(&Settings { include, ..lab.settings() });
    assert!(closure.entries.contains_key("/crt.o"));
    assert_eq!(closure.warnings, [""; 0]);
}

/// Left is what only it asks for, too.
#[test]
fn excluded_libraries() {
    let Some(lab) = Lab::new() else { return };
    lab.program("/p", &[], &[]);
    lab.program("/q", &["liba.so.1", "libd.so"], &["-Wl,-rpath,/l"]);
    lab.link("/l", "/usr/l");
    lab.link("/usr/l/liba.so.1", "liba.so.1.2");
    lab.library("/usr/l/liba.so.1.2", "liba.so.1", &["libb.so"], &["-Wl,-rpath,/l"]);
    lab.library("/usr/l/libb.so", "libb.so", &[], &[]);
    lab.library("/usr/l/libd.so", "libd.so", &[], &[]);
    let names =
        ["liba.so.1", "/l/liba.so.1", "/usr/l/liba.so.1", "/usr/l/liba.so.1.2", "**/liba.*"];
    for name in names {
        let closure = find("/q", &with(&lab, &[], &[name])).unwrap();
        sound(&closure);
        assert_eq!(libraries(&closure).iter().collect::<Vec<_>>(), ["/usr/l/libd.so"], "{name}");
        assert_eq!(closure.left.len(), 1, "{:?}", closure.left);
        assert_eq!(closure.left[0].because, format!("--exclude {name}"));
        let warning = "/q needs liba.so.1, which --exclude leaves: /q does not start without it";
        assert_eq!(closure.warnings, [warning]);
    }
}

#[test]
fn the_program_cannot_be_excluded() {
    let Some(lab) = lab() else { return };
    let error = find("/p", &with(&lab, &[], &["/p"])).unwrap_err();
    assert_eq!(error.to_string(), "/p is the program itself: --exclude /p");
}

/// The chain of what lies behind a link, and of the way there.
#[test]
fn chains() {
    let Some(lab) = Lab::new() else { return };
    lab.program("/opt/p", &["liba.so"], &["-Wl,-rpath,/way"]);
    lab.link("/bin/p", "/opt/p");
    lab.link("/way", "l/x/../");
    fs::create_dir_all(lab.at("/l/x")).unwrap();
    lab.library("/l/liba.so", "liba.so", &[], &[]);
    let closure = lab.find("/bin/p").unwrap();
    sound(&closure);
    let chain = |path: &str| -> Vec<String> {
        let chain = closure.why(path).unwrap();
        chain.iter().map(|(path, reason)| format!("{path}: {reason}")).collect()
    };
    assert_eq!(chain("/bin/p"), ["/bin/p: on the way to /opt/p", "/opt/p: the program"]);
    let of_library = "/l/liba.so: needed by /opt/p (liba.so, in /way, RUNPATH of /bin/p)";
    assert_eq!(chain("/l/liba.so"), [of_library, "/opt/p: the program"]);
    assert_eq!(
        chain("/way"),
        ["/way: on the way to /l/liba.so", of_library, "/opt/p: the program"]
    );
    assert_eq!(closure.why("/none"), None);
}

/// What a trace saw of the loader's own cache is no reason to keep all of it.
#[test]
fn a_traced_cache_is_made_anew() {
    let Some(lab) = lab() else { return };
    lab.write("/etc/ld.so.conf", "/conf\n");
    lab.library("/conf/liba.so", "liba.so", &[], &[]);
    lab.library("/conf/libb.so", "libb.so", &[], &[]);
    lab.program("/p", &["liba.so"], &[]);
    lab.ldconfig();
    let include = vec![included(Kind::Traced, "/etc/ld.so.cache")];
    let closure = closure(&Settings { include, ..lab.settings() });
    let Body::Made(bytes) = &closure.entries["/etc/ld.so.cache"].body else { panic!() };
    let text = String::from_utf8_lossy(bytes);
    assert!(text.contains("/conf/liba.so") && !text.contains("/conf/libb.so"), "{text}");
}

/// The libraries of one program that is a chain of them, and of one that asks for all at once.
#[test]
fn many_libraries_take_no_time() {
    const COUNT: usize = 400;
    let Some(lab) = Lab::new() else { return };
    let long = format!("/l:{}", (0..50).map(|n| format!("/none{n}:")).collect::<String>());
    let long = format!("-Wl,--disable-new-dtags,-rpath,{long}");
    lab.program("/p", &["lib000.so"], &[&long]);
    // The names differ in three digits only, so one link is enough.
    lab.library("/first.so", "lib000.so", &["lib001.so"], &[&long]);
    let bytes = fs::read(lab.at("/first.so")).unwrap();
    let replaced = |from: &str, to: &str, bytes: &[u8]| -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        let found =
            (0..bytes.len() - from.len()).filter(|at| bytes[*at..].starts_with(from.as_bytes()));
        for at in found.collect::<Vec<_>>() {
            bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
        }
        bytes
    };
    for number in 0..COUNT {
        let next = replaced("lib001.so", &format!("lib{:03}.sx", (number + 1) % COUNT), &bytes);
        let own = replaced("lib000.so", &format!("lib{number:03}.so"), &next);
        let bytes = replaced(".sx", ".so", &own);
        fs::write(lab.at(&format!("/l/lib{number:03}.so")), bytes).unwrap();
    }
    let start = Instant::now();
    let closure = lab.find("/p").unwrap();
    assert_eq!(libraries(&closure).len(), COUNT);
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

/// A file of 1 TB with nothing in it.
#[test]
fn files_that_are_too_large() {
    let Some(lab) = lab() else { return };
    lab.program("/q", &["liba.so"], &["-Wl,-rpath,/l,-z,nodefaultlib"]);
    lab.library("/l/liba.so", "liba.so", &[], &[]);
    let large = fs::OpenOptions::new().write(true).open(lab.at("/l/liba.so")).unwrap();
    large.set_len(1 << 40).unwrap();
    assert!(lab.find("/q").is_err());
    let large = fs::File::create(lab.at("/etc/ld.so.conf")).unwrap();
    large.set_len(1 << 40).unwrap();
    let large = fs::File::create(lab.at(&format!("{LIBS}/gconv/gconv-modules"))).unwrap();
    large.set_len(1 << 40).unwrap();
    closure(&lab.settings());
}
