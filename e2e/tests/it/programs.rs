//! Programs of the system, and some that compilers make here: in Docker, in a root filesystem with
//! nothing but their closure, and as a bundle in a root filesystem with nothing but that, each does
//! what it does on the host.

mod compiled;
mod flags;
mod foreign;
mod interpreters;
mod places;
mod reasons;
mod servers;
mod system;
mod wrong;
