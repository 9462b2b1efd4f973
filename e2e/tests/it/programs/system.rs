//! Programs that Debian brings.

use e2e::ready;

use super::places::{Case, check};

/// What every place takes, and the program.
fn needs(program: &'static str) -> [&'static str; 6] {
    ["docker", "docker daemon", "chroot", "root", "tar", program]
}

/// Checks `program` with `args` and `stdin`.
fn check_filter(name: &str, program: &'static str, args: &[&str], stdin: &str) {
    let Some(pipkin) = ready(&needs(program)) else { return };
    check(&pipkin, name, &Case { program, flags: &[], args, stdin });
}

#[test]
fn jq() {
    check_filter(
        "jq",
        "/usr/bin/jq",
        &["-c", ".a[2], (.a | length), now > 0"],
        r#"{"a":[1,2,{"b":"ü"}]}"#,
    );
}

#[test]
fn sqlite3() {
    let sql = "create table t(a text); insert into t values('x'),('ü'); select upper(a), \
               date('2026-02-29','+1 day'), json_array(1,2) from t;";
    check_filter("sqlite3", "/usr/bin/sqlite3", &[":memory:"], sql);
}

#[test]
fn openssl() {
    check_filter("openssl", "/usr/bin/openssl", &["dgst", "-sha256", "-r"], "text");
    check_filter("openssl-ciphers", "/usr/bin/openssl", &["ciphers", "-v"], "");
}

/// A module for the character set, which nothing names until it runs.
#[test]
fn iconv() {
    let args = ["-f", "UTF-16LE", "-t", "EUC-JP//TRANSLIT"];
    check_filter("iconv", "/usr/bin/iconv", &args, "a\0b\0\n\0");
    let Some(pipkin) = ready(&needs("/usr/bin/iconv")) else { return };
    let case = Case {
        program: "/usr/bin/iconv",
        flags: &["--gconv", "UTF-16"],
        args: &["-f", "UTF-8", "-t", "UTF-16"],
        stdin: "abc",
    };
    check(&pipkin, "iconv-utf16", &case);
}

/// It is static, so it is all that there is.
#[test]
fn busybox() {
    check_filter("busybox", "/bin/busybox", &["sha256sum"], "text");
}
