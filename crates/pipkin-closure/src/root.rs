//! A filesystem below a folder, seen as from inside: links lead where they would lead a program
//! for which the folder is `/`, and nothing leads out of it.

use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// Bytes of a file of text, or of the cache, at most: no system comes near.
const TEXT_BYTES_MAX: u64 = 64 << 20;
/// Bytes of a program or library at most: a browser with all that is known for debugging is below.
const PROGRAM_BYTES_MAX: u64 = 4 << 30;
/// Links followed for one path at most, as by Linux.
///
/// Source: path_resolution(7).
const LINKS_MAX: usize = 40;

/// A filesystem below a folder.
#[derive(Clone, Debug)]
pub struct Root {
    folder: PathBuf,
}

/// What a path leads to.
#[derive(Debug)]
pub struct Found {
    /// The links on the way, each with its target, in the order in which they are met.
    pub links: Vec<(String, String)>,
    /// The folders that `..` leads out of, which must be there for it to do so.
    pub passed: Vec<String>,
    /// The path without links.
    pub path: String,
    /// What is there.
    pub metadata: Metadata,
}

impl Root {
    /// The filesystem below `folder`, whether or not there is one.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.into() }
    }

    /// Where `path`, which has no links in it, is for others.
    #[must_use]
    pub fn outside(&self, path: &str) -> PathBuf {
        self.folder.join(path.trim_start_matches('/'))
    }

    /// What `path` leads to; a relative one starts at the root.
    ///
    /// # Errors
    ///
    /// There is nothing, or no more than a link that leads to nothing; too many links; a name that
    /// is not UTF-8; a folder that may not be searched.
    pub fn find(&self, path: &str) -> io::Result<Found> {
        let (mut links, mut passed) = (Vec::new(), Vec::new());
        let path = resolve(path, |next| {
            let up = next.strip_suffix("/..").filter(|folder| !folder.is_empty());
            passed.extend(up.map(String::from));
            if !fs::symlink_metadata(self.outside(next))?.is_symlink() {
                return Ok(None);
            }
            let target = self.target(next)?;
            links.push((next.into(), target.clone()));
            Ok(Some(target))
        })?;
        let metadata = fs::symlink_metadata(self.outside(&path))?;
        Ok(Found { links, passed, path, metadata })
    }

    /// What the link at `path` says.
    fn target(&self, path: &str) -> io::Result<String> {
        let target = fs::read_link(self.outside(path))?.into_os_string();
        target.into_string().map_err(|_| io::Error::other("a link to a name that is not UTF-8"))
    }

    /// The file that `path` leads to, if it is one.
    pub(crate) fn file(&self, path: &str) -> Option<Found> {
        self.find(path).ok().filter(|found| found.metadata.is_file())
    }

    /// The folder that `path` leads to, if it is one.
    pub(crate) fn folder(&self, path: &str) -> Option<Found> {
        self.find(path).ok().filter(|found| found.metadata.is_dir())
    }

    /// What the link at `path` says, and where it is without the links on the way to it; none when
    /// it is something else.
    pub(crate) fn link(&self, path: &str) -> Option<(String, String)> {
        let at = join(&self.folder(parent(path))?.path, file_name(path));
        self.target(&at).ok().map(|target| (at, target))
    }

    /// Where a new file at `path` would be without links, and the links on the way there.
    pub(crate) fn place(&self, path: &str) -> (Vec<(String, String)>, String) {
        let mut plain: Vec<String> = Vec::new();
        for name in names(path).into_iter().rev() {
            match name.as_str() {
                ".." => drop(plain.pop()),
                _ => plain.push(name),
            }
        }
        let there = (0..=plain.len()).rev().find_map(|count| {
            let found = self.folder(&format!("/{}", plain[..count].join("/")))?;
            Some((found, &plain[count..]))
        });
        let Some((found, rest)) = there else {
            return (Vec::new(), format!("/{}", plain.join("/")));
        };
        let path = rest.iter().fold(found.path, |folder, name| join(&folder, name));
        (found.links, path)
    }

    /// The bytes of the text or the cache that `path` leads to.
    pub(crate) fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        self.start(&self.find(path)?.path, TEXT_BYTES_MAX)
    }

    /// The bytes of the program or library at `path`, which has no links in it.
    pub(crate) fn program(&self, path: &str) -> io::Result<Vec<u8>> {
        if fs::symlink_metadata(self.outside(path))?.len() > PROGRAM_BYTES_MAX {
            return Err(io::Error::other("it is too large for a program"));
        }
        self.start(path, PROGRAM_BYTES_MAX)
    }

    /// The same as text; what is not UTF-8 is replaced. None when it cannot be read.
    pub(crate) fn text(&self, path: &str) -> Option<String> {
        self.read(path).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The first `count` bytes of a file, whose path has no links in it, or all of a shorter one.
    pub(crate) fn start(&self, path: &str, count: u64) -> io::Result<Vec<u8>> {
        let path = self.outside(path);
        let metadata = fs::symlink_metadata(&path)?;
        if !metadata.is_file() {
            // A pipe would be waited for.
            return Err(io::Error::other("it is not a file"));
        }
        let mut bytes = Vec::with_capacity(count.min(metadata.len()) as usize);
        File::open(path)?.take(count).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// The names in the folder that `path` leads to, sorted; none when there is no such folder.
    ///
    /// # Errors
    ///
    /// The folder cannot be read; a name that is not UTF-8.
    pub(crate) fn names(&self, path: &str) -> io::Result<Vec<String>> {
        let folder = self.outside(&self.find(path)?.path);
        let name = |entry: io::Result<fs::DirEntry>| {
            let not_text = |_| io::Error::other("a name that is not UTF-8");
            entry?.file_name().into_string().map_err(not_text)
        };
        let mut names: Vec<String> = fs::read_dir(folder)?.map(name).collect::<io::Result<_>>()?;
        names.sort_unstable();
        Ok(names)
    }
}

/// `path` without links, `.` and `..`. `link` is asked about every step on the way, a `..` as the
/// name that it is, and says where a link there leads; an absolute one leads to the root.
///
/// # Errors
///
/// Too many links, as when they lead in a circle; those of `link`.
///
/// Source: path_resolution(7).
pub fn resolve(
    path: &str,
    mut link: impl FnMut(&str) -> io::Result<Option<String>>,
) -> io::Result<String> {
    let mut rest = names(path);
    let mut here = String::new();
    let mut links = 0;
    while let Some(name) = rest.pop() {
        let next = format!("{here}/{name}");
        match link(&next)? {
            None if name == ".." => here.truncate(here.rfind('/').unwrap_or(0)),
            None => here = next,
            Some(_) if links == LINKS_MAX => {
                return Err(io::Error::other("too many symbolic links"));
            }
            Some(target) => {
                links += 1;
                if target.starts_with('/') {
                    here.clear();
                }
                rest.extend(names(&target));
            }
        }
    }
    Ok(if here.is_empty() { "/".into() } else { here })
}

/// The names in a path, the last one first, without those that mean nothing.
fn names(path: &str) -> Vec<String> {
    let names = path.rsplit('/').filter(|name| !name.is_empty() && *name != ".");
    names.map(String::from).collect()
}

/// The folder in which `path` is; of the root, the root.
pub(crate) fn parent(path: &str) -> &str {
    match path.rfind('/') {
        None | Some(0) => "/",
        Some(at) => &path[..at],
    }
}

/// The last name of `path`.
pub(crate) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// `name` in `folder`.
pub(crate) fn join(folder: &str, name: &str) -> String {
    format!("{}/{name}", folder.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A path and the links on the way to it, each with its target.
    type Way<'a> = (&'a str, &'a [(&'a str, &'a str)]);

    #[track_caller]
    fn check(root: &Root, path: &str, expected: Result<Way<'_>, &str>) {
        let found = root.find(path);
        let found = found.as_ref().map(|found| {
            let links = found.links.iter().map(|(link, target)| (link.as_str(), target.as_str()));
            (found.path.as_str(), links.collect::<Vec<_>>())
        });
        let expected = expected.map(|(path, links)| (path, links.to_vec()));
        assert_eq!(found.map_err(ToString::to_string), expected.map_err(String::from), "{path}");
    }

    #[test]
    fn links_stay_inside() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().join(path);
        fs::create_dir_all(at("usr/lib/deep")).unwrap();
        fs::write(at("usr/lib/a"), "").unwrap();
        for (target, link) in [
            ("usr/lib", "lib"),
            ("/usr/lib/a", "absolute"),
            ("../../../../usr/lib/a", "usr/up"),
            ("loop", "loop"),
            ("nowhere", "broken"),
            ("/lib/a", "usr/lib/twice"),
        ] {
            symlink(target, at(link)).unwrap();
        }
        let root = Root::new(folder.path());
        let nothing = "No such file or directory (os error 2)";
        check(&root, "/", Ok(("/", &[])));
        check(&root, "/usr/lib/a", Ok(("/usr/lib/a", &[])));
        check(&root, "//usr/./lib//a", Ok(("/usr/lib/a", &[])));
        check(&root, "/usr/lib/deep/../a", Ok(("/usr/lib/a", &[])));
        check(&root, "/../../usr/..", Ok(("/", &[])));
        check(&root, "/lib/a", Ok(("/usr/lib/a", &[("/lib", "usr/lib")])));
        check(&root, "/absolute", Ok(("/usr/lib/a", &[("/absolute", "/usr/lib/a")])));
        check(&root, "/usr/up", Ok(("/usr/lib/a", &[("/usr/up", "../../../../usr/lib/a")])));
        let twice = [("/lib", "usr/lib"), ("/usr/lib/twice", "/lib/a"), ("/lib", "usr/lib")];
        check(&root, "/lib/twice", Ok(("/usr/lib/a", &twice)));
        check(&root, "/loop", Err("too many symbolic links"));
        check(&root, "/broken", Err(nothing));
        check(&root, "/etc/passwd", Err(nothing));
        let file = "Not a directory (os error 20)";
        check(&root, "/usr/lib/a/b", Err(file));
        check(&root, "/usr/lib/a/../a", Err(file));
        let place = |path: &str| root.place(path).1;
        assert_eq!(place("/lib/new/./x/../file"), "/usr/lib/new/file");
        assert_eq!(place("../new"), "/new");
        assert_eq!(place("/usr/lib/a"), "/usr/lib/a");
        assert_eq!(place("/lib/deep/"), "/usr/lib/deep");
    }

    #[track_caller]
    fn check_resolved(path: &str, links: &[(&str, &str)], expected: Option<&str>) {
        let link =
            |at: &str| Ok(links.iter().find(|(path, _)| *path == at).map(|(_, to)| (*to).into()));
        assert_eq!(resolve(path, link).ok().as_deref(), expected, "{path}");
    }

    #[test]
    fn paths_are_resolved() {
        check_resolved("/", &[], Some("/"));
        check_resolved("", &[], Some("/"));
        check_resolved("/a//b/./c/", &[], Some("/a/b/c"));
        check_resolved("a/../../b", &[], Some("/b"));
        check_resolved("/a/b/x", &[("/a/b", "/c"), ("/c", "d/e")], Some("/d/e/x"));
        check_resolved("/a/b/x", &[("/a/b", "../c")], Some("/c/x"));
        check_resolved("/a/x", &[("/a", "../../../../etc")], Some("/etc/x"));
        check_resolved("/a/../x", &[("/a", "b/c")], Some("/b/x"));
        check_resolved("/a", &[("/a", "b"), ("/b", "a")], None);
        check_resolved("/a/x", &[("/a", "a")], None);
    }

    #[test]
    fn parts_of_paths() {
        assert_eq!([parent("/a/b"), parent("/a"), parent("/"), parent("a")], ["/a", "/", "/", "/"]);
        assert_eq!([file_name("/a/b"), file_name("b"), file_name("/")], ["b", "b", ""]);
        assert_eq!([join("/a", "b"), join("/", "b"), join("/a/", "b")], ["/a/b", "/b", "/a/b"]);
    }
}
