//! What crafted files need, as it was put into them.

use std::time::{Duration, Instant};

use super::crafted::{Crafted, ENCODINGS, Hash, Part, note, program, string, symbol};
use crate::encoding::Encoding;
use crate::header::{
    FileHeader, PF_R, PF_W, PT_DYNAMIC, PT_INTERP, PT_LOAD, PT_NOTE, ProgramHeader,
};
use crate::{Architecture, Error, Object, strip};

const IMPORTS: [&str; 3] = ["getaddrinfo", "info", "environ"];

#[test]
fn a_program_of_any_encoding_is_read() {
    for encoding in ENCODINGS {
        let bytes = program(encoding, Hash::Sysv).bytes();
        let object = Object::read(&bytes).unwrap();
        let Encoding { is_64, is_big_endian } = encoding;
        assert_eq!(object.architecture(), Architecture { e_machine: 62, is_64, is_big_endian });
        assert_eq!(object.interpreter(), Some("/lib/ld.so"));
        assert_eq!(object.soname(), Some("libown.so.1"));
        assert_eq!(object.needed(), ["libm.so.6", "libc.so.6"]);
        assert_eq!((object.rpath(), object.runpath()), (Some("/opt/lib"), Some("$ORIGIN/lib")));
        assert_eq!(object.imports(), IMPORTS);
        assert_eq!(object.dlopen_notes(), ["[1]"]);
        assert!(object.is_without_defaults() && object.is_dynamic());
    }
}

#[test]
fn a_static_program_needs_nothing() {
    for encoding in ENCODINGS {
        let bytes = Crafted::new(encoding).bytes();
        let object = Object::read(&bytes).unwrap();
        assert_eq!((object.interpreter(), object.soname(), object.rpath()), (None, None, None));
        assert!(object.needed().is_empty() && object.imports().is_empty());
        assert!(!object.is_without_defaults() && !object.is_dynamic());
    }
}

/// The strings follow the symbols where there is no hash table between them.
#[test]
fn symbols_are_counted_by_every_kind_of_table() {
    use Hash::{Gnu, GnuEmpty, None, Sysv};
    for encoding in ENCODINGS {
        for hash in [None, Sysv, Gnu(4), Gnu(1), Gnu(2), GnuEmpty(1)] {
            let bytes = program(encoding, hash).bytes();
            assert_eq!(Object::read(&bytes).unwrap().imports(), IMPORTS, "{encoding:?} {hash:?}");
        }
    }
    for (e_machine, hash) in [(22, Hash::Long), (0x9026, Hash::Long), (62, Sysv)] {
        let bytes = Crafted { e_machine, ..program(ENCODINGS[3], hash) }.bytes();
        assert_eq!(Object::read(&bytes).unwrap().imports(), IMPORTS, "{e_machine}");
    }
}

#[test]
fn the_last_of_two_entries_counts() {
    let mut crafted = program(ENCODINGS[2], Hash::None);
    crafted.dynamic.extend([(15, string("libc.so.6")), (14, string("own")), (0x6fff_fffb, 0)]);
    let bytes = crafted.bytes();
    let object = Object::read(&bytes).unwrap();
    assert_eq!((object.rpath(), object.soname()), (Some("libc.so.6"), Some("own")));
    assert!(!object.is_without_defaults());
}

#[test]
fn names_that_are_none_are_no_imports() {
    let imports = |strsz: u64| {
        let mut crafted = program(ENCODINGS[2], Hash::None);
        crafted.dynamic.retain(|(tag, _)| ![1, 14, 15, 29].contains(tag));
        crafted.dynamic.push((10, strsz));
        let bytes = crafted.bytes();
        Object::read(&bytes).unwrap().imports().join(" ")
    };
    assert_eq!(imports(u64::MAX), "getaddrinfo info environ");
    assert_eq!(imports(string("environ") + 8), "getaddrinfo info environ");
    assert_eq!(imports(string("environ") + 7), "getaddrinfo info");
    assert_eq!(imports(0), "");
}

