//! The grammar of HTTP/1.1, as far as the server speaks it: requests in, dates out.

pub mod date;
mod fields;
pub mod names;
pub mod request;
pub(crate) mod set;

/// The value of a hexadecimal digit; more than a byte for what is none.
#[inline(always)]
pub(crate) fn hexadecimal(byte: u8) -> u32 {
    char::from(byte).to_digit(16).unwrap_or(0x100)
}
