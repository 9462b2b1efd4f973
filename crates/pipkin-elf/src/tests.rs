//! Programs made here byte by byte, read, written with content, and read again.

mod crafted;
mod handler;
mod minimise;
mod object;
mod pack;
mod readelf;
mod run;
mod strip;

use crate::file::File;
use crate::header::{ET_DYN, FileHeader, PF_R, PF_W, PF_X, PT_GNU_STACK, PT_LOAD, ProgramHeader};
use crate::{Architecture, Error, HEADERS_BYTES, Machine, Program, read};

const LOAD: ProgramHeader = ProgramHeader {
    p_type: PT_LOAD,
    p_flags: PF_R | PF_X,
    p_offset: 0x1000,
    p_vaddr: 0,
    p_paddr: 0,
    p_filesz: 200,
    p_memsz: 200,
    p_align: 0x1000,
};

fn file_header() -> FileHeader {
    FileHeader { e_type: ET_DYN, e_machine: 62, e_entry: 180, e_phnum: 1, ..FileHeader::default() }
}

/// What a linker would write: headers, then at 0x1000 the segment, its bytes counting up.
fn linked(header: &FileHeader, segments: &[ProgramHeader]) -> Vec<u8> {
    let mut out = Vec::new();
    header.emit(&mut out);
    segments.iter().for_each(|segment| segment.emit(&mut out));
    out.resize(0x1000, 0);
    out.extend(0..200);
    out
}

fn program() -> Program {
    read(&linked(&file_header(), &[LOAD])).unwrap()
}

#[test]
fn a_linked_program_is_read() {
    let program = program();
    assert_eq!(program.machine(), Machine::X86_64);
    assert_eq!(program.bytes(), 200);
    assert_eq!(program.code, (176..200).collect::<Vec<u8>>());
}

#[test]
fn a_program_that_wants_no_code_on_its_stack_goes_on_to() {
    let wish = |p_flags| ProgramHeader { p_type: PT_GNU_STACK, p_flags, p_memsz: 0, ..LOAD };
    let header = FileHeader { e_phnum: 2, e_entry: 240, ..file_header() };
    let code = ProgramHeader { p_filesz: 300, p_memsz: 300, ..LOAD };
    let mut linked = linked(&header, &[code, wish(PF_R | PF_W)]);
    linked.resize(0x1000 + 300, 7);
    let program = read(&linked).unwrap();
    assert_eq!((program.bytes(), program.code.len()), (300, 300 - 232));
    let out = program.with_content(5).unwrap();
    assert_eq!(out[232..], [7; 300 - 232]);
    // It ends before its content does.
    let file = File::read(&[&out[..], &[0; 5]].concat()).unwrap().segments;
    let [_, _, stack] = file[..] else { panic!("{file:?}") };
    assert_eq!((stack.p_type, stack.p_flags, stack.p_memsz), (PT_GNU_STACK, PF_R | PF_W, 0));
}

#[test]
fn a_wish_for_code_on_the_stack_is_not_kept() {
    let wish = ProgramHeader { p_type: PT_GNU_STACK, p_flags: PF_R | PF_W | PF_X, ..LOAD };
    let header = FileHeader { e_phnum: 2, ..file_header() };
    assert_eq!(read(&linked(&header, &[LOAD, wish])), Ok(program()));
    let wish = ProgramHeader { p_flags: PF_R | PF_W, ..wish };
    assert_eq!(read(&linked(&header, &[LOAD, wish])), Err(Error::NotOneSegment), "no room");
}

#[track_caller]
fn check_refused(bytes: &[u8], expected: Error, message: &str) {
    assert_eq!(read(bytes).as_ref(), Err(&expected));
    assert_eq!(expected.to_string(), message);
}

#[test]
fn other_programs_are_refused() {
    let check = |header: FileHeader, segments: &[ProgramHeader], expected, message: &str| {
        let e_phnum = segments.len() as u16;
        check_refused(&linked(&FileHeader { e_phnum, ..header }, segments), expected, message);
    };
    let header = file_header();
    check_refused(b"#!/bin/sh\n", Error::NotElf, "not an ELF file");
    let e_machine = 3;
    let odd = Architecture { e_machine, is_64: true, is_big_endian: false };
    check(
        FileHeader { e_machine, ..header },
        &[LOAD],
        Error::Architecture(odd),
        "an ELF file for machine 3, which is none of amd64, arm64 and riscv64",
    );
    let message = "not a position-independent ELF file";
    check(FileHeader { e_type: 2, ..header }, &[LOAD], Error::NotPositionIndependent, message);
    let message = "an ELF file with a writable segment";
    let writable = ProgramHeader { p_flags: PF_R | PF_W, p_vaddr: 0x2000, ..LOAD };
    check(header, &[LOAD, writable], Error::Writable, message);
    let message = "not an ELF file with one segment, code and constants from address 0";
    let shifted = ProgramHeader { p_vaddr: 0x1000, ..LOAD };
    let with_bss = ProgramHeader { p_memsz: 201, ..LOAD };
    let short = ProgramHeader { p_filesz: 100, p_memsz: 100, ..LOAD };
    for segments in [&[LOAD, LOAD][..], &[shifted], &[with_bss], &[short]] {
        check(header, segments, Error::NotOneSegment, message);
    }
    for e_entry in [175, 200] {
        let message = format!("an ELF file whose entry point {e_entry:#x} lies outside its code");
        check(FileHeader { e_entry, ..header }, &[LOAD], Error::Entry { e_entry }, &message);
    }
    let message = "an ELF file that ends before its headers say";
    let beyond = ProgramHeader { p_offset: 0x1001, ..LOAD };
    check(header, &[beyond], Error::Truncated, message);
}

#[test]
fn a_program_cut_at_every_byte_is_refused() {
    let whole = linked(&file_header(), &[LOAD]);
    for cut in 0..whole.len() {
        assert!(read(&whole[..cut]).is_err(), "cut at {cut}");
    }
}

#[test]
fn content_is_a_read_only_segment_congruent_to_its_offset() {
    for machine in [Machine::X86_64, Machine::Aarch64, Machine::Riscv64] {
        for code_bytes in [1, 0xfff - HEADERS_BYTES, 0x1000 - HEADERS_BYTES, 0x10000] {
            let program = Program { machine, code: vec![0x90; code_bytes], ..program() };
            let out = program.with_content(12_345).unwrap();
            let file = [out.as_slice(), &[0; 12_345]].concat();
            let file = File::read(&file).unwrap();
            assert_eq!(Machine::of(file.architecture()), Some(machine));
            assert_eq!(file.header.e_flags, if machine == Machine::Riscv64 { 5 } else { 0 });
            let [code, content] = file.segments[..] else { panic!("not two headers") };
            assert_eq!((code.p_flags, content.p_flags), (PF_R | PF_X, PF_R));
            assert_eq!((code.p_offset, code.p_filesz), (0, out.len() as u64));
            assert_eq!((content.p_offset, content.p_filesz), (out.len() as u64, 12_345));
            let page = machine.page_bytes_max();
            assert_eq!(content.p_vaddr % page, content.p_offset % page);
            assert!(content.p_vaddr / page > (code.p_memsz - 1) / page, "a page of its own");
        }
    }
}