#[test]
fn notes_about_dlopen_are_found() {
    const TYPE: u32 = 0x407c_0c0a;
    for encoding in ENCODINGS {
        let mut crafted = Crafted::new(encoding);
        let note = |name: &[u8], kind, desc: &[u8]| note(encoding, name, kind, desc);
        let others = [note(b"GNU\0", TYPE, b"no\0"), note(b"FDO\0", 1, b"no\0")].concat();
        let broken = [note(b"FDO\0", TYPE, b"endless"), note(b"FDO\0", TYPE, b"\xff\0")].concat();
        let two = [note(b"FDO\0", TYPE, b"[]\0\0\0"), note(b"FDO\0", TYPE, b"[{}]\0")].concat();
        crafted.segment(PT_NOTE, &[others, broken, two, vec![0xff; 12]].concat());
        // The same once more.
        crafted.segments.extend_from_within(..);
        assert_eq!(Object::read(&crafted.bytes()).unwrap().dlopen_notes(), ["[]", "[{}]"]);
    }
}

#[test]
fn without_a_segment_sections_have_the_notes() {
    for encoding in ENCODINGS {
        let mut crafted = Crafted::new(encoding);
        let bytes = note(encoding, b"FDO\0", 0x407c_0c0a, b"[2]\0");
        for sh_type in [1, 7] {
            let part = Part { name: "", sh_type, sh_flags: 0, bytes: bytes.clone() };
            crafted.sections.push(part);
        }
        assert_eq!(Object::read(&crafted.bytes()).unwrap().dlopen_notes(), ["[2]"]);
    }
}

#[test]
fn literals_are_printable_ends_of_what_nul_ends() {
    let literals = |bytes: &[u8], p_flags, bytes_min| {
        let mut crafted = Crafted::new(ENCODINGS[2]);
        crafted.segment(1, bytes);
        crafted.segments[0].p_flags = p_flags;
        // Without that of the headers.
        let mut file = crafted.bytes();
        file[64 + 4] = PF_W as u8;
        Object::read(&file).unwrap().literals(bytes_min).collect::<Vec<_>>().join("|")
    };
    let text = b"abc\0\x01de~ f\0g\0\xc3\xa4hij\0\t\0klmno";
    assert_eq!(literals(text, PF_R, 0), "abc|de~ f|g|hij|");
    assert_eq!(literals(text, PF_R, 3), "abc|de~ f|hij");
    assert_eq!(literals(text, PF_R, 4), "de~ f");
    assert_eq!(literals(text, PF_R | PF_W, 0), "");
}

#[track_caller]
fn check_refused(bytes: &[u8], expected: Error, message: &str) {
    assert_eq!(Object::read(bytes).map(drop), Err(expected));
    assert_eq!(expected.to_string(), message);
}

#[test]
fn other_files_are_refused() {
    let crafted = |e_type| Crafted { e_type, ..Crafted::new(ENCODINGS[2]) }.bytes();
    for bytes in [&b""[..], b"\x7fEL", b"#!/bin/sh\n", b"\x7fELG0000000000000000"] {
        check_refused(bytes, Error::NotElf, "not an ELF file");
    }
    for (e_type, message) in [
        (1, "an ELF file that a linker has yet to make a program of"),
        (4, "an ELF file with the memory of a process, a core dump"),
        (0xfe00, "an ELF file of type 65024, neither a program nor a library"),
    ] {
        check_refused(&crafted(e_type), Error::NotProgram { e_type }, message);
    }
    for (class, data) in [(0, 1), (3, 1), (2, 0), (2, 3)] {
        let mut bytes = crafted(3);
        (bytes[4], bytes[5]) = (class, data);
        let message =
            format!("an ELF file of class {class} and byte order {data}, where 1 and 2 exist");
        check_refused(&bytes, Error::Ident { class, data }, &message);
    }
    for (at, e_phnum, e_phentsize) in [(54, 1, 55), (56, 0, 56)] {
        let mut bytes = crafted(3);
        bytes[at] = if at == 54 { 55 } else { 0 };
        let message = format!(
            "an ELF file with {e_phnum} program headers of {e_phentsize} bytes, which nothing loads"
        );
        check_refused(&bytes, Error::ProgramHeaders { e_phnum, e_phentsize }, &message);
    }
}

