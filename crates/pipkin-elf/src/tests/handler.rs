//! Handlers made here byte by byte as a linker would, read, and written as executables.

use super::{LOAD, file_header};
use crate::append::headers_bytes;
use crate::encoding::Encoding;
use crate::header::{EI_NIDENT, ET_DYN, ET_EXEC, FileHeader, PF_R, PF_W, PF_X, ProgramHeader};
use crate::relocate::BASE;
use crate::{Error, Handler, Machine, read_handler};

/// What a linker would write: headers, at 0x1000 the code, its bytes counting up, at 0x2000 the
/// variables, and sections behind them.
struct Linked {
    machine: Machine,
    /// Length of the variables in the file and in memory.
    data: Option<(u64, u64)>,
    data_vaddr: u64,
    sections: Vec<(&'static str, Vec<u8>)>,
    e_entry: u64,
}

const FLAT: ProgramHeader = ProgramHeader { p_filesz: 250, p_memsz: 250, ..LOAD };

impl Linked {
    fn new() -> Self {
        let (machine, sections) = (Machine::X86_64, Vec::new());
        Self { machine, data: None, data_vaddr: 0x1000 + 250, sections, e_entry: 240 }
    }

    fn section(mut self, name: &'static str, bytes: impl Into<Vec<u8>>) -> Self {
        self.sections.push((name, bytes.into()));
        self
    }

    /// A section with relocations: kind, offset and addend of each.
    fn relocations(self, relocations: &[(u32, u64, u64)]) -> Self {
        let words = |&(kind, offset, addend): &(u32, _, _)| [offset, kind.into(), addend];
        let words = relocations.iter().flat_map(words);
        let bytes: Vec<u8> = words.flat_map(u64::to_le_bytes).collect();
        self.section(".rela.dyn", bytes)
    }

    fn segments(&self) -> Vec<ProgramHeader> {
        let data = self.data.map(|(p_filesz, p_memsz)| ProgramHeader {
            p_flags: PF_R | PF_W,
            p_offset: 0x2000,
            p_vaddr: self.data_vaddr,
            p_filesz,
            p_memsz,
            ..LOAD
        });
        [FLAT].into_iter().chain(data).collect()
    }

    fn bytes(&self) -> Vec<u8> {
        let segments = self.segments();
        let (e_machine, e_phnum) = (self.machine.e_machine(), segments.len() as u16);
        let mut out = Vec::new();
        FileHeader { e_machine, e_phnum, e_entry: self.e_entry, ..file_header() }.emit(&mut out);
        segments.iter().for_each(|segment| segment.emit(&mut out));
        out.resize(0x1000, 0);
        out.extend(0..250);
        out.resize(0x2000, 0);
        out.extend([0xdd; 16]);
        self.emit_sections(&mut out);
        out
    }

    /// Contents, names, headers: the first header is of the names.
    fn emit_sections(&self, out: &mut Vec<u8>) {
        let (mut names, mut headers) = (Vec::new(), vec![[0; 64]]);
        for (name, bytes) in &self.sections {
            headers.push(section_header(names.len(), out.len(), bytes.len()));
            names.extend(name.bytes().chain([0]));
            out.extend(bytes);
        }
        headers[0] = section_header(names.len(), out.len(), names.len() + 1);
        out.extend(names.iter().chain(&[0]));
        let e_shoff = out.len() as u64;
        out[40..48].copy_from_slice(&e_shoff.to_le_bytes());
        out[58..60].copy_from_slice(&64_u16.to_le_bytes());
        out[60..62].copy_from_slice(&(headers.len() as u16).to_le_bytes());
        headers.iter().for_each(|header| out.extend(header));
    }

