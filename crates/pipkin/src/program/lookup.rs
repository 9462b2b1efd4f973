//! Which program a user means.

use std::env;
use std::fs::{self, File};
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf, absolute};

use pipkin_closure::{PATH, Root};

use super::{Program, elf};
use crate::failure::Failure;

/// What a file that the kernel runs starts with.
///
/// Source: execve(2).
const MAGICS: [&[u8]; 2] = [elf::MAGIC, b"#!"];

/// The program `typed` of this machine. A name without a slash is one of the working directory, or
/// else of the PATH.
pub(super) fn here(typed: &Path) -> Result<Program, Failure> {
    let found = match (bare(typed), fs::metadata(typed)) {
        (Some(name), _) if !typed.is_file() => on_path(name).ok_or_else(|| nowhere(typed))?,
        (_, Err(error)) => return Err(unreachable(typed, &error)),
        (_, Ok(metadata)) if metadata.is_dir() => return Err(is_folder(typed)),
        _ => typed.into(),
    };
    let path = spelled(&found).map_err(|error| cannot_read(typed, &error))?;
    let path = path.into_os_string().into_string().map_err(|_| not_utf8(typed))?;
    Ok(Program { path, root: "/".into() })
}

/// Absolute, with links as they were typed, but for those before a `..`.
fn spelled(path: &Path) -> std::io::Result<PathBuf> {
    let absolute = absolute(path)?;
    let has_parents = absolute.components().any(|part| part.as_os_str() == "..");
    match (absolute.parent(), absolute.file_name()) {
        (Some(folder), Some(name)) if has_parents => Ok(folder.canonicalize()?.join(name)),
        _ => Ok(absolute),
    }
}

/// The program `typed` inside of `root`.
pub(super) fn inside(typed: &Path, root: &Path) -> Result<Program, Failure> {
    if !root.is_dir() {
        let why = if root.exists() { "it is not a folder" } else { "there is no such folder" };
        return Err(Failure::new(format!("cannot read folder {}: {why}", root.display()))
            .help("--root is the folder in which the / of the program is"));
    }
    let text = typed.to_str().ok_or_else(|| not_utf8(typed))?;
    if matches!(text, "" | "." | "/") {
        return Err(Failure::usage(format!("which program of {} is not said", root.display()))
            .help("name it as it is inside: pipkin build --root DIR /usr/bin/NAME"));
    }
    if text.split('/').any(|part| part == "..") {
        return Err(Failure::usage(format!("{text} leads up, and a path is one inside of --root"))
            .help("write it without `..`: /usr/bin/NAME"));
    }
    match bare(typed) {
        Some(name) => named(name, root, &PATH),
        None => Ok(Program::at(text, root)),
    }
}

/// The program of a name in one of `folders` inside of `root`.
pub(super) fn named(name: &str, root: &Path, folders: &[&str]) -> Result<Program, Failure> {
    let inside = Root::new(root);
    let is_file = |path: &String| inside.find(path).is_ok_and(|found| found.metadata.is_file());
    let found = folders.iter().map(|folder| format!("{folder}/{name}")).find(is_file);
    found.map(|path| Program::at(&path, root)).ok_or_else(|| {
        let folders = folders.join(", ");
        Failure::new(format!("there is no program {name} in {}", root.display()))
            .help(format!("give its path inside; these folders were searched: {folders}"))
    })
}

/// The name, when there is nothing but a name.
fn bare(typed: &Path) -> Option<&str> {
    typed.to_str().filter(|text| !text.contains('/') && !matches!(*text, "" | "." | ".."))
}

fn on_path(name: &str) -> Option<PathBuf> {
    let is_program = |path: &PathBuf| {
        let metadata = fs::metadata(path);
        metadata.is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
    };
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(name)).find(is_program)
}

