//! `bench sizes`: programs of Debian as images of pipkin, as what people copy by hand with `ldd`, and in
//! the smallest Debian that they can be installed in: bytes of files, and of layers in a registry.

mod debian_root;
mod folder;
mod ours;

use results::Section;

use super::section;
use crate::debian::{self, Need};
use crate::shell::Outcome;
use debian_root::Minimal;

pub(super) const HELP: &str = "programs by pipkin, by ldd, and in Debian's minimum [PROGRAM...]";

/// A program, and the package that brings it.
struct Program {
    path: &'static str,
    package: &'static str,
}

const PROGRAMS: &[Program] = &[
    Program { path: "/usr/bin/jq", package: "jq" },
    Program { path: "/usr/bin/sqlite3", package: "sqlite3" },
    Program { path: "/usr/bin/openssl", package: "openssl" },
    Program { path: "/usr/bin/curl", package: "curl" },
    Program { path: "/usr/bin/perl", package: "perl" },
    Program { path: "/usr/bin/python3", package: "python3" },
];

const NEEDS: &[Need] = &[("debootstrap", "debootstrap"), ("chroot", "coreutils")];

/// What an image weighs.
#[derive(Clone, Copy)]
struct Bytes {
    /// The sum of the files.
    files: u64,
    /// The layer, compressed, and where there is one, config and manifest.
    registry: u64,
}

pub(super) fn run(args: &[String]) -> Outcome<Section> {
    print(args)?;
    Ok(section("sizes", "Sizes"))
}

fn print(args: &[String]) -> Outcome {
    debian::provide(NEEDS, "sizes in Debian's minimum")?;
    let packages: Vec<_> = PROGRAMS.iter().map(|p| (p.path, p.package)).collect();
    debian::provide(&packages, "the sizes of some programs")?;
    let pipkin = crate::shell::pipkin()?;
    let work = tempfile::tempdir()?;
    let minimal = Minimal::new(work.path());
    println!("bytes of files, and in a registry; all three are packed by the same packer");
    println!("  {:<10}{:>26}{:>26}{:>26}", "", "pipkin", "by ldd", "Debian's minimum");
    let is_wanted = |p: &&Program| args.is_empty() || args.iter().any(|arg| p.path.ends_with(arg));
    for program in PROGRAMS.iter().filter(is_wanted) {
        let ours = ours::build(&pipkin, program.path, work.path());
        let by_ldd = folder::by_ldd(program.path, work.path());
        let minimal = minimal.as_ref().map_err(ToString::to_string);
        let minimal = minimal.and_then(|m| m.with(program.package).map_err(|e| e.to_string()));
        let cells = [ours.map_err(|e| e.to_string()), by_ldd.map_err(|e| e.to_string()), minimal];
        print_row(program.package, &cells);
    }
    Ok(())
}

fn print_row(name: &str, cells: &[Result<Bytes, String>]) {
    let cell = |cell: &Result<Bytes, String>| match cell {
        Ok(Bytes { files, registry }) => format!("{files:>14}{registry:>12}"),
        Err(_) => format!("{:>26}", "missing"),
    };
    println!("  {name:<10}{}", cells.iter().map(cell).collect::<String>());
    for why in cells.iter().filter_map(|cell| cell.as_ref().err()) {
        println!("  {:<10}missing: {why}", "");
    }
}
