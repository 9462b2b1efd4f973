//! What unpacks an executable that was packed: all of it is in `pipkin-server`, entry point included.
#![no_std]
#![no_main]

use pipkin_server as _;

// A changed link script must link anew.
const _: &str = include_str!("../link.ld");
