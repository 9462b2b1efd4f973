//! The libraries of interpreters, which no ELF file names: those of Python and Perl, whole, unless
//! a trace has told what a program uses of them. The interpreter may be within a program: gdb does
//! not start without Python's library.

use crate::Result;
use crate::finder::Finder;
use crate::linker::Loaded;
use crate::reason::{Kind, Reason};
use crate::root::{Root, file_name, join, parent};

/// Shells, which run whatever a script names.
const SHELLS: [&str; 6] = ["sh", "ash", "bash", "busybox", "dash", "zsh"];
/// What is in the folder of Python's own library.
///
/// Source: Python documentation, "The initialization of the sys.path module search path".
const PYTHON_MARK: &str = "os.py";
/// What is in a folder of Perl's own library, of the parts in Perl and of those in C.
const PERL_MARKS: [&str; 2] = ["strict.pm", "Config.pm"];
/// Names in a library that are for those who develop it.
const FOR_DEVELOPERS: [&str; 5] = ["test", "tests", "idle_test", "CORE", "__phello__"];

/// Keeps the library of the program in the linker `linker`, which was found at `path`, if it is an
/// interpreter that is known.
pub(crate) fn keep_library(finder: &mut Finder<'_>, linker: usize, path: &str) -> Result<()> {
    let real = finder.linkers[linker].loaded[0].real.clone();
    let name = file_name(&real);
    if is_version(name, "python") {
        if !keep_environment(finder, linker, path)? {
            warn_of_modules(finder, name);
        }
        let library = format!("{}/lib/{name}", parent(parent(&real)));
        return keep(finder, linker, &[library], PYTHON_MARK);
    }
    let loaded = &finder.linkers[linker].loaded;
    let has_perl = loaded.iter().any(|loaded| file_name(&loaded.real).starts_with("libperl.so."));
    if let Some(library) = loaded.iter().find_map(|it| library_within(&finder.files.root, it)) {
        keep(finder, linker, &[library], PYTHON_MARK)?;
    }
    if has_perl || is_version(name, "perl") {
        warn_of_modules(finder, name);
        return keep_perl(finder, linker);
    }
    if SHELLS.contains(&name) && finder.closure.is_script() && !finder.settings.is_traced {
        finder.closure.warnings.push(format!(
            "{name} runs programs by names that only it understands: add them with --trace or \
             --include"
        ));
    }
    Ok(())
}

/// Keeps the library of Perl, which knows its folders.
fn keep_perl(finder: &mut Finder<'_>, linker: usize) -> Result<()> {
    let places = finder.linkers[linker].loaded.iter().flat_map(|loaded| &loaded.facts.places);
    let has_mark = |place: &&String| {
        PERL_MARKS.iter().any(|mark| finder.files.root.file(&join(place, mark)).is_some())
    };
    let libraries: Vec<String> = places.filter(has_mark).cloned().collect();
    keep(finder, linker, &libraries, "")
}

/// Where the library of Python is, if `loaded` is Python as a library: in a folder `python3.11`
/// beside `libpython3.11.so.1.0`, or nearer to the root.
fn library_within(root: &Root, loaded: &Loaded) -> Option<String> {
    let (name, _) = file_name(&loaded.real).strip_prefix("lib")?.split_once(".so")?;
    if !is_version(name, "python") {
        return None;
    }
    let folders = std::iter::successors(Some(parent(&loaded.real)), |folder| {
        (*folder != "/").then(|| parent(folder))
    });
    let mut libraries = folders.map(|folder| join(folder, name));
    libraries.find(|library| root.file(&join(library, PYTHON_MARK)).is_some())
}

/// Whether `name` is that of an interpreter with a version behind it: `python3.11`.
fn is_version(name: &str, interpreter: &str) -> bool {
    name.strip_prefix(interpreter)
        .is_some_and(|version| version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
}

/// Keeps the folders `libraries` of which the first has the file `mark`.
fn keep(finder: &mut Finder<'_>, linker: usize, libraries: &[String], mark: &str) -> Result<()> {
    let real = finder.linkers[linker].loaded[0].real.clone();
    for library in libraries {
        let reason = Reason::new(Kind::Library, &real, library.as_str());
        if finder.files.root.find(&join(library, mark)).is_err() {
            finder.leave(library, reason, "it is not there");
        } else if finder.settings.is_traced {
            // By which the interpreter knows its library, and does not open it for that.
            finder.keep(&join(library, mark), reason.clone())?;
            finder.leave(library, reason, "the trace told what is used of it");
        } else {
            let skip = |name: &str| of_no_use(name).or_else(|| of_packages(name));
            finder.keep_folder(library, &reason, Some(linker), &skip)?;
        }
    }
    Ok(())
}

/// Why a folder in the library of an interpreter is not of that.
fn of_packages(name: &str) -> Option<&'static str> {
    let is_folder = matches!(name, "site-packages" | "dist-packages");
    is_folder.then_some("of packages, and not of the library: --trace or --include")
}

/// Keeps the virtual environment of the interpreter at `path`, a folder with a link to the true one,
/// and packages; whether it is in one.
///
/// Source: Python documentation, "venv", and "site".
fn keep_environment(finder: &mut Finder<'_>, linker: usize, path: &str) -> Result<bool> {
    let folder = parent(parent(path));
    let settings = join(folder, "pyvenv.cfg");
    let reason =
        Reason::new(Kind::Library, &finder.linkers[linker].loaded[0].real, settings.clone());
    let is_in_one = finder.keep_if_there(&settings, &reason)?;
    if is_in_one && !finder.settings.is_traced {
        finder.keep_folder(&join(folder, "lib"), &reason, Some(linker), &of_no_use)?;
    }
    Ok(is_in_one)
}

/// Scripts name modules in ways that only their interpreters understand: those beside them, and
/// those of packages.
fn warn_of_modules(finder: &mut Finder<'_>, name: &str) {
    if finder.closure.is_script() && !finder.settings.is_traced {
        finder.closure.warnings.push(format!(
            "modules that {name} does not bring itself are not found by reading: add them with \
             --trace or --include"
        ));
    }
}

/// Why a file or folder of a library is of no use in an image.
fn of_no_use(name: &str) -> Option<&'static str> {
    match name {
        "__pycache__" => Some("compiled for other times of the files, so compiled again anyway"),
        _ if FOR_DEVELOPERS.contains(&name) || name.starts_with("config-") => {
            Some("for those who develop the interpreter")
        }
        _ if [".h", ".a", ".pod"].iter().any(|end| name.ends_with(end)) => {
            Some("for those who develop with it")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_versions() {
        let check = |name, expected| assert_eq!(is_version(name, "python"), expected, "{name}");
        check("python", true);
        check("python3.11", true);
        check("python3-config", false);
        check("perl", false);
    }

    #[test]
    fn what_is_left_of_a_library() {
        let check = |name, is_of_no_use: bool, is_of_packages: bool| {
            let found = (of_no_use(name).is_some(), of_packages(name).is_some());
            assert_eq!(found, (is_of_no_use, is_of_packages), "{name}");
        };
        check("os.py", false, false);
        check("encodings", false, false);
        check("__pycache__", true, false);
        check("idle_test", true, false);
        check("config-3.11-x86_64-linux-gnu", true, false);
        check("perl.h", true, false);
        check("site-packages", false, true);
    }
}
