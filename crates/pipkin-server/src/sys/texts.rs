//! C strings that are put together, and what the file system says about paths.

use pipkin_format::launch::TEXTS_BYTES_MAX;

use super::{Errno, Text, arch, memory, result};

/// Bytes of all of them, of which those in use cost memory: those of a recipe, and as many for the way to
/// the launcher.
const TEXTS_BYTES: usize = 2 * TEXTS_BYTES_MAX;

/// How system calls name the current folder in place of a descriptor.
pub(super) const CURRENT_FOLDER: usize = -100_isize as usize;

/// C strings, one behind the other, of which the last is being put together. What there is no room for
/// is left off.
pub(crate) struct Texts {
    /// Where the last begins.
    ///
    /// Invariant: what is here and behind is writable up to `end`, with that, and known to nobody else.
    start: *mut u8,
    /// Where it goes on; from `start` to `end`.
    at: *mut u8,
    /// The last byte of the memory.
    end: *mut u8,
}

impl Texts {
    /// None yet.
    pub(crate) fn new() -> Result<Self, Errno> {
        let start = memory::map(TEXTS_BYTES)?;
        Ok(Self { start, at: start, end: start.wrapping_add(TEXTS_BYTES - 1) })
    }

    /// Adds a byte.
    #[inline(never)]
    pub(crate) fn push_byte(&mut self, byte: u8) {
        if self.at != self.end {
            // SAFETY: the invariant.
            unsafe { *self.at = byte };
            self.at = self.at.wrapping_add(1);
        }
    }

    /// Adds a text.
    #[inline(never)]
    pub(crate) fn push(&mut self, mut text: Text<'_>) {
        while !text.is_empty() {
            self.push_byte(text.byte());
        }
    }

    /// Takes away the last `/` and what is behind it, or all.
    #[inline(never)]
    pub(crate) fn pop(&mut self) {
        while self.at != self.start {
            self.at = self.at.wrapping_sub(1);
            // SAFETY: the invariant.
            if unsafe { *self.at } == b'/' {
                return;
            }
        }
    }

    /// The C string that has been put together; another begins.
    #[inline(never)]
    pub(crate) fn end(&mut self) -> Text<'static> {
        let start = self.start;
        // SAFETY: the invariant. From here on, nothing is written before `start`.
        unsafe {
            *self.at = 0;
            if self.at != self.end {
                self.at = self.at.add(1);
            }
            self.start = self.at;
            Text::new(start)
        }
    }

    /// Adds what the link at `path` says; whether there is one.
    ///
    /// Source: readlink(2).
    #[inline(never)]
    pub(crate) fn add_link(&mut self, path: Text<'_>) -> bool {
        let room = self.end as usize - self.at as usize;
        // SAFETY: readlinkat(2) reads a C string and writes at most `room` bytes, by the invariant.
        let bytes = result(unsafe {
            arch::call4(arch::READLINKAT, CURRENT_FOLDER, path.address(), self.at as usize, room)
        });
        self.at = self.at.wrapping_add(bytes.unwrap_or_default() as usize);
        bytes.is_ok()
    }

    /// Adds the path of the current folder.
    ///
    /// Source: getcwd(2).
    pub(crate) fn add_current_folder(&mut self) {
        let room = self.end as usize - self.at as usize;
        // SAFETY: getcwd(2) writes at most `room` bytes, by the invariant.
        let bytes = result(unsafe { arch::call2(arch::GETCWD, self.at as usize, room) });
        // It counts a NUL.
        self.at = self.at.wrapping_add((bytes.unwrap_or(1) - 1) as usize);
    }

    /// Makes the link at this path its target, if it is one; whether it is.
    ///
    /// Source: path_resolution(7).
    pub(crate) fn follow(&mut self) -> bool {
        let path = self.end();
        self.push(path);
        let whole = self.at;
        self.pop();
        self.push_byte(b'/');
        let folder = self.at;
        let is_link = self.add_link(path);
        if !is_link {
            self.at = whole;
        }
        // SAFETY: the invariant.
        if is_link && unsafe { *folder } == b'/' {
            // Not from its folder.
            self.start = folder;
        }
        is_link
    }
}

/// Whether there is something at `path`.
///
/// Source: access(2).
pub(crate) fn exists(path: Text<'_>) -> bool {
    // SAFETY: faccessat(2) reads a C string.
    unsafe { arch::call3(arch::FACCESSAT, CURRENT_FOLDER, path.address(), 0) >= 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(start: &core::ffi::CStr) -> Texts {
        let mut texts = Texts::new().unwrap();
        texts.push(Text::from(start));
        texts
    }

    #[test]
    fn a_text_is_ended_and_the_next_begins() {
        let mut texts = texts(c"a");
        texts.push_byte(b'b');
        let first = texts.end();
        assert_eq!(texts.end().bytes(), b"");
        texts.push(first);
        texts.push(first);
        assert_eq!((first.bytes(), texts.end().bytes()), (&b"ab"[..], &b"abab"[..]));
    }

    #[test]
    fn what_there_is_no_room_for_is_left_off() {
        let mut texts = texts(c"");
        for _ in 0..TEXTS_BYTES {
            texts.push_byte(b'x');
        }
        let whole = texts.end();
        assert_eq!(whole.bytes().len(), TEXTS_BYTES - 1);
        texts.push_byte(b'x');
        assert_eq!(texts.end().bytes(), b"");
        assert!(!texts.add_link(Text::from(c"/proc/self/exe")));
        texts.add_current_folder();
        assert_eq!(texts.end().bytes(), b"");
    }

    #[track_caller]
    fn check_pop(path: &core::ffi::CStr, expected: &[u8]) {
        let mut texts = texts(path);
        texts.pop();
        assert_eq!(texts.end().bytes(), expected);
    }

    #[test]
    fn folders_are_taken_away() {
        check_pop(c"/a/bc", b"/a");
        check_pop(c"/a/", b"/a");
        check_pop(c"/a", b"");
        check_pop(c"a", b"");
        check_pop(c"", b"");
    }

    /// `/proc/self` is a link to a name beside it, `/proc/self/cwd` one to an absolute path.
    #[test]
    fn links_are_followed() {
        let mut process = texts(c"/proc/self");
        assert!(process.follow());
        let number = std::format!("/proc/{}", std::process::id());
        assert!(!process.follow());
        assert_eq!(process.end().bytes(), number.as_bytes());
        let (mut linked, mut here) = (texts(c"/proc/self/cwd"), texts(c""));
        assert!(linked.follow());
        here.add_current_folder();
        assert_eq!(linked.end().bytes(), here.end().bytes());
        assert!(!texts(c"/nowhere/at/all").follow());
    }
}
