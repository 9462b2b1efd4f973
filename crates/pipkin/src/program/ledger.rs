//! The ledger: each file that is kept with its reason, and what was left with the reason for that.

use std::io::{self, Write};

use pipkin_closure::{Body, Closure, Entry, Reason};
use serde::Serialize;

use crate::tree::Tree;

/// The document. The names of the fields are API: add, never rename.
#[derive(Serialize)]
struct Ledger<'a> {
    program: &'a str,
    architecture: String,
    /// In the order of the paths.
    kept: Vec<Kept<'a>>,
    /// In the order in which it came up.
    left: Vec<Left<'a>>,
}

#[derive(Serialize)]
struct Kept<'a> {
    path: &'a str,
    kind: &'static str,
    bytes: u64,
    reason: Because<'a>,
}

#[derive(Serialize)]
struct Left<'a> {
    name: &'a str,
    reason: Because<'a>,
    because: &'a str,
}

#[derive(Serialize)]
struct Because<'a> {
    kind: &'static str,
    by: Option<&'a str>,
    detail: &'a str,
}

impl<'a> Because<'a> {
    fn of(reason: &'a Reason) -> Self {
        Self { kind: reason.kind.name(), by: reason.by.as_deref(), detail: &reason.detail }
    }
}

/// Writes the ledger of `closure`, with the sizes that the files have in `tree`.
pub(crate) fn write(closure: &Closure, tree: &Tree<'_>, sink: &mut dyn Write) -> io::Result<()> {
    let kept = closure.entries.iter().zip(&tree.entries);
    let kept = kept.map(|((path, Entry { body, reason }), packed)| Kept {
        path,
        kind: kind(body),
        bytes: packed.body.bytes(),
        reason: Because::of(reason),
    });
    let left = closure.left.iter().map(|left| Left {
        name: &left.name,
        reason: Because::of(&left.reason),
        because: &left.because,
    });
    let ledger = Ledger {
        program: &closure.program,
        architecture: closure.architecture.to_string(),
        kept: kept.collect(),
        left: left.collect(),
    };
    serde_json::to_writer_pretty(&mut *sink, &ledger)?;
    sink.write_all(b"\n")
}

fn kind(body: &Body) -> &'static str {
    match body {
        Body::File { .. } => "file",
        Body::Made(_) => "made",
        Body::Link(_) => "link",
        Body::Folder(_) => "folder",
    }
}
