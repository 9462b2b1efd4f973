//! Sections: how a linker divides a file, which nothing needs that loads it.
//!
//! ```text
//!  0         4         8          8+a       8+2a        8+3a      8+4a
//! +---------+---------+----------+---------+-----------+---------+------
//! | sh_name | sh_type | sh_flags | sh_addr | sh_offset | sh_size | ...     a: bytes of an address
//! +---------+---------+----------+---------+-----------+---------+------
//! ```
//!
//! Source: gABI, "Section Header"; elf(5).

use crate::encoding::Reader;
use crate::error::Error;
use crate::file::{File, slice};
use crate::header::FileHeader;

/// Notes.
pub(crate) const SHT_NOTE: u32 = 7;

/// A section, and what it is called.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Section<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) sh_type: u32,
    pub(crate) sh_offset: u64,
    pub(crate) sh_size: u64,
    sh_name: u32,
}

impl<'a> File<'a> {
    /// The sections.
    ///
    /// # Errors
    ///
    /// [`Error::Truncated`] when their headers or names are not in the file, or there are none.
    pub(crate) fn sections(&self) -> Result<Vec<Section<'a>>, Error> {
        let headers = self.encoding.records(self.section_headers()?, self.e_shentsize());
        let sections = headers.map(Section::read).collect::<Option<Vec<_>>>();
        let mut sections = sections.ok_or(Error::Truncated)?;
        let names = sections.get(usize::from(self.header.e_shstrndx)).ok_or(Error::Truncated)?;
        let names = slice(self.bytes, names.sh_offset, names.sh_size)?;
        sections.iter_mut().for_each(|section| section.name = name(names, section.sh_name));
        Ok(sections)
    }

    fn section_headers(&self) -> Result<&'a [u8], Error> {
        let FileHeader { e_shoff, e_shnum, e_shentsize, .. } = self.header;
        if usize::from(e_shentsize) != self.e_shentsize() {
            return Err(Error::Truncated);
        }
        slice(self.bytes, e_shoff, u64::from(e_shnum) * u64::from(e_shentsize))
    }

    /// Bytes of a section header.
    fn e_shentsize(&self) -> usize {
        16 + 6 * self.encoding.address_bytes()
    }

    /// The contents of the section called `name`; empty when there is none.
    pub(crate) fn section(&self, name: &[u8]) -> Result<&'a [u8], Error> {
        let sections = self.sections()?;
        let found = sections.iter().find(|section| section.name == name);
        found.map_or(Ok(&[]), |section| slice(self.bytes, section.sh_offset, section.sh_size))
    }
}

impl Section<'_> {
    fn read(mut header: Reader<'_>) -> Option<Self> {
        let (sh_name, sh_type) = (header.word()?, header.word()?);
        let (_sh_flags, _sh_addr) = (header.address()?, header.address()?);
        let (sh_offset, sh_size) = (header.address()?, header.address()?);
        Some(Self { name: &[], sh_type, sh_offset, sh_size, sh_name })
    }
}

/// What stands at `at` of the names, up to NUL.
fn name(names: &[u8], at: u32) -> &[u8] {
    let rest = usize::try_from(at).ok().and_then(|at| names.get(at..)).unwrap_or_default();
    rest.split(|byte| *byte == 0).next().unwrap_or_default()
}
