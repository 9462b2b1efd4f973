//! What an ELF file says about what it needs: its interpreter, libraries, symbols, notes, literals.

use crate::architecture::Architecture;
use crate::error::Error;

/// An ELF program or library, of any architecture.
#[derive(Clone, Debug)]
pub struct Object<'a> {
    architecture: Architecture,
    bytes: &'a [u8],
}

impl<'a> Object<'a> {
    /// The program or library in `bytes`.
    ///
    /// # Errors
    ///
    /// [`Error::NotElf`], [`Error::Truncated`].
    pub fn read(bytes: &'a [u8]) -> Result<Self, Error> {
        let _ = bytes;
        Err(Error::NotElf)
    }

    /// What it is for.
    pub fn architecture(&self) -> Architecture {
        self.architecture
    }

    /// `PT_INTERP`: the program that loads it.
    pub fn interpreter(&self) -> Option<&'a str> {
        None
    }

    /// `DT_SONAME`.
    pub fn soname(&self) -> Option<&'a str> {
        None
    }

    /// `DT_NEEDED`, in order.
    pub fn needed(&self) -> &[&'a str] {
        &[]
    }

    /// `DT_RPATH`.
    pub fn rpath(&self) -> Option<&'a str> {
        None
    }

    /// `DT_RUNPATH`.
    pub fn runpath(&self) -> Option<&'a str> {
        None
    }

    /// Whether `DF_1_NODEFLIB` says to look in no default folder.
    pub fn is_without_defaults(&self) -> bool {
        false
    }

    /// Whether it has a dynamic section.
    pub fn is_dynamic(&self) -> bool {
        false
    }

    /// The names of the functions and variables that it takes from others: undefined dynamic
    /// symbols.
    pub fn imports(&self) -> &[&'a str] {
        &[]
    }

    /// The JSON texts of its `.note.dlopen`.
    pub fn dlopen_notes(&self) -> Vec<&'a str> {
        Vec::new()
    }

    /// The texts in its read-only data: printable ASCII that ends with NUL, of at least
    /// `bytes_min`.
    pub fn literals(&self, bytes_min: usize) -> impl Iterator<Item = &'a str> {
        let _ = (self.bytes, bytes_min);
        std::iter::empty()
    }
}
