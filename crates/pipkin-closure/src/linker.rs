//! What the dynamic linker does before `main`, and when `dlopen` is called: which files it takes
//! for the names that a program and its libraries ask for.
//!
//! Libraries are known by their names and sonames, so that the first one of a name serves all who
//! ask for it; where a new one is searched for depends on who asks and on who asked for that one.
//!
//! Source: ld.so(8), "DESCRIPTION"; `_dl_map_object` in `elf/dl-load.c` of glibc;
//! `load_library` in `ldso/dynlink.c` of musl.

use std::collections::HashSet;
use std::rc::Rc;

use crate::facts::Facts;
use crate::files::Files;
use crate::root::{Found, file_name, join, parent};
use crate::system::System;

/// Names that musl itself is known by, whatever stands between them and `.so`.
const MUSL_NAMES: [&str; 7] = ["c.", "pthread.", "rt.", "m.", "dl.", "util.", "xnet."];
/// The place of the loader among what is loaded: behind the program.
const LOADER: usize = 1;

/// A program with the libraries that are loaded into it.
#[derive(Debug)]
pub(crate) struct Linker {
    pub(crate) system: Rc<System>,
    /// The program first.
    pub(crate) loaded: Vec<Loaded>,
    /// What those are known as.
    names: HashSet<String>,
}

/// A program or a library in memory.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// The path under which it was found.
    pub(crate) path: String,
    /// The same without links.
    pub(crate) real: String,
    pub(crate) facts: Rc<Facts>,
    /// What `$ORIGIN` stands for in it.
    origin: String,
    /// Folders for what it and those below it ask for.
    rpath: Vec<String>,
    /// Folders for what it asks for.
    runpath: Vec<String>,
    /// Who asked for it.
    pub(crate) by: Option<usize>,
}

/// The path of a file, the same without links, and what is known of it.
pub(crate) type File<'a> = (&'a str, &'a str, Rc<Facts>);

/// What was found for a name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Opened {
    /// It is loaded already, and is not searched for.
    Known,
    /// It is loaded already, from the file to which this path leads, too.
    Again(String),
    /// It is loaded now; the text says where it was found.
    New(usize, String),
    /// It is not in any of these folders.
    Missing(Vec<String>),
}

impl Linker {
    /// A program and its loader, which is a library, too: that of what is known at run time only.
    /// Of each its path, the same without links, and what is known of it.
    pub(crate) fn new(system: Rc<System>, program: File<'_>, loader: File<'_>) -> Self {
        let mut linker = Self { system, loaded: Vec::new(), names: HashSet::new() };
        for (path, real, facts) in [program, loader] {
            linker.add(path, real, facts, None);
        }
        linker
    }

    /// Loads the library that is called `name` for `by`.
    pub(crate) fn open(&mut self, files: &Files, name: &str, by: usize) -> Opened {
        let name = match self.system.is_musl {
            true => name.to_owned(),
            false => self.system.expand_one(name, &self.loaded[by].origin),
        };
        if self.is_known(&name) {
            return Opened::Known;
        }
        let (path, found, via) = match self.search(files, &name, by) {
            Ok(found) => found,
            Err(folders) => return Opened::Missing(folders),
        };
        let known = self.loaded.iter().position(|loaded| loaded.real == found.path);
        let number = known.unwrap_or_else(|| {
            let facts = files.facts(&found.path).ok().flatten();
            let facts = facts.expect("what is found fits, and so is ELF");
            self.add(&path, &found.path, facts, Some(by))
        });
        self.name(&name, number);
        if known.is_some() { Opened::Again(path) } else { Opened::New(number, via) }
    }

    /// Whether a library is known as `name`, without a search.
    fn is_known(&self, name: &str) -> bool {
        let is_of_musl = self.system.is_musl
            && name
                .strip_prefix("lib")
                .is_some_and(|rest| MUSL_NAMES.iter().any(|own| rest.starts_with(own)));
        is_of_musl || self.names.contains(name)
    }

    /// Notes that the library `number` was found as `name`.
    fn name(&mut self, name: &str, number: usize) {
        if !self.system.is_musl {
            self.names.insert(name.into());
        } else if !name.contains('/') {
            self.names.insert(file_name(&self.loaded[number].path).into());
        }
    }

    fn add(&mut self, path: &str, real: &str, facts: Rc<Facts>, by: Option<usize>) -> usize {
        let number = self.loaded.len();
        // The kernel tells a program where it is without links.
        let origin = parent(if by.is_none() { real } else { path });
        let folders = |list: &Option<String>| {
            list.as_ref().map(|list| self.system.expand(list, origin)).unwrap_or_default()
        };
        let (rpath, runpath) = if self.system.is_musl {
            // Either, for what it and those below it ask for.
            (folders(if facts.runpath.is_some() { &facts.runpath } else { &facts.rpath }), vec![])
        } else if facts.runpath.is_some() {
            (Vec::new(), folders(&facts.runpath))
        } else {
            (folders(&facts.rpath), Vec::new())
        };
        // musl does not read sonames, and tells paths apart by what they lead to.
        let is_musl = self.system.is_musl && number != LOADER;
        let names = facts.soname.clone().into_iter().chain([path.to_owned()]);
        self.names.extend(names.filter(|_| !is_musl));
        let (path, real, origin) = (path.into(), real.into(), origin.into());
        self.loaded.push(Loaded { path, real, facts, origin, rpath, runpath, by });
        number
    }

