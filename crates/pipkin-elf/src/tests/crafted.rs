//! Files put together as a linker would, of either word and byte order.

use crate::encoding::Encoding;
use crate::header::{
    E_IDENT, ET_DYN, PF_R, PF_X, PT_DYNAMIC, PT_INTERP, PT_LOAD, PT_NOTE, ProgramHeader,
};

pub(super) const ENCODINGS: [Encoding; 4] = [
    Encoding { is_64: false, is_big_endian: false },
    Encoding { is_64: false, is_big_endian: true },
    Encoding { is_64: true, is_big_endian: false },
    Encoding { is_64: true, is_big_endian: true },
];

/// Where the headers end and the rest begins.
const BODY: usize = 0x180;
/// What the start of the file is loaded at.
const BASE: u64 = 0x1_0000;

/// Numbers one after the other.
struct Numbers(Encoding, Vec<u8>);

impl Numbers {
    fn new(encoding: Encoding) -> Self {
        Self(encoding, Vec::new())
    }

    fn number(mut self, value: u64, bytes: usize) -> Self {
        let big = value.to_be_bytes();
        let number = big[8 - bytes..].iter();
        if self.0.is_big_endian {
            self.1.extend(number);
        } else {
            self.1.extend(number.rev());
        }
        self
    }

    fn bytes(mut self, bytes: &[u8]) -> Self {
        self.1.extend(bytes);
        self
    }

    fn halves(self, values: &[u16]) -> Self {
        values.iter().fold(self, |numbers, value| numbers.number((*value).into(), 2))
    }

    fn words(self, values: &[u32]) -> Self {
        values.iter().fold(self, |numbers, value| numbers.number((*value).into(), 4))
    }

    fn addresses(self, values: &[u64]) -> Self {
        let bytes = self.0.address_bytes();
        values.iter().fold(self, |numbers, value| numbers.number(*value, bytes))
    }

    fn header(self, header: &ProgramHeader) -> Self {
        let ProgramHeader { p_type, p_flags, p_offset, p_vaddr, p_paddr, .. } = *header;
        let places = [p_offset, p_vaddr, p_paddr, header.p_filesz, header.p_memsz];
        if self.0.is_64 {
            return self.words(&[p_type, p_flags]).addresses(&places).addresses(&[header.p_align]);
        }
        self.words(&[p_type]).addresses(&places).words(&[p_flags, 4])
    }
}

/// A section.
#[derive(Clone)]
pub(super) struct Part {
    pub(super) name: &'static str,
    pub(super) sh_type: u32,
    pub(super) sh_flags: u64,
    pub(super) bytes: Vec<u8>,
}

/// A file that is one segment, with what is put into it.
#[derive(Clone)]
pub(super) struct Crafted {
    pub(super) encoding: Encoding,
    pub(super) e_type: u16,
    pub(super) e_machine: u16,
    pub(super) segments: Vec<ProgramHeader>,
    pub(super) dynamic: Vec<(u64, u64)>,
    pub(super) body: Vec<u8>,
    /// Behind the body, beyond the segment.
    pub(super) sections: Vec<Part>,
    /// Behind everything.
    pub(super) appended: Vec<u8>,
}

impl Crafted {
    pub(super) fn new(encoding: Encoding) -> Self {
        Self {
            encoding,
            e_type: ET_DYN,
            e_machine: 62,
            segments: Vec::new(),
            dynamic: Vec::new(),
            body: Vec::new(),
            sections: Vec::new(),
            appended: Vec::new(),
        }
    }

    /// The next bytes of the body: where they are in the file.
    pub(super) fn put(&mut self, bytes: &[u8]) -> u64 {
        self.body.resize(self.body.len().next_multiple_of(8), 0);
        let at = BODY + self.body.len();
        self.body.extend(bytes);
        at as u64
    }

    /// The same, of which an entry of the dynamic section says the address.
    pub(super) fn table(&mut self, tag: u64, bytes: &[u8]) {
        let at = self.put(bytes);
        self.dynamic.push((tag, BASE + at));
    }

