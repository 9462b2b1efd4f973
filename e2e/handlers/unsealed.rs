//! A handler that may make system calls.

use pipkin_handler::*;

handler!(well, sandbox: false);

fn well(_: &Request) -> &'static str {
    "well"
}
