//! Names in, routes out.

use expect_test::{Expect, expect};

use super::*;

fn all(names: &[&str], settings: &Settings) -> Result<String, Error> {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let found = routes(Path::new("public"), &names, settings)?;
    let name = |file: Option<usize>| file.map_or("-", |file| &names[file]);
    let not_found = |NotFound { page, spa }| format!("404 {}, spa {}", name(page), name(spa));
    let line = |path: &str, target: &Target| match target {
        Target::File(file) | Target::Error(_, file) => format!("{path} = {}\n", names[*file]),
        Target::Redirect(Redirect { location, .. }) => {
            format!("{path} -> {}\n", str::from_utf8(&location.text).unwrap())
        }
        Target::Environment => format!("{path} = from variables\n"),
        Target::NotFound(found) => format!("{} = {}\n", path.replace('\0', "*"), not_found(*found)),
    };
    let lines = |Route { path, targets }: &Route| {
        let path = str::from_utf8(path).unwrap();
        targets.iter().map(|target| line(path, target)).collect::<String>()
    };
    let lines: String = found.routes.iter().map(lines).collect();
    Ok(lines + &format!("else {}\n", not_found(found.not_found)))
}

/// Every route of the names, one per line.
#[track_caller]
fn check_with(names: &[&str], settings: &Settings, expected: &Expect) {
    expected.assert_eq(&all(names, settings).unwrap_or_else(|error| error.to_string()));
}

#[expect(clippy::needless_pass_by_value, reason = "as `expect!` is meant to be used")]
#[track_caller]
fn check(names: &[&str], expected: Expect) {
    check_with(names, &Settings::default(), &expected);
}

#[expect(clippy::needless_pass_by_value, reason = "as `expect!` is meant to be used")]
#[track_caller]
fn check_below(base_path: &str, spa: Option<&str>, names: &[&str], expected: Expect) {
    let (base_path, spa) = (base_path.into(), spa.map(Into::into));
    check_with(names, &Settings { base_path, spa, ..Settings::default() }, &expected);
}

