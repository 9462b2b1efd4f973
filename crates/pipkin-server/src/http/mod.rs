//! The grammar of HTTP/1.1, as far as the server speaks it: requests in, dates out.

pub mod date;
mod fields;
pub mod names;
pub mod request;
pub(crate) mod set;
