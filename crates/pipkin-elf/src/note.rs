//! Notes: what a program says about itself.
//!
//! ```text
//!  0        4        8      12      12 + namesz, to a multiple of 4     + descsz, likewise
//! +--------+--------+------+-------+----------------------------------+
//! | namesz | descsz | type | name  | desc                             |
//! +--------+--------+------+-------+----------------------------------+
//! ```
//!
//! Source: gABI, "Note Section"; that the notes of GNU that are aligned to 8 have lengths that are,
//! too, so that 4 does for all.

use crate::dynamic::c_str;
use crate::file::File;
use crate::reader::Reader;

/// A segment of notes.
pub(crate) const PT_NOTE: u32 = 4;
/// A section of notes.
const SHT_NOTE: u32 = 7;

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
    let texts = |notes: Vec<&'a [u8]>| -> Vec<&'a str> {
        notes.into_iter().flat_map(|notes| texts(file.encoding.reader(notes))).collect()
    };
    let loaded = texts(file.segments(|segment| segment.p_type == PT_NOTE));
    if loaded.is_empty() { texts(file.sections(SHT_NOTE)) } else { loaded }
}

fn texts(mut notes: Reader<'_>) -> impl Iterator<Item = &str> {
    let notes = std::iter::from_fn(move || note(&mut notes));
    let wanted = notes.filter(|note| note.name == OWNER && note.kind == NT_FDO_DLOPEN);
    wanted.filter_map(|note| c_str(note.desc))
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
