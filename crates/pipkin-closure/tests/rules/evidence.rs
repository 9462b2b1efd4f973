//! What libraries read for their callers: each program here asks for it where only its closure is.

use std::fs;

use pipkin_closure::{Body, Closure, Kind, Settings, find};
use tempfile::TempDir;

use crate::lab::{LIBS, LOADER, Lab, are_here, compile, materialise, run, said, sound};

/// A program of C in the root of this machine.
struct Here(TempDir);

impl Here {
    fn new(source: &str, flags: &[&str]) -> Option<Self> {
        if !are_here(&["/usr/bin/gcc", LOADER]) {
            return None;
        }
        let here = Self(tempfile::tempdir().unwrap());
        compile("gcc", source, &here.0.path().join("p"), flags);
        Some(here)
    }

    #[track_caller]
    fn find(&self, settings: &Settings) -> Closure {
        let path = self.0.path().join("p");
        let closure = find(path.to_str().unwrap(), settings);
        let closure = closure.unwrap_or_else(|error| panic!("{error}"));
        sound(&closure);
        closure
    }
}

#[test]
fn users() {
    let source = r#"
        #include <grp.h>
        #include <pwd.h>
        #include <stdio.h>
        #include <unistd.h>
        int main(void) {
            struct passwd *user = getpwuid(getuid());
            struct group *group = getgrgid(getgid());
            puts(user ? user->pw_name : "none");
            puts(group ? group->gr_name : "none");
            puts(getpwnam("root") ? "root" : "none");
            return 0;
        }"#;
    let Some(here) = Here::new(source, &[]) else { return };
    let closure = here.find(&Settings::default());
    assert_eq!(said(&closure, &[]), "user\nuser\nroot\n");
    assert_eq!(closure.entries["/etc/passwd"].reason.detail, "getpwuid");
    let closure = here.find(&Settings { user: (0, 0), ..Settings::default() });
    let root = "root:x:0:0:root:/:/sbin/nologin\n";
    assert_eq!(closure.entries["/etc/passwd"].body, Body::Made(root.into()));
}

const LOOKS_UP: &str = r#"
    #include <arpa/inet.h>
    #include <netdb.h>
    #include <stdio.h>
    int main(int count, char **args) {
        struct addrinfo *all, hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM };
        if (getaddrinfo(args[1], 0, &hints, &all)) return 1;
        puts(inet_ntoa(((struct sockaddr_in *)all->ai_addr)->sin_addr));
        return 0;
    }"#;

#[test]
fn hosts() {
    let Some(lab) = Lab::new() else { return };
    lab.write("/etc/nsswitch.conf", "hosts: files [NOTFOUND=return] ours\npasswd: other\n");
    lab.library(&format!("{LIBS}/libnss_ours.so.2"), "libnss_ours.so.2", &["libdep.so"], &[]);
    lab.library(&format!("{LIBS}/libdep.so"), "libdep.so", &[], &[]);
    lab.library(&format!("{LIBS}/libnss_other.so.2"), "libnss_other.so.2", &[], &[]);
    lab.c("/p", LOOKS_UP, &[]);
    let closure = lab.find("/p").unwrap();
    sound(&closure);
    let has = |name: &str| closure.entries.contains_key(&format!("{LIBS}/{name}"));
    assert!(has("libnss_ours.so.2") && has("libdep.so") && !has("libnss_other.so.2"));
    let chain = closure.why(&format!("{LIBS}/libdep.so")).unwrap();
    let kinds: Vec<_> = chain.iter().map(|(_, reason)| reason.kind).collect();
    assert_eq!(kinds, [Kind::Needed, Kind::Named, Kind::Symbol, Kind::Program]);
    let left = closure.left.iter().find(|left| left.name == "/etc/hosts").unwrap();
    assert_eq!(left.because, "the engine writes it when the image runs");
    let folder = materialise(&closure);
    fs::write(folder.path().join("etc/hosts"), "10.1.2.3 somewhere\n").unwrap();
    let output = run(folder.path(), &["/p", "somewhere"], &[]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "10.1.2.3\n");
}

const CONVERTS: &str = r#"
    #include <iconv.h>
    #include <stdio.h>
    int main(int count, char **args) {
        for (int i = 1; i < count; i++) {
            iconv_t with = iconv_open(args[i], "UTF-8");
            char in[] = "\xc3\xa9", out[16], *from = in, *to = out;
            size_t in_left = 2, out_left = sizeof out;
            if (with == (iconv_t)-1) puts("none");
            else if (iconv(with, &from, &in_left, &to, &out_left)) puts("failed");
            else printf("%d\n", (int)(to - out));
        }
        return 0;
    }"#;

