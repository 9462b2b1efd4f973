//! ELF, as far as pipkin writes it: a flat program comes in, an executable with content goes
//! out. Bytes in, bytes out; nothing here knows what the content is.
//!
//! The executable has the smallest form that every loader tried accepts (Linux 6.1 and 6.18,
//! qemu-user, gVisor by its source): `ET_DYN` without relocations, no section headers, and two
//! segments, both mapped from the file as it is:
//!
//! ```text
//! file offset                                        address
//! 0     +------------------------------+             0
//!       | ELF header           64 bytes|
//! 64    | program header: program      |  PT_LOAD R+X
//! 120   | program header: content      |
//! 176   | code and constants           |
//!       +------------------------------+
//! end   | content                      |  PT_LOAD R   next page + end modulo page
//!       +------------------------------+
//! ```
//!
//! The content follows the code without padding: the page that holds the end of one and the
//! start of the other is mapped twice, and the addresses stay congruent to the offsets.
//!
//! Source: System V gABI, "ELF Header" and "Program Header"; elf(5).

mod append;
mod header;
mod read;
#[cfg(test)]
mod tests;

pub use append::{HEADERS_BYTES, Program};
pub use header::Machine;
pub use read::{Error, read};
