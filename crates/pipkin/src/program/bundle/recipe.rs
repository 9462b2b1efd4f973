//! The recipes of launchers: what each tells the dynamic linker of its program.

use std::collections::{BTreeMap, BTreeSet};

use pipkin_closure::{Body as Found, Closure, Kind as Reason};
use pipkin_format::launch::{self, Kind};

use super::edit::Edits;
use super::file::{self, Elf};
use super::variables::{self, in_bundle};
use super::{ROOT, beside, file_name};
use crate::failure::Failure;

type Steps = Vec<(Kind, String)>;

/// What the recipes of a bundle have in common.
pub(super) struct Recipes<'a> {
    closure: &'a Closure,
    elves: &'a BTreeMap<&'a str, Elf<'a>>,
    variables: Steps,
    /// Where libraries are, as the dynamic linker wants to hear it.
    library_path: String,
}

impl<'a> Recipes<'a> {
    /// Those for the programs of `closure`, of whose files `edits` are changed.
    pub(super) fn new(
        closure: &'a Closure,
        elves: &'a BTreeMap<&'a str, Elf<'a>>,
        edits: Edits,
    ) -> Self {
        let folders: Vec<String> = library_folders(closure).into_iter().map(in_bundle).collect();
        let variables = variables::steps(closure, edits);
        Self { closure, elves, variables, library_path: folders.join(":") }
    }

    /// That for the program at `path`.
    ///
    /// # Errors
    ///
    /// Its dynamic linker is not there, or cannot be told where libraries are, or what is to be told is
    /// too long.
    pub(super) fn program(&self, path: &str, elf: &Elf<'_>) -> Result<Vec<u8>, Failure> {
        let loader = elf.interpreter.as_deref().unwrap_or_default();
        let mut steps = vec![
            (Kind::Place, format!("/{ROOT}{path}")),
            (Kind::Interpreter, in_bundle(loader)),
            (Kind::Argument, file_name(loader).into()),
        ];
        self.tell_loader(loader, &mut steps)?;
        steps.push((Kind::Argument, in_bundle(&beside(self.closure, path))));
        steps.extend(self.first_arguments(path, elf)?);
        self.write(path, steps)
    }

    /// That for the script that is the program of the closure, whose launcher is at the top as `name`:
    /// it executes `interpreter`, with `arguments` before the path of the script.
    ///
    /// # Errors
    ///
    /// What is to be told is too long.
    pub(super) fn script(
        &self,
        name: &str,
        interpreter: &str,
        arguments: &[String],
    ) -> Result<Vec<u8>, Failure> {
        let mut steps = vec![
            (Kind::Place, format!("/{name}")),
            (Kind::Execute, in_bundle(interpreter)),
            (Kind::Argument, in_bundle(interpreter)),
        ];
        steps.extend(arguments.iter().map(|argument| (Kind::Argument, argument.clone())));
        steps.push((Kind::Argument, in_bundle(&self.closure.program)));
        self.write(&self.closure.program, steps)
    }

    /// The options of the dynamic linker: only those that it has a word for, since older ones know fewer.
    ///
    /// Source: ld.so(8); musl `ldso/dynlink.c`.
    fn tell_loader(&self, loader: &str, steps: &mut Steps) -> Result<(), Failure> {
        let found = file::at(self.elves, self.closure, loader);
        let found = found.ok_or_else(|| Failure::new(format!("there is no {loader} to bundle")))?;
        let literals = found.literals()?;
        // That of musl has names without the dashes in front.
        let knows = |option: &str| {
            literals.iter().any(|text| text == option || *text == option.replace("--", ""))
        };
        if !knows("--library-path") {
            return Err(Failure::new(format!("{loader} cannot be told where libraries are"))
                .help("bundle a program for glibc or musl, or make an image: -o type=docker"));
        }
        let mut tell = |text: &str| steps.push((Kind::Argument, text.into()));
        if knows("--inhibit-cache") {
            tell("--inhibit-cache");
        }
        tell("--library-path");
        tell(&self.library_path);
        if knows("--argv0") {
            tell("--argv0");
            steps.push((Kind::Name, String::new()));
        }
        Ok(())
    }

    /// The arguments that come before those of the user: Perl is told so where its library is, which a
    /// variable would tell every Perl that it starts.
    fn first_arguments(&self, path: &str, elf: &Elf<'_>) -> Result<Steps, Failure> {
        if !file_name(path).starts_with("perl") {
            return Ok(Vec::new());
        }
        let of_library = |elf: &&Elf<'_>| {
            elf.soname.as_deref().is_some_and(|soname| soname.starts_with("libperl.so"))
        };
        let mut folders = Vec::new();
        for elf in [elf].into_iter().chain(self.elves.values().filter(of_library)) {
            folders.extend(elf.literals()?.into_iter().filter(|text| self.has_modules(text)));
        }
        let argument = |folder: &String| (Kind::Argument, format!("-I{}", in_bundle(folder)));
        Ok(folders.iter().map(argument).collect())
    }

    /// Whether `text` is the path of a folder with modules of Perl.
    fn has_modules(&self, text: &str) -> bool {
        let path = text.starts_with('/').then(|| self.closure.real_path(text)).flatten();
        let Some(path) = path.filter(|path| path.len() > 1) else { return false };
        let start = format!("{path}/");
        let below = self.closure.entries.range(start.clone()..);
        let mut below = below.map(|(path, _)| path).take_while(|path| path.starts_with(&start));
        below.any(|path| path.ends_with(".pm") || path.ends_with(".pl"))
    }

    fn write(&self, path: &str, mut steps: Steps) -> Result<Vec<u8>, Failure> {
        steps.extend(self.variables.iter().cloned());
        let steps: Vec<_> = steps.iter().map(|(kind, text)| (*kind, text.as_str())).collect();
        launch::write(&steps).ok_or_else(|| {
            Failure::new(format!("{path} has libraries in more folders than a launcher can name"))
                .help("leave some out with --exclude, or make an image: -o type=docker")
        })
    }
}

/// The folders in which libraries are that are looked for by name, that of libc first.
pub(super) fn library_folders(closure: &Closure) -> Vec<&str> {
    let is_library = |(path, entry): &(&String, &pipkin_closure::Entry)| {
        let (name, reason) = (file_name(path), entry.reason.kind);
        let is_named = matches!(reason, Reason::Needed | Reason::DlopenNote | Reason::Literal);
        let is_of_interpreter = reason == Reason::Library;
        name.contains(".so")
            && !matches!(entry.body, Found::Folder(_))
            && !path.contains("/glibc-hwcaps/")
            && (is_named || name.starts_with("lib") && !is_of_interpreter)
    };
    let libraries = closure.entries.iter().filter(is_library).map(|(path, _)| path.as_str());
    let folders: BTreeSet<&str> =
        libraries.filter_map(|path| Some(path.rsplit_once('/')?.0)).collect();
    let mut folders: Vec<_> = folders.into_iter().collect();
    folders.sort_by_key(|folder| !closure.entries.contains_key(&format!("{folder}/libc.so.6")));
    folders
}