/// What was perhaps meant by `path`: it may be one of outside that leads into `root`.
pub(super) fn meant(root: &Path, path: &str) -> Option<String> {
    let root = root.canonicalize().ok()?;
    let candidates = [PathBuf::from(path), PathBuf::from(path.strip_prefix('/')?)];
    let inside = candidates.iter().find_map(|path| {
        let path = path.canonicalize().ok()?;
        Some(path.strip_prefix(&root).ok()?.to_str()?.to_owned())
    });
    inside.filter(|inside| !inside.is_empty()).map(|inside| format!("/{inside}"))
}

/// That the file `typed` starts as programs do.
pub(super) fn check_looks_like_one(typed: &Path) -> Result<(), Failure> {
    let mut start = Vec::new();
    if typed.is_file() {
        File::open(typed)
            .and_then(|file| file.take(4).read_to_end(&mut start))
            .map_err(|error| cannot_read(typed, &error))?;
    }
    if MAGICS.iter().any(|magic| start.starts_with(magic)) {
        return Ok(());
    }
    let folder = typed.parent().filter(|folder| *folder != Path::new(""));
    let folder = folder.unwrap_or(Path::new(".")).display();
    Err(Failure::new(format!(
        "{} is neither a folder nor a program, which starts with the magic of ELF or with #!",
        typed.display()
    ))
    .help(format!(
        "to serve it, give the folder that holds it: {folder}; alone, `pipkin build --server micro` \
         takes it"
    )))
}

fn nowhere(typed: &Path) -> Failure {
    let name = typed.display();
    Failure::new(format!("cannot read {name}: it is not here, and no program of the PATH")).help(
        "check the spelling: it is the folder with your index.html, or a program such as \
         /usr/bin/jq",
    )
}

/// What keeps `typed` from being looked at: that it is not there, or a folder above it that is for
/// others.
fn unreachable(typed: &Path, error: &std::io::Error) -> Failure {
    if error.kind() != ErrorKind::NotFound {
        return cannot_read(typed, error);
    }
    Failure::new(format!("cannot read {}: there is no such file or folder", typed.display())).help(
        "check the spelling: it is the folder with your index.html, or a program such as \
         /usr/bin/jq",
    )
}

fn is_folder(typed: &Path) -> Failure {
    Failure::new(format!("{} is a folder, and no program", typed.display()))
        .help("give the path of the program, or leave --as program out to serve the folder")
}

fn not_utf8(typed: &Path) -> Failure {
    Failure::new(format!("cannot read {}: its path is not UTF-8", typed.display()))
        .help("give the file or its folder another name")
}