#[test]
fn character_sets() {
    let Some(here) = Here::new(CONVERTS, &[]) else { return };
    let args = ["UTF-16", "LATIN1", "EUC-JP", "UTF-16LE", "KOI8-R"];
    let all = here.find(&Settings::default());
    assert_eq!(said(&all, &args[..4]), "4\n1\n3\n2\n");
    let some = |names: &[&str]| Settings {
        gconv: names.iter().copied().map(String::from).collect(),
        ..Settings::default()
    };
    let one = here.find(&some(&["utf-16"]));
    assert_eq!(said(&one, &args), "4\nnone\nnone\n2\nnone\n");
    let few = here.find(&some(&["LATIN1", "UTF-8", "EUC-JP"]));
    assert_eq!(said(&few, &args[..3]), "none\n1\n3\n");
    let path = here.0.path().join("p");
    let error = find(path.to_str().unwrap(), &some(&["KLINGON"])).unwrap_err();
    assert_eq!(error.to_string(), "there is no character set KLINGON");
    assert_eq!(error.help().as_deref(), Some("iconv --list names those that there are"));
}

#[test]
fn locales() {
    let source = r#"
        #include <langinfo.h>
        #include <locale.h>
        #include <stdio.h>
        int main(void) {
            char *name = setlocale(LC_ALL, "");
            printf("%s %s\n", name ? name : "none", nl_langinfo(CODESET));
            return 0;
        }"#;
    let Some(here) = Here::new(source, &[]) else { return };
    let closure = here.find(&Settings::default());
    assert_eq!(closure.env, [("LANG".to_owned(), "C.UTF-8".to_owned())]);
    assert_eq!(said(&closure, &[]), "C.UTF-8 UTF-8\n");
}

const TELLS_TIME: &str = r#"
    #include <stdio.h>
    #include <time.h>
    int main(void) {
        time_t at = 1750000000;
        char text[64];
        strftime(text, sizeof text, "%H:%M %Z", localtime(&at));
        puts(text);
        return 0;
    }"#;

#[test]
fn zones() {
    let Some(lab) = Lab::new() else { return };
    lab.c("/p", TELLS_TIME, &[]);
    let zones = "/usr/share/zoneinfo";
    for zone in ["Europe/Berlin", "Asia/Tokyo", "Etc/UTC"] {
        lab.copy(&format!("{zones}/{zone}"));
    }
    lab.write(&format!("{zones}/zone.tab"), "# no zone\n");
    lab.write("/etc/secret", "x");
    let check = |settings: &Settings, expected: &str| {
        let closure = find("/p", settings).unwrap();
        sound(&closure);
        assert_eq!(said(&closure, &[]), expected);
        closure
    };
    check(&lab.settings(), "15:06 UTC\n");
    lab.link("/etc/localtime", "/usr/share/zoneinfo/Asia/Tokyo");
    check(&lab.settings(), "00:06 JST\n");
    let tz = |zone: &str| Settings { tz: Some(zone.into()), ..lab.settings() };
    check(&tz("Europe/Berlin"), "17:06 CEST\n");
    // Also when a trace has seen the one of the host.
    let include = vec![pipkin_closure::Include {
        path: "/etc/localtime".into(),
        dest: None,
        kind: Kind::Traced,
        detail: String::new(),
    }];
    check(&Settings { include, ..tz("Europe/Berlin") }, "17:06 CEST\n");
    fs::remove_file(lab.at("/etc/localtime")).unwrap();
    lab.link("/etc/localtime", "../usr/share/zoneinfo/Etc/UTC");
    let closure = check(&lab.settings(), "15:06 UTC\n");
    assert!(!closure.entries.contains_key("/etc/localtime"));
    for zone in ["", "Mars/Base", "zone.tab", "Europe", "../../../etc/secret", "/etc/secret"] {
        let error = find("/p", &tz(zone)).unwrap_err();
        let expected = format!("there is no time zone {zone} in /usr/share/zoneinfo");
        assert_eq!(error.to_string(), expected);
    }
}

const ENDS_A_THREAD: &str = r#"
    #include <pthread.h>
    #include <stdio.h>
    static void *thread(void *nothing) { pthread_exit(nothing); }
    int main(void) {
        pthread_t other;
        pthread_create(&other, 0, thread, 0);
        pthread_join(other, 0);
        puts("joined");
        return 0;
    }"#;

/// It is libc that opens libgcc_s, in its own folders and not in those of the program.
#[test]
fn unwinders() {
    let Some(lab) = Lab::new() else { return };
    lab.copy(&format!("{LIBS}/libgcc_s.so.1"));
    lab.library("/l/libgcc_s.so.1", "libgcc_s.so.1", &[], &[]);
    lab.c("/p", ENDS_A_THREAD, &["-Wl,-rpath,/l"]);
    let closure = lab.find("/p").unwrap();
    sound(&closure);
    assert_eq!(said(&closure, &[]), "joined\n");
}