#[test]
fn one_per_file_and_one_per_index() {
    check(
        &["a b.txt", "docs/index.html", "index.html", "myindex.txt", "é"],
        expect![[r#"
        / = index.html
        /a b.txt = a b.txt
        /docs -> /docs/
        /docs/ = docs/index.html
        /docs/index.html = docs/index.html
        /index.html = index.html
        /myindex.txt = myindex.txt
        /é = é
        else 404 -, spa -
    "#]],
    );
}

#[test]
fn sorted_bytewise() {
    check(
        &["B", "a", "a.txt", "a/b"],
        expect![[r#"
        /B = B
        /a = a
        /a.txt = a.txt
        /a/b = a/b
        else 404 -, spa -
    "#]],
    );
}

#[test]
fn pages_without_their_extension() {
    check(
        &["about.html", "docs/a b.html", "docs/index.html", "x.htm", "y.html.gz"],
        expect![[r#"
        /about = about.html
        /about.html = about.html
        /about/ -> /about
        /docs -> /docs/
        /docs/ = docs/index.html
        /docs/a b = docs/a b.html
        /docs/a b.html = docs/a b.html
        /docs/a b/ -> /docs/a%20b
        /docs/index.html = docs/index.html
        /x.htm = x.htm
        /y.html.gz = y.html.gz
        else 404 -, spa -
    "#]],
    );
}

#[test]
fn files_win_over_what_is_derived() {
    check(
        &["about", "about.html"],
        expect![[r#"
        /about = about
        /about.html = about.html
        /about/ -> /about
        else 404 -, spa -
    "#]],
    );
    check(
        &["about.html", "about/index.html"],
        expect![[r#"
        /about = about.html
        /about.html = about.html
        /about/ = about/index.html
        /about/index.html = about/index.html
        else 404 -, spa -
    "#]],
    );
    check(
        &["about.html", "about/team.html"],
        expect![[r#"
        /about = about.html
        /about.html = about.html
        /about/ -> /about
        /about/team = about/team.html
        /about/team.html = about/team.html
        /about/team/ -> /about/team
        else 404 -, spa -
    "#]],
    );
    check(
        &["docs", "docs/index.html"],
        expect![[r#"
        /docs = docs
        /docs/ = docs/index.html
        /docs/index.html = docs/index.html
        else 404 -, spa -
    "#]],
    );
}

#[test]
fn no_redirect_leads_to_another_host() {
    check(
        &["\\evil.example.html"],
        expect![[r#"
        /\evil.example = \evil.example.html
        /\evil.example.html = \evil.example.html
        /\evil.example/ -> /%5Cevil.example
        else 404 -, spa -
    "#]],
    );
    check(
        &["\\evil.example/index.html"],
        expect![[r#"
        /\evil.example -> /%5Cevil.example/
        /\evil.example/ = \evil.example/index.html
        /\evil.example/index.html = \evil.example/index.html
        else 404 -, spa -
    "#]],
    );
}

#[test]
fn pages_for_404_by_folder() {
    check(
        &["404.html", "docs/404.html", "docs/api/404.html"],
        expect![[r#"
        /404.html = 404.html
        /docs/* = 404 docs/404.html, spa -
        /docs/404.html = docs/404.html
        /docs/api/* = 404 docs/api/404.html, spa -
        /docs/api/404.html = docs/api/404.html
        else 404 404.html, spa -
    "#]],
    );
}

#[test]
fn the_application_answers_for_the_rest() {
    check_below(
        "",
        Some("app.html"),
        &["404.html", "app.html"],
        expect![[r#"
        /404.html = 404.html
        /app = app.html
        /app.html = app.html
        /app/ -> /app
        else 404 404.html, spa app.html
    "#]],
    );
}

#[test]
fn below_a_path() {
    check_below(
        "/a b",
        None,
        &["404.html", "docs/index.html", "x"],
        expect![[r#"
        /a b -> /a%20b/
        /a b/404.html = 404.html
        /a b/docs -> /a%20b/docs/
        /a b/docs/ = docs/index.html
        /a b/docs/index.html = docs/index.html
        /a b/x = x
        else 404 404.html, spa -
    "#]],
    );
    check_below(
        "/a/b",
        Some("index.html"),
        &["404.html", "docs/404.html", "index.html"],
        expect![[r#"
            /a/b -> /a/b/
            /a/b/ = index.html
            /a/b/* = 404 404.html, spa index.html
            /a/b/404.html = 404.html
            /a/b/docs/* = 404 docs/404.html, spa -
            /a/b/docs/404.html = docs/404.html
            /a/b/index.html = index.html
            else 404 404.html, spa -
        "#]],
    );
}

#[test]
fn two_files_for_one_path() {
    check(
        &["docs/", "docs/index.html"],
        expect!["cannot serve both docs/ and docs/index.html: each answers the path /docs/"],
    );
}

#[test]
fn longest_path() {
    let error = |name: &str, base_path: &str| {
        let settings = Settings { base_path: base_path.into(), ..Settings::default() };
        let error = all(&[name], &settings).unwrap_err().to_string();
        error.trim_start_matches(|c| c != ':').to_owned()
    };
    let longest = "a".repeat(PATH_BYTES_MAX - 1);
    assert_eq!(all(&[&longest], &Settings::default()).unwrap().lines().count(), 2);
    expect![": its path has 2049 bytes, and 2048 is the limit"]
        .assert_eq(&error(&(longest.clone() + "b"), ""));
    expect![": its path has 2050 bytes, and 2048 is the limit"].assert_eq(&error(&longest, "/b"));
}

#[test]
fn a_location_that_is_too_long_is_none() {
    let page = "é".repeat(PATH_BYTES_MAX / 5);
    let routes = all(&[&format!("{page}.html")], &Settings::default()).unwrap();
    assert!(!routes.contains("->") && routes.contains(&format!("/{page} = ")), "{routes}");
}
