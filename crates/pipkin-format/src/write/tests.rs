//! Round trips through [`Content`], refusals, and damage.

use std::format;
use std::string::{String, ToString};

use super::*;
use crate::{Content, Stored};

/// The texts of one answer: path, head, body.
type Texts = [String; 3];

fn texts(paths: impl IntoIterator<Item = impl AsRef<str>>) -> Vec<Texts> {
    let texts = |path: &str| [path.into(), format!("head of {path}"), format!("body of {path}")];
    paths.into_iter().map(|path| texts(path.as_ref())).collect()
}

/// The blob with these answers, the first four of them standing.
fn blob(answers: &[Texts]) -> Result<Vec<u8>, WriteError> {
    let answer =
        |at: usize| Answer { head: answers[at][1].as_bytes(), shared_bytes: at % 3, body: at };
    let route = |at: usize| Route { path: answers[at][0].as_bytes(), answer: answer(at) };
    let bodies: Vec<u64> = answers.iter().map(|texts| texts[2].len() as u64).collect();
    let mut blob = write(&Index {
        port: 8080,
        routes: &(Standing::COUNT..answers.len()).map(route).collect::<Vec<_>>(),
        standing: core::array::from_fn(answer),
        bodies: &bodies,
    })?;
    answers.iter().for_each(|texts| blob.extend(texts[2].as_bytes()));
    Ok(blob)
}

fn with_standing(paths: impl IntoIterator<Item = String>) -> Vec<Texts> {
    texts(
        ["404", "400", "405", "431", "204", "412", "414", "501"]
            .map(String::from)
            .into_iter()
            .chain(paths),
    )
}

/// Asserts that `found` has the head and the body of `texts`.
#[track_caller]
fn check_stored(content: &Content<'_>, found: Option<Stored>, texts: &Texts) {
    let bytes = found.map(|stored| (content.head(stored), content.bytes(content.body(stored))));
    assert_eq!(bytes, Some((texts[1].as_bytes(), texts[2].as_bytes())), "{}", texts[0]);
}

/// What goes in comes out, and nothing else is found.
fn check_round_trip(paths: impl IntoIterator<Item = String>) {
    let answers = with_standing(paths);
    let blob = blob(&answers).unwrap();
    let content = Content::new(&blob);
    for (at, texts) in answers.iter().enumerate().skip(Standing::COUNT) {
        let shared = content.find(texts[0].as_bytes()).map(|stored| content.shared(stored));
        assert_eq!(shared, Some(&texts[1].as_bytes()[..at % 3]));
        check_stored(&content, content.find(texts[0].as_bytes()), texts);
        assert_eq!(content.find(format!("{}x", texts[0]).as_bytes()), None);
    }
    assert_eq!(content.find(b"/"), None);
    for (standing, texts) in Standing::ALL.into_iter().zip(&answers) {
        check_stored(&content, Some(content.standing(standing)), texts);
    }
    assert_eq!(content.port(), 8080);
}

#[test]
fn round_trips() {
    for count in [0, 1, 2, 3, 4, 5, 63, 64, 65, 1000, 4096, 20_000] {
        check_round_trip((0..count).map(|n| format!("/page-{n}.html")));
    }
}

#[test]
fn the_same_index_gives_the_same_bytes() {
    let answers = with_standing((0..100).map(|n| format!("/{n}")));
    assert_eq!(blob(&answers), blob(&answers));
}

#[test]
fn refusals() {
    let check = |paths: &[&str], expected: WriteError, message: &str| {
        assert_eq!(blob(&with_standing(paths.iter().map(ToString::to_string))), Err(expected));
        assert_eq!(expected.to_string(), message);
    };
    let long = "/".repeat(PATH_BYTES_MAX + 1);
    let same = "the routes 0 and 2 have the same path";
    check(&["/a", "/b", "/a"], WriteError::SamePath(0, 2), same);
    let message = "the path of route 0 has more than 2048 bytes";
    check(&[&long], WriteError::PathTooLong(0), message);

    let mut answers = with_standing([String::from("/a")]);
    answers[Standing::COUNT][1] = "h".repeat(HEAD_BYTES_MAX + 1);
    assert_eq!(blob(&answers), Err(WriteError::HeadTooLong(Some(0))));
    let answer = Answer { head: b"", shared_bytes: 0, body: 1 };
    let index = Index { port: 0, routes: &[], standing: [answer; Standing::COUNT], bodies: &[0] };
    assert_eq!(write(&index), Err(WriteError::NoSuchBody(None)));
}

/// Looks everything up, so that a panic would show.
fn read_all(bytes: &[u8], answers: &[Texts]) -> usize {
    let content = Content::new(bytes);
    let _ = (content.port(), content.standing(Standing::MethodNotAllowed));
    let finds_body = |texts: &&Texts| {
        let found = content.find(texts[0].as_bytes());
        found.is_some_and(|stored| !content.bytes(content.body(stored)).is_empty())
    };
    answers.iter().filter(finds_body).count()
}

#[test]
fn a_blob_cut_at_every_byte_is_read_without_panic() {
    let answers = with_standing((0..9).map(|n| format!("/{n}")));
    let blob = blob(&answers).unwrap();
    let found: Vec<usize> = (0..=blob.len()).map(|cut| read_all(&blob[..cut], &answers)).collect();
    assert_eq!((found[0], found[blob.len()]), (0, 9));
    assert!(found.is_sorted(), "a shorter blob cannot answer more: {found:?}");
}

#[test]
fn a_blob_with_any_byte_changed_is_read_without_panic() {
    let answers = with_standing((0..9).map(|n| format!("/{n}")));
    let mut blob = blob(&answers).unwrap();
    for at in 0..blob.len() {
        for bit in 0..8 {
            blob[at] ^= 1 << bit;
            read_all(&blob, &answers);
            blob[at] ^= 1 << bit;
        }
    }
}
