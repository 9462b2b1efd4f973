//! The dynamic linker of a system: which one it is, and in which folders it searches besides those
//! that programs name.
//!
//! Source: ld.so(8), ldconfig(8), `elf/dl-load.c` of glibc; `ldso/dynlink.c` of musl.

use pipkin_elf::Architecture;

use crate::cache::{self, Cached};
use crate::files::Files;
use crate::root::{file_name, join, parent};

const CACHE_PATH: &str = "/etc/ld.so.cache";
const CONF_PATH: &str = "/etc/ld.so.conf";
/// Files of configuration read for one system at most.
const CONFS_MAX: usize = 100;
/// What musl searches in when no file says otherwise.
const MUSL_DEFAULT: &str = "/lib:/usr/local/lib:/usr/lib";

/// A dynamic linker.
#[derive(Debug)]
pub(crate) struct System {
    /// The path of the loader, as programs name it.
    pub(crate) loader: String,
    pub(crate) architecture: Architecture,
    pub(crate) is_musl: bool,
    /// What `$LIB` stands for.
    lib: String,
    /// Libraries that are found by their name alone.
    pub(crate) cached: Vec<Cached>,
    /// The file that says so, if there is one.
    pub(crate) cached_by: &'static str,
    /// The folders that are searched last.
    pub(crate) folders: Vec<String>,
    /// The file that names them, if one does.
    pub(crate) folders_by: Option<String>,
}

impl System {
    /// The system whose loader is at the path `loader`.
    pub(crate) fn read(files: &Files, loader: &str, architecture: Architecture) -> Self {
        let is_musl = file_name(loader).starts_with("ld-musl-");
        let mut system = Self {
            loader: loader.into(),
            architecture,
            is_musl,
            lib: "lib".into(),
            cached: Vec::new(),
            cached_by: CACHE_PATH,
            folders: Vec::new(),
            folders_by: None,
        };
        let read = if is_musl { Self::read_musl } else { Self::read_glibc };
        read(&mut system, files);
        system
    }

    /// musl has its folders from a file beside the folder that it is in, or built in.
    fn read_musl(&mut self, files: &Files) {
        let name = file_name(&self.loader).trim_start_matches("ld-").trim_end_matches(".so.1");
        let prefix = parent(parent(&self.loader)).trim_end_matches('/');
        let path = format!("{prefix}/etc/ld-{name}.path");
        let text = files.root.text(&path);
        self.folders_by = text.is_some().then_some(path);
        let text = text.unwrap_or_else(|| MUSL_DEFAULT.into());
        let folders = text.split([':', '\n']).filter(|folder| !folder.is_empty());
        self.folders = folders.map(String::from).collect();
    }

    /// glibc has its folders built in, which are literals of the loader that end with a slash; the
    /// first of them says what it was configured to call them.
    fn read_glibc(&mut self, files: &Files) {
        let loader = files.root.file(&self.loader);
        let facts = loader.and_then(|found| files.facts(&found.path).ok().flatten());
        let places = facts.iter().flat_map(|facts| &facts.places);
        let folders = places.filter(|place| place.ends_with('/') && place.contains("/lib"));
        self.folders = folders.map(|folder| folder.trim_end_matches('/').into()).collect();
        if self.folders.is_empty() {
            self.folders = ["/lib64", "/usr/lib64", "/lib", "/usr/lib"].map(String::from).into();
        }
        self.lib = self.folders[0].trim_start_matches('/').into();
        match files.root.read(CACHE_PATH) {
            Ok(bytes) => self.cached = self.fitting(cache::read(&bytes, self.architecture)),
            Err(_) => self.read_configured(files),
        }
    }

    /// Those of this architecture.
    fn fitting(&self, cached: Vec<Cached>) -> Vec<Cached> {
        let flags = cache::flags(self.architecture);
        cached.into_iter().filter(|library| library.flags == flags).collect()
    }

    /// What a cache would have, had it been made: the libraries of the folders in ld.so.conf.
    fn read_configured(&mut self, files: &Files) {
        self.cached_by = CONF_PATH;
        let flags = cache::flags(self.architecture);
        for folder in configured_folders(files) {
            for name in files.root.names(&folder).unwrap_or_default() {
                if name.contains(".so") {
                    let path = join(&folder, &name);
                    self.cached.push(Cached { name, path, is_variant: false, flags });
                }
            }
        }
    }

    /// The folders in `list`, which may have tokens, for a file in the folder `origin`. An empty
    /// one is the folder that the program is started in, which in an image is the root, unless all
    /// of the list is empty.
    ///
    /// Source: ld.so(8), "Dynamic string tokens"; `fillin_rpath` in `elf/dl-load.c` of glibc;
    /// `fixup_rpath` in `ldso/dynlink.c` of musl.
    pub(crate) fn expand(&self, list: &str, origin: &str) -> Vec<String> {
        let is_void = |list: &str| {
            self.is_musl && list.split('$').skip(1).any(|part| token(part, "ORIGIN").is_none())
        };
        if list.is_empty() || is_void(list) {
            return Vec::new();
        }
        let folders = list.split(':').filter(|folder| !self.is_musl || !folder.is_empty());
        folders.map(|folder| self.expand_one(folder, origin)).map(or_root).collect()
    }

    /// A path with its tokens replaced.
    pub(crate) fn expand_one(&self, path: &str, origin: &str) -> String {
        let tokens = [("ORIGIN", origin), ("LIB", &self.lib), ("PLATFORM", self.platform())];
        let mut parts = path.split('$');
        let mut expanded = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let known = tokens.iter().find_map(|(name, value)| Some((value, token(part, name)?)));
            match known {
                Some((value, rest)) => expanded.extend([value, rest]),
                None => expanded.extend(["$", part]),
            }
        }
        expanded
    }

    /// What `$PLATFORM` stands for, whatever the processor.
    fn platform(&self) -> &'static str {
        match self.architecture.name() {
            Some("amd64") => "x86_64",
            Some("arm64") => "aarch64",
            Some("386") => "i686",
            other => other.unwrap_or_default(),
        }
    }
}

