//! The closure of a program: every file that it needs to run, each with the reason, found by
//! reading files below a root folder and running nothing.
//!
//! The way through it: [`find`] starts with the program, and every file that is kept may ask for
//! others, by the rules of the dynamic linker, by evidence in its symbols, notes and literals, or
//! by its first line, until nobody asks for more. What comes out is a value, [`Closure`]: the files
//! to put into an image, and a ledger of why each is there and why others are not.
//!
//! Paths are text, absolute, as the program sees them: `/lib/libc.so.6` is below the root folder.

mod answer;
mod cache;
mod closure;
mod error;
mod evidence;
mod facts;
mod files;
mod finder;
mod folder;
mod gconv;
mod interpreter;
mod linker;
mod nss;
mod packages;
mod pattern;
mod reason;
mod root;
mod script;
mod settings;
mod system;

pub use closure::{Body, Closure, Entry, Left};
pub use error::{Error, Result};
pub use reason::{Kind, Reason};
pub use root::{Found, Root, resolve};
pub use script::PATH;
pub use settings::{Include, Settings};

/// The closure of the program at `path`.
///
/// # Errors
///
/// [`Error`] says which file cannot be used, or is missing and who needs it.
pub fn find(path: &str, settings: &Settings) -> Result<Closure> {
    finder::find(path, settings)
}
