//! What launchers set and tell, for closures that are made here.

use std::collections::BTreeMap;

use pipkin_closure::{Body, Closure, Entry, Kind as Reason, Reason as Because};
use pipkin_elf::Architecture;
use pipkin_format::launch::Kind;

use super::super::edit::Edits;
use super::super::{recipe, variables};

/// A closure with files at these paths, which are there for that reason.
fn closure(files: &[(&str, Reason)]) -> Closure {
    let entry = |(path, kind): &(&str, Reason)| {
        let body = Body::File { source: "/dev/null".into(), mode: 0o755, bytes: 0 };
        ((*path).into(), Entry { body, reason: Because::start(*kind, "") })
    };
    Closure {
        program: "/usr/bin/app".into(),
        architecture: Architecture { e_machine: 62, is_64: true, is_big_endian: false },
        interpreter: Vec::new(),
        env: Vec::new(),
        entries: files.iter().map(entry).collect(),
        left: Vec::new(),
        warnings: Vec::new(),
    }
}

#[track_caller]
fn check(paths: &[&str], expected: &[(Kind, &str)]) {
    let files: Vec<_> = paths.iter().map(|path| (*path, Reason::Traced)).collect();
    let steps = variables::steps(&closure(&files), Edits::new(&BTreeMap::new()));
    let steps: Vec<_> =
        steps.iter().map(|(kind, text)| (*kind, text.replace('\u{1}', "*"))).collect();
    let expected: Vec<_> = expected.iter().map(|(kind, text)| (*kind, (*text).into())).collect();
    assert_eq!(steps, expected);
}

#[test]
fn variables_for_data_that_is_there() {
    use Kind::{FrontVariable, Unless, Variable};
    check(&["/usr/bin/app", "/usr/lib/libc.so.6"], &[]);
    check(
        &["/usr/lib/x/gconv/UTF-16.so", "/usr/lib/x/gconv/UTF-7.so"],
        &[(Variable, "GCONV_PATH=*/rootfs/usr/lib/x/gconv")],
    );
    let locale = "/usr/lib/locale";
    check(
        &["/usr/lib/locale/C.utf8/LC_TIME", "/usr/lib/localeless/x"],
        &[
            (Unless, &format!("{locale}/locale-archive")),
            (Variable, &format!("LOCPATH=*/rootfs{locale}:{locale}")),
        ],
    );
    let certificates = "/etc/ssl/certs/ca-certificates.crt";
    check(
        &[certificates],
        &[(Unless, certificates), (Variable, &format!("SSL_CERT_FILE=*/rootfs{certificates}"))],
    );
    check(
        &["/lib/terminfo/x/xterm", "/usr/share/terminfo/v/vt100"],
        &[
            (Unless, "/lib/terminfo"),
            (Variable, "TERMINFO_DIRS=*/rootfs/lib/terminfo:*/rootfs/usr/share/terminfo"),
        ],
    );
    check(
        &["/bin/b", "/usr/bin/app", "/usr/bin/a", "/opt/c"],
        &[
            (FrontVariable, "PATH=*/rootfs/usr/bin:*/rootfs/bin"),
            (
                Variable,
                "PATH=*/rootfs/usr/bin:*/rootfs/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:\
                 /usr/bin:/sbin:/bin",
            ),
        ],
    );
}

#[test]
fn folders_with_libraries() {
    let check = |files: &[(&str, Reason)], expected: &[&str]| {
        assert_eq!(recipe::library_folders(&closure(files)), expected);
    };
    check(&[], &[]);
    check(
        &[
            ("/lib/a/libx.so.1", Reason::Needed),
            ("/lib/c/libc.so.6", Reason::Needed),
            ("/lib/c/libnss_x.so.2", Reason::Named),
            ("/lib/c/glibc-hwcaps/x86-64-v3/liby.so.1", Reason::Needed),
        ],
        &["/lib/c", "/lib/a"],
    );
    check(
        &[
            ("/a/plugin.so", Reason::DlopenNote),
            ("/b/module.so", Reason::Library),
            ("/c/libz.so", Reason::Library),
            ("/d/libz.so", Reason::Traced),
            ("/e/module.so", Reason::Traced),
            ("/f/z.so", Reason::Needed),
            ("/g/libtext", Reason::Needed),
        ],
        &["/a", "/d", "/f"],
    );
}
