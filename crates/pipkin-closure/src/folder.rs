//! Whole folders, and what the user asks for.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use pipkin_elf::Error::NotProgram;

use crate::closure::{Body, Entry};
use crate::finder::{Asker, Finder};
use crate::reason::{Kind, Reason};
use crate::root::{Found, file_name, join, parent};
use crate::settings::Include;
use crate::{Error, Result, cache, gconv, script};

/// glibc's list of libraries, which an image has its own of.
const CACHE: &str = "/etc/ld.so.cache";
/// Folders whose content is not kept on any disk.
const OF_MACHINES: [&str; 3] = ["/dev/", "/proc/", "/sys/"];

/// Why something in a folder is left, by its name.
type Skip<'a> = &'a dyn Fn(&str) -> Option<&'static str>;

impl Finder<'_> {
    /// Keeps all that is in the folder at `path`, links to folders followed: what is ELF is loaded
    /// into the program of `linker`.
    pub(crate) fn keep_folder(
        &mut self,
        path: &str,
        reason: &Reason,
        linker: Option<usize>,
        skip: Skip<'_>,
    ) -> Result<()> {
        let mut waiting = vec![path.to_owned()];
        let mut seen = BTreeSet::new();
        while let Some(path) = waiting.pop() {
            if let Some(because) = skip(file_name(&path)) {
                self.leave(&path, reason.clone(), because);
                continue;
            }
            if let Some((at, target)) = self.link_to_nothing(&path) {
                self.keep_link(&at, target, reason);
                continue;
            }
            let found = self.files.find(&path)?;
            if found.metadata.is_file() {
                self.member(&path, reason, linker)?;
            } else if self.keep(&path, reason.clone())?.is_some() && seen.insert(found.path.clone())
            {
                let names = self.files.root.names(&found.path);
                let names = names.map_err(|error| self.files.error(&found.path, error))?;
                waiting.extend(names.iter().rev().map(|name| join(&found.path, name)));
            }
        }
        Ok(())
    }

    /// The link at `path`, if it leads to nothing, or to what each machine has its own of, such as
    /// `/dev/stdout`.
    fn link_to_nothing(&self, path: &str) -> Option<(String, String)> {
        let link = self.files.root.link(path)?;
        let found = self.files.find(path);
        let is_of_machine = |path: &str| OF_MACHINES.iter().any(|folder| path.starts_with(folder));
        let is_there = found.is_ok_and(|found| {
            !found.links.iter().any(|(_, target)| is_of_machine(target))
                && !is_of_machine(&found.path)
        });
        (!is_there).then_some(link)
    }

    fn keep_link(&mut self, path: &str, target: String, reason: &Reason) {
        match self.excluded(path) {
            Some(because) => self.leave(path, reason.clone(), because),
            None => self.make(path, Body::Link(target), reason.clone()),
        }
    }

    /// Keeps a file, and if it is ELF, what it asks for. What is broken or cannot be complete is no
    /// error: nobody has asked for it by its name.
    fn member(&mut self, path: &str, reason: &Reason, linker: Option<usize>) -> Result<()> {
        let Some(found) = self.keep(path, reason.clone())? else { return Ok(()) };
        let facts = match self.files.facts(&found.path) {
            Ok(Some(facts)) => facts,
            // What a compiler links is no program yet, and is complete.
            Ok(None) | Err(Error::Elf { reason: NotProgram { .. }, .. }) => return Ok(()),
            Err(error) => {
                self.closure.warnings.push(error.to_string());
                return Ok(());
            }
        };
        if facts.interpreter.is_some() {
            return match self.executable(path, &found.path, &facts) {
                Err(error @ (Error::Library { .. } | Error::Loader { .. })) => {
                    self.closure.warnings.push(error.to_string());
                    Ok(())
                }
                other => other,
            };
        }
        if let Some(linker) = linker {
            let asker = self.asker(linker, 0);
            self.dlopen(&asker, path, reason.clone())?;
        }
        Ok(())
    }

    /// Keeps what the flags and the traces name.
    pub(crate) fn include(&mut self) -> Result<()> {
        let linker = (!self.linkers.is_empty()).then_some(0);
        for include in &self.settings.include {
            let reason = Reason::start(include.kind, include.detail.as_str());
            let path = source_of(&include.path);
            if include.kind != Kind::Included && path == CACHE {
                self.leave(&path, reason, "made anew where it is of use");
                continue;
            }
            let found = self.files.find(&path);
            // What a program opened may be gone by now.
            if found.is_err() && include.kind != Kind::Included {
                self.leave(&path, reason, "it is not there any more");
                continue;
            }
            let found = found?;
            let is_usual = found.metadata.is_file() || found.metadata.is_dir();
            if !is_usual && include.kind == Kind::Included {
                let source = io::Error::other("it is neither a file nor a folder");
                return Err(Error::Read { path, source });
            }
            match &include.dest {
                Some(dest) => self.include_elsewhere(&path, &found, dest, &reason)?,
                None if found.metadata.is_dir() && include.kind == Kind::Included => {
                    self.keep_folder(&path, &reason, linker, &|_| None)?;
                }
                None if found.metadata.is_dir() => drop(self.keep(&path, reason)?),
                None => self.include_file(include, &path, &reason, linker)?,
            }
        }
        Ok(())
    }

    /// A script brings what runs it, if that is there.
    fn include_file(
        &mut self,
        include: &Include,
        path: &str,
        reason: &Reason,
        linker: Option<usize>,
    ) -> Result<()> {
        self.member(path, reason, linker)?;
        let found = self.files.find(path)?;
        let is_script = script::is_executable(&found.metadata)
            && script::first_line(&self.files.root, &found.path).is_some();
        if !is_script || include.kind != Kind::Included {
            return Ok(());
        }
        match self.program(path, reason.clone(), 1) {
            Err(error @ Error::Interpreter { .. }) => self.closure.warnings.push(error.to_string()),
            other => return other,
        }
        Ok(())
    }

    /// Puts what `path` leads to at `dest`, with what it asks for, if it is ELF, where that is. A
    /// folder that is met again, by a link, becomes a link to where it was put first.
    fn include_elsewhere(
        &mut self,
        path: &str,
        found: &Found,
        dest: &str,
        reason: &Reason,
    ) -> Result<()> {
        let into =
            if dest.ends_with('/') && found.metadata.is_file() { file_name(path) } else { "" };
        let (links, top) = self.files.root.place(&join(dest, into));
        self.keep_links(&links, &top);
        let mut waiting = vec![(path.to_owned(), top.clone())];
        let mut seen = BTreeMap::new();
        while let Some((path, dest)) = waiting.pop() {
            if let Some(because) = self.excluded(&dest) {
                self.leave(&dest, reason.clone(), because);
                continue;
            }
            let body = match self.link_to_nothing(&path) {
                Some((_, target)) => Body::Link(target),
                None => self.body_elsewhere(&path, &dest, &mut seen, &mut waiting)?,
            };
            self.closure.entries.insert(dest, Entry { body, reason: reason.clone() });
        }
        let Some(facts) = self.files.facts(&found.path).ok().flatten() else { return Ok(()) };
        if facts.interpreter.is_some() { self.executable(path, &top, &facts) } else { Ok(()) }
    }

    /// What to put at `dest` for what is at `path`; what is in it, if it is a folder, is added to
    /// `waiting`, and the folder to those `seen`.
    fn body_elsewhere(
        &mut self,
        path: &str,
        dest: &str,
        seen: &mut BTreeMap<String, String>,
        waiting: &mut Vec<(String, String)>,
    ) -> Result<Body> {
        let found = self.files.find(path)?;
        if !found.metadata.is_dir() {
            return Ok(self.body(&found));
        }
        if let Some(known) = seen.get(&found.path) {
            return Ok(Body::Link(known.clone()));
        }
        seen.insert(found.path.clone(), dest.to_owned());
        let names = self.files.root.names(&found.path);
        let names = names.map_err(|error| self.files.error(path, error))?;
        let both = names.iter().rev().map(|name| (join(&found.path, name), join(dest, name)));
        waiting.extend(both);
        Ok(self.body(&found))
    }

    /// What is asked for by flags alone, and not by the program.
    pub(crate) fn asked_for_by_flags(&mut self) -> Result<()> {
        self.keep_zone_of_flags()?;
        if self.settings.gconv.is_empty() || self.linkers.is_empty() {
            return Ok(());
        }
        let asker = Asker { facts: self.linkers[0].loaded[0].facts.clone(), ..self.asker(0, 0) };
        gconv::keep(self, &asker, &Reason::start(Kind::Included, "--gconv")).map(drop)
    }

    /// Where libraries are found by way of glibc's cache, the image needs one, for these alone.
    /// musl's folders are in a file that is kept as it is.
    pub(crate) fn keep_cache(&mut self) {
        let mut cached = Vec::new();
        for linker in &self.linkers {
            let system = &linker.system;
            for loaded in linker.loaded.iter().skip(2) {
                let is_default = system.folders.iter().any(|folder| folder == parent(&loaded.path));
                let is_this = |cached: &&cache::Cached| {
                    cached.path == loaded.path && self.closure.entries.contains_key(&loaded.real)
                };
                cached
                    .extend(system.cached.iter().filter(is_this).filter(|_| !is_default).cloned());
            }
        }
        cached.sort_by(|a, b| (&a.name, &a.path).cmp(&(&b.name, &b.path)));
        cached.dedup();
        let first = self.linkers.iter().find(|linker| !linker.system.is_musl);
        if let Some(first) = first.filter(|_| !cached.is_empty()) {
            let bytes = cache::write(&cached, first.system.architecture);
            let by = &first.loaded[1].real;
            let detail = "made anew, for libraries outside of the default folders";
            self.make(CACHE, Body::Made(bytes), Reason::new(Kind::Named, by, detail));
        }
        let musl = self.linkers.iter().filter(|linker| linker.system.is_musl);
        let musl: Vec<_> = musl
            .map(|linker| (linker.system.folders_by.clone(), linker.loaded[1].real.clone()))
            .collect();
        for (path, by) in musl {
            if let Some(path) = path {
                let reason = Reason::new(Kind::Named, &by, "the folders that it searches");
                // It was read before, so it is there.
                let _ = self.keep(&path, reason);
            }
        }
    }
}

/// What a traced path stands for: Python opens what it has compiled, which the image leaves, in the
/// place of its source.
fn source_of(path: &str) -> String {
    let (folder, name) = (parent(path), file_name(path));
    match (folder.strip_suffix("/__pycache__"), name.split_once('.')) {
        (Some(folder), Some((module, rest))) if rest.ends_with(".pyc") => {
            format!("{folder}/{module}.py")
        }
        _ => path.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources() {
        assert_eq!(source_of("/lib/__pycache__/os.cpython-311.pyc"), "/lib/os.py");
        assert_eq!(source_of("/lib/os.pyc"), "/lib/os.pyc");
        assert_eq!(source_of("/etc/hosts"), "/etc/hosts");
    }
}