fn or_root(folder: String) -> String {
    if folder.is_empty() { "/".into() } else { folder }
}

/// What follows the token `name`, in braces or not, at the start of `text`.
fn token<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    if let Some(text) = text.strip_prefix('{') {
        return text.strip_prefix(name)?.strip_prefix('}');
    }
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.strip_prefix(name).filter(|rest| !rest.starts_with(is_of_name))
}

/// The folders that ld.so.conf names, itself or in the files that it includes.
fn configured_folders(files: &Files) -> Vec<String> {
    let mut confs = vec![CONF_PATH.to_owned()];
    let mut folders = Vec::new();
    let mut at = 0;
    while at < confs.len().min(CONFS_MAX) {
        let text = files.root.text(&confs[at]).unwrap_or_default();
        for line in text.lines() {
            let line = line.split('#').next().unwrap_or_default().trim();
            match line.strip_prefix("include").filter(|rest| rest.starts_with([' ', '\t'])) {
                Some(patterns) => {
                    for pattern in patterns.split_whitespace() {
                        confs.extend(included(files, &confs[at], pattern));
                    }
                }
                None if line.starts_with('/') => folders.push(line.trim_end_matches('/').into()),
                None => {}
            }
        }
        at += 1;
    }
    folders
}

/// The files that `pattern` in the file `conf` stands for: `*` in the last name is any text.
fn included(files: &Files, conf: &str, pattern: &str) -> Vec<String> {
    let pattern =
        if pattern.starts_with('/') { pattern.into() } else { join(parent(conf), pattern) };
    let (folder, name) = (parent(&pattern), file_name(&pattern));
    let Some((start, end)) = name.split_once('*') else { return vec![pattern] };
    let names = files.root.names(folder).unwrap_or_default();
    let fits = |name: &String| {
        name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
    };
    names.into_iter().filter(fits).map(|name| join(folder, &name)).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const AMD64: Architecture = Architecture { e_machine: 62, is_64: true, is_big_endian: false };

    fn files(all: &[(&str, &str)]) -> (tempfile::TempDir, Files) {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in all {
            let path = folder.path().join(&path[1..]);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let files = Files::new(folder.path());
        (folder, files)
    }

    #[test]
    fn folders_of_musl() {
        let check = |all: &[(&str, &str)], loader, expected: &[&str], by: Option<&str>| {
            let (_folder, files) = files(all);
            let system = System::read(&files, loader, AMD64);
            assert_eq!(
                (system.folders.as_slice(), system.folders_by.as_deref()),
                (expected.iter().copied().map(String::from).collect::<Vec<_>>().as_slice(), by)
            );
        };
        let loader = "/lib/ld-musl-x86_64.so.1";
        check(&[], loader, &["/lib", "/usr/local/lib", "/usr/lib"], None);
        let path = "/etc/ld-musl-x86_64.path";
        check(&[(path, "/a:/b\n/c\n")], loader, &["/a", "/b", "/c"], Some(path));
        let path = "/opt/musl/etc/ld-musl-x86_64.path";
        check(&[(path, "/a")], "/opt/musl/lib/ld-musl-x86_64.so.1", &["/a"], Some(path));
    }

    #[test]
    fn folders_that_are_configured() {
        let (_folder, files) = files(&[
            ("/etc/ld.so.conf", "/first/\n include ld.so.conf.d/*.conf\nincludes\nhwcap 1 x\n"),
            ("/etc/ld.so.conf.d/b.conf", "/third # why\n"),
            ("/etc/ld.so.conf.d/a.conf", "# nothing\n/second\ninclude /etc/ld.so.conf\n"),
            ("/etc/ld.so.conf.d/c.txt", "/never\n"),
            ("/second/liba.so.1", ""),
            ("/second/readme", ""),
        ]);
        let folders = configured_folders(&files);
        assert_eq!(folders[..3], ["/first", "/second", "/third"]);
        let system = System::read(&files, "/lib64/ld-linux-x86-64.so.2", AMD64);
        let cached: Vec<_> = system.cached.iter().map(|library| library.path.as_str()).collect();
        assert_eq!(cached[0], "/second/liba.so.1");
    }

    #[test]
    fn tokens() {
        let (_folder, files) = files(&[]);
        let system = System::read(&files, "/lib64/ld-linux-x86-64.so.2", AMD64);
        let check = |list, expected: &[&str]| {
            assert_eq!(system.expand(list, "/opt/bin"), expected, "{list}");
        };
        check("$ORIGIN/../lib:/x/${LIB}/$PLATFORM", &["/opt/bin/../lib", "/x/lib64/x86_64"]);
        check(":/a::b:", &["/", "/a", "/", "b", "/"]);
        check("", &[]);
        check("$", &["$"]);
        check("/$$LIB:${LIB:$LIB}", &["/$lib64", "${LIB", "lib64}"]);
        check("$ORIGINAL:$LIB_:${LIB}_", &["$ORIGINAL", "$LIB_", "lib64_"]);
        let musl = System::read(&files, "/lib/ld-musl-x86_64.so.1", AMD64);
        assert_eq!(musl.expand(":/a::${ORIGIN}/b:", "/opt"), ["/a", "/opt/b"]);
        assert_eq!(musl.expand("/a:/$LIB", "/opt"), [""; 0]);
    }
}
