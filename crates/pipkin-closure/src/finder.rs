//! The walk: a file is kept, and says what else is asked for, until nobody asks for more.

use std::collections::{BTreeSet, VecDeque};
use std::os::unix::fs::MetadataExt as _;
use std::rc::Rc;

use pipkin_elf::Architecture;

use crate::closure::{Body, Closure, Entry, Left};
use crate::evidence::Topic;
use crate::facts::Facts;
use crate::files::Files;
use crate::linker::{Linker, Opened, variants};
use crate::pattern::Patterns;
use crate::reason::{Kind, Reason};
use crate::root::{Found, file_name, join, parent};
use crate::system::System;
use crate::{Error, Result, Settings, interpreter, packages, script};

/// Permissions that an image has: those of setuid and setgid only when asked for.
const MODE_PLAIN: u32 = 0o777;
const MODE_SETID: u32 = 0o6000;
const MODE_EXECUTE: u32 = 0o111;
/// Those of a folder that is made because there is something in it.
const MODE_OF_FOLDERS: u32 = 0o755;
const MODE_READ_BY_OTHERS: u32 = 0o004;
/// Scripts in a row that name each other as interpreters, at most, as in Linux.
///
/// Source: execve(2), "Interpreter scripts".
const INTERPRETERS_MAX: usize = 5;

/// A closure under construction.
pub(crate) struct Finder<'a> {
    pub(crate) files: Files,
    pub(crate) settings: &'a Settings,
    pub(crate) closure: Closure,
    /// One for each program with a loader.
    pub(crate) linkers: Vec<Linker>,
    /// What has been answered, for each libc on its own.
    pub(crate) answered: BTreeSet<(Topic, bool)>,
    /// Libraries that are needed, not there, and no error: of which linker, and what to say.
    missed: Vec<(usize, Reason, String)>,
    /// Who runs the shell, first.
    pub(crate) shell: Option<Reason>,
    /// The first ELF file, which is the program or runs it: it may mention paths.
    mentioned: Option<(String, Rc<Facts>)>,
    exclude: Patterns,
}

/// A file that asks: which program's memory it is in, and its number there; none when it is static.
#[derive(Clone, Debug)]
pub(crate) struct Asker {
    /// Its path in the closure.
    pub(crate) path: String,
    pub(crate) place: Option<(usize, usize)>,
    pub(crate) facts: Rc<Facts>,
}

impl Asker {
    /// Whether it is a program rather than a library.
    pub(crate) fn is_program(&self) -> bool {
        self.place.is_none_or(|(_, number)| number == 0)
    }
}

/// Finds the closure of the program at `path`.
pub(crate) fn find(path: &str, settings: &Settings) -> Result<Closure> {
    let path = join("/", path.trim_start_matches('/'));
    if !settings.root.is_dir() {
        return Err(Error::Root { root: settings.root.clone(), path });
    }
    let mut finder = Finder {
        files: Files::new(&settings.root),
        settings,
        closure: Closure {
            program: path.clone(),
            architecture: Architecture { e_machine: 0, is_64: false, is_big_endian: false },
            interpreter: Vec::new(),
            env: Vec::new(),
            entries: Default::default(),
            left: Vec::new(),
            warnings: Vec::new(),
        },
        linkers: Vec::new(),
        answered: BTreeSet::new(),
        missed: Vec::new(),
        shell: None,
        mentioned: None,
        exclude: Patterns::new(&settings.exclude),
    };
    finder.check_program(&path)?;
    finder.program(&path, Reason::start(Kind::Program, ""), INTERPRETERS_MAX)?;
    finder.include()?;
    finder.asked_for_by_flags()?;
    finder.finish();
    Ok(finder.closure)
}

