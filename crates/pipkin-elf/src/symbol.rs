//! The dynamic symbols, of which nothing says how many there are.
//!
//! A hash table does in passing: that of the gABI has a chain for each symbol, that of GNU for each
//! from the first that it covers to the last, unless it covers none. Else the symbols end where the
//! next table begins.
//!
//! Source: gABI, "Symbol Table" and "Hash Table"; binutils, `bfd/elflink.c`.

use crate::dynamic::{DT_GNU_HASH, DT_HASH, DT_SYMTAB, Entries};
use crate::encoding::{Encoding, Reader};
use crate::file::File;

/// The section of what is defined elsewhere.
const SHN_UNDEF: u16 = 0;

/// `e_machine` of the two whose 64-bit files have a hash table of 64-bit words: s390x and Alpha.
const LONG_HASH: [u16; 2] = [22, 0x9026];

/// The names of undefined symbols, sorted by where they are in `strings`.
pub(crate) fn imports<'a>(file: &File<'a>, entries: &Entries, strings: &'a [u8]) -> Vec<&'a str> {
    let records = file.encoding.records(table(file, entries), symbol_bytes(file.encoding));
    // The first symbol stands for none.
    let undefined = records.skip(1).filter_map(undefined);
    let mut names: Vec<_> = undefined.filter(|st_name| *st_name != 0).collect();
    names.sort_unstable();
    names.dedup();
    texts(strings, &names)
}

/// The symbols as far as the file has them.
fn table<'a>(file: &File<'a>, entries: &Entries) -> &'a [u8] {
    let Some(address) = entries.get(DT_SYMTAB) else { return &[] };
    let Some(rest) = file.loaded(address) else { return &[] };
    let symbol_bytes = symbol_bytes(file.encoding);
    let bytes = match chains(file, entries).or_else(|| gnu_chains(file, entries)) {
        Some(count) => count.saturating_mul(symbol_bytes),
        None => entries.next_table(address).map_or(rest.len(), |next| (next - address) as usize),
    };
    &rest[..bytes.min(rest.len())]
}

/// `nchain` of the hash table of the gABI: `nbucket`, `nchain`, buckets, chains.
fn chains(file: &File<'_>, entries: &Entries) -> Option<usize> {
    let mut hash = file.encoding.reader(file.loaded(entries.get(DT_HASH)?)?);
    let is_long = file.encoding.is_64 && LONG_HASH.contains(&file.header.e_machine);
    let mut number = || if is_long { hash.address() } else { hash.word().map(u64::from) };
    number()?;
    usize::try_from(number()?).ok()
}

/// The number behind the last symbol that GNU's hash table covers: the chain of the highest
/// bucket ends with it.
///
/// ```text
/// +----------+-----------+------------+-------------+----------------+---------+--------+
/// | nbuckets | symoffset | bloom_size | bloom_shift | bloom, each of | buckets | chains |
/// |          |           |            |             | an address     |         |        |
/// +----------+-----------+------------+-------------+----------------+---------+--------+
/// ```
///
/// Source: glibc, `elf/dl-lookup.c`; there is no other.
fn gnu_chains(file: &File<'_>, entries: &Entries) -> Option<usize> {
    let mut hash = file.encoding.reader(file.loaded(entries.get(DT_GNU_HASH)?)?);
    let [nbuckets, symoffset, bloom_size] = [hash.word()?, hash.word()?, hash.word()?];
    hash.word()?;
    hash.take(usize::try_from(bloom_size).ok()?.checked_mul(file.encoding.address_bytes())?)?;
    let buckets = hash.take(usize::try_from(nbuckets).ok()?.checked_mul(4)?)?;
    let buckets = file.encoding.records(buckets, 4).filter_map(|mut bucket| bucket.word());
    // None covered: the linker of binutils says 1 for the offset, however many are undefined.
    let last = buckets.max().filter(|last| *last >= symoffset.max(1))?;
    hash.take(usize::try_from(last - symoffset).ok()?.checked_mul(4)?)?;
    let rest = file.encoding.records(hash.bytes, 4).filter_map(|mut chain| chain.word());
    let more = rest.take_while(|chain| chain & 1 == 0).count();
    usize::try_from(last).ok()?.checked_add(more)?.checked_add(1)
}

/// Bytes of a symbol.
///
/// ```text
///  0         4          8         12        13         14         16
/// +---------+----------+---------+---------+----------+----------+   32 bits
/// | st_name | st_value | st_size | st_info | st_other | st_shndx |
/// +---------+----------+---------+---------+----------+----------+
///  0         4         5          6          8          16        24
/// +---------+---------+----------+----------+----------+---------+   64 bits
/// | st_name | st_info | st_other | st_shndx | st_value | st_size |
/// +---------+---------+----------+----------+----------+---------+
/// ```
fn symbol_bytes(encoding: Encoding) -> usize {
    if encoding.is_64 { 24 } else { 16 }
}

/// `st_name` of an undefined symbol.
fn undefined(mut symbol: Reader<'_>) -> Option<u32> {
    let st_name = symbol.word()?;
    symbol.take(if symbol.encoding.is_64 { 2 } else { 10 })?;
    (symbol.half()? == SHN_UNDEF).then_some(st_name)
}

/// The text from each of `starts` to the next NUL, without those that are not UTF-8. Starts that
/// lie within the text of another do not have it searched again, so that the time is linear.
fn texts<'a>(strings: &'a [u8], starts: &[u32]) -> Vec<&'a str> {
    let strings = match std::str::from_utf8(strings) {
        Ok(strings) => strings,
        Err(error) => std::str::from_utf8(&strings[..error.valid_up_to()]).unwrap_or_default(),
    };
    let mut end = 0;
    let texts = starts.iter().map_while(|&start| {
        let start = usize::try_from(start).ok()?;
        if start >= end {
            end = start + strings.as_bytes().get(start..)?.iter().position(|byte| *byte == 0)?;
        }
        Some(strings.get(start..end))
    });
    texts.flatten().collect()
}
