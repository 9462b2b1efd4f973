//! ELF, as far as pipkin writes it: a program comes in as a linker left it, an executable with
//! content goes out. Bytes in, bytes out; nothing here knows what the content is.
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
//! A program with somebody's handler in it may have more, and pays for what it has: a third
//! segment, R+W, whose bytes in the file lie between code and content and whose address is above
//! both; and constants that hold addresses, which are put in here, so that the executable is
//! `ET_EXEC` then, for one base address, and has no relocations either. Without content it has
//! no header for content.
//!
//! Source: System V gABI, "ELF Header" and "Program Header"; elf(5).

mod append;
mod architecture;
mod dynamic;
mod encoding;
mod error;
mod file;
mod handler;
mod header;
mod note;
mod object;
mod read;
mod relocate;
mod section;
mod symbol;
#[cfg(test)]
mod tests;

pub use append::{HEADERS_BYTES, Program};
pub use architecture::{Architecture, Machine};
pub use error::Error;
pub use handler::{Handler, read_handler};
pub use object::Object;
pub use read::read;
