//! The dynamic section: what a dynamic linker is told.
//!
//! ```text
//!  0       a       2a
//! +-------+-------+
//! | d_tag | d_un  |   a is the length of an address
//! +-------+-------+
//! ```
//!
//! What a linker relies upon is an error when it is not there. Symbols are only evidence: those
//! without a name are left out.
//!
//! Source: gABI, "Dynamic Section"; ld.so(8).

use std::ffi::CStr;

use crate::error::Error;
use crate::file::File;
use crate::header::PT_DYNAMIC;
use crate::symbol::imports;

const DT_NULL: u64 = 0;
const DT_NEEDED: u64 = 1;
pub(crate) const DT_HASH: u64 = 4;
const DT_STRTAB: u64 = 5;
pub(crate) const DT_SYMTAB: u64 = 6;
const DT_STRSZ: u64 = 10;
const DT_SONAME: u64 = 14;
const DT_RPATH: u64 = 15;
const DT_RUNPATH: u64 = 29;
pub(crate) const DT_GNU_HASH: u64 = 0x6fff_fef5;
const DT_FLAGS_1: u64 = 0x6fff_fffb;

/// Bytes of a file's name with its NUL: Linux opens none that is longer.
pub(crate) const PATH_MAX: usize = 4096;

/// What a dynamic section says.
#[derive(Clone, Debug)]
pub(crate) struct Dynamic<'a> {
    pub(crate) needed: Vec<&'a str>,
    pub(crate) soname: Option<&'a str>,
    pub(crate) rpath: Option<&'a str>,
    pub(crate) runpath: Option<&'a str>,
    pub(crate) flags_1: u64,
    pub(crate) imports: Vec<&'a str>,
}

impl<'a> Dynamic<'a> {
    /// The dynamic section of `file`; none when it has none. The last counts, as it does for
    /// glibc and musl.
    pub(crate) fn read(file: &File<'a>) -> Result<Option<Self>, Error> {
        let Some(segment) = file.segments(PT_DYNAMIC).next_back() else { return Ok(None) };
        let entries = Entries::read(file, file.contents(segment)?);
        let strings = entries.strings(file);
        let name = |what, at| text(what, strings, at, PATH_MAX);
        let path = |what, at| text(what, strings, at, usize::MAX);
        let needed = entries.all(DT_NEEDED).map(|at| name("DT_NEEDED", at));
        Ok(Some(Self {
            needed: needed.collect::<Result<_, _>>()?,
            soname: entries.get(DT_SONAME).map(|at| name("DT_SONAME", at)).transpose()?,
            rpath: entries.get(DT_RPATH).map(|at| path("DT_RPATH", at)).transpose()?,
            runpath: entries.get(DT_RUNPATH).map(|at| path("DT_RUNPATH", at)).transpose()?,
            flags_1: entries.get(DT_FLAGS_1).unwrap_or_default(),
            imports: imports(file, &entries, strings),
        }))
    }
}

/// The entries up to `DT_NULL`.
pub(crate) struct Entries(Vec<(u64, u64)>);

impl Entries {
    fn read(file: &File<'_>, section: &[u8]) -> Self {
        let records = file.encoding.records(section, 2 * file.encoding.address_bytes());
        let entries = records.map_while(|mut entry| entry.address().zip(entry.address()));
        Self(entries.take_while(|(tag, _)| *tag != DT_NULL).collect())
    }

    /// What an entry with `tag` says; the last counts, as it does for glibc and musl.
    pub(crate) fn get(&self, tag: u64) -> Option<u64> {
        self.all(tag).last()
    }

    fn all(&self, tag: u64) -> impl Iterator<Item = u64> {
        self.0.iter().filter(move |entry| entry.0 == tag).map(|entry| entry.1)
    }

    /// The string table; empty when there is none.
    fn strings<'a>(&self, file: &File<'a>) -> &'a [u8] {
        let table = self.get(DT_STRTAB).and_then(|address| file.loaded(address));
        let bytes = self.get(DT_STRSZ).and_then(|bytes| usize::try_from(bytes).ok());
        table.map_or(&[], |table| &table[..bytes.unwrap_or(usize::MAX).min(table.len())])
    }

    /// The first address behind `address` at which something else is.
    pub(crate) fn next_table(&self, address: u64) -> Option<u64> {
        let tables = self.0.iter().filter(|(tag, _)| is_table(*tag));
        tables.map(|entry| entry.1).filter(|table| *table > address).min()
    }
}

/// Whether entries with `tag` say where a table is.
fn is_table(tag: u64) -> bool {
    const TABLES: &[u64] = &[
        3, // DT_PLTGOT
        DT_HASH,
        DT_STRTAB,
        DT_SYMTAB,
        7,  // DT_RELA
        12, // DT_INIT
        13, // DT_FINI
        17, // DT_REL
        23, // DT_JMPREL
        25, // DT_INIT_ARRAY
        26, // DT_FINI_ARRAY
        32, // DT_PREINIT_ARRAY
        36, // DT_RELR
        DT_GNU_HASH,
        0x6fff_fff0, // DT_VERSYM
        0x6fff_fffc, // DT_VERDEF
        0x6fff_fffe, // DT_VERNEED
    ];
    TABLES.contains(&tag)
}

/// The text at `at` of a string table, with its NUL of at most `bytes_max`.
fn text<'a>(
    what: &'static str,
    strings: &'a [u8],
    at: u64,
    bytes_max: usize,
) -> Result<&'a str, Error> {
    let rest = usize::try_from(at).ok().and_then(|at| strings.get(at..)).unwrap_or_default();
    c_str(&rest[..bytes_max.min(rest.len())]).ok_or(Error::Text { what })
}

/// The text that `bytes` start with and NUL ends.
pub(crate) fn c_str(bytes: &[u8]) -> Option<&str> {
    CStr::from_bytes_until_nul(bytes).ok()?.to_str().ok()
}
