//! The recipe of a launcher: how it becomes its program.
//!
//! ```text
//! steps, in the order in which they are taken, up to the end
//!   u8    kind, a letter
//!   u8[]  text, in which BUNDLE stands for the path of the bundle's folder
//!   u8    NUL
//! ```
//!
//! What the letters mean, [`Kind`] says. That of `jq` would be, a step to a line and `*` for
//! [`BUNDLE`]:
//!
//! ```text
//! P /rootfs/usr/bin/jq
//! I */rootfs/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
//! A ld-linux-x86-64.so.2
//! A --library-path
//! A */rootfs/lib/x86_64-linux-gnu
//! A --argv0
//! N
//! A */rootfs/usr/bin/.jq
//! U /usr/share/zoneinfo
//! V TZDIR=*/rootfs/usr/share/zoneinfo
//! ```
//!
//! As for content, there is no version number, and a reader takes any bytes: it reads NUL behind the
//! last one, which ends a text and is no kind.

/// The byte that stands for the path of the bundle's folder.
pub const BUNDLE: u8 = 1;

/// Arguments and variables, at most.
pub const WORDS_MAX: usize = 64;

/// Bytes of the texts, at most, when the path of the bundle's folder is the longest one.
pub const TEXTS_BYTES_MAX: usize = 512 << 10;

/// Bytes of the longest path, with its NUL.
///
/// Source: `PATH_MAX` in limits.h.
#[cfg(feature = "write")]
const PATH_BYTES_MAX: usize = 4096;

/// What a step does with its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// The launcher's own path below the bundle's folder. It is the first step, and no other is taken
    /// before the place is known.
    Place = b'P',
    /// The path of a dynamic linker, which the launcher loads and becomes.
    Interpreter = b'I',
    /// The path of a program, which the launcher executes.
    Execute = b'X',
    /// An argument. Those that the launcher was given, behind its name, come last.
    Argument = b'A',
    /// The argument that is the launcher's own name. There is no text.
    Name = b'N',
    /// The next variable is not set if there is something at this path.
    Unless = b'U',
    /// A variable, `NAME=VALUE`, which is set if there is none of that name. Variables come behind
    /// the arguments.
    Variable = b'V',
    /// A variable that takes the place of another of that name.
    OwnVariable = b'O',
    /// A variable whose value comes before that of another of that name, with a colon between; nothing
    /// when there is none, or when it begins so already.
    FrontVariable = b'F',
}

/// The bytes of a recipe, which are read from its start.
#[derive(Clone, Copy, Debug)]
pub struct Recipe<'a> {
    bytes: &'a [u8],
}

impl<'a> Recipe<'a> {
    /// The recipe over `bytes`.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The next byte: a kind, one of a text, or the NUL behind it. NUL behind the last.
    #[inline(never)]
    pub fn byte(&mut self) -> u8 {
        let Some((&byte, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        byte
    }
}

/// The recipe with these steps; none when a text has a NUL, or there are more words or bytes of
/// them than a launcher has room for.
#[cfg(feature = "write")]
pub fn write(steps: &[(Kind, &str)]) -> Option<alloc::vec::Vec<u8>> {
    let mut out = alloc::vec::Vec::new();
    for (kind, text) in steps {
        if text.contains('\0') {
            return None;
        }
        out.push(*kind as u8);
        out.extend(text.as_bytes());
        out.push(0);
    }
    let is_word =
        |kind| !matches!(kind, Kind::Place | Kind::Interpreter | Kind::Execute | Kind::Unless);
    let words = steps.iter().filter(|(kind, _)| is_word(*kind)).count();
    let places = out.iter().filter(|byte| **byte == BUNDLE).count();
    let fits = words < WORDS_MAX && out.len() + places * PATH_BYTES_MAX < TEXTS_BYTES_MAX;
    fits.then_some(out)
}

#[cfg(all(test, feature = "write"))]
mod tests {
    use super::*;
    use std::string::String;
    use std::vec::Vec;

    const STEPS: &[(Kind, &str)] =
        &[(Kind::Place, "/a"), (Kind::Name, ""), (Kind::Variable, "A=\u{1}/b")];

    const BYTES: &[u8] = b"P/a\0N\0VA=\x01/b\0";

    /// Up to the end of what there is, the last text as far as it goes.
    fn read(bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
        let mut recipe = Recipe::new(bytes);
        let mut steps = Vec::new();
        while let kind @ 1.. = recipe.byte() {
            let text = core::iter::repeat_with(|| recipe.byte()).take_while(|byte| *byte != 0);
            steps.push((kind, text.collect()));
        }
        steps
    }

    #[test]
    fn steps_are_written_and_read() {
        assert_eq!(write(STEPS).unwrap(), BYTES);
        let steps: Vec<_> =
            STEPS.iter().map(|(kind, text)| (*kind as u8, text.as_bytes().to_vec())).collect();
        assert_eq!(read(BYTES), steps);
    }

    #[test]
    fn a_recipe_cut_at_every_byte_ends_there() {
        for cut in 0..BYTES.len() {
            let whole = BYTES[..cut].iter().filter(|byte| **byte == 0).count();
            let steps = read(&BYTES[..cut]);
            assert_eq!(steps[..whole], read(BYTES)[..whole], "cut at {cut}");
            assert!(steps.len() <= whole + 1, "cut at {cut}");
        }
    }

    #[test]
    fn any_bytes_are_steps() {
        assert_eq!(read(b"\0A"), []);
        assert_eq!(read(b"\xffx\0\0"), [(0xff, b"x".to_vec())]);
        assert_eq!(read(b"A"), [(b'A', Vec::new())]);
    }

    #[test]
    fn what_a_launcher_has_no_room_for_is_not_written() {
        let write_text = |text: &str| write(&[(Kind::Argument, text)]).map(|bytes| bytes.len());
        assert_eq!(write_text("a\0b"), None);
        let bundle = |count| String::from(BUNDLE as char).repeat(count);
        assert_eq!(write_text(&bundle(127)), Some(129));
        assert_eq!(write_text(&bundle(128)), None);
        let words = |count| write(&[(Kind::Name, "")].repeat(count)).map(|bytes| bytes.len());
        assert_eq!(words(WORDS_MAX - 1), Some(2 * WORDS_MAX - 2));
        assert_eq!(words(WORDS_MAX), None);
    }
}
