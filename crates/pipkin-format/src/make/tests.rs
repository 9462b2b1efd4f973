//! A blob that is made, read as the server does.

use std::format;
use std::string::String;
use std::vec;
use std::vec::Vec;

use super::*;
use crate::{Answer, ENV, Index, MORE, write};

const SHARED: &str = "HTTP/1.1 200 OK\r\nETag: \"AAAAAAAAAAAAAAAA\"";

/// A site whose setting has a head with `fill` in it.
fn site(fill: &str) -> Vec<u8> {
    let head = format!("{SHARED}\r\nX: {fill}\r\nContent-Length:");
    let heads = Standing::ALL.map(|standing| format!("HTTP/1.1 {standing:?}"));
    let mut standing =
        heads.each_ref().map(|head| vec![Answer { head: head.as_bytes(), ..Answer::default() }]);
    standing[Standing::Options as usize].push(Answer {
        head: head.as_bytes(),
        part_bytes: head.len(),
        shared_bytes: SHARED.len(),
        flags: ENV,
        ..Answer::default()
    });
    write(&Index { port: 1, routes: &[], standing, bodies: &[9] }).unwrap()
}

fn made(site: &[u8], body: &[u8]) -> Option<Vec<u8>> {
    let mut blob = vec![0; MADE_BODY_AT];
    blob.extend(body);
    let site = Content::new(site);
    make(&mut blob, site, site.setting().unwrap())?;
    Some(blob)
}

#[track_caller]
fn check(body: &[u8]) -> String {
    let site = site("y");
    let blob = made(&site, body).unwrap();
    let (site, content) = (Content::new(&site), Content::new(&blob));
    let stored = content.standing(Standing::Options);
    let text = |extent| String::from_utf8(content.head(stored, extent).to_vec()).unwrap();
    let (whole, part, shared) = (text(Extent::Whole), text(Extent::Part), text(Extent::Shared));
    assert_eq!(content.bytes(content.body(stored)), body);
    assert_eq!(content.flags(stored) & (ENV | MORE), 0);
    assert_eq!(whole, format!("{part} {}", body.len()));
    assert!(part.starts_with(&shared) && part.ends_with("\r\nX: y\r\nContent-Length:"), "{part}");
    for standing in Standing::ALL.into_iter().filter(|standing| *standing != Standing::Options) {
        let head =
            |content: Content<'_>| content.head(content.standing(standing), Extent::Whole).to_vec();
        assert_eq!(head(content), head(site), "{standing:?}");
        assert_eq!(content.body(content.standing(standing)).len, 0);
    }
    let (start, end) = SHARED.split_at(SHARED.len() - ETAG_BYTES);
    assert!(shared.starts_with(start) && shared.len() == start.len() + end.len(), "{shared}");
    shared[start.len()..].into()
}

#[test]
fn bodies() {
    assert_eq!(check(b""), "\"y_Kc5IQiIyXL8pzk\"");
    let tags: Vec<_> = (0..200).map(|count| check(&vec![b'x'; count])).collect();
    for (at, tag) in tags.iter().enumerate() {
        assert!(!tags[..at].contains(tag), "{at} bytes: {tag}");
    }
}

#[test]
fn no_space() {
    assert!(make(&mut [0; 100], Content::new(b""), Stored::default()).is_none());
    let fill = "f".repeat(HEAD_BYTES_MAX - SHARED.len() - "\r\nX: \r\nContent-Length:".len());
    assert!(made(&site(&fill), b"x").is_some());
}
