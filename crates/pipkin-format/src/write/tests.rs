//! Round trips through [`Content`], refusals, and damage.

use std::format;
use std::string::{String, ToString};
use std::vec;

use super::*;
use crate::{Content, Extent, Stored, coding};

/// The texts of one answer: path, head, body.
type Texts = [String; 3];

fn texts(paths: impl IntoIterator<Item = impl AsRef<str>>) -> Vec<Texts> {
    let texts = |path: &str| [path.into(), format!("head of {path}"), format!("body of {path}")];
    paths.into_iter().map(|path| texts(path.as_ref())).collect()
}

/// The blob with these answers, the first of them standing.
fn blob(answers: &[Texts]) -> Result<Vec<u8>, WriteError> {
    let answer = |at: usize| {
        let head = answers[at][1].as_bytes();
        vec![Answer { head, part_bytes: 3, shared_bytes: at % 3, body: at, ..Answer::default() }]
    };
    let route = |at: usize| Route { path: answers[at][0].as_bytes().into(), answers: answer(at) };
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
    texts(Standing::ALL.map(|standing| format!("{standing:?}")).into_iter().chain(paths))
}

/// Asserts that `found` has the head and the body of `texts`.
#[track_caller]
fn check_stored(content: &Content<'_>, found: Option<Stored>, texts: &Texts) {
    let bytes = found
        .map(|stored| (content.head(stored, Extent::Whole), content.bytes(content.body(stored))));
    assert_eq!(bytes, Some((texts[1].as_bytes(), texts[2].as_bytes())), "{}", texts[0]);
}

/// What goes in comes out, and nothing else is found.
fn check_round_trip(paths: impl IntoIterator<Item = String>) {
    let answers = with_standing(paths);
    let blob = blob(&answers).unwrap();
    let content = Content::new(&blob);
    for (at, texts) in answers.iter().enumerate().skip(Standing::COUNT) {
        let stored = content.find(texts[0].as_bytes()).unwrap();
        let head = |extent| content.head(stored, extent);
        assert_eq!(head(Extent::Shared), &texts[1].as_bytes()[..at % 3]);
        assert_eq!(head(Extent::Part), &texts[1].as_bytes()[..3]);
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
    let check = |answers: &[Answer<'_>], expected| {
        let standing = core::array::from_fn(|_| answers.to_vec());
        let index = Index { port: 0, routes: &[], standing, bodies: &[0] };
        assert_eq!(write(&index), Err(expected));
    };
    check(&[], WriteError::NoAnswer(None));
    check(&[Answer { body: 1, ..Answer::default() }], WriteError::NoSuchBody(None));
    check(&[Answer { shared_bytes: 1, ..Answer::default() }], WriteError::HeadTooLong(None));
}

#[test]
fn several_answers_for_a_path() {
    let answers = [("gzip", 1), ("br", 0), ("identity", 1)].map(|(name, flags)| Answer {
        head: name.as_bytes(),
        coding: coding(name.as_bytes()),
        flags: flags * crate::NAVIGATION,
        ..Answer::default()
    });
    let route = |path: &str| Route { path: path.into(), answers: answers.to_vec() };
    let index = Index {
        port: 0,
        routes: &[route("/a"), route("/docs/\0"), route("/docs/old/\0")],
        standing: core::array::from_fn(|_| answers.to_vec()),
        bodies: &[0],
    };
    let blob = write(&index).unwrap();
    let content = Content::new(&blob);
    let all = |first| -> Vec<_> {
        let stored = core::iter::successors(first, |&stored| content.next(stored));
        let facts = |at| (content.head(at, Extent::Whole), content.coding(at), content.flags(at));
        stored.map(facts).collect()
    };
    let expected: [(&[u8], u32, u8); 3] = [
        (b"gzip", coding(b"x-gzip"), crate::NAVIGATION | MORE),
        (b"br", 0x6272, MORE),
        (b"identity", IDENTITY, crate::NAVIGATION),
    ];
    for first in [content.find(b"/a"), content.find(b"/docs/\0")] {
        assert_eq!(all(first), expected);
    }
    assert_eq!(all(Some(content.standing(Standing::NotFound))), expected);
    assert_eq!(content.fallback_bytes(), "/docs/old/".len());
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
