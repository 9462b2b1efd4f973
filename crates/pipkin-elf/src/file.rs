//! Any file that a kernel or a dynamic linker loads, of either word and byte order.

use crate::architecture::Architecture;
use crate::encoding::Encoding;
use crate::error::Error;
use crate::header::{EI_NIDENT, ET_DYN, ET_EXEC, FileHeader, PF_W, PT_LOAD, ProgramHeader};

/// A program or library: its headers, and where to find more.
#[derive(Clone, Debug)]
pub(crate) struct File<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) encoding: Encoding,
    pub(crate) header: FileHeader,
    pub(crate) segments: Vec<ProgramHeader>,
}

impl<'a> File<'a> {
    /// The program or library in `bytes`, whose segments to load are all there.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, Error> {
        let encoding = identify(bytes)?;
        let reader = encoding.reader(&bytes[EI_NIDENT..]);
        let header = FileHeader::read(reader).ok_or(Error::Truncated)?;
        let e_type = header.e_type;
        if ![ET_EXEC, ET_DYN].contains(&e_type) {
            return Err(Error::NotProgram { e_type });
        }
        let segments = program_headers(bytes, encoding, &header)?;
        let file = Self { bytes, encoding, header, segments };
        file.loads().try_for_each(|load| file.contents(load).map(drop))?;
        Ok(file)
    }

    pub(crate) fn architecture(&self) -> Architecture {
        let Encoding { is_64, is_big_endian } = self.encoding;
        Architecture { e_machine: self.header.e_machine, is_64, is_big_endian }
    }

    /// The segments of a type.
    pub(crate) fn segments(&self, p_type: u32) -> impl DoubleEndedIterator<Item = &ProgramHeader> {
        self.segments.iter().filter(move |segment| segment.p_type == p_type)
    }

    /// The segments to load; those without bytes do not count.
    pub(crate) fn loads(&self) -> impl Iterator<Item = &ProgramHeader> {
        self.segments(PT_LOAD).filter(|load| load.p_memsz != 0)
    }

    /// What the file has of a segment.
    pub(crate) fn contents(&self, segment: &ProgramHeader) -> Result<&'a [u8], Error> {
        slice(self.bytes, segment.p_offset, segment.p_filesz)
    }

    /// What is loaded at `address` and behind it, as far as it comes from the file.
    pub(crate) fn loaded(&self, address: u64) -> Option<&'a [u8]> {
        self.loads().find_map(|load| {
            let at = address.checked_sub(load.p_vaddr).filter(|at| *at < load.p_filesz)?;
            self.contents(load).ok()?.get(usize::try_from(at).ok()?..)
        })
    }

    /// What is loaded from the file and cannot be written to.
    pub(crate) fn read_only(&self) -> Vec<&'a [u8]> {
        let loads = self.loads().filter(|load| load.p_flags & PF_W == 0);
        self.disjoint(loads.map(ProgramHeader::extent))
    }

    /// What the file has from each offset on, of that length, less what another has already: however
    /// often headers say the same, each byte is there once.
    pub(crate) fn disjoint(&self, extents: impl Iterator<Item = (u64, u64)>) -> Vec<&'a [u8]> {
        let mut extents: Vec<_> = extents.collect();
        extents.sort_unstable();
        let mut end = 0;
        let clipped = extents.into_iter().filter_map(|(at, count)| {
            let from = at.max(end);
            end = at.checked_add(count)?.max(end);
            slice(self.bytes, from, end.checked_sub(from)?).ok()
        });
        clipped.collect()
    }
}

/// How a file with these first bytes writes numbers.
fn identify(bytes: &[u8]) -> Result<Encoding, Error> {
    if !bytes.starts_with(b"\x7fELF") {
        return Err(Error::NotElf);
    }
    let ident: &[u8; EI_NIDENT] = bytes.first_chunk().ok_or(Error::Truncated)?;
    match (ident[4], ident[5]) {
        (class @ (1 | 2), data @ (1 | 2)) => {
            Ok(Encoding { is_64: class == 2, is_big_endian: data == 2 })
        }
        (class, data) => Err(Error::Ident { class, data }),
    }
}

fn program_headers(
    bytes: &[u8],
    encoding: Encoding,
    header: &FileHeader,
) -> Result<Vec<ProgramHeader>, Error> {
    let FileHeader { e_phoff, e_phentsize, e_phnum, .. } = *header;
    if e_phnum == 0 || usize::from(e_phentsize) != encoding.e_phentsize() {
        return Err(Error::ProgramHeaders { e_phnum, e_phentsize });
    }
    let table = slice(bytes, e_phoff, u64::from(e_phnum) * u64::from(e_phentsize))?;
    let headers = encoding.records(table, encoding.e_phentsize()).map(ProgramHeader::read);
    headers.collect::<Option<_>>().ok_or(Error::Truncated)
}

/// `count` bytes from `at`.
pub(crate) fn slice(bytes: &[u8], at: u64, count: u64) -> Result<&[u8], Error> {
    let at = usize::try_from(at).map_err(|_| Error::Truncated)?;
    let count = usize::try_from(count).map_err(|_| Error::Truncated)?;
    bytes.get(at..).and_then(|rest| rest.get(..count)).ok_or(Error::Truncated)
}