    /// The same, as a segment.
    pub(super) fn segment(&mut self, p_type: u32, bytes: &[u8]) {
        let at = self.put(bytes);
        self.segments.push(segment(p_type, at, bytes.len()));
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut whole = self.clone();
        if !self.dynamic.is_empty() {
            let pairs = self.dynamic.iter().chain(&[(0, 0), (1, 1)]);
            let pairs: Vec<_> = pairs.flat_map(|(tag, value)| [*tag, *value]).collect();
            whole.segment(PT_DYNAMIC, &Numbers::new(self.encoding).addresses(&pairs).1);
        }
        whole.segments.insert(0, segment(PT_LOAD, 0, BODY + whole.body.len()));
        let mut out = whole.headers();
        assert!(out.len() <= BODY);
        out.resize(BODY, 0);
        out.extend(&whole.body);
        out.extend(whole.sections(out.len() as u64));
        out.extend(&self.appended);
        out
    }

    /// Where the body ends, and with it what is loaded.
    pub(super) fn loaded_bytes(&self) -> usize {
        Self { sections: Vec::new(), appended: Vec::new(), ..self.clone() }.bytes().len()
    }

    fn headers(&self) -> Vec<u8> {
        let a = self.encoding.address_bytes() as u16;
        let tail: usize =
            self.sections.iter().map(|part| part.bytes.len() + part.name.len() + 1).sum();
        let (e_shoff, e_shnum) = match self.sections.len() {
            0 => (0, 0),
            count => (BODY + self.body.len() + tail + 1, count as u16 + 1),
        };
        let mut header = Numbers::new(self.encoding).bytes(&E_IDENT);
        header.1[4] = 1 + u8::from(self.encoding.is_64);
        header.1[5] = 1 + u8::from(self.encoding.is_big_endian);
        let header = header.halves(&[self.e_type, self.e_machine]).words(&[1]);
        let header = header.addresses(&[BASE + BODY as u64, (40 + 3 * a).into(), e_shoff as u64]);
        let sizes = [40 + 3 * a, 8 + 6 * a, self.segments.len() as u16, 16 + 6 * a, e_shnum, 0];
        let header = header.words(&[0]).halves(&sizes);
        self.segments.iter().fold(header, Numbers::header).1
    }

    /// Contents, names, headers, from `start` on; the first header is of the names.
    fn sections(&self, start: u64) -> Vec<u8> {
        let (mut contents, mut names) = (Vec::new(), vec![0]);
        let mut headers = Vec::new();
        for Part { name, sh_type, sh_flags, bytes } in &self.sections {
            let at = start + contents.len() as u64;
            headers.push((names.len() as u32, *sh_type, *sh_flags, at, bytes.len() as u64));
            names.extend(name.bytes().chain([0]));
            contents.extend(bytes);
        }
        if headers.is_empty() {
            return contents;
        }
        headers.insert(0, (0, 3, 0, start + contents.len() as u64, names.len() as u64));
        let emit = |out: Numbers, (name, sh_type, sh_flags, at, bytes): &(_, _, _, _, _)| {
            let out = out.words(&[*name, *sh_type]).addresses(&[*sh_flags, 0, *at, *bytes]);
            out.words(&[0, 0]).addresses(&[1, 0])
        };
        let headers = headers.iter().fold(Numbers::new(self.encoding), emit).1;
        [contents, names, headers].concat()
    }
}

fn segment(p_type: u32, at: u64, bytes: usize) -> ProgramHeader {
    ProgramHeader {
        p_type,
        p_flags: PF_R | PF_X,
        p_offset: at,
        p_vaddr: BASE + at,
        p_paddr: 0,
        p_filesz: bytes as u64,
        p_memsz: bytes as u64,
        p_align: 4,
    }
}