    fn read(&self) -> Handler {
        read_handler(&self.bytes()).unwrap()
    }
}

fn section_header(sh_name: usize, sh_offset: usize, sh_size: usize) -> [u8; 64] {
    let mut header = [0; 64];
    header[..4].copy_from_slice(&(sh_name as u32).to_le_bytes());
    header[24..32].copy_from_slice(&(sh_offset as u64).to_le_bytes());
    header[32..40].copy_from_slice(&(sh_size as u64).to_le_bytes());
    header
}

/// The headers, which name content that is not there.
pub(super) fn parse(out: &[u8]) -> (FileHeader, Vec<ProgramHeader>) {
    let header = FileHeader::read(Encoding::OURS.reader(&out[EI_NIDENT..])).unwrap();
    let table = &out[headers_bytes(0)..headers_bytes(header.e_phnum.into())];
    let headers = Encoding::OURS.records(table, headers_bytes(1) - headers_bytes(0));
    (header, headers.map(|header| ProgramHeader::read(header).unwrap()).collect())
}

#[test]
fn a_header_for_each_segment_that_there_is() {
    for (site, data, count) in
        [("", None, 1), ("x", None, 2), ("", Some((8, 16)), 2), ("x", Some((8, 16)), 3)]
    {
        let linked = Linked { data, data_vaddr: 0x4000_00fa, ..Linked::new() };
        let handler = linked.section(".pipkin.site", site).section(".pipkin", "y\0").read();
        assert_eq!(
            (handler.site.as_slice(), handler.declared.as_slice()),
            (site.as_bytes(), &b"y\0"[..])
        );
        let bytes = handler.program.bytes();
        assert_eq!(bytes, 250 + data.map_or(0, |_| 8));
        let out = handler.program.with_number(3001).with_content(5).unwrap();
        assert_eq!(out.len(), bytes);
        assert_eq!(
            out[headers_bytes(count)..250],
            (headers_bytes(count) as u8..250).collect::<Vec<_>>()
        );
        let (header, segments) = parse(&out);
        assert_eq!((header.e_type, header.e_entry, segments.len()), (ET_DYN, 240, count));
        assert_eq!((segments[0].p_vaddr, segments[0].p_paddr), (0, 3001));
        let flags: Vec<u32> = segments.iter().map(|segment| segment.p_flags).collect();
        let content = (!site.is_empty()).then_some(PF_R);
        let expected = [Some(PF_R | PF_X), content, data.map(|_| PF_R | PF_W)];
        assert_eq!(flags, expected.into_iter().flatten().collect::<Vec<_>>());
        assert!(segments.is_sorted_by_key(|segment| segment.p_vaddr), "gVisor wants order");
        check_congruent(&segments);
        if data.is_some() {
            assert_eq!(out[250..], [0xdd; 8]);
        }
    }
}

#[track_caller]
pub(super) fn check_congruent(segments: &[ProgramHeader]) {
    for segment in segments {
        assert_eq!(segment.p_offset % segment.p_align, segment.p_vaddr % segment.p_align);
        assert!(segment.p_filesz <= segment.p_memsz);
    }
}

#[test]
fn variables_that_the_linker_aligned_leave_a_gap() {
    let out = |data| {
        let linked = Linked { data: Some(data), data_vaddr: 0x1100, ..Linked::new() };
        linked.read().program.with_content(0).unwrap()
    };
    let filled = out((8, 8));
    assert_eq!((&filled[250..256], &filled[256..]), (&[0; 6][..], &[0xdd; 8][..]));
    let zero = out((0, 100));
    assert_eq!(zero.len(), 250, "zeros are not in the file");
    for out in [filled, zero] {
        check_congruent(&parse(&out).1);
    }
}

#[test]
fn relocations_are_done_for_one_address() {
    for (machine, kind) in [(Machine::X86_64, 8), (Machine::Aarch64, 1027), (Machine::Riscv64, 3)] {
        let linked =
            Linked { machine, data: Some((16, 16)), data_vaddr: 0x1_00fa, ..Linked::new() };
        let relocations = [(kind, 200, 0xf0), (0, 7, 7), (kind, 0x1_00fa + 8, 0xf1)];
        let out = linked.relocations(&relocations).read().program.with_content(0).unwrap();
        let (header, segments) = parse(&out);
        assert_eq!((header.e_type, header.e_entry), (ET_EXEC, BASE + 240));
        let addresses: Vec<u64> = segments.iter().map(|segment| segment.p_vaddr).collect();
        assert_eq!(addresses, [BASE, BASE + 0x1_00fa]);
        assert_eq!(out[200..208], 0x200_00f0_u64.to_le_bytes());
        assert_eq!(out[258..266], 0x200_00f1_u64.to_le_bytes());
    }
}

#[track_caller]
fn check_refused(linked: &Linked, expected: Error, message: &str) {
    assert_eq!(read_handler(&linked.bytes()).as_ref(), Err(&expected));
    assert_eq!(expected.to_string(), message);
}

#[test]
fn other_relocations_are_refused() {
    let message = "an ELF file with a relocation of kind 6 at 0xc8, which needs a loader";
    let linked = Linked::new().relocations(&[(6, 200, 0)]);
    check_refused(&linked, Error::Relocation { kind: 6, r_offset: 200 }, message);
    for r_offset in [0, headers_bytes(1) as u64 - 1, 243, 0x1000, u64::MAX] {
        let message =
            format!("an ELF file with a relocation at {r_offset:#x}, outside its segments");
        let linked = Linked::new().relocations(&[(8, r_offset, 0)]);
        check_refused(&linked, Error::RelocationOutside { r_offset }, &message);
    }
    let message = "an ELF file that ends before its headers say";
    check_refused(&Linked::new().section(".rela.dyn", [0; 23]), Error::Truncated, message);
}

#[test]
fn other_segments_are_refused() {
    let check = |data, data_vaddr| {
        let linked = Linked { data: Some(data), data_vaddr, ..Linked::new() };
        let message = "not an ELF file with code and constants from address 0, and variables \
                       behind them";
        check_refused(&linked, Error::NotCodeAndVariables, message);
    };
    check((8, 4), 0x1100);
    check((8, 8), 0x100);
    check((8, 8), 1 << 40);
    check((0, 1 << 40), 0x1100);
    let outside = Linked { data: Some((17_000, 17_000)), ..Linked::new() };
    let message = "an ELF file that ends before its headers say";
    check_refused(&outside, Error::Truncated, message);
    let early = Linked { e_entry: 119, ..Linked::new() };
    let message = "an ELF file whose entry point 0x77 lies outside its code";
    check_refused(&early, Error::Entry { e_entry: 119 }, message);
}

#[test]
fn content_ends_before_variables_begin() {
    let linked = Linked { data: Some((8, 8)), data_vaddr: 0x3100, ..Linked::new() };
    let program = linked.section(".pipkin.site", "x").read().program;
    let room = 0x3000 - 0x1000 - 264;
    assert!(program.with_content(room).is_ok());
    for bytes in [room + 1, u64::MAX] {
        let error = program.with_content(bytes).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("a program without room for {bytes} bytes of content")
        );
    }
}

#[test]
fn a_handler_cut_at_every_byte_is_refused() {
    let whole = Linked { data: Some((8, 16)), ..Linked::new() };
    let whole = whole.relocations(&[(8, 200, 0)]).section(".pipkin", "y\0").bytes();
    for cut in 0..whole.len() {
        assert!(read_handler(&whole[..cut]).is_err(), "cut at {cut}");
    }
}

/// Whatever a single byte says, the answer is a value.
#[test]
fn a_wrong_byte_anywhere_does_no_harm() {
    let whole = Linked { data: Some((8, 16)), ..Linked::new() };
    let whole = whole.relocations(&[(8, 200, 0)]).section(".pipkin.site", "y\0").bytes();
    for at in (0..whole.len()).filter(|at| !(0x300..0x1000).contains(at)) {
        for wrong in [0, 1, 0x7f, 0x80, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] = wrong;
            if let Ok(handler) = read_handler(&bytes) {
                let _ = handler.program.with_content(100);
            }
        }
    }
}
