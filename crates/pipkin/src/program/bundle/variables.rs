//! Variables by which programs are told where data of a bundle is that they would look for at a fixed
//! path of the machine.
//!
//! One is set only when the closure has what it is for, when the user has not set it, and, but for
//! modules that no other libc may have, when the machine has nothing at the path where it is looked for
//! otherwise: certificates and time zones of the machine are newer, and its locales those of its user.
//!
//! Programs of the closure that another looks for by name come first in `PATH`.

use pipkin_closure::{Body, Closure, Entry, PATH};
use pipkin_format::launch::{BUNDLE, Kind};

use super::ROOT;
use super::edit::Edits;

/// A variable, and what it is for.
struct Variable {
    name: &'static str,
    /// The end of the path of a file or folder, which becomes the value.
    data: &'static str,
    /// The end of the path of something without which nobody would ask.
    asked_by: &'static str,
    /// Where the machine may have it.
    unless: Unless,
    /// What stands behind the value.
    more: &'static str,
}

/// A path of the machine with which a bundle's data is not needed.
#[derive(Clone, Copy)]
enum Unless {
    /// There is none.
    Never,
    /// The same as in the closure.
    Same,
    At(&'static str),
}

impl Variable {
    /// One for `data`, which the machine has at the same path, if at all.
    const fn new(name: &'static str, data: &'static str) -> Self {
        Self { name, data, asked_by: "", unless: Unless::Same, more: "" }
    }
}

const CERTIFICATES: [&str; 2] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];

/// Of two for the same name, the first comes to be set.
const VARIABLES: [Variable; 15] = [
    // The cache of the modules is not used with this, but the text is, see `gconv`.
    Variable { unless: Unless::Never, ..Variable::new("GCONV_PATH", "/gconv") },
    // Without it, what the archive has comes first, then what the folder has; with it, only what the
    // folders have that it names.
    Variable {
        unless: Unless::At("/usr/lib/locale/locale-archive"),
        more: ":/usr/lib/locale",
        ..Variable::new("LOCPATH", "/usr/lib/locale")
    },
    Variable::new("SSL_CERT_FILE", CERTIFICATES[0]),
    Variable::new("SSL_CERT_FILE", CERTIFICATES[1]),
    Variable::new("OPENSSL_CONF", "/lib/ssl/openssl.cnf"),
    Variable::new("OPENSSL_CONF", "/etc/pki/tls/openssl.cnf"),
    Variable::new("OPENSSL_MODULES", "/ossl-modules"),
    Variable { unless: Unless::Never, ..Variable::new("GIT_EXEC_PATH", "/lib/git-core") },
    Variable { unless: Unless::Never, ..Variable::new("GIT_EXEC_PATH", "/libexec/git-core") },
    Variable {
        unless: Unless::Never,
        ..Variable::new("GIT_TEMPLATE_DIR", "/share/git-core/templates")
    },
    Variable { asked_by: "/git", ..Variable::new("GIT_SSL_CAINFO", CERTIFICATES[0]) },
    Variable { asked_by: "/git", ..Variable::new("GIT_SSL_CAINFO", CERTIFICATES[1]) },
    Variable::new("TZDIR", "/usr/share/zoneinfo"),
    Variable {
        asked_by: "/zoneinfo/_tzpath.py",
        ..Variable::new("PYTHONTZPATH", "/usr/share/zoneinfo")
    },
    Variable::new("TERMINFO_DIRS", "/terminfo"),
];

/// The steps of a recipe that set what the programs of `closure` need. A variable with another name is
/// the bundle's own: the launcher of a bundle that started this program may have set its.
pub(super) fn steps(closure: &Closure, edits: Edits) -> Vec<(Kind, String)> {
    let mut steps = Vec::new();
    for variable in &VARIABLES {
        let places = find(closure, variable.data);
        let is_asked_for = !find(closure, variable.asked_by).is_empty();
        let Some(first) = places.first().filter(|_| is_asked_for) else { continue };
        match variable.unless {
            Unless::Never => {}
            Unless::Same => steps.push((Kind::Unless, (*first).into())),
            Unless::At(path) => steps.push((Kind::Unless, path.into())),
        }
        let places: Vec<_> = places.iter().map(|path| in_bundle(path)).collect();
        let (kind, name) = match edits.renamed(variable.name) {
            Some(name) => (Kind::OwnVariable, name),
            None => (Kind::Variable, variable.name),
        };
        steps.push((kind, format!("{name}={}{}", places.join(":"), variable.more)));
    }
    steps.extend(path(closure));
    steps
}

/// The steps for `PATH`, if there are programs in the closure besides the first and its interpreter.
/// Without the variable, a shell and the functions of libc look where they always do.
fn path(closure: &Closure) -> Vec<(Kind, String)> {
    let first = [Some(&closure.program), closure.interpreter.first()].into_iter().flatten();
    let first: Vec<_> = first.filter_map(|path| closure.real_path(path)).collect();
    let is_program = |(path, entry): (&String, &Entry)| {
        let is_executable = matches!(entry.body, Body::File { mode, .. } if mode & 0o111 != 0);
        is_executable && !first.contains(path)
    };
    let others = closure.entries.iter().filter(|entry| is_program(*entry));
    let folders: Vec<&str> =
        others.filter_map(|(path, _)| Some(path.rsplit_once('/')?.0)).collect();
    let folders = PATH.into_iter().filter(|folder| folders.contains(folder)).map(in_bundle);
    let own = folders.collect::<Vec<_>>().join(":");
    if own.is_empty() {
        return Vec::new();
    }
    let front = (Kind::FrontVariable, format!("PATH={own}"));
    vec![front, (Kind::Variable, format!("PATH={own}:{}", PATH.join(":")))]
}

/// The path of what the closure has at `path`, in the text of a recipe.
pub(super) fn in_bundle(path: &str) -> String {
    format!("{}/{ROOT}{path}", BUNDLE as char)
}

/// The paths of the closure, or of folders in it, that end with `end`.
fn find<'a>(closure: &'a Closure, end: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    for path in closure.entries.keys() {
        let ends = path.match_indices(end).map(|(at, _)| at + end.len());
        let mut ends = ends.filter(|at| path[*at..].is_empty() || path[*at..].starts_with('/'));
        if let Some(place) = ends.next().map(|at| &path[..at])
            && !found.contains(&place)
        {
            found.push(place);
        }
    }
    found
}
