//! What is valid, and the bytes for the builder.

use super::image_setting::{args, env, labels, platforms, port, tag, user};
use super::{Record, records, records_bytes};

#[track_caller]
fn check(is_valid: fn(&'static str) -> bool, right: &[&'static str], wrong: &[&'static str]) {
    right.iter().for_each(|text| assert!(is_valid(text), "{text:?}"));
    wrong.iter().for_each(|text| assert!(!is_valid(text), "{text:?}"));
}

#[test]
fn tags() {
    let right = [
        "a",
        "hello:latest",
        "hello:V_1.0-rc",
        "a/b/c",
        "a.b_c__d--e",
        "localhost/x:1",
        "registry.example.com:5000/a/b:1",
        "Example.com/a",
    ];
    let wrong = [
        "",
        "Hello",
        "hello:",
        ":1",
        "a:.x",
        "a b",
        "a//b",
        "/a",
        "a/",
        "-a",
        "a-",
        "a..b",
        "a___b",
        "a_-b",
        "a:b:c",
        "Example/a",
        "a@sha256:00",
        "a\0",
        "a\n",
        "\u{e4}",
    ];
    check(tag::is_valid, &right, &wrong);
}

#[test]
fn users_and_platforms() {
    let wrong = ["", "nobody", "1:", ":1", "1:2:3", "4294967296", "-1", "1 "];
    check(user::is_valid, &["0", "1000:1000", "4294967295"], &wrong);
    let wrong = ["", "linux", "linux/s390x", "windows/amd64", "linux/amd64/"];
    check(platforms::is_valid, &["linux/amd64", "linux/arm64", "linux/riscv64"], &wrong);
}

#[test]
fn pairs_and_arguments() {
    for is_valid in [env::is_valid, labels::is_valid] {
        check(is_valid, &["A=", "A=b=c", "a.b=\u{e4}"], &["", "A", "=b", "A=\0", "A=b\nc"]);
    }
    check(args::is_valid, &["", "a b"], &["a\0", "\r"]);
}

#[test]
fn ports_and_records() {
    assert!(port::is_valid(1) && port::is_valid(65535) && !port::is_valid(0));
    const RECORDS: &[Record] = &[
        tag::record("a:1"),
        port::record(0),
        port::record(3001),
        port::record(65535),
        env::record("A=b"),
        labels::record("c=d"),
        args::record(""),
        platforms::record("linux/arm64"),
        user::record("1"),
    ];
    let bytes = records::<{ records_bytes(RECORDS) }>(RECORDS);
    let expected = "tag=a:1\0port=0\0port=3001\0port=65535\0env=A=b\0label=c=d\0arg=\0\
                    platform=linux/arm64\0user=1\0";
    assert_eq!(core::str::from_utf8(&bytes), Ok(expected));
}

crate::image! {}
crate::image! { labels: ["a=b",], tag: "x" }
