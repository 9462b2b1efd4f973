//! Why bytes are not the program that they should be.

use std::fmt;

use crate::architecture::Architecture;

/// Why bytes are not a program that pipkin can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// It does not start as an ELF file does.
    NotElf,
    /// The first bytes of the ELF header name no known way to write numbers.
    Ident {
        /// `EI_CLASS`, which is 1 or 2.
        class: u8,
        /// `EI_DATA`, which is 1 or 2.
        data: u8,
    },
    /// It is neither a program nor a library.
    NotProgram {
        /// What it is instead, by the gABI.
        e_type: u16,
    },
    /// There are no program headers, or not of the size that they have.
    ProgramHeaders {
        /// How many there are.
        e_phnum: u16,
        /// How many bytes each has.
        e_phentsize: u16,
    },
    /// There is no text, with NUL behind it, where there should be.
    Text {
        /// What says that there is: `DT_NEEDED`.
        what: &'static str,
    },
    /// There is something that is neither loaded nor made by a compiler, linker or debugger.
    Payload {
        /// Where it is in the file.
        at: u64,
        /// Its length.
        bytes: u64,
    },
    /// It is for a machine that pipkin has no server for.
    Architecture(Architecture),
    /// It is not position independent.
    NotPositionIndependent,
    /// A header, a segment or a section lies outside the file.
    Truncated,
    /// A segment would be writable, so the program is not flat.
    Writable,
    /// There is not exactly one segment to load, readable and executable, from address 0.
    NotOneSegment,
    /// There is not one such segment and at most one of variables, on pages of its own behind it.
    NotCodeAndVariables,
    /// The program is not code and constants alone, so it is not to be made smaller.
    NotFlat,
    /// Constants may lie only where they do.
    Alignment {
        /// What their addresses are multiples of.
        bytes: u64,
    },
    /// The entry point lies outside the code.
    Entry {
        /// Where it is.
        e_entry: u64,
    },
    /// A relocation is of a kind that only a loader could do.
    Relocation {
        /// Its number, by the specification of the processor.
        kind: u32,
        /// What it would change.
        r_offset: u64,
    },
    /// A relocation would change what is not in the file.
    RelocationOutside {
        /// What it would change.
        r_offset: u64,
    },
    /// There are no addresses for so much content.
    Content {
        /// The length of the content.
        bytes: u64,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotElf => f.write_str("not an ELF file"),
            Self::Ident { class, data } => {
                write!(f, "an ELF file of class {class} and byte order {data}, where 1 and 2 exist")
            }
            Self::NotProgram { e_type: 1 } => {
                f.write_str("an ELF file that a linker has yet to make a program of")
            }
            Self::NotProgram { e_type: 4 } => {
                f.write_str("an ELF file with the memory of a process, a core dump")
            }
            Self::NotProgram { e_type } => {
                write!(f, "an ELF file of type {e_type}, neither a program nor a library")
            }
            Self::ProgramHeaders { e_phnum, e_phentsize } => write!(
                f,
                "an ELF file with {e_phnum} program headers of {e_phentsize} bytes, which \
                 nothing loads"
            ),
            Self::Text { what } => {
                write!(f, "an ELF file without a text where its {what} says")
            }
            Self::Payload { at, bytes } => write!(
                f,
                "an ELF file with {bytes} bytes at {at:#x} that are not loaded, and that the \
                 program may read itself"
            ),
            Self::Architecture(architecture) => {
                write!(
                    f,
                    "an ELF file for {architecture}, which is none of amd64, arm64 and riscv64"
                )
            }
            Self::NotPositionIndependent => f.write_str("not a position-independent ELF file"),
            Self::Truncated => f.write_str("an ELF file that ends before its headers say"),
            Self::Writable => f.write_str("an ELF file with a writable segment"),
            Self::NotOneSegment => {
                f.write_str("not an ELF file with one segment, code and constants from address 0")
            }
            Self::NotCodeAndVariables => f.write_str(
                "not an ELF file with code and constants from address 0, and variables behind them",
            ),
            Self::NotFlat => f.write_str("a program with more than code and constants"),
            Self::Alignment { bytes } => {
                write!(f, "a program with constants at multiples of {bytes} bytes")
            }
            Self::Entry { e_entry } => {
                write!(f, "an ELF file whose entry point {e_entry:#x} lies outside its code")
            }
            Self::Relocation { kind, r_offset } => write!(
                f,
                "an ELF file with a relocation of kind {kind} at {r_offset:#x}, which needs a \
                 loader"
            ),
            Self::RelocationOutside { r_offset } => {
                write!(f, "an ELF file with a relocation at {r_offset:#x}, outside its segments")
            }
            Self::Content { bytes } => {
                write!(f, "a program without room for {bytes} bytes of content")
            }
        }
    }
}

impl std::error::Error for Error {}
