//! Reading a program with somebody's code in it: constants that hold addresses, variables, and
//! what its source says about the image.

use crate::append::{Data, Program, headers_bytes};
use crate::architecture::Machine;
use crate::error::Error;
use crate::file::File;
use crate::header::{PF_R, PF_W, ProgramHeader};
use crate::read::{check_entry, is_flat, position_independent};
use crate::relocate::{BASE, relocate};
use crate::section::SHF_ALLOC;

/// Addresses end here: what a program may use of 47 bits is far above any that a linker gives.
const VADDR_MAX: u64 = 1 << 40;

/// A handler as it was linked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handler {
    /// What an image gets of it.
    pub program: Program,
    /// The section `.pipkin`, of which the program has nothing.
    pub declared: Vec<u8>,
    /// The section `.pipkin.site`, without which the program takes no content.
    pub site: Vec<u8>,
}

/// The handler in an ELF file: code and constants from address 0 behind room for the headers,
/// variables if any, and sections beside them that no segment loads.
///
/// # Errors
///
/// [`Error`] says what the file is instead.
pub fn read_handler(bytes: &[u8]) -> Result<Handler, Error> {
    let file = File::read(bytes)?;
    let machine = position_independent(&file)?;
    let loads: Vec<_> = file.loads().copied().collect();
    let (flat, data) = match loads[..] {
        [flat] if is_flat(&flat) => (flat, None),
        [flat, data] if is_flat(&flat) && is_data(&data, &flat, machine) => (flat, Some(data)),
        _ => return Err(Error::NotCodeAndVariables),
    };
    let site = file.section(b".pipkin.site")?.to_vec();
    let has_content = !site.is_empty();
    let headers_bytes = headers_bytes(1 + usize::from(has_content) + usize::from(data.is_some()));
    check_entry(&file.header, &flat, headers_bytes, Error::NotCodeAndVariables)?;
    let code = file.contents(&flat)?[headers_bytes..].to_vec();
    let data = data.map(|data| variables(&file, &data)).transpose()?;
    let e_entry = file.header.e_entry;
    let program = Program {
        machine,
        base: None,
        e_entry,
        code,
        data,
        align: align(&file)?,
        has_content,
        has_stack: false,
        p_paddr: 0,
    };
    let program = relocate(program, file.section(b".rela.dyn")?)?;
    Ok(Handler { program, declared: file.section(b".pipkin")?.to_vec(), site })
}

/// Whether `load` can be the variables of the program that `flat` is: on other pages.
fn is_data(load: &ProgramHeader, flat: &ProgramHeader, machine: Machine) -> bool {
    let pages = |address: u64| address / machine.page_bytes_max();
    load.p_flags == PF_R | PF_W
        && load.p_filesz <= load.p_memsz
        && pages(load.p_vaddr) > pages(flat.p_memsz.saturating_sub(1))
        && load.p_vaddr < VADDR_MAX
        && load.p_memsz < VADDR_MAX - BASE
}

/// The largest alignment that a section asks for which is loaded.
fn align(file: &File<'_>) -> Result<u64, Error> {
    let sections = file.sections()?.into_iter();
    let loaded = sections.filter(|section| section.sh_flags & SHF_ALLOC != 0);
    Ok(loaded.map(|section| section.sh_addralign).max().unwrap_or_default())
}

fn variables(file: &File<'_>, segment: &ProgramHeader) -> Result<Data, Error> {
    let bytes = file.contents(segment)?.to_vec();
    Ok(Data { p_vaddr: segment.p_vaddr, p_memsz: segment.p_memsz, bytes })
}
