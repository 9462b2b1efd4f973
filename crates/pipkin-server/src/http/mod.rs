//! The grammar of HTTP/1.1, as far as the server speaks it: requests and ranges in, dates out.

pub mod date;
pub mod range;
pub mod request;
