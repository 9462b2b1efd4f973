//! The launcher of a bundle: it becomes its program, wherever the bundle lies.
//!
//! It finds the folder of the bundle from its own path, and takes the steps of its recipe
//! ([`pipkin_format::launch`]). What it becomes is the dynamic linker of the bundle with the program for
//! an argument. That is not executed but loaded here, as the kernel would load it, so that the process
//! keeps what it was started with: its name, its arguments as others see them, and
//! `/proc/self/exe`, by which programs start themselves again. It needs nothing of the machine: no
//! libc, no shell, no `/proc`.

use pipkin_format::launch::{BUNDLE, Kind, Recipe};

use crate::Start;
use crate::sys::{Errno, Loader, Stack, Text, Texts, complain, exists, exit};

/// Links on the way to the launcher that are followed, as many as the kernel follows.
const LINKS_MAX: usize = 40;

/// What a shell's exit status is for a command that cannot be executed, and for one that is not there.
const CANNOT_EXECUTE: u8 = 126;
const NOT_FOUND: u8 = 127;

/// A launcher on its way.
struct Launcher {
    texts: Texts,
    stack: Stack,
    loader: Loader,
    /// The folder of the bundle.
    place: Text<'static>,
    /// What is loaded or executed.
    path: Text<'static>,
    /// Whether the next variable is left out.
    is_left_out: bool,
}

/// Becomes the program of the recipe, or says why not.
pub fn run(start: Start) -> ! {
    let mut recipe = Recipe::new(start.content());
    let Ok(texts) = Texts::new() else { exit(CANNOT_EXECUTE) };
    let stack = Stack::new(start);
    let (loader, [place, path]) = (Loader::default(), [Text::from(c""); 2]);
    let mut launcher = Launcher { texts, stack, loader, place, path, is_left_out: false };
    let errno = launcher.follow(&mut recipe);
    launcher.fail(errno)
}

impl Launcher {
    /// Takes the steps of `recipe`; why that is not possible.
    fn follow(&mut self, recipe: &mut Recipe<'_>) -> Errno {
        while let kind @ 1.. = recipe.byte() {
            let text = self.text(recipe);
            match self.take(kind, text) {
                Ok(Some(word)) => self.stack.push(word),
                Ok(None) => {}
                Err(errno) => return errno,
            }
        }
        self.stack.end_variables();
        self.stack.enter(&self.loader);
        self.stack.execute(self.path)
    }

    /// Takes a step; the argument or variable that is to be added.
    #[inline(always)]
    fn take(&mut self, kind: u8, text: Text<'static>) -> Result<Option<Text<'static>>, Errno> {
        const PLACE: u8 = Kind::Place as u8;
        const INTERPRETER: u8 = Kind::Interpreter as u8;
        const EXECUTE: u8 = Kind::Execute as u8;
        const ARGUMENT: u8 = Kind::Argument as u8;
        const NAME: u8 = Kind::Name as u8;
        const UNLESS: u8 = Kind::Unless as u8;
        match kind {
            PLACE => self.find_place(text),
            UNLESS => self.is_left_out = exists(text),
            EXECUTE => self.path = text,
            INTERPRETER => {
                self.path = text;
                if is_list(text) {
                    return Err(Errno::INVAL);
                }
                self.loader.load(text)?;
            }
            ARGUMENT => return Ok(Some(text)),
            NAME => return Ok(Some(self.stack.name)),
            _ => {
                let is_left_out = core::mem::take(&mut self.is_left_out);
                return Ok(if is_left_out { None } else { self.variable(kind, text) });
            }
        }
        Ok(None)
    }

    /// The variable `text`, if it is new.
    #[inline(always)]
    fn variable(&mut self, kind: u8, text: Text<'static>) -> Option<Text<'static>> {
        const OWN_VARIABLE: u8 = Kind::OwnVariable as u8;
        const FRONT_VARIABLE: u8 = Kind::FrontVariable as u8;
        let Some(other) = self.stack.variable(text) else {
            return if kind == FRONT_VARIABLE { None } else { Some(text) };
        };
        if kind == FRONT_VARIABLE && !other.value.starts_with(other.text) {
            self.texts.push(text);
            self.texts.push_byte(b':');
            self.texts.push(other.value);
            let text = self.texts.end();
            self.stack.replace(&other, text);
        } else if kind == OWN_VARIABLE {
            self.stack.replace(&other, text);
        }
        None
    }

    /// The text of a step, with the folder of the bundle put in.
    fn text(&mut self, recipe: &mut Recipe<'_>) -> Text<'static> {
        loop {
            match recipe.byte() {
                0 => return self.texts.end(),
                BUNDLE => self.texts.push(self.place),
                byte => self.texts.push_byte(byte),
            }
        }
    }

    /// Finds the folder of the bundle, below which this program is at `own`.
    ///
    /// The kernel's word for the own path has neither links nor dots in it, so that folders are taken
    /// away at its end. Where there is no `/proc`, that is what the program was executed by, which may
    /// have both, so that the kernel is to go up.
    ///
    /// Source: "/proc/pid/exe" in proc(5); AT_EXECFN in getauxval(3).
    fn find_place(&mut self, mut own: Text<'static>) {
        let is_plain = self.texts.add_link(Text::from(c"/proc/self/exe"));
        if !is_plain {
            self.find_executed();
        }
        self.texts.pop();
        own.byte();
        while !own.is_empty() {
            if own.byte() == b'/' {
                if is_plain {
                    self.texts.pop();
                } else {
                    self.texts.push(Text::from(c"/.."));
                }
            }
        }
        self.place = self.texts.end();
    }

    /// The path by which this program was executed, as an absolute one that is no link.
    fn find_executed(&mut self) {
        if !self.stack.executed.starts_with(Text::from(c"/")) {
            self.texts.add_current_folder();
            self.texts.push_byte(b'/');
        }
        self.texts.push(self.stack.executed);
        for _ in 0..LINKS_MAX {
            if !self.texts.follow() {
                break;
            }
        }
    }

    /// Says what has failed, in one line, and ends.
    fn fail(&mut self, errno: Errno) -> ! {
        self.texts.push(self.stack.name);
        self.texts.push(Text::from(c": cannot start "));
        self.texts.push(self.path);
        self.texts.push(Text::from(c": errno "));
        let number = errno.number();
        if number >= 100 {
            self.texts.push_byte(b'0' + number / 100);
        }
        if number >= 10 {
            self.texts.push_byte(b'0' + number / 10 % 10);
        }
        self.texts.push_byte(b'0' + number % 10);
        self.texts.push_byte(b'\n');
        complain(self.texts.end().bytes());
        exit(if errno == Errno::NOENT { NOT_FOUND } else { CANNOT_EXECUTE })
    }
}

/// Whether a dynamic linker would take `path` for more than one where it is told folders, and find
/// libraries of the machine.
///
/// Source: `LD_LIBRARY_PATH` in ld.so(8).
#[inline(always)]
fn is_list(mut path: Text<'_>) -> bool {
    loop {
        match path.byte() {
            0 => return false,
            b':' | b';' => return true,
            _ => {}
        }
    }
}
