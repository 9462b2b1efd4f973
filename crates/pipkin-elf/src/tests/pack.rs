//! Packed programs: header by header, and unpacked as the program in them would be.

use std::cell::Cell;

use super::handler::{check_congruent, parse};
use crate::append::{Data, headers_bytes};
use crate::header::{ET_DYN, ET_EXEC, ProgramHeader};
use crate::relocate::BASE;
use crate::{Machine, Program, Unpacker};

const MACHINES: [Machine; 3] = [Machine::X86_64, Machine::Aarch64, Machine::Riscv64];

const IMAGE_AT: u64 = 0x100_0000;
const MEMORY_BYTES: u64 = 0x41_0000;
/// Code of what unpacks.
const UNPACKER: &[u8] = &[0x55; 100];
/// What all other code consists of.
const CODE: u8 = 7;
/// How much of it there is where that does not matter.
const CODE_BYTES: usize = 20_000;
const CONTENT_BYTES: u64 = 5;
/// Bytes of variables in memory.
const DATA_BYTES: u64 = 100;

/// What a program has beside code; of variables the bytes in the file.
#[derive(Clone, Copy, Default)]
struct Kind {
    has_content: bool,
    data: Option<usize>,
    base: Option<u64>,
}

/// One of each kind.
const KINDS: [Kind; 7] = [
    ALONE,
    Kind { has_content: true, ..ALONE },
    Kind { data: Some(0), ..ALONE },
    Kind { data: Some(8), ..ALONE },
    Kind { has_content: true, data: Some(0), ..ALONE },
    Kind { has_content: true, data: Some(8), ..ALONE },
    Kind { has_content: true, data: Some(8), base: Some(BASE) },
];

const ALONE: Kind = Kind { has_content: false, data: None, base: None };

impl Kind {
    fn program(self, machine: Machine, code_bytes: usize) -> Program {
        let data = |file_bytes| Data {
            p_vaddr: 0x4000_0300,
            p_memsz: DATA_BYTES,
            bytes: vec![0xdd; file_bytes],
        };
        let program = Program {
            machine,
            base: self.base,
            e_entry: 0,
            code: vec![CODE; code_bytes],
            data: self.data.map(data),
            align: 16,
            has_content: self.has_content,
            has_stack: false,
            p_paddr: 3001,
        };
        Program { e_entry: program.headers_bytes() as u64, ..program }
    }
}

/// What unpacks on `machine`, as the linker leaves it.
fn alone(machine: Machine) -> Program {
    let e_entry = headers_bytes(1) as u64 + 4;
    Program { e_entry, code: UNPACKER.to_vec(), ..ALONE.program(machine, 0) }
}

fn unpacker<'a>(program: &'a Program, pack: &'a dyn Fn(&[u8]) -> Vec<u8>) -> Unpacker<'a> {
    Unpacker { program, image_at: IMAGE_AT, memory_bytes: MEMORY_BYTES, pack }
}

/// Packed programs of each kind with their content, and how many segments they have to load.
pub(super) fn files() -> Vec<(Vec<u8>, usize)> {
    let file = |machine, kind: Kind| {
        let (program, alone) = (kind.program(machine, CODE_BYTES), alone(machine));
        let content = if kind.has_content { CONTENT_BYTES } else { 0 };
        let out = program.packed_with_content(content, &unpacker(&alone, &short)).unwrap();
        let more = usize::from(kind.has_content) + usize::from(kind.data.is_some());
        ([out, vec![0; content as usize]].concat(), 2 + more)
    };
    MACHINES.into_iter().flat_map(|machine| KINDS.map(|kind| file(machine, kind))).collect()
}

/// Packs: how much there is before the code, and that.
fn short(image: &[u8]) -> Vec<u8> {
    let bytes = image.iter().rposition(|byte| *byte != CODE).unwrap() + 1;
    [&(bytes as u32).to_le_bytes(), &image[..bytes]].concat()
}