/// How the number of symbols is told.
#[derive(Clone, Copy, Debug)]
pub(super) enum Hash {
    None,
    /// That of the gABI.
    Sysv,
    /// The same, of 64-bit words.
    Long,
    /// GNU's, which covers the symbols from this one on.
    Gnu(u32),
    /// GNU's, which covers none, and says that it would from this one on.
    GnuEmpty(u32),
}

const STRINGS: &[u8] =
    b"\0libc.so.6\0libm.so.6\0$ORIGIN/lib\0/opt/lib\0getaddrinfo\0environ\0own\0\
    libown.so.1\0";

/// Where `text` is in the string table.
pub(super) fn string(text: &str) -> u64 {
    let found =
        STRINGS.windows(text.len() + 1).position(|at| at == [text.as_bytes(), &[0]].concat());
    found.unwrap() as u64
}

/// A program with something of everything; it takes `getaddrinfo`, `environ` and `info`, whose
/// name is the end of another.
pub(super) fn program(encoding: Encoding, hash: Hash) -> Crafted {
    let mut out = Crafted::new(encoding);
    out.segment(PT_INTERP, b"/lib/ld.so\0");
    out.segment(PT_NOTE, &note(encoding, b"FDO\0", 0x407c_0c0a, b"[1]\0"));
    let names = ["getaddrinfo", "environ", "info", "own"];
    let mut symbols = symbol(encoding, 0, 0);
    for name in names {
        symbols.extend(symbol(encoding, string(name) as u32, u16::from(name == "own")));
    }
    out.table(6, &symbols);
    hash_table(&mut out, hash);
    out.table(5, STRINGS);
    for (tag, text) in [(1, "libm.so.6"), (1, "libc.so.6"), (14, "libown.so.1")] {
        out.dynamic.push((tag, string(text)));
    }
    out.dynamic.extend([(15, string("/opt/lib")), (29, string("$ORIGIN/lib"))]);
    out.dynamic.push((11, symbols.len() as u64 / 5));
    out.dynamic.extend([(10, STRINGS.len() as u64), (0x6fff_fffb, 0x800)]);
    out
}

pub(super) fn symbol(encoding: Encoding, st_name: u32, st_shndx: u16) -> Vec<u8> {
    let symbol = Numbers::new(encoding).words(&[st_name]);
    if encoding.is_64 {
        return symbol.bytes(&[0x12, 0]).halves(&[st_shndx]).addresses(&[0, 0]).1;
    }
    symbol.words(&[0, 0]).bytes(&[0x12, 0]).halves(&[st_shndx]).1
}

fn hash_table(out: &mut Crafted, hash: Hash) {
    let table = Numbers::new(out.encoding);
    let gnu = |table: Numbers, symoffset, bucket| {
        table.words(&[2, symoffset, 1, 0]).addresses(&[0]).words(&[0, bucket])
    };
    match hash {
        Hash::None => {}
        Hash::Sysv => out.table(4, &table.words(&[1, 5, 0, 0, 0, 0, 0, 0]).1),
        Hash::Long => out.table(4, &table.addresses(&[1, 5, 0, 0, 0, 0, 0, 0]).1),
        Hash::Gnu(from) => {
            // Of the symbols from there on, the last ends the chain.
            let chain: Vec<_> = (from..5).map(|number| u32::from(number == 4)).collect();
            out.table(0x6fff_fef5, &gnu(table, from, from).words(&chain).words(&[8, 9]).1);
        }
        Hash::GnuEmpty(from) => out.table(0x6fff_fef5, &gnu(table, from, 0).1),
    }
}

pub(super) fn note(encoding: Encoding, name: &[u8], kind: u32, desc: &[u8]) -> Vec<u8> {
    let lengths = [name.len() as u32, desc.len() as u32, kind];
    let mut note = Numbers::new(encoding).words(&lengths).1;
    for part in [name, desc] {
        note.extend(part);
        note.resize(note.len().next_multiple_of(4), 0);
    }
    note
}
