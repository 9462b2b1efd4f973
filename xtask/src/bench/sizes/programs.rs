//! Programs of Debian as images of pipkin, as what people copy by hand with `ldd`, and in the smallest
//! Debian that they can be installed in.

use results::Table;

use super::rival::Place;
use super::{Bytes, Wanted, folder, reason};
use crate::debian;
use crate::shell::{Outcome, output};

/// A program, and the package that brings it.
struct Program {
    path: &'static str,
    package: &'static str,
}

pub(super) const NAME: &str = "programs";

const PROGRAMS: &[Program] = &[
    Program { path: "/usr/bin/jq", package: "jq" },
    Program { path: "/usr/bin/sqlite3", package: "sqlite3" },
    Program { path: "/usr/bin/openssl", package: "openssl" },
    Program { path: "/usr/bin/curl", package: "curl" },
    Program { path: "/usr/bin/perl", package: "perl" },
    Program { path: "/usr/bin/python3", package: "python3" },
];

const NOTES: [&str; 2] = [
    "By ldd: the program and each file that ldd names, nothing else: no certificates, no users, of \
     Perl and Python no library.",
    "Debian's minimum: what debootstrap makes of it, with the package and what that depends on, without \
     caches and lists. All three are packed by the same packer.",
];

/// The names of the rows.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    PROGRAMS.iter().map(|program| program.package)
}

/// The table of those that are wanted; nothing when none is.
pub(super) fn measure(place: &Place, wanted: &Wanted) -> Option<Table> {
    let is_wanted = |program: &&Program| wanted.wants(NAME, program.package);
    PROGRAMS.iter().find(is_wanted)?;
    let heads = ["", "ldd ", "minimum "].map(|of| [format!("{of}files"), format!("{of}registry")]);
    let columns: Vec<_> = heads.as_flattened().iter().map(|head| (head.as_str(), "B", 0)).collect();
    let title = "programs by pipkin, by ldd, and in Debian's minimum";
    let mut table = Table::new(NAME, title, &columns);
    table.notes.extend(NOTES.map(Into::into));
    for program in PROGRAMS.iter().filter(is_wanted) {
        eprintln!("{NAME}: {}", program.package);
        let (cells, why): (Vec<_>, Vec<_>) = program.measure(place).map(cells).into_iter().unzip();
        let row = table.push(program.package, true, cells.as_flattened());
        let why: Vec<String> = why.into_iter().flatten().collect();
        row.note = (!why.is_empty()).then(|| format!("missing: {}", why.join("; ")));
    }
    Some(table)
}

impl Program {
    /// By pipkin, by ldd, and in Debian's minimum.
    fn measure(&self, place: &Place) -> [Outcome<Bytes>; 3] {
        let work = place.work.path();
        let needs = [(self.path, self.package)];
        let here = || debian::provide(&needs, "the sizes of a program");
        [
            here().and_then(|()| self.by_pipkin(place)),
            here().and_then(|()| folder::by_ldd(self.path, work)),
            place.debian(&[self.package]).and_then(|root| root.weigh()),
        ]
    }

    fn by_pipkin(&self, place: &Place) -> Outcome<Bytes> {
        let mut build = std::process::Command::new(&place.pipkin);
        build.args(["build", self.path, "-q", "--json", "-o", "image.tar"]);
        Bytes::reported(&output(build.current_dir(place.work.path()))?)
    }
}

/// Two cells, or why there is nothing in them.
fn cells(bytes: Outcome<Bytes>) -> ([Option<f64>; 2], Option<String>) {
    match bytes {
        Ok(bytes) => ([bytes.files, bytes.registry].map(|bytes| Some(bytes as f64)), None),
        Err(why) => ([None; 2], Some(reason(&why.to_string()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_weighed_has_no_cells() {
        let bytes = Bytes { files: 7, archive: None, registry: 5 };
        assert_eq!(cells(Ok(bytes)), ([Some(7.0), Some(5.0)], None));
        assert_eq!(cells(Err("no package".into())), ([None, None], Some("no package".into())));
    }
}