/// Makes `bytes` bytes again of what [`short`] made, and of anything behind it.
fn long(packed: &[u8], bytes: usize) -> Vec<u8> {
    let (length, packed) = packed.split_first_chunk().unwrap();
    let mut image = packed[..u32::from_le_bytes(*length) as usize].to_vec();
    image.resize(bytes, CODE);
    image
}

/// The file has `e_type` and `e_entry`, and of each segment `p_flags`, `p_offset`, `p_vaddr`,
/// `p_filesz` and `p_memsz`.
#[track_caller]
fn check_segments(
    machine: Machine,
    kind: usize,
    (e_type, e_entry): (u16, u64),
    expected: &[[u64; 5]],
) {
    let (program, alone) = (KINDS[kind].program(machine, CODE_BYTES), alone(machine));
    let out = program.packed_with_content(CONTENT_BYTES, &unpacker(&alone, &short)).unwrap();
    let (header, segments) = parse(&out);
    assert_eq!((header.e_type, header.e_entry), (e_type, e_entry));
    let words = |segment: &ProgramHeader| {
        let ProgramHeader { p_flags, p_offset, p_vaddr, p_filesz, p_memsz, .. } = *segment;
        [p_flags.into(), p_offset, p_vaddr, p_filesz, p_memsz]
    };
    assert_eq!(segments.iter().map(words).collect::<Vec<_>>(), expected, "{machine:?}");
    assert!(segments.iter().all(|segment| segment.p_align == machine.page_bytes_max()));
}

#[test]
fn a_header_more_than_it_had() {
    const X: u64 = 5;
    const W: u64 = 6;
    const R: u64 = 4;
    for (machine, content) in MACHINES.into_iter().zip([0x5000, 0x1_0000, 0x5000]) {
        let check = |kind, entry, expected: &[_]| check_segments(machine, kind, entry, expected);
        check(0, (ET_DYN, 180), &[[X, 0, 0, 336, 336], [W, 0, 0xbf_0000, 0, 0x41_4e98]]);
        let [own, memory] = [[X, 0, 0, 448, 448], [W, 0, 0xbf_0000, 0, 0x41_4ed0]];
        let at = 0x100_0000 + content;
        check(1, (ET_DYN, 236), &[own, memory, [R, 448, at + 448, 5, 5]]);
        check(2, (ET_DYN, 236), &[own, memory, [W, 0x300, 0x4100_0300, 0, 100]]);
        check(3, (ET_DYN, 236), &[own, memory, [W, 0x300, 0x4100_0300, 8, 100]]);
        let [own, memory] = [[X, 0, 0, 560, 560], [W, 0, 0xbf_0000, 0, 0x41_4f08]];
        let data = |filesz| [W, 0x300, 0x4100_0300, filesz, 100];
        check(4, (ET_DYN, 292), &[own, memory, [R, 560, at + 560, 5, 5], data(0)]);
        check(5, (ET_DYN, 292), &[own, memory, [R, 0x308, at + 0x308, 5, 5], data(8)]);
        let (base, at) = (0x200_0000, 0x200_0000 + content);
        check(
            6,
            (ET_EXEC, base - 0x100_0000 + 292),
            &[
                [X, 0, base - 0x100_0000, 560, 560],
                [W, 0, base - 0x41_0000, 0, 0x41_4f08],
                [R, 0x308, at + 0x308, 5, 5],
                [W, 0x300, base + 0x4000_0300, 8, 100],
            ],
        );
    }
}

/// The unpacker and what is packed follow the headers, and the variables follow them.
#[test]
fn bytes_in_the_file() {
    let program = KINDS[5].program(Machine::X86_64, CODE_BYTES);
    let alone = alone(Machine::X86_64);
    let out = program.packed_with_content(5, &unpacker(&alone, &short)).unwrap();
    assert_eq!(out[headers_bytes(4)..][..UNPACKER.len()], *UNPACKER);
    assert_eq!(out[388..392], 168_u32.to_le_bytes());
    assert_eq!(out[560..0x300], [0; 0x300 - 560]);
    assert_eq!(out[0x300..], [0xdd; 8]);
    // p_paddr of the second: where to go on, and where the code ends.
    assert_eq!(out[144..152], [[232, 0, 0, 0], 20_232_u32.to_le_bytes()].concat());
}