#[test]
fn what_is_said_to_be_there_and_is_not_is_refused() {
    let check = |change: &dyn Fn(&mut Crafted), expected, message: &str| {
        for encoding in ENCODINGS {
            let mut crafted = program(encoding, Hash::Sysv);
            change(&mut crafted);
            check_refused(&crafted.bytes(), expected, message);
        }
    };
    for (tag, what) in [(1, "DT_NEEDED"), (14, "DT_SONAME"), (15, "DT_RPATH"), (29, "DT_RUNPATH")] {
        let message = format!("an ELF file without a text where its {what} says");
        for at in [0x200, u64::from(u32::MAX)] {
            check(&|crafted| crafted.dynamic.push((tag, at)), Error::Text { what }, &message);
        }
    }
    let message = "an ELF file without a text where its DT_NEEDED says";
    let what = "DT_NEEDED";
    for nowhere in [(5, 1), (10, 5)] {
        check(&|crafted| crafted.dynamic.push(nowhere), Error::Text { what }, message);
    }
    let what = "PT_INTERP";
    let message = "an ELF file without a text where its PT_INTERP says";
    check(&|crafted| crafted.segments[0].p_filesz -= 1, Error::Text { what }, message);
    let message = "an ELF file that ends before its headers say";
    for p_type in [PT_INTERP, PT_DYNAMIC] {
        for (p_offset, p_filesz) in [(1 << 31, 1), (0, 1 << 31), (u32::MAX.into(), u32::MAX.into())]
        {
            let change = |crafted: &mut Crafted| {
                let segment = ProgramHeader { p_type, p_offset, p_filesz, ..crafted.segments[0] };
                crafted.segments[0] = segment;
                // The last dynamic section counts.
                crafted.dynamic.retain(|_| p_type == PT_INTERP);
            };
            check(&change, Error::Truncated, message);
        }
    }
}

#[test]
fn names_longer_than_a_path_can_be_are_refused() {
    let long = |bytes: usize| {
        let mut crafted = Crafted::new(ENCODINGS[2]);
        crafted.table(5, &[vec![b'a'; bytes], vec![0]].concat());
        crafted.dynamic.extend([(29, 0), (1, 0)]);
        Object::read(&crafted.bytes()).map(|object| object.runpath().map(str::len))
    };
    assert_eq!(long(4095), Ok(Some(4095)));
    assert_eq!(long(4096), Err(Error::Text { what: "DT_NEEDED" }));
}

/// However much is said of the same bytes; each of these would take minutes.
#[test]
fn the_same_bytes_are_not_read_over_and_over() {
    const LONG: usize = 4 << 20;
    const COUNT: u32 = 60_000;
    let (little, start) = (ENCODINGS[2], Instant::now());
    let mut crafted = Crafted::new(little);
    let symbols = (0..COUNT).flat_map(|number| symbol(little, number, 0));
    crafted.table(6, &symbols.collect::<Vec<_>>());
    crafted.table(5, &[vec![b'a'; LONG], vec![0]].concat());
    assert_eq!(Object::read(&crafted.bytes()).unwrap().imports().len(), COUNT as usize - 1);
    for p_type in [PT_LOAD, PT_NOTE] {
        let segment = ProgramHeader { p_type, p_filesz: LONG as u64, ..super::LOAD };
        let mut bytes = Vec::new();
        let e_phnum = COUNT as u16;
        FileHeader { e_phnum, ..super::file_header() }.emit(&mut bytes);
        (0..COUNT).for_each(|number| {
            let p_offset = u64::from(number);
            ProgramHeader { p_offset, ..segment }.emit(&mut bytes);
        });
        bytes.resize(LONG + COUNT as usize, 0);
        let object = Object::read(&bytes).unwrap();
        assert!(object.literals(1).count() < bytes.len() && object.dlopen_notes().is_empty());
        assert_eq!(strip(&bytes).as_ref(), Ok(&bytes[..LONG + COUNT as usize - 1].to_vec()));
    }
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

#[test]
fn a_program_cut_at_every_byte_is_refused() {
    for encoding in ENCODINGS {
        let whole = program(encoding, Hash::Gnu(4)).bytes();
        for cut in 0..whole.len() {
            assert!(Object::read(&whole[..cut]).is_err(), "cut at {cut}");
        }
    }
}

/// Whatever a single byte says, the answer is a value.
#[test]
fn a_wrong_byte_anywhere_does_no_harm() {
    for (encoding, hash) in
        ENCODINGS.into_iter().zip([Hash::None, Hash::Sysv, Hash::Gnu(4), Hash::Gnu(1)])
    {
        let whole = program(encoding, hash).bytes();
        for at in 0..whole.len() {
            for wrong in [0, 1, 0x7f, 0x80, 0xff] {
                let mut bytes = whole.clone();
                bytes[at] = wrong;
                if let Ok(object) = Object::read(&bytes) {
                    assert!(object.imports().len() <= bytes.len());
                    assert!(object.dlopen_notes().len() <= bytes.len());
                    assert!(object.literals(1).count() <= bytes.len());
                }
            }
        }
    }
}
