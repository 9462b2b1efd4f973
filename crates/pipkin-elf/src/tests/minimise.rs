//! Small files, byte by byte, and run by the kernel of this machine.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use super::run::run;
use crate::append::{Data, headers_bytes};
use crate::header::{ET_DYN, PF_R, PF_X, PT_LOAD};
use crate::{Architecture, Error, Machine, Program, Shape, read_handler};

/// What the program says.
const TEXT: &[u8] = b"hello\n";

/// `write(1, TEXT, 6); exit(7)`, with TEXT behind it.
const CODE: &[u8] = &[
    0x90, // nop, before the entry point
    0x48, 0x8d, 0x35, 18, 0, 0, 0, // lea rsi, [rip + 18]
    0x6a, 1, 0x58, 0x89, 0xc7, // push 1; pop rax; mov edi, eax
    0x6a, 6, 0x5a, 0x0f, 0x05, // push 6; pop rdx; syscall
    0x6a, 60, 0x58, 0x6a, 7, 0x5f, 0x0f, 0x05, // push 60; pop rax; push 7; pop rdi; syscall
];

fn program() -> Program {
    Program {
        machine: Machine::X86_64,
        base: None,
        e_entry: headers_bytes(1) as u64 + 1,
        code: [CODE, TEXT].concat(),
        data: None,
        align: 16,
        has_content: false,
        has_stack: false,
        p_paddr: 0,
    }
}

#[test]
fn portable_headers() {
    let out = program().minimise(b"more", Shape::Portable).unwrap();
    let headers: [&[u8]; 15] = [
        b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0",
        &[3, 0, 62, 0, 1, 0, 0, 0],   // e_type, e_machine, e_version
        &[121, 0, 0, 0, 0, 0, 0, 0],  // e_entry
        &[64, 0, 0, 0, 0, 0, 0, 0],   // e_phoff
        &[0; 8],                      // e_shoff
        &[0, 0, 0, 0, 64, 0],         // e_flags, e_ehsize
        &[56, 0, 1, 0],               // e_phentsize, e_phnum
        &[0; 6],                      // e_shentsize, e_shnum, e_shstrndx
        &[1, 0, 0, 0, 5, 0, 0, 0],    // p_type, p_flags
        &[0; 8],                      // p_offset
        &[0; 8],                      // p_vaddr
        &[0; 8],                      // p_paddr
        &[156, 0, 0, 0, 0, 0, 0, 0],  // p_filesz
        &[156, 0, 0, 0, 0, 0, 0, 0],  // p_memsz
        &[0, 0x10, 0, 0, 0, 0, 0, 0], // p_align
    ];
    assert_eq!(out[..120], headers.concat());
    assert_eq!(out[120..], [CODE, TEXT, b"more"].concat());
}

#[test]
fn golf_headers() {
    let out = program().minimise(b"more", Shape::Golf).unwrap();
    let headers: [&[u8]; 9] = [
        b"\x7fELF",
        &[0xe9, 64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], // jmp to 73
        &[2, 0, 62, 0, 0, 0, 0, 0],                // e_type, e_machine, e_version
        &[1, 0, 0, 0, 5, 0, 0, 0],                 // e_entry, or p_type and p_flags
        &[24, 0, 0, 0, 0, 0, 0, 0],                // e_phoff, or p_offset
        &[24, 0, 0, 0, 5, 0, 0, 0],                // e_shoff, or p_vaddr
        &[0, 0, 0, 0, 0, 0, 56, 0],                // to e_phentsize, or p_paddr
        &[1, 0, 0, 0, 0, 0, 0, 0],                 // from e_phnum on, or p_filesz
        &[1, 0, 0, 0, 0, 0, 0, 0],                 // p_memsz
    ];
    assert_eq!(out[..72], headers.concat());
    assert_eq!(out[72..], [CODE, TEXT, b"more"].concat());
}

#[test]
fn larger_pages_for_machines_that_may_have_them() {
    let program = Program { machine: Machine::Aarch64, ..program() };
    let out = program.minimise(b"", Shape::Portable).unwrap();
    assert_eq!(out[112..120], 0x10000_u64.to_le_bytes());
}

/// `p_filesz` of a file with so many bytes.
#[track_caller]
fn check_filesz(file_bytes: usize, expected: u64) {
    let program = Program { code: vec![0; file_bytes - 72], ..program() };
    let out = program.minimise(b"", Shape::Golf).unwrap();
    assert_eq!(out.len(), file_bytes);
    assert_eq!(out[56..64], expected.to_le_bytes(), "{file_bytes}");
    assert_eq!(out[64..72], expected.to_le_bytes(), "{file_bytes}");
}

#[test]
fn a_segment_ends_with_the_number_of_headers() {
    check_filesz(80, 1);
    check_filesz(4096, 1);
    check_filesz(4097, 0x10001);
    check_filesz(0x10019, 0x10001);
    check_filesz(0x1001a, 0x20001);
}

#[track_caller]
fn check_refused(program: &Program, shape: Shape, expected: Error, message: &str) {
    assert_eq!(program.minimise(b"", shape), Err(expected));
    assert_eq!(expected.to_string(), message);
}

