//! Standing between cargo and rustc, for one argument: cargo names a package outside of the
//! workspace by its absolute path, and the order of functions in a program comes from hashes with
//! that name. The same source is to give the same bytes in every folder.

use std::env;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use pipkin_image::Digest;

use crate::failure::Failure;

/// A variable that says that this program is to stand there. Its value is a list of the folders
/// whose packages cargo names by something else than a path.
const STANDS_IN: &str = "PIPKIN_STANDS_IN_FOR_RUSTC";

/// What the argument begins with.
const METADATA: &str = "metadata=";
/// Characters of it, as cargo has them.
const METADATA_LENGTH: usize = 16;

/// Makes `cargo` start this program for each crate.
pub(super) fn stand_in(cargo: &mut Command, named_otherwise: &[impl AsRef<Path>]) {
    let folders = env::join_paths(named_otherwise.iter().map(AsRef::as_ref)).unwrap_or_default();
    if let Ok(program) = env::current_exe() {
        cargo.env("RUSTC_WRAPPER", program).env(STANDS_IN, folders);
    }
}

/// Becomes rustc, if cargo has started this program as such; returns only when it cannot.
pub(crate) fn run() -> Option<Failure> {
    let folders = env::var_os(STANDS_IN)?;
    let is_named_otherwise = |folder: &Path| {
        env::split_paths(&folders).any(|named_otherwise| folder.starts_with(named_otherwise))
    };
    let mut args: Vec<_> = env::args_os().skip(1).collect();
    let folder = env::var_os("CARGO_MANIFEST_DIR").filter(|it| !is_named_otherwise(Path::new(it)));
    if folder.is_some() {
        let crate_name = ["CARGO_CRATE_NAME", "CARGO_PKG_NAME", "CARGO_PKG_VERSION"];
        let crate_name = crate_name.map(|name| env::var(name).unwrap_or_default()).join(" ");
        let has_metadata = |arg: &&mut std::ffi::OsString| {
            arg.to_str().is_some_and(|arg| arg.starts_with(METADATA))
        };
        for arg in args.iter_mut().filter(has_metadata) {
            let name = &Digest::of(crate_name.as_bytes()).hex()[..METADATA_LENGTH];
            *arg = format!("{METADATA}{name}").into();
        }
    }
    let (rustc, args) = args.split_first()?;
    let error = Command::new(rustc).args(args).exec();
    Some(Failure::new(format!("cannot run {}: {error}", rustc.display())))
}