#[test]
fn temporary_files() {
    let source = r#"
        #include <stdio.h>
        #include <stdlib.h>
        int main(void) {
            char name[] = "/tmp/x-XXXXXX";
            puts(mkstemp(name) >= 0 ? "made" : "not made");
            return 0;
        }"#;
    let Some(lab) = Lab::new() else { return };
    let calls =
        ["mkstemp(name)", "mkostemps(name, 0, 0)", "mkostemp(name, 0)", "mkstemps(name, 0)"];
    for call in calls {
        lab.c("/p", &source.replace("mkstemp(name)", call), &[]);
        let closure = lab.find("/p").unwrap();
        sound(&closure);
        assert_eq!(closure.entries["/tmp"].body, Body::Folder(0o1777), "{call}");
        assert_eq!(said(&closure, &[]), "made\n");
    }
}

const COUNTS_TRUSTED: &str = r#"
    #include <openssl/ssl.h>
    #include <stdio.h>
    int main(void) {
        SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_default_verify_paths(ctx);
        STACK_OF(X509_OBJECT) *all = X509_STORE_get0_objects(SSL_CTX_get_cert_store(ctx));
        puts(sk_X509_OBJECT_num(all) > 10 ? "some" : "none");
        return 0;
    }"#;

#[test]
fn certificates() {
    const BUNDLE: &str = "/etc/ssl/certs/ca-certificates.crt";
    if !are_here(&["/usr/include/openssl/ssl.h", BUNDLE]) {
        return;
    }
    let Some(here) = Here::new(COUNTS_TRUSTED, &["-lssl", "-lcrypto"]) else { return };
    assert_eq!(said(&here.find(&Settings::default()), &[]), "some\n");
    // A root in which only the bundle is.
    let Some(lab) = Lab::new() else { return };
    lab.copy(&format!("/usr{LIBS}/libssl.so.3"));
    lab.copy(&format!("/usr{LIBS}/libcrypto.so.3"));
    lab.copy(BUNDLE);
    lab.c("/p", COUNTS_TRUSTED, &["-lssl", "-lcrypto"]);
    let closure = lab.find("/p").unwrap();
    sound(&closure);
    assert_eq!(said(&closure, &[]), "some\n");
    assert_eq!(closure.entries["/usr/lib/ssl/cert.pem"].body, Body::Link(BUNDLE.into()));
    // Where the folder of OpenSSL is a link.
    lab.link("/usr/lib/ssl", "../../etc/ssl");
    let closure = lab.find("/p").unwrap();
    sound(&closure);
    assert_eq!(said(&closure, &[]), "some\n");
    fs::remove_file(lab.at(BUNDLE)).unwrap();
    let closure = lab.find("/p").unwrap();
    let warning = "there are no certificates of whom to trust: install ca-certificates";
    assert_eq!(closure.warnings, [warning]);
}

/// What a program opens when it runs, by a literal.
#[test]
fn literals() {
    let source = r#"
        #include <dlfcn.h>
        #include <stdio.h>
        int main(void) {
            puts(dlopen("libx.so.1", RTLD_NOW) ? "open" : dlerror());
            puts(dlopen("/opt/y.so", RTLD_NOW) ? "open" : dlerror());
            dlopen("libnone.so.7", RTLD_NOW);
            return 0;
        }"#;
    let Some(lab) = Lab::new() else { return };
    lab.c("/p", source, &["-Wl,-rpath,/l"]);
    lab.library("/l/libx.so.1", "libx.so.1", &["libz.so"], &["-Wl,-rpath,/l"]);
    lab.library("/l/libz.so", "libz.so", &[], &[]);
    lab.library("/opt/y.so", "", &[], &[]);
    let closure = lab.find("/p").unwrap();
    sound(&closure);
    assert_eq!(said(&closure, &[]), "open\nopen\n");
    assert_eq!(closure.entries["/l/libx.so.1"].reason.kind, Kind::Literal);
    let left = closure.left.iter().find(|left| left.name == "libnone.so.7").unwrap();
    assert_eq!((left.reason.kind, &*left.because), (Kind::Literal, "it is not there"));
    // What it needs and is not there is told; the program starts all the same.
    fs::remove_file(lab.at("/l/libz.so")).unwrap();
    let closure = lab.find("/p").unwrap();
    assert_eq!(closure.warnings.len(), 1);
    assert!(
        closure.warnings[0]
            .starts_with("/l/libx.so.1, needed by /p, needs libz.so, which is not in ")
    );
}