/// A program header is read whole, also where its last word means nothing.
#[test]
fn a_file_does_not_end_in_its_header() {
    for (code, expected) in [(1, 80), (8, 80), (9, 81)] {
        let program = Program { code: vec![0x90; code], ..program() };
        let out = program.minimise(b"", Shape::Golf).unwrap();
        assert_eq!(out.len(), expected, "{code}");
    }
}

#[test]
fn programs_that_stay_as_large_as_they_are() {
    let data = Some(Data { p_vaddr: 0x2000, p_memsz: 8, bytes: Vec::new() });
    let message = "a program with more than code and constants";
    for shape in [Shape::Portable, Shape::Golf] {
        for other in [
            Program { data: data.clone(), ..program() },
            Program { base: Some(0x40_0000), ..program() },
            Program { has_content: true, ..program() },
            Program { has_stack: true, ..program() },
        ] {
            check_refused(&other, shape, Error::NotFlat, message);
        }
    }
    let aligned = Program { align: 32, ..program() };
    assert!(aligned.minimise(b"", Shape::Portable).is_ok());
    let message = "a program with constants at multiples of 32 bytes";
    check_refused(&aligned, Shape::Golf, Error::Alignment { bytes: 32 }, message);
    let arm64 = Program { machine: Machine::Aarch64, ..program() };
    let expected = Architecture { e_machine: 183, is_64: true, is_big_endian: false };
    assert_eq!(arm64.minimise(b"", Shape::Golf), Err(Error::Architecture(expected)));
}

#[test]
fn a_portable_file_is_read_again() {
    let out = program().minimise(b"", Shape::Portable).unwrap();
    let file = crate::file::File::read(&out).unwrap();
    let [segment] = file.segments[..] else { panic!("not one header") };
    assert_eq!((file.header.e_type, file.header.e_entry), (ET_DYN, 121));
    assert_eq!((segment.p_type, segment.p_flags), (PT_LOAD, PF_R | PF_X));
    assert_eq!((segment.p_offset, segment.p_filesz), (0, out.len() as u64));
    // It has no sections, so nobody takes it for one that a linker left.
    assert_eq!(read_handler(&out), Err(Error::Truncated));
}

/// The program is run by `runner`, or by the kernel, and does what it should.
fn check_run(file: &[u8], runner: &[&str]) -> bool {
    let output = ran(file, runner);
    output.stdout == TEXT && output.status.code() == Some(7)
}

/// What comes of `file`, run by `runner`, or by the kernel.
fn ran(file: &[u8], runner: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("program");
    fs::write(&path, file).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    let path = path.to_str().unwrap();
    let command = [runner, &[path]].concat();
    run(Path::new(command[0]), &command[1..])
}

#[test]
fn they_run() {
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        return eprintln!("skipped: the code is that of Linux on x86-64");
    }
    for content in [0, 5_000, 200_000] {
        for shape in [Shape::Portable, Shape::Golf] {
            let file = program().minimise(&vec![0x90; content], shape).unwrap();
            assert!(check_run(&file, &[]), "{shape:?} with {content} bytes");
        }
    }
}

/// Says what stands at the very end of a file of so many bytes.
#[track_caller]
fn check_last_bytes(shape: Shape, headers: usize, file_bytes: usize) {
    let mut code = CODE.to_vec();
    code.resize(file_bytes - headers - TEXT.len(), 0x90);
    // From behind the instruction.
    let far = (code.len() - 8) as u32;
    code[4..8].copy_from_slice(&far.to_le_bytes());
    let file = Program { code, ..program() }.minimise(TEXT, shape).unwrap();
    assert_eq!(file.len(), file_bytes);
    assert!(check_run(&file, &[]), "{shape:?} with {file_bytes} bytes");
}

#[test]
fn all_of_a_file_is_loaded() {
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        return eprintln!("skipped: the code is that of Linux on x86-64");
    }
    for (shape, headers) in [(Shape::Portable, 120), (Shape::Golf, 72)] {
        for end in [0x1000, 0x2000, 0x10000, 0x10019, 0x11000, 0x20000] {
            (end - 1..=end + 1).for_each(|bytes| check_last_bytes(shape, headers, bytes));
        }
    }
}

/// Less code than the word of the program header in whose place it is.
#[test]
fn the_least_program_runs() {
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        return eprintln!("skipped: the code is that of Linux on x86-64");
    }
    // exit(0): push 60; pop rax; syscall
    let program = Program { code: vec![0x90, 0x6a, 60, 0x58, 0x0f, 0x05], ..program() };
    for shape in [Shape::Portable, Shape::Golf] {
        assert_eq!(ran(&program.minimise(b"", shape).unwrap(), &[]).status.code(), Some(0));
    }
}

/// What the module's documentation says of it.
#[test]
fn an_emulator_takes_the_portable_one() {
    let qemu = "/usr/bin/qemu-x86_64-static";
    if !Path::new(qemu).exists() {
        return eprintln!("skipped: there is no {qemu}");
    }
    let file = |shape| program().minimise(b"", shape).unwrap();
    assert!(check_run(&file(Shape::Portable), &[qemu]));
    assert!(!check_run(&file(Shape::Golf), &[qemu]));
}