    /// The path of the file for `name`, what is there, and how it was found.
    ///
    /// # Errors
    ///
    /// The folders in which it is not.
    fn search(
        &self,
        files: &Files,
        name: &str,
        by: usize,
    ) -> Result<(String, Found, String), Vec<String>> {
        if name.contains('/') {
            let found = self.fitting(files, name);
            let found = found.map(|found| (name.into(), found, "by its path".into()));
            return found.ok_or_else(|| vec![parent(name).into()]);
        }
        let mut searched = Vec::new();
        let mut in_folder = |folder: &String, via: &str| {
            let found = self.in_folder(files, folder, name);
            if found.is_none() {
                let is_there = files.root.file(&join(folder, name)).is_some();
                let note = if is_there { " (what is there is no library for it)" } else { "" };
                let told = format!("{folder}{note}");
                if !searched.contains(&told) {
                    searched.push(told);
                }
            }
            found.map(|(path, found)| (path, found, format!("in {folder}, {via}")))
        };
        for (folder, via) in self.own_folders(by) {
            if let Some(found) = in_folder(folder, &via) {
                return Ok(found);
            }
        }
        let is_without_defaults = self.loaded[by].facts.is_without_defaults;
        if let Some(found) = self.cached(files, name, is_without_defaults) {
            return Ok(found);
        }
        let defaults = self.system.folders.iter().filter(|_| !is_without_defaults);
        for folder in defaults {
            if let Some(found) = in_folder(folder, "a default folder") {
                return Ok(found);
            }
        }
        Err(searched)
    }

    /// The folders that programs and libraries name for what `by` asks for, each with who named it.
    fn own_folders(&self, by: usize) -> impl Iterator<Item = (&String, String)> {
        let asker = &self.loaded[by];
        let mut line = vec![by];
        let mut at = asker.by;
        while let Some(number) = at {
            line.push(number);
            at = self.loaded[number].by;
        }
        // Those above count only for who has no RUNPATH; glibc takes the program for one of them.
        let is_alone = !self.system.is_musl && asker.facts.runpath.is_some();
        let line = line.into_iter().filter(move |_| !is_alone);
        let inherited = line.flat_map(|number| {
            let loaded = &self.loaded[number];
            loaded.rpath.iter().map(|folder| (folder, format!("RPATH of {}", loaded.path)))
        });
        let own = asker.runpath.iter().map(|folder| (folder, format!("RUNPATH of {}", asker.path)));
        inherited.chain(own)
    }

    /// What the cache has for `name`: the first that fits, whatever the processor.
    fn cached(
        &self,
        files: &Files,
        name: &str,
        is_without_defaults: bool,
    ) -> Option<(String, Found, String)> {
        let named = |is_variant| {
            let all = self.system.cached.iter();
            all.filter(move |cached| cached.name == name && cached.is_variant == is_variant)
        };
        let is_default =
            |path: &str| self.system.folders.iter().any(|folder| folder == parent(path));
        named(false).chain(named(true)).find_map(|cached| {
            if is_without_defaults && is_default(&cached.path) {
                return None;
            }
            let found = self.fitting(files, &cached.path)?;
            let via = match is_default(&cached.path) {
                true => format!("in {}, a default folder", parent(&cached.path)),
                false => format!("in {}, by {}", parent(&cached.path), self.system.cached_by),
            };
            Some((cached.path.clone(), found, via))
        })
    }

    /// The file `name` in `folder`, or where there is no such file that runs on every
    /// processor, in the folder for the least special one.
    fn in_folder(&self, files: &Files, folder: &str, name: &str) -> Option<(String, Found)> {
        let path = join(folder, name);
        if let Some(found) = self.fitting(files, &path) {
            return Some((path, found));
        }
        variants(files, folder).into_iter().find_map(|variant| {
            let path = join(&variant, name);
            self.fitting(files, &path).map(|found| (path, found))
        })
    }

    /// The file at `path`, if it is one that this linker would take: others are passed over.
    fn fitting(&self, files: &Files, path: &str) -> Option<Found> {
        let found = files.root.file(path)?;
        let facts = files.facts(&found.path).ok().flatten()?;
        (facts.architecture == self.system.architecture && facts.is_dynamic).then_some(found)
    }
}

/// The folders in `folder` with libraries for special processors, if there are any, the least
/// special first, as their names are.
///
/// Source: ld.so(8), "glibc-hwcaps".
pub(crate) fn variants(files: &Files, folder: &str) -> Vec<String> {
    let folder = join(folder, "glibc-hwcaps");
    let names = files.root.names(&folder).unwrap_or_default();
    names.iter().map(|name| join(&folder, name)).collect()
}
