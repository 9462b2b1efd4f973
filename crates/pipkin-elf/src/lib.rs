//! ELF, as far as pipkin needs it. Bytes in, value out, whatever the bytes are.
//!
//! - [`Object`] says what any program or library needs to run: of every architecture, by its
//!   program headers, as a kernel and a dynamic linker see it.
//! - [`strip()`] leaves out of it what nothing loads.
//! - [`read()`] and [`read_handler`] take a program as a linker left it, and [`Program`] writes an
//!   executable with content; nothing here knows what the content is.
//!
//! That executable has the smallest form that every loader tried accepts (Linux 6.1 and 6.18,
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
//! no header for content. A launcher has a header more, `PT_GNU_STACK`, behind those of segments: what
//! it becomes shall not have code on its stack on a kernel that takes its absence for a wish.
//!
//! One may also unpack its own code when it starts: see [`Program::packed_with_content`].
//!
//! One that needs neither content nor variables becomes a file that is smaller still: see
//! [`Program::minimise`].
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
mod minimise;
mod note;
mod object;
mod pack;
mod read;
mod relocate;
mod section;
mod strip;
mod symbol;
#[cfg(test)]
mod tests;

pub use append::{HEADERS_BYTES, Program};
pub use architecture::{Architecture, Machine};
pub use error::Error;
pub use handler::{Handler, read_handler};
pub use minimise::Shape;
pub use object::Object;
pub use pack::Unpacker;
pub use read::{read, read_alone};
pub use strip::strip;
