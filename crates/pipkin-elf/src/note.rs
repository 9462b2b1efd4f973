//! Notes: what a program says about itself.
//!
//! ```text
//!  0        4        8      12      12 + namesz, to a multiple of 4     + descsz, likewise
//! +--------+--------+------+-------+----------------------------------+
//! | namesz | descsz | type | name  | desc                             |
//! +--------+--------+------+-------+----------------------------------+
//! ```
//!
//! The notes of GNU that are aligned to 8 have lengths that are, too, so that 4 does for all.
//!
//! Source: gABI, "Note Section".

use crate::dynamic::c_str;
use crate::encoding::Reader;
use crate::file::File;
use crate::header::{PT_NOTE, ProgramHeader};
use crate::section::SHT_NOTE;

/// The name and type of notes about libraries that are opened with `dlopen`.
///
/// Source: uapi-group.org, "Package Metadata for dlopen ELF Notes".
const OWNER: &[u8] = b"FDO\0";
const NT_FDO_DLOPEN: u32 = 0x407c_0c0a;

/// What a note says.
struct Note<'a> {
    kind: u32,
    name: &'a [u8],
    desc: &'a [u8],
}

/// The JSON texts of `.note.dlopen`. Where no segment has any, a section may: a link script that
/// places segments itself can leave it out of them.
pub(crate) fn dlopen_notes<'a>(file: &File<'a>) -> Vec<&'a str> {
    let loaded = texts(file, file.segments(PT_NOTE).map(ProgramHeader::extent));
    if !loaded.is_empty() {
        return loaded;
    }
    let sections = file.sections().unwrap_or_default().into_iter();
    let sections = sections.filter(|section| section.sh_type == SHT_NOTE);
    texts(file, sections.map(|section| section.extent()))
}

/// Those in the notes that are at `extents`.
fn texts<'a>(file: &File<'a>, extents: impl Iterator<Item = (u64, u64)>) -> Vec<&'a str> {
    let notes = file.disjoint(extents).into_iter().map(|bytes| file.encoding.reader(bytes));
    let notes = notes.flat_map(|mut notes| std::iter::from_fn(move || note(&mut notes)));
    let wanted = notes.filter(|note| note.name == OWNER && note.kind == NT_FDO_DLOPEN);
    wanted.filter_map(|note| c_str(note.desc)).collect()
}

/// Whether there are notes and nothing else.
pub(crate) fn are_notes(mut notes: Reader<'_>) -> bool {
    while !notes.bytes.is_empty() {
        if note(&mut notes).is_none() {
            return false;
        }
    }
    true
}

fn note<'a>(notes: &mut Reader<'a>) -> Option<Note<'a>> {
    let (name_bytes, desc_bytes, kind) = (notes.word()?, notes.word()?, notes.word()?);
    Some(Note { kind, name: padded(notes, name_bytes)?, desc: padded(notes, desc_bytes)? })
}

/// The next `count` bytes, less those that follow up to a multiple of 4; behind the last there
/// may be none.
fn padded<'a>(notes: &mut Reader<'a>, count: u32) -> Option<&'a [u8]> {
    let taken = notes.take(usize::try_from(count).ok()?)?;
    let padding = taken.len().wrapping_neg() % 4;
    notes.take(padding.min(notes.bytes.len()))?;
    Some(taken)
}