/// What the kernel makes of the file is what the program expects that is unpacked there.
#[track_caller]
fn check_unpacked(program: &Program, content_bytes: u64, pack: &dyn Fn(&[u8]) -> Vec<u8>) {
    let (alone, machine) = (alone(program.machine), program.machine);
    let out = program.packed(content_bytes, &unpacker(&alone, pack)).unwrap();
    let (header, segments) = parse(&out);
    check_congruent(&segments);
    check_apart(&segments, machine.page_bytes_max());
    let [own, memory, ..] = segments[..] else { panic!("{segments:?}") };
    let code_at = headers_bytes(header.e_phnum.into());
    assert_eq!(header.e_entry, own.p_vaddr + code_at as u64 + 4);

    let image_at = own.p_vaddr + IMAGE_AT;
    let end = memory.p_paddr >> 32;
    assert_eq!(memory.p_vaddr + memory.p_memsz, image_at + end);
    assert_eq!(memory.p_vaddr, image_at - MEMORY_BYTES);
    let packed = &out[code_at + UNPACKER.len()..own.p_filesz as usize];
    let image = [vec![0; 64], long(packed, end as usize - 64)].concat();

    let plain = program.with_content(content_bytes).unwrap();
    let code = program.headers_bytes()..program.code_end();
    assert_eq!(image.len(), code.end);
    assert_eq!(image[code.clone()], plain[code]);
    assert_eq!(memory.p_paddr as u32, program.e_entry as u32);
    assert_eq!(image[64 + 24..64 + 32], plain[64 + 24..64 + 32], "the port");
    if program.has_content {
        let content = segments[2];
        assert_eq!(content_of(program, &image), (content.p_vaddr - image_at, content_bytes));
        assert_eq!((content.p_offset, content.p_filesz), (out.len() as u64, content_bytes));
    }
}

/// No page is in two segments, and they are in order.
#[track_caller]
fn check_apart(segments: &[ProgramHeader], page: u64) {
    for pair in segments.windows(2) {
        let [end, start] = [pair[0].p_vaddr + pair[0].p_memsz, pair[1].p_vaddr];
        assert!(end.next_multiple_of(page) <= start - start % page, "{end:#x} {start:#x}");
    }
}

/// Where a program in memory takes its content to be, from its start, and how long: `content()` of the
/// server, where a handler minds its base address.
fn content_of(program: &Program, image: &[u8]) -> (u64, u64) {
    let word = |at: usize| u64::from_le_bytes(*image[at..].first_chunk().unwrap());
    let base = if program.base.is_some() { word(64 + 16) } else { 0 };
    (word(120 + 16) - base, word(120 + 40))
}

/// Where content begins in a page, by the headers that are packed; or whatever is there without it.
fn content_in_page(image: &[u8]) -> usize {
    let p_vaddr = image.get(56 + 16..56 + 18).unwrap_or_default();
    p_vaddr.iter().rev().fold(0, |at, byte| at << 8 | usize::from(*byte)) % 0x1000
}

/// Longer by something that has nothing to do with how long it should be.
fn odd(image: &[u8]) -> Vec<u8> {
    let at = content_in_page(image);
    let mut packed = short(image);
    packed.resize(packed.len() + at * 0x9e37 % 200, 0xee);
    packed
}

#[test]
fn content_is_where_the_program_looks() {
    for machine in MACHINES {
        for kind in KINDS {
            for code_bytes in [1, 0xe98, 0xf4f, 0xf50, 0xf51, 0x1000, 0xffe8, 0x2_0001] {
                let program = kind.program(machine, code_bytes);
                for content_bytes in [0, 1, 0xfff, 0x1000, 0x3000_0000] {
                    check_unpacked(&program, content_bytes, &short);
                    check_unpacked(&program, content_bytes, &odd);
                }
            }
        }
    }
}