impl Finder<'_> {
    /// What can be wrong with the program that is not wrong with what it runs.
    fn check_program(&self, path: &str) -> Result<()> {
        let found = self.files.find(path)?;
        let (mode, path) = (found.metadata.mode(), path.to_owned());
        if !found.metadata.is_file() {
            return Err(Error::NotAProgram { path });
        }
        if mode & MODE_SETID != 0 && !self.settings.may_be_setuid {
            return Err(Error::Setuid { path });
        }
        if mode & MODE_EXECUTE == 0 {
            return Err(Error::NotExecutable { path });
        }
        match self.excluded_on(&path, &found) {
            Some(because) => Err(Error::Excluded { path, because }),
            None => Ok(()),
        }
    }

    /// Keeps the program at `path`, whatever it is, with all that it asks for.
    pub(crate) fn program(&mut self, path: &str, reason: Reason, depth: usize) -> Result<()> {
        let Some(found) = self.keep(path, reason)? else { return Ok(()) };
        if let Some(facts) = self.files.facts(&found.path)? {
            return self.executable(path, &found.path, &facts);
        }
        let Some(line) = script::first_line(&self.files.root, &found.path) else {
            return Err(Error::NotAProgram { path: path.into() });
        };
        if depth == 0 {
            return Err(Error::Interpreters { path: path.into() });
        }
        self.script(&found.path, &line, depth)
    }

    /// Keeps what runs a script, and the program that env is told to run.
    fn script(&mut self, path: &str, line: &str, depth: usize) -> Result<()> {
        let mut words: Vec<String> = script::words(line).into_iter().map(String::from).collect();
        let by = |name: &str| Error::Interpreter { name: name.into(), by: path.into() };
        let Some(name) = words.first().cloned() else {
            return Err(Error::NoInterpreter { path: path.into() });
        };
        let found = self.files.root.file(&name).ok_or_else(|| by(&name))?;
        if !script::is_executable(&found.metadata) {
            return Err(Error::NotExecutable { path: name });
        }
        let mut programs = vec![name];
        if file_name(&programs[0]) == "env" {
            words = script::command_of_env(line).into_iter().map(String::from).collect();
            let name = words.first_mut().ok_or_else(|| by("what env is told"))?;
            *name = script::in_path(&self.files.root, name).ok_or_else(|| by(name))?;
            programs.push(name.clone());
        }
        // The program's own first line comes before all others, and before any ELF file.
        if self.closure.interpreter.is_empty() && self.closure.architecture.e_machine == 0 {
            self.closure.interpreter = words;
        }
        for program in programs {
            let reason = Reason::new(Kind::Shebang, path, format!("#!{line}"));
            self.program(&program, reason, depth - 1).map_err(|error| match error {
                Error::Interpreters { .. } => Error::Interpreters { path: path.into() },
                error => error,
            })?;
        }
        Ok(())
    }

    /// An ELF file that is kept: a program, or a library that is nobody's.
    pub(crate) fn executable(&mut self, path: &str, real: &str, facts: &Rc<Facts>) -> Result<()> {
        if self.mentioned.is_none() {
            self.closure.architecture = facts.architecture;
            self.mentioned = Some((real.into(), facts.clone()));
        }
        let Some(loader) = &facts.interpreter else {
            let asker = Asker { path: real.into(), place: None, facts: facts.clone() };
            return self.answer(&asker);
        };
        if let Some(known) = self.linkers.iter().position(|linker| linker.loaded[0].real == real) {
            return interpreter::keep_library(self, known, path);
        }
        let missing = || Error::Loader { path: loader.clone(), by: path.into() };
        let found = self.files.root.file(loader).ok_or_else(missing)?;
        let fits = |other: &Rc<Facts>| other.architecture == facts.architecture;
        let Some(of_loader) = self.files.facts(&found.path)?.filter(fits) else {
            return Err(Error::InterpreterKind { path: loader.clone(), by: path.into() });
        };
        self.keep(loader, Reason::new(Kind::Loader, real, loader.as_str()))?;
        let system = Rc::new(System::read(&self.files, loader, facts.architecture));
        let program = (path, real, facts.clone());
        self.linkers.push(Linker::new(system, program, (loader, &found.path, of_loader)));
        let number = self.linkers.len() - 1;
        self.load(number, 0, true)?;
        interpreter::keep_library(self, number, path)
    }

    /// Loads what the file `first` in the linker `linker` needs, and what that needs, then what all
    /// of them ask for. What is missing is an error where the program cannot start without it.
    fn load(&mut self, linker: usize, first: usize, is_required: bool) -> Result<()> {
        let mut waiting = VecDeque::from([first]);
        let mut new = Vec::new();
        while let Some(number) = waiting.pop_front() {
            new.push(number);
            let facts = self.linkers[linker].loaded[number].facts.clone();
            for name in &facts.needed {
                match self.linkers[linker].open(&self.files, name, number) {
                    Opened::Known => {}
                    Opened::Again(path) => {
                        let by = &self.linkers[linker].loaded[number].real;
                        self.keep(&path, Reason::new(Kind::Needed, by, name.as_str()))?;
                    }
                    Opened::New(library, via) => {
                        let by = &self.linkers[linker].loaded[number].real;
                        let reason = Reason::new(Kind::Needed, by, format!("{name}, {via}"));
                        if self.keep_loaded(linker, library, reason)? {
                            waiting.push_back(library);
                        } else if is_required {
                            self.warn_of_excluded(linker, number, name);
                        }
                    }
                    Opened::Missing(folders) => {
                        self.missing(linker, number, name, folders, is_required)?;
                    }
                }
            }
        }
        for number in new {
            let asker = self.asker(linker, number);
            self.answer(&asker)?;
        }
        Ok(())
    }

    /// Keeps a file that a linker has loaded, and notes what is there of it for special
    /// processors; whether it is kept, and not left by the flags.
    fn keep_loaded(&mut self, linker: usize, number: usize, reason: Reason) -> Result<bool> {
        let path = self.linkers[linker].loaded[number].path.clone();
        let by = reason.clone();
        if self.keep(&path, reason)?.is_none() {
            return Ok(false);
        }
        for folder in variants(&self.files, parent(&path)) {
            let variant = join(&folder, file_name(&path));
            if variant != path && self.files.root.file(&variant).is_some() {
                self.leave(&variant, by.clone(), format!("{path} runs on every processor"));
            }
        }
        Ok(true)
    }

    /// The loader ends a program for which it does not find all libraries, which may be what a
    /// pattern did not mean.
    fn warn_of_excluded(&mut self, linker: usize, number: usize, name: &str) {
        let path = &self.linkers[linker].loaded[number].path;
        let program = &self.linkers[linker].loaded[0].path;
        let warning = format!(
            "{path} needs {name}, which --exclude leaves: {program} does not start without it"
        );
        self.closure.warnings.push(warning);
    }

    /// The file `number` of the linker `linker`, as one who asks.
    pub(crate) fn asker(&self, linker: usize, number: usize) -> Asker {
        let loaded = &self.linkers[linker].loaded[number];
        Asker {
            path: loaded.real.clone(),
            place: Some((linker, number)),
            facts: loaded.facts.clone(),
        }
    }

    /// Opens the library `name` as dlopen would; whether it is there. What it needs and is not
    /// there is told, and no error: the program can start.
    pub(crate) fn dlopen(&mut self, asker: &Asker, name: &str, reason: Reason) -> Result<bool> {
        let Some((linker, number)) = asker.place else { return Ok(false) };
        match self.linkers[linker].open(&self.files, name, number) {
            Opened::Known => Ok(true),
            Opened::Again(path) => self.keep(&path, reason).map(|_| true),
            Opened::Missing(_) => Ok(false),
            Opened::New(library, via) => {
                let reason = Reason { detail: format!("{}, {via}", reason.detail), ..reason };
                if self.keep_loaded(linker, library, reason)? {
                    self.load(linker, library, false)?;
                }
                Ok(true)
            }
        }
    }

    /// A library that is not there: an error, or for what may do without, a warning.
    fn missing(
        &mut self,
        linker: usize,
        number: usize,
        name: &str,
        folders: Vec<String>,
        is_required: bool,
    ) -> Result<()> {
        let mut by = Vec::new();
        let mut at = Some(number);
        while let Some(number) = at {
            let loaded = &self.linkers[linker].loaded[number];
            by.push(loaded.path.clone());
            at = loaded.by;
        }
        let mut error = Error::Library { name: name.into(), by, folders, package: None };
        let path = self.linkers[linker].loaded[number].real.clone();
        let reason = Reason::new(Kind::Needed, &path, name);
        if self.excluded(&join("/", name)).is_some() || !is_required {
            self.missed.push((linker, reason, error.to_string()));
            return Ok(());
        }
        if let Error::Library { package, .. } = &mut error {
            *package = packages::owner(&self.files.root, name);
        }
        Err(error)
    }

    /// What was not there may have come later by its path, as Java's libraries find libjvm.so: the
    /// loader knows it by its soname then.
    fn tell_missed(&mut self) {
        for (linker, reason, warning) in std::mem::take(&mut self.missed) {
            let name = reason.detail.clone();
            let mut loaded = self.linkers[linker].loaded.iter();
            if loaded.all(|loaded| loaded.facts.soname.as_ref() != Some(&name)) {
                self.closure.warnings.push(warning);
                self.leave(&name, reason, "it is not there");
            }
        }
    }

    /// Keeps what `path` leads to, and the links on the way; none when it is excluded, or what an
    /// image cannot hold.
    ///
    /// # Errors
    ///
    /// There is nothing, or it cannot be read.
    pub(crate) fn keep(&mut self, path: &str, reason: Reason) -> Result<Option<Found>> {
        let found = self.files.find(path)?;
        let is_usual = found.metadata.is_file() || found.metadata.is_dir();
        let unusual = (!is_usual).then(|| "it is neither a file nor a folder".to_owned());
        if let Some(because) = self.excluded_on(path, &found).or(unusual) {
            self.leave(path, reason, because);
            return Ok(None);
        }
        let way = |body| Entry { body, reason: Reason::new(Kind::Way, &found.path, "") };
        self.keep_links(&found.links, &found.path);
        for folder in &found.passed {
            let entry = way(Body::Folder(MODE_OF_FOLDERS));
            self.closure.entries.entry(folder.clone()).or_insert(entry);
        }
        if found.path == "/" || self.closure.entries.contains_key(&found.path) {
            return Ok(Some(found));
        }
        let body = self.body(&found);
        self.closure.entries.insert(found.path.clone(), Entry { body, reason });
        Ok(Some(found))
    }

    /// Keeps links that are on the way to `path`.
    pub(crate) fn keep_links(&mut self, links: &[(String, String)], path: &str) {
        for (link, target) in links {
            let reason = Reason::new(Kind::Way, path, "");
            let entry = Entry { body: Body::Link(target.clone()), reason };
            self.closure.entries.entry(link.clone()).or_insert(entry);
        }
    }

    /// Why `path`, which leads to `found`, is left, if the flags say so of the one or the other or
    /// of a link between them.
    fn excluded_on(&self, path: &str, found: &Found) -> Option<String> {
        let links = found.links.iter().map(|(link, _)| link.as_str());
        let mut paths = [path, &found.path].into_iter().chain(links);
        paths.find_map(|path| self.excluded(path))
    }

    /// Why `path` is left, if the flags say so.
    pub(crate) fn excluded(&self, path: &str) -> Option<String> {
        self.exclude.matching(path).map(|pattern| format!("--exclude {pattern}"))
    }

    /// What to put where `found` is. Without the rights to read it, an image's user would have no
    /// use for it.
    pub(crate) fn body(&mut self, found: &Found) -> Body {
        let mode = found.metadata.mode();
        let may_have =
            if self.settings.may_be_setuid { MODE_PLAIN | MODE_SETID } else { MODE_PLAIN };
        if found.metadata.is_dir() {
            return Body::Folder(mode & 0o1777);
        }
        if mode & MODE_READ_BY_OTHERS == 0 && self.settings.user.0 != 0 {
            let (path, user) = (&found.path, self.settings.user.0);
            self.closure.warnings.push(format!("{path} may not be read by user {user}"));
        }
        Body::File {
            source: self.files.root.outside(&found.path),
            mode: mode & may_have,
            bytes: found.metadata.len(),
        }
    }

    /// Notes that `name` was considered and left.
    pub(crate) fn leave(&mut self, name: &str, reason: Reason, because: impl Into<String>) {
        let left = Left { name: name.into(), reason, because: because.into() };
        if !self.closure.left.iter().any(|known| known.name == left.name) {
            self.closure.left.push(left);
        }
    }

    /// Puts what was made at `path`, or where the links on the way to it lead, unless something is
    /// there already.
    pub(crate) fn make(&mut self, path: &str, body: Body, reason: Reason) {
        let (links, folder) = self.files.root.place(parent(path));
        let path = join(&folder, file_name(path));
        self.keep_links(&links, &path);
        self.closure.entries.entry(path).or_insert(Entry { body, reason });
    }

    /// Libraries that are found by way of the cache need one, and folders that others make need no
    /// entry.
    fn finish(&mut self) {
        self.keep_cache();
        self.tell_missed();
        self.leave_shell();
        self.leave_mentioned();
        let entries = &mut self.closure.entries;
        let needless = |path: &String| {
            let below = format!("{path}/");
            let next = entries.range(below.clone()..).next();
            next.is_some_and(|(next, _)| next.starts_with(&below))
        };
        let plain = entries.iter().filter(|(_, entry)| entry.body == Body::Folder(MODE_OF_FOLDERS));
        let needless: Vec<String> =
            plain.map(|(path, _)| path).filter(|path| needless(path)).cloned().collect();
        entries.retain(|path, _| needless.binary_search(path).is_err());
        let kept = &self.closure.entries;
        self.closure.left.retain(|left| !kept.contains_key(&left.name));
    }

    /// Notes the paths in the data of the program that are there and that nobody has asked for: a
    /// path is no proof that it is opened, but where to look when something is missing.
    fn leave_mentioned(&mut self) {
        let Some((by, facts)) = self.mentioned.take() else { return };
        for path in facts.places.iter().filter(|path| path.matches('/').count() > 1) {
            let of_kernel =
                ["/dev/", "/proc/", "/sys/"].iter().any(|start| path.starts_with(start));
            let found = self.files.root.find(path).ok().filter(|_| !of_kernel);
            if found.is_some_and(|found| !self.closure.entries.contains_key(&found.path)) {
                let reason = Reason::new(Kind::Literal, &by, path.as_str());
                self.leave(path, reason, "its data names it, which does not say that it is opened");
            }
        }
    }
}
