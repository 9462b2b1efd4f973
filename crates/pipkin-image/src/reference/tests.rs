use super::*;

#[track_caller]
fn check(text: &str, expected: &str) {
    let parsed = text.parse::<Reference>();
    let shown = parsed.map_or_else(
        |error| error.to_string(),
        |reference| format!("{reference} | {} | {}", reference.normalised(), reference.file_stem()),
    );
    assert_eq!(shown, expected, "{text:?}");
}

#[test]
fn references() {
    check("site", "site:latest | docker.io/library/site:latest | site");
    check("site:v1.0-rc_1", "site:v1.0-rc_1 | docker.io/library/site:v1.0-rc_1 | site");
    check("me/site", "me/site:latest | docker.io/me/site:latest | site");
    check("docker.io/site", "docker.io/site:latest | docker.io/library/site:latest | site");
    check("index.docker.io/me/s:1", "index.docker.io/me/s:1 | docker.io/me/s:1 | s");
    check("ghcr.io/me/site:2", "ghcr.io/me/site:2 | ghcr.io/me/site:2 | site");
    check("localhost/a", "localhost/a:latest | localhost/a:latest | a");
    check("localhost:5000/a:B", "localhost:5000/a:B | localhost:5000/a:B | a");
    check("localhost:5000", "localhost:5000 | docker.io/library/localhost:5000 | localhost");
    check("[::1]:5000/a", "[::1]:5000/a:latest | [::1]:5000/a:latest | a");
    check("Reg.example/a", "Reg.example/a:latest | Reg.example/a:latest | a");
    check(
        "a.b_c__d---e0",
        "a.b_c__d---e0:latest | docker.io/library/a.b_c__d---e0:latest | a.b_c__d---e0",
    );
}

#[test]
fn names_that_are_refused() {
    check("", "the image name is empty: write NAME or NAME:TAG");
    check(":1", "image name `:1` has nothing before the tag: write NAME:TAG");
    check(
        "ghcr.io/Me/Site:V1",
        "image name `ghcr.io/Me/Site:V1` has the upper-case `M` at position 9: names are \
         lower-case, write `ghcr.io/me/site:V1`",
    );
    check(
        "my Site",
        "image name `my Site` has ' ' at position 3, where only a-z, 0-9 and the separators \
         `.` `_` `-` `/` can stand",
    );
    check(
        "größe",
        "image name `größe` has 'ö' at position 3, where only a-z, 0-9 and the separators \
         `.` `_` `-` `/` can stand",
    );
    for (text, character, at) in [
        ("-a", '-', 1),
        ("/a", '/', 1),
        ("a//b", '/', 3),
        ("a/-b", '-', 3),
        ("a..b", '.', 3),
        ("a.-b", '-', 3),
        ("a-/b", '/', 3),
        ("a___b", '_', 4),
    ] {
        let expected = format!(
            "image name `{text}` has `{character}` at position {at}, where a letter or \
             digit must stand"
        );
        check(text, &expected);
    }
    for text in ["a-", "a/", "ghcr.io/", "a__"] {
        let expected = format!("image name `{text}` ends where a letter or digit must stand");
        check(text, &expected);
    }
}

#[test]
fn hosts_that_are_refused() {
    for host in ["a:b", "a:", "-a.b", "a..b", "[::1", "[g]:1", "ü.de", ".", "a:1:2"] {
        let expected = format!(
            "image name `{host}/x` starts with `{host}`, which is no registry: write \
             HOST/NAME or HOST:PORT/NAME"
        );
        check(&format!("{host}/x"), &expected);
    }
}

#[test]
fn tags_that_are_refused() {
    check("a:", "image name `a:` has nothing after the `:`: write NAME:TAG");
    for (text, character, at) in [("a:.b", '.', 3), ("a:b+c", '+', 4), ("ä:ö", 'ö', 3)] {
        let expected = format!(
            "image name `{text}` has {character:?} at position {at}, where its tag takes \
             letters, digits and `_`, and after the first also `.` and `-`"
        );
        check(text, &expected);
    }
}

#[test]
fn digests_are_refused() {
    check(
        "site:1@sha256:00",
        "image name `site:1@sha256:00` names a digest, which only the finished image has: \
         write `site:1`",
    );
    let hex = "0123456789abcdef".repeat(4);
    let expected = format!(
        "image name `{hex}` is 64 hexadecimal digits, which engines take for an image's \
         digest: write another name"
    );
    check(&hex, &expected);
}

#[test]
fn limits() {
    let name = |length: usize| format!("a/{}", "b".repeat(length - 2));
    assert!(name(NAME_LENGTH_MAX).parse::<Reference>().is_ok());
    check(&name(256), "the image name has 256 characters, 255 at most");
    let tag = |length: usize| format!("a:{}", "b".repeat(length));
    assert!(tag(TAG_LENGTH_MAX).parse::<Reference>().is_ok());
    check(&tag(129), "the tag has 129 characters, 128 at most");
}
