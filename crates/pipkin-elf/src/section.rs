//! Sections by name, of a file as a linker wrote it.

use crate::error::Error;
use crate::header::{u16_at, u32_at, u64_at};
use crate::read::slice;

/// Bytes of a section header.
pub(crate) const E_SHENTSIZE: u64 = 64;

/// The contents of the section called `name`; empty when there is none.
///
/// Source: gABI, "Section Header"; elf(5).
pub(crate) fn section<'a>(bytes: &'a [u8], name: &[u8]) -> Result<&'a [u8], Error> {
    let header = Table::parse(bytes).ok_or(Error::Truncated)?;
    let names = header.contents(header.e_shstrndx)?;
    for number in 0..header.e_shnum {
        let found = names.get(header.name(number)?..).unwrap_or_default();
        if found.strip_prefix(name).is_some_and(|rest| rest.first() == Some(&0)) {
            return header.contents(number);
        }
    }
    Ok(&[])
}

/// Where the section headers are.
struct Table<'a> {
    bytes: &'a [u8],
    e_shoff: u64,
    e_shnum: u16,
    e_shstrndx: u16,
}

impl<'a> Table<'a> {
    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (e_shoff, e_shnum, e_shstrndx) =
            (u64_at(bytes, 40)?, u16_at(bytes, 60)?, u16_at(bytes, 62)?);
        Some(Self { bytes, e_shoff, e_shnum, e_shstrndx })
    }

    fn header(&self, number: u16) -> Result<&'a [u8], Error> {
        let at = self.e_shoff.checked_add(u64::from(number) * E_SHENTSIZE);
        slice(self.bytes, at.ok_or(Error::Truncated)?, E_SHENTSIZE)
    }

    /// Where its name is among the names.
    fn name(&self, number: u16) -> Result<usize, Error> {
        u32_at(self.header(number)?, 0).map(|at| at as usize).ok_or(Error::Truncated)
    }

    fn contents(&self, number: u16) -> Result<&'a [u8], Error> {
        let header = self.header(number)?;
        let (offset, size) = u64_at(header, 24).zip(u64_at(header, 32)).ok_or(Error::Truncated)?;
        slice(self.bytes, offset, size)
    }
}
