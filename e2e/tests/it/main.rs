//! The release `pipkin` from end to end, judged by programs that others wrote.
//!
//! `cargo xtask e2e` sets `PIPKIN_E2E` and `PIPKIN`; without them each test skips itself.

mod browser;
mod conventions;
mod docker;
mod docs;
mod emulated;
mod extended;
mod faults;
mod handlers;
mod hello;
mod inside;
mod install;
mod kept;
mod large;
mod listen;
mod micro;
mod output;
mod packed;
mod place;
mod podman;
mod programs;
mod report;
mod reproducible;
mod root;
mod rules;
mod run;
mod sealed;
mod serve;
mod tools;
mod wrong_flags;
mod wrong_input;
mod wrong_output;