/// A program with a note for each of `texts`.
///
/// Source: "ELF Metadata for Shared Library Dependencies via `dlopen`".
fn noted(texts: &[&str]) -> String {
    let note = |text: &&str| {
        let text = text.replace('"', "\\\\\\\"");
        format!(
            "__asm__(\".pushsection .note.dlopen, \\\"a\\\", %note\\n.balign 4\\n.long 4, 9f - 8f, \
             0x407c0c0a\\n.asciz \\\"FDO\\\"\\n8: .asciz \\\"{text}\\\"\\n9: .balign 4\\n\
             .popsection\\n\");\n"
        )
    };
    texts.iter().map(note).collect::<String>() + "int main(void) { return 0; }\n"
}

#[test]
fn notes() {
    let Some(lab) = Lab::new() else { return };
    let source = noted(&[
        r#"[{"soname": ["libr.so.2", "libr.so.1"], "feature": "f", "priority": "required"}]"#,
        r#"[{"soname": ["libd.so"]}, {"soname": ["libs.so"], "priority": "suggested"}]"#,
        r#"[{"soname": ["libn.so"], "priority": "required", "description": "why"}]"#,
        "[nonsense",
    ]);
    lab.c("/p", &source, &[]);
    for name in ["libr.so.1", "libd.so", "libs.so"] {
        lab.library(&format!("{LIBS}/{name}"), name, &[], &[]);
    }
    let closure = lab.find("/p").unwrap();
    sound(&closure);
    let has = |name: &str| closure.entries.contains_key(&format!("{LIBS}/{name}"));
    assert!(has("libr.so.1") && has("libd.so") && !has("libs.so"));
    assert_eq!(closure.entries[&format!("{LIBS}/libr.so.1")].reason.kind, Kind::DlopenNote);
    let left: Vec<_> = closure.left.iter().map(|left| (&*left.name, &*left.because)).collect();
    assert_eq!(left, [("libs.so", "the note only suggests it"), ("libn.so", "it is not there")]);
    let expected = [
        "/p requires libn.so when it runs, which is not there",
        "a dlopen note of /p cannot be read",
    ];
    assert_eq!(closure.warnings, expected);
}

/// A static program has no imports: the names of files stand for them, also where it is position
/// independent and so has a dynamic section.
#[test]
fn static_programs() {
    let source = r#"
        #include <stdio.h>
        int main(void) { puts("/etc/passwd /tmp/x"); return 0; }"#;
    let Some(lab) = Lab::new() else { return };
    for flag in ["-static", "-static-pie"] {
        lab.c("/p", source, &[flag]);
        let closure = lab.find("/p").unwrap();
        sound(&closure);
        assert_eq!(said(&closure, &[]), "/etc/passwd /tmp/x\n");
        assert!(closure.entries.contains_key("/etc/passwd"), "{flag}");
        assert!(closure.entries.contains_key("/tmp"), "{flag}");
        assert!(!closure.entries.contains_key(LOADER), "{flag}");
    }
}

/// The first of those that there are, of the terminal that an engine sets.
#[test]
fn terminals() {
    let Some(lab) = Lab::new() else { return };
    let source = "int setupterm(const char *t, int f, int *e) { return 0; }";
    lab.c("/l/libtinfo.so.6", source, &["-shared", "-nostdlib", "-Wl,-soname,libtinfo.so.6"]);
    let library = lab.at("/l/libtinfo.so.6");
    let flags = ["-Wl,-rpath,/l", library.to_str().unwrap()];
    lab.c("/p", "int main(void) { return setupterm(0, 1, 0); }", &flags);
    for path in ["/lib/terminfo/x/xterm", "/usr/share/terminfo/x/xterm", "/lib/terminfo/v/vt100"] {
        lab.write(path, "");
    }
    let closure = lab.find("/p").unwrap();
    sound(&closure);
    let found: Vec<_> = closure.entries.keys().filter(|path| path.contains("terminfo")).collect();
    assert_eq!(found, ["/lib/terminfo/x/xterm"]);
    assert_eq!(closure.entries["/lib/terminfo/x/xterm"].reason.detail, "setupterm");
}

/// It is told, and is there for who asks for it.
#[test]
fn shells() {
    let Some(lab) = Lab::new() else { return };
    lab.copy("/bin/sh");
    fs::rename(lab.at("/bin/sh"), lab.at("/bin/dash")).unwrap();
    lab.link("/bin/sh", "dash");
    lab.c("/p", "int main(void) { return system(\"exit 0\"); }", &[]);
    let left = |settings: &Settings| {
        let closure = find("/p", settings).unwrap();
        sound(&closure);
        let left = closure.left.into_iter().find(|left| left.name == "/bin/sh");
        (left.map(|left| left.reason.detail), closure.entries.contains_key("/bin/dash"))
    };
    assert_eq!(left(&lab.settings()), (Some("system".to_owned()), false));
    let include = vec![pipkin_closure::Include {
        path: "/bin/sh".into(),
        dest: None,
        kind: Kind::Included,
        detail: String::new(),
    }];
    assert_eq!(left(&Settings { include, ..lab.settings() }), (None, true));
}
