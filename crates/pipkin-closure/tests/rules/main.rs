//! Programs and roots made for one rule each: what is found is compared with what the loader of the
//! machine takes, and has to run where nothing else is.
//!
//! Source: ld.so(8), execve(2), nsswitch.conf(5), path_resolution(7).

mod choices;
mod evidence;
mod interpreters;
mod lab;
mod linker;
mod musl;
mod scripts;
mod wrong;