fn cannot_read(typed: &Path, error: &std::io::Error) -> Failure {
    let failure = Failure::new(format!("cannot read {}: {error}", typed.display()));
    match error.kind() {
        ErrorKind::PermissionDenied => failure.help("run pipkin as a user who may read it"),
        _ => failure,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A root with `/usr/bin/b`, to which `/bin` and `/usr/bin/a` lead.
    fn root() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("usr/bin")).unwrap();
        fs::write(root.path().join("usr/bin/b"), "#!").unwrap();
        symlink("/usr/bin/b", root.path().join("usr/bin/a")).unwrap();
        symlink("/usr/bin", root.path().join("bin")).unwrap();
        root
    }

    #[track_caller]
    fn check(typed: &str, in_root: bool, expected: &str) {
        let root = root();
        let place = root.path().to_str().unwrap();
        let typed = typed.replace("ROOT", place);
        let found = Program::find(Path::new(&typed), in_root.then_some(root.path()));
        let shown = found.map_or_else(|failure| failure.to_string(), |program| program.path);
        assert_eq!(shown.replace(place, "ROOT"), expected, "{typed}");
    }

    #[test]
    fn programs_of_a_root() {
        check("b", true, "/usr/bin/b");
        check("a", true, "/usr/bin/a");
        check("/bin/b", true, "/bin/b");
        check("./usr//bin/b", true, "/usr/bin/b");
        check(
            "c",
            true,
            "error: there is no program c in ROOT\n help: give its path inside; these folders were \
             searched: /usr/local/sbin, /usr/local/bin, /usr/sbin, /usr/bin, /sbin, /bin",
        );
        for nothing in [".", "/", ""] {
            check(
                nothing,
                true,
                "error: which program of ROOT is not said\n help: name it as it is inside: pipkin \
                 build --root DIR /usr/bin/NAME",
            );
        }
        check(
            "/usr/../b",
            true,
            "error: /usr/../b leads up, and a path is one inside of --root\n help: write it \
             without `..`: /usr/bin/NAME",
        );
    }

    #[test]
    fn the_place_of_a_program_is_in_its_root() {
        let root = root();
        let place = Program::find(Path::new("/bin/a"), Some(root.path())).unwrap().place();
        assert_eq!(place, root.path().join("usr/bin/b"));
    }

    #[test]
    fn programs_of_this_machine() {
        check("ROOT/usr/bin/b", false, "ROOT/usr/bin/b");
        check("ROOT/usr/bin/./b", false, "ROOT/usr/bin/b");
        check(
            "ROOT/usr/lib/../bin/b",
            false,
            "error: cannot read ROOT/usr/lib/../bin/b: there is no such file or folder\n help: \
             check the spelling: it is the folder with your index.html, or a program such as \
             /usr/bin/jq",
        );
        check("ROOT/usr/../usr/bin/b", false, "ROOT/usr/bin/b");
        check(
            "ROOT/usr",
            false,
            "error: ROOT/usr is a folder, and no program\n help: give the path of the program, or \
             leave --as program out to serve the folder",
        );
        check(
            "no-such-program",
            false,
            "error: cannot read no-such-program: it is not here, and no program of the PATH\n \
             help: check the spelling: it is the folder with your index.html, or a program such \
             as /usr/bin/jq",
        );
    }

    #[test]
    fn what_is_for_others_is_told_from_what_is_not_there() {
        let said = |kind: ErrorKind| unreachable(Path::new("/a/b"), &kind.into()).to_string();
        assert_eq!(
            said(ErrorKind::PermissionDenied),
            "error: cannot read /a/b: permission denied\n help: run pipkin as a user who may read it"
        );
        let expected = "error: cannot read /a/b: there is no such file or folder\n help: ";
        assert!(said(ErrorKind::NotFound).starts_with(expected));
    }

    #[test]
    fn a_root_is_a_folder() {
        let check = |root: &str, expected: &str| {
            let failure = Program::find(Path::new("b"), Some(Path::new(root))).unwrap_err();
            let help = "--root is the folder in which the / of the program is";
            assert_eq!(failure.to_string(), format!("error: {expected}\n help: {help}"));
        };
        check("/no/such", "cannot read folder /no/such: there is no such folder");
        check("/etc/passwd", "cannot read folder /etc/passwd: it is not a folder");
    }

    #[test]
    fn a_path_of_outside_is_told_from_one_inside() {
        let root = root();
        let outside = root.path().join("usr/bin/b");
        let meant = |path: &str| meant(root.path(), path);
        assert_eq!(meant(outside.to_str().unwrap()).as_deref(), Some("/usr/bin/b"));
        assert_eq!((meant("/no/such"), meant("/etc")), (None, None));
    }

    #[test]
    fn what_looks_like_no_program() {
        let root = root();
        let page = root.path().join("index.html");
        fs::write(&page, "<p>").unwrap();
        let failure = check_looks_like_one(&page).unwrap_err().to_string();
        assert_eq!(
            failure.replace(root.path().to_str().unwrap(), "ROOT"),
            "error: ROOT/index.html is neither a folder nor a program, which starts with the magic \
             of ELF or with #!\n help: to serve it, give the folder that holds it: ROOT; alone, \
             `pipkin build --server micro` takes it"
        );
        assert!(check_looks_like_one(&root.path().join("usr/bin/a")).is_err());
        assert!(check_looks_like_one(&root.path().join("usr/bin/b")).is_ok());
        assert!(check_looks_like_one(Path::new("/dev/null")).is_err());
    }
}
