//! What is left of crafted files.

use super::crafted::{Crafted, ENCODINGS, Hash, Part, note, program};
use crate::encoding::Encoding;
use crate::file::File;
use crate::header::{EI_NIDENT, FileHeader, PT_NOTE};
use crate::{Error, strip};

const PT_PHDR: u32 = 6;
const PT_GNU_STACK: u32 = 0x6474_e551;
const PT_GNU_PROPERTY: u32 = 0x6474_e553;

fn part(name: &'static str, sh_type: u32) -> Part {
    Part { name, sh_type, sh_flags: 0, bytes: b"for debuggers".to_vec() }
}

fn with_sections(encoding: Encoding) -> Crafted {
    let names = [".debug_info", ".comment", ".gnu_debuglink", ".stabstr"];
    let made = names.map(|name| part(name, 1));
    let tables = [part(".symtab", 2), part("strtab", 3), part(".note.stapsdt", 7)];
    let nothing = Part { bytes: Vec::new(), ..part("pydata", 1) };
    let sections = made.into_iter().chain(tables).chain([nothing]).collect();
    Crafted { sections, ..program(encoding, Hash::Sysv) }
}

#[test]
fn sections_are_left_out() {
    for encoding in ENCODINGS {
        let crafted = with_sections(encoding);
        let whole = crafted.bytes();
        let out = strip(&whole).unwrap();
        assert_eq!(out.len(), crafted.loaded_bytes());
        let header = FileHeader::read(encoding.reader(&whole[EI_NIDENT..])).unwrap();
        let without =
            FileHeader { e_shoff: 0, e_shentsize: 0, e_shnum: 0, e_shstrndx: 0, ..header };
        assert_eq!(FileHeader::read(encoding.reader(&out[EI_NIDENT..])), Some(without));
        let e_ehsize = encoding.e_ehsize();
        assert_eq!(out[e_ehsize..], whole[e_ehsize..out.len()]);
        assert_eq!(strip(&out), Ok(out));
    }
}

#[test]
fn a_file_without_sections_stays_as_it_is() {
    for encoding in ENCODINGS {
        let mut whole = program(encoding, Hash::Sysv).bytes();
        // Programs of few bytes have code in fields that nothing reads.
        let e_ehsize = encoding.e_ehsize();
        whole[e_ehsize - 6..e_ehsize].fill(0x90);
        whole[24 + 2 * encoding.address_bytes()..][..4].fill(0x90);
        assert_eq!(strip(&whole).as_ref(), Ok(&whole));
        let with_zeros = [whole.as_slice(), &[0; 5]].concat();
        assert_eq!(strip(&with_zeros), Ok(whole));
    }
}

#[track_caller]
fn check_payload(crafted: &Crafted, at: usize, bytes: usize) {
    let (at, bytes) = (at as u64, bytes as u64);
    let error = strip(&crafted.bytes()).unwrap_err();
    assert_eq!(error, Error::Payload { at, bytes });
    let message = format!(
        "an ELF file with {bytes} bytes at {at:#x} that are not loaded, and that the program may \
         read itself"
    );
    assert_eq!(error.to_string(), message);
}

#[test]
fn what_a_program_may_read_itself_is_not_left_out() {
    for encoding in ENCODINGS {
        let whole = with_sections(encoding);
        let (loaded, end) = (whole.loaded_bytes(), whole.bytes().len());
        let appended = b"PK\x03\x04".to_vec();
        check_payload(&Crafted { appended, ..whole.clone() }, end, 4);
        let appended = b"AI".to_vec();
        check_payload(&Crafted { appended, sections: Vec::new(), ..whole.clone() }, loaded, 2);
        let loaded_elsewhere = Part { sh_flags: 2, ..part(".data", 1) };
        for odd in [part("pydata", 1), part(".x", 1), part(".x", 0x8000_0000), loaded_elsewhere] {
            let sections = [vec![part(".comment", 1)], vec![odd], whole.sections.clone()].concat();
            check_payload(&Crafted { sections, ..whole.clone() }, loaded + 13, 13);
        }
    }
}

#[test]
fn a_flat_program_loses_headers_that_no_kernel_reads() {
    for encoding in ENCODINGS {
        let flat = |types: &[u32]| {
            let mut crafted = Crafted::new(encoding);
            let notes = note(encoding, b"GNU\0", 3, b"build");
            types.iter().for_each(|p_type| crafted.segment(*p_type, &notes));
            crafted
        };
        let types = |crafted: &Crafted| {
            let out = strip(&crafted.bytes()).unwrap();
            let file = File::read(&out).unwrap();
            let note = |segment| file.contents(segment).unwrap()[12..].starts_with(b"GNU");
            file.segments
                .iter()
                .skip(1)
                .map(|one| (one.p_type, one.p_filesz > 0 && note(one)))
                .collect::<Vec<_>>()
        };
        let every = flat(&[PT_PHDR, PT_NOTE, PT_GNU_STACK]);
        assert_eq!(types(&every), [(0, false), (0, false), (PT_GNU_STACK, true)]);
        let at = every.segments[1].p_offset as usize;
        assert_eq!(strip(&every.bytes()).unwrap()[at..at + 24], [0; 24], "the note itself");
        let mut property = flat(&[PT_NOTE, PT_GNU_PROPERTY]);
        property.segments[1].p_offset = property.segments[0].p_offset;
        assert_eq!(types(&property), [(PT_NOTE, true), (PT_GNU_PROPERTY, true)]);
        // Somebody reads these: a loader, a C library.
        for other in [2, 3, 7] {
            let crafted = flat(&[PT_NOTE, PT_PHDR, other]);
            assert_eq!(strip(&crafted.bytes()), Ok(crafted.bytes()));
        }
        let mut not_notes = flat(&[PT_NOTE]);
        not_notes.body[0] ^= 0x40;
        not_notes.body[3] ^= 0x40;
        assert_eq!(strip(&not_notes.bytes()), Ok(not_notes.bytes()));
    }
}

#[test]
fn a_file_cut_at_every_byte_is_refused_or_whole() {
    for encoding in ENCODINGS {
        let crafted = with_sections(encoding);
        let (whole, loaded) = (crafted.bytes(), crafted.loaded_bytes());
        for cut in 0..whole.len() {
            assert_eq!(strip(&whole[..cut]).is_ok(), cut == loaded, "cut at {cut}");
        }
    }
}

/// Whatever a single byte says, the answer is a value, and no longer than what it is of.
#[test]
fn a_wrong_byte_anywhere_does_no_harm() {
    for encoding in ENCODINGS {
        let mut crafted = Crafted::new(encoding);
        crafted.segment(PT_NOTE, &note(encoding, b"GNU\0", 3, b"build"));
        crafted.sections = with_sections(encoding).sections;
        let whole = crafted.bytes();
        for at in 0..whole.len() {
            for wrong in [0, 1, 0x7f, 0x80, 0xff] {
                let mut bytes = whole.clone();
                bytes[at] = wrong;
                if let Ok(out) = strip(&bytes) {
                    assert!(out.len() <= bytes.len(), "{at}: {wrong}");
                    assert_eq!(strip(&out).as_ref(), Ok(&out), "{at}: {wrong}");
                }
            }
        }
    }
}
