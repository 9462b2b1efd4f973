//! Sections: how a linker divides a file, which nothing needs that loads it.
//!
//! ```text
//!  0         4         8          8+a       8+2a        8+3a      8+4a     16+4a          16+5a
//! +---------+---------+----------+---------+-----------+---------+--------+--------------+------
//! | sh_name | sh_type | sh_flags | sh_addr | sh_offset | sh_size |        | sh_addralign |
//! +---------+---------+----------+---------+-----------+---------+--------+--------------+------
//!                                                                   a: bytes of an address
//! ```
//!
//! Source: gABI, "Section Header"; elf(5).

use crate::encoding::Reader;
use crate::error::Error;
use crate::file::{File, slice};
use crate::header::FileHeader;

/// A section whose contents are what its maker says.
pub(crate) const SHT_PROGBITS: u32 = 1;
/// Notes.
pub(crate) const SHT_NOTE: u32 = 7;
/// A section without contents in the file.
pub(crate) const SHT_NOBITS: u32 = 8;
/// The first type that is for applications.
pub(crate) const SHT_LOUSER: u32 = 0x8000_0000;

/// A section that is loaded.
pub(crate) const SHF_ALLOC: u64 = 2;

/// Bytes of a name that are read, of which none that is looked for has so many.
const NAME_BYTES_MAX: usize = 64;

/// A section, and what it is called.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Section<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) sh_type: u32,
    pub(crate) sh_flags: u64,
    pub(crate) sh_offset: u64,
    pub(crate) sh_size: u64,
    pub(crate) sh_addralign: u64,
    sh_name: u32,
}

impl<'a> File<'a> {
    /// The sections.
    ///
    /// # Errors
    ///
    /// [`Error::Truncated`] when their headers or names are not in the file, or there are none, or
    /// more than `e_shnum` can say.
    pub(crate) fn sections(&self) -> Result<Vec<Section<'a>>, Error> {
        let headers = self.encoding.records(self.section_headers()?, self.encoding.e_shentsize());
        let sections = headers.map(Section::read).collect::<Option<Vec<_>>>();
        let mut sections = sections.ok_or(Error::Truncated)?;
        let names = sections.get(usize::from(self.header.e_shstrndx)).ok_or(Error::Truncated)?;
        let names = slice(self.bytes, names.sh_offset, names.sh_size)?;
        sections.iter_mut().for_each(|section| section.name = name(names, section.sh_name));
        Ok(sections)
    }

    fn section_headers(&self) -> Result<&'a [u8], Error> {
        let FileHeader { e_shoff, e_shnum, e_shentsize, .. } = self.header;
        if usize::from(e_shentsize) != self.encoding.e_shentsize() {
            return Err(Error::Truncated);
        }
        slice(self.bytes, e_shoff, u64::from(e_shnum) * u64::from(e_shentsize))
    }

    /// The contents of the section called `name`; empty when there is none.
    pub(crate) fn section(&self, name: &[u8]) -> Result<&'a [u8], Error> {
        let sections = self.sections()?;
        let found = sections.iter().find(|section| section.name == name);
        found.map_or(Ok(&[]), |section| slice(self.bytes, section.sh_offset, section.sh_size))
    }
}

impl Section<'_> {
    /// Where it is in the file: offset and length.
    pub(crate) fn extent(&self) -> (u64, u64) {
        (self.sh_offset, self.sh_size)
    }

    fn read(mut header: Reader<'_>) -> Option<Self> {
        let (sh_name, sh_type) = (header.word()?, header.word()?);
        let (sh_flags, _sh_addr) = (header.address()?, header.address()?);
        let (sh_offset, sh_size) = (header.address()?, header.address()?);
        let (_sh_link, _sh_info) = (header.word()?, header.word()?);
        let sh_addralign = header.address()?;
        Some(Self { name: &[], sh_type, sh_flags, sh_offset, sh_size, sh_addralign, sh_name })
    }
}

/// What stands at `at` of the names, up to NUL.
fn name(names: &[u8], at: u32) -> &[u8] {
    let rest = usize::try_from(at).ok().and_then(|at| names.get(at..)).unwrap_or_default();
    let rest = &rest[..NAME_BYTES_MAX.min(rest.len())];
    rest.split(|byte| *byte == 0).next().unwrap_or_default()
}