#[test]
fn any_length_of_what_is_packed() {
    for length in 0..0x1100 {
        let pack = |image: &[u8]| {
            let mut packed = short(image);
            // Anything but zeros, so that nothing is taken for room.
            packed.resize(packed.len() + length, 0xee);
            packed
        };
        for kind in [KINDS[1], KINDS[5]] {
            check_unpacked(&kind.program(Machine::X86_64, 5000), 5, &pack);
        }
    }
}

/// Always a byte longer than there is room for, until the content is at the start of a page.
#[test]
fn there_is_an_end_to_what_grows() {
    let (program, calls) = (KINDS[1].program(Machine::X86_64, CODE_BYTES), Cell::new(0));
    let before = headers_bytes(3) + UNPACKER.len();
    let pack = |image: &[u8]| {
        calls.set(calls.get() + 1);
        let mut packed = short(image);
        packed.resize((content_in_page(image) + 1) % 0x1000 + 0x1000 - before, 0xee);
        packed
    };
    check_unpacked(&program, 5, &pack);
    assert_eq!(calls.get(), 0x1000 - before);
}

/// `pack` makes so many bytes, and the file is packed or not.
#[track_caller]
fn check_packed(
    program: &Program,
    content_bytes: u64,
    (image_at, memory_bytes): (u64, u64),
    (packed_bytes, is_packed): (usize, bool),
) {
    let pack = |_: &[u8]| vec![0xee; packed_bytes];
    let alone = alone(program.machine);
    let unpacker = Unpacker { program: &alone, image_at, memory_bytes, pack: &pack };
    let out = program.packed_with_content(content_bytes, &unpacker).unwrap();
    assert_eq!(out != program.with_content(content_bytes).unwrap(), is_packed);
}

#[test]
fn what_packing_makes_no_shorter_stays() {
    let program = ALONE.program(Machine::X86_64, CODE_BYTES);
    // Less the header and the code that it has more.
    let same = CODE_BYTES - 56 - UNPACKER.len();
    for (bytes, is_packed) in [(0, true), (same - 1, true), (same, false), (30_000, false)] {
        check_packed(&program, 0, (IMAGE_AT, MEMORY_BYTES), (bytes, is_packed));
    }
}

#[test]
fn what_has_no_room_packed_stays() {
    let program = ALONE.program(Machine::X86_64, CODE_BYTES);
    // The code ends where the memory begins.
    let room = 0x3000 - headers_bytes(2) - UNPACKER.len();
    for (bytes, is_packed) in [(room, true), (room + 1, false)] {
        check_packed(&program, 0, (0x1_3000, 0x1_0000), (bytes, is_packed));
    }
    check_packed(&program, 0, (0x1_0000, 0x1_1000), (0, false));
    // Nothing comes before address 0.
    let placed = Program { base: Some(BASE), ..program };
    check_packed(&placed, 0, (BASE, MEMORY_BYTES), (0, true));
    check_packed(&placed, 0, (BASE + 0x1000, MEMORY_BYTES), (0, false));
}

/// Content may begin later in a page than it does without packing.
#[test]
fn content_that_has_room_without_packing_stays() {
    let program = KINDS[4].program(Machine::X86_64, CODE_BYTES);
    let room = 0x4000_0000 - 0x5000 - program.bytes() as u64 % 0x1000;
    let late = 0xfff - headers_bytes(4) - UNPACKER.len();
    for (bytes, is_packed) in [(room, false), (room - 0x100, true)] {
        check_packed(&program, bytes, (IMAGE_AT, MEMORY_BYTES), (late, is_packed));
    }
    let same = program.bytes() - headers_bytes(4) - UNPACKER.len();
    assert!(late < same);
    check_packed(&program, room, (IMAGE_AT, MEMORY_BYTES), (100, true));
    let error = program
        .packed_with_content(room + 1, &unpacker(&alone(Machine::X86_64), &short))
        .unwrap_err();
    let message = format!("a program without room for {} bytes of content", room + 1);
    assert_eq!(error.to_string(), message);
}
