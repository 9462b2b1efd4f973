//! The server executable: all of it is in `pipkin-server`, entry point included.
#![no_std]
#![no_main]

use pipkin_server as _;
