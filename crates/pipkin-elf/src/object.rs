//! What an ELF file says about what it needs: its interpreter, libraries, symbols, notes, literals.
//!
//! It is read as a kernel and a dynamic linker read it, by its program headers: a stripped file
//! has no others.

use crate::architecture::Architecture;
use crate::dynamic::{Dynamic, PATH_MAX, c_str};
use crate::error::Error;
use crate::file::File;
use crate::header::PT_INTERP;
use crate::note::dlopen_notes;

/// Look in no default folder.
const DF_1_NODEFLIB: u64 = 0x800;

/// An ELF program or library, of any architecture.
#[derive(Clone, Debug)]
pub struct Object<'a> {
    file: File<'a>,
    interpreter: Option<&'a str>,
    dynamic: Option<Dynamic<'a>>,
}

impl<'a> Object<'a> {
    /// The program or library in `bytes`.
    ///
    /// # Errors
    ///
    /// [`Error::NotElf`] when they do not start as such a file does; [`Error::Ident`],
    /// [`Error::NotProgram`] and [`Error::ProgramHeaders`] for files that nothing loads;
    /// [`Error::Truncated`] and [`Error::Text`] for what is damaged.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Error> {
        let file = File::read(bytes)?;
        let interpreter = interpreter(&file)?;
        let dynamic = Dynamic::read(&file)?;
        Ok(Self { file, interpreter, dynamic })
    }

    /// What it is for.
    pub fn architecture(&self) -> Architecture {
        self.file.architecture()
    }

    /// `PT_INTERP`: the program that loads it.
    pub fn interpreter(&self) -> Option<&'a str> {
        self.interpreter
    }

    /// `DT_SONAME`.
    pub fn soname(&self) -> Option<&'a str> {
        self.dynamic.as_ref()?.soname
    }

    /// `DT_NEEDED`, in order.
    pub fn needed(&self) -> &[&'a str] {
        self.dynamic.as_ref().map_or(&[], |dynamic| &dynamic.needed)
    }

    /// `DT_RPATH`.
    pub fn rpath(&self) -> Option<&'a str> {
        self.dynamic.as_ref()?.rpath
    }

    /// `DT_RUNPATH`.
    pub fn runpath(&self) -> Option<&'a str> {
        self.dynamic.as_ref()?.runpath
    }

    /// Whether `DF_1_NODEFLIB` says to look in no default folder.
    pub fn is_without_defaults(&self) -> bool {
        self.dynamic.as_ref().is_some_and(|dynamic| dynamic.flags_1 & DF_1_NODEFLIB != 0)
    }

    /// Whether it has a dynamic section. A static program has one, too, when it is position
    /// independent.
    pub fn is_dynamic(&self) -> bool {
        self.dynamic.is_some()
    }

    /// The names of the functions and variables that it takes from others: undefined dynamic
    /// symbols. In no order that means anything.
    pub fn imports(&self) -> &[&'a str] {
        self.dynamic.as_ref().map_or(&[], |dynamic| &dynamic.imports)
    }

    /// The JSON texts of its `.note.dlopen`.
    pub fn dlopen_notes(&self) -> Vec<&'a str> {
        dlopen_notes(&self.file)
    }

    /// The texts in its read-only data: printable ASCII that ends with NUL, of at least
    /// `bytes_min`. Some linkers put them beside the code, so that is searched as well.
    pub fn literals(&self, bytes_min: usize) -> impl Iterator<Item = &'a str> {
        let segments = self.file.read_only().into_iter();
        let texts = segments.flat_map(|bytes| bytes.split_inclusive(|byte| *byte == 0));
        texts.filter_map(move |bytes| literal(bytes, bytes_min))
    }
}

fn interpreter<'a>(file: &File<'a>) -> Result<Option<&'a str>, Error> {
    let Some(segment) = file.segments(PT_INTERP).next() else { return Ok(None) };
    let bytes = file.contents(segment)?;
    let text = c_str(bytes).filter(|_| bytes.len() <= PATH_MAX);
    text.map(Some).ok_or(Error::Text { what: "PT_INTERP" })
}

/// The printable end of `bytes` before the NUL that ends them.
fn literal(bytes: &[u8], bytes_min: usize) -> Option<&str> {
    let text = bytes.strip_suffix(&[0])?;
    let start = text.iter().rposition(|byte| !matches!(byte, b' '..=b'~'));
    let text = &text[start.map_or(0, |before| before + 1)..];
    std::str::from_utf8(text).ok().filter(|text| text.len() >= bytes_min)
}
