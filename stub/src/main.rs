//! The server executable: all of it is in `pipkin-server`, entry point included.
#![forbid(unsafe_code)]
#![no_std]
#![no_main]

use pipkin_server as _;
