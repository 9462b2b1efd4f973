//! The initial stack of the program that this process becomes, made of its own.
//!
//! ```text
//! argc  argv[0] .. argv[argc]=null  variables .. null  auxiliary vector: pairs of words .. 0 0
//! ```
//!
//! Nothing of it knows where it lies, so all of it moves down by the gap that the entry point has left
//! below it; on the way arguments and variables are put in. Strings stay where they are.
//!
//! Source: System V ABI for x86-64, "Initial Stack and Register State"; getauxval(3).

use pipkin_format::launch::WORDS_MAX;

use super::start::Start;
use super::{Errno, Loader, Text, arch, result};

/// Bytes between the initial stack and that of the functions here, for what recipes may put in. A
/// multiple of 16, as the address of the stack has to be.
pub(crate) const GAP_BYTES: usize = (WORDS_MAX * size_of::<usize>()).next_multiple_of(16);

/// Types of the auxiliary vector.
const PHDR: usize = 3;
const PHNUM: usize = 5;
const ENTRY: usize = 9;
const EXECFN: usize = 31;

/// The initial stack on its way.
pub(crate) struct Stack {
    /// Where the new one begins.
    new: *mut usize,
    /// Where it goes on.
    ///
    /// Invariant: not above `from`, in the gap or in the part of the old one that has been read.
    to: *mut usize,
    /// Where the old one goes on.
    from: *mut usize,
    /// The new variables; null up to the end of the arguments.
    variables: *mut usize,
    /// The first argument of the old one.
    pub(crate) name: Text<'static>,
    /// The path by which this program was executed.
    pub(crate) executed: Text<'static>,
}

/// A variable of the old one, and the text that was to take its place.
pub(crate) struct Variable {
    at: *mut usize,
    /// What it has behind the `=`.
    pub(crate) value: Text<'static>,
    /// What the text has there.
    pub(crate) text: Text<'static>,
}

impl Stack {
    /// That of `start`, which is of no use from here on.
    #[inline(always)]
    pub(crate) fn new(start: Start) -> Self {
        let old = start.stack.cast_mut().cast::<usize>();
        let mut stack = Self {
            new: old.wrapping_byte_sub(GAP_BYTES),
            to: old.wrapping_byte_sub(GAP_BYTES).wrapping_add(1),
            from: old.wrapping_add(1),
            variables: core::ptr::null_mut(),
            name: Text::from(c""),
            executed: Text::from(c""),
        };
        // SAFETY: by the invariant of `Start` the layout is that above, and strings stay.
        unsafe {
            if *old != 0 {
                stack.name = Text::new(core::ptr::with_exposed_provenance(*stack.from));
                stack.from = stack.from.add(1);
            }
            let mut at = skip(skip(stack.from));
            while *at != 0 {
                if *at == EXECFN {
                    stack.executed = Text::new(core::ptr::with_exposed_provenance(*at.add(1)));
                }
                at = at.add(2);
            }
        }
        stack
    }

    /// Puts `text` in here, if there is room for it.
    pub(crate) fn push(&mut self, text: Text<'static>) {
        if self.to != self.from {
            self.put(text.address());
        }
    }

    /// Goes on behind the arguments, if it has not yet.
    pub(crate) fn end_arguments(&mut self) {
        if !self.variables.is_null() {
            return;
        }
        self.pass();
        // SAFETY: the first word of the gap is for this; null does not count.
        unsafe { *self.new = self.to.offset_from(self.new) as usize - 2 };
        self.variables = self.to;
    }

    /// Goes on behind the variables.
    pub(crate) fn end_variables(&mut self) {
        self.end_arguments();
        self.pass();
    }

    /// The variable that has the name in front of the `=` of `text`, if any.
    pub(crate) fn variable(&mut self, text: Text<'static>) -> Option<Variable> {
        self.end_arguments();
        let mut at = self.from;
        // SAFETY: from `from` on there are the variables, up to null.
        while let address @ 1.. = unsafe { *at } {
            // SAFETY: they are C strings.
            let mut value = unsafe { Text::new(core::ptr::with_exposed_provenance(address)) };
            let mut text = text;
            loop {
                let byte = text.byte();
                if byte != value.byte() || byte == 0 {
                    break;
                }
                if byte == b'=' {
                    return Some(Variable { at, value, text });
                }
            }
            at = at.wrapping_add(1);
        }
        None
    }

    /// Puts `text` in the place of a variable.
    pub(crate) fn replace(&mut self, variable: &Variable, text: Text<'static>) {
        // SAFETY: it is one of those from `from` on.
        unsafe { *variable.at = text.address() }
    }

    /// Becomes the dynamic linker that `loader` has loaded, if any.
    pub(crate) fn enter(&mut self, loader: &Loader) {
        if loader.entry == 0 {
            return;
        }
        // SAFETY: what follows are pairs up to a pair of which the first is 0. The loader is a program
        // that uses nothing of this one but its strings, and `new` is a multiple of 16.
        unsafe {
            loop {
                let (kind, value) = (*self.from, *self.from.add(1));
                self.from = self.from.add(2);
                self.put(kind);
                self.put(match kind {
                    PHDR => loader.headers,
                    PHNUM => loader.headers_count,
                    ENTRY => loader.entry,
                    _ => value,
                });
                if kind == 0 {
                    arch::enter(loader.entry, self.new as usize);
                }
            }
        }
    }

    /// Executes the program at `path`; why that was not possible.
    ///
    /// Source: execve(2).
    pub(crate) fn execute(&mut self, path: Text<'static>) -> Errno {
        // SAFETY: execve(2) reads a C string and two arrays of such, each up to null.
        let returned = result(unsafe {
            let arguments = self.new.add(1) as usize;
            arch::call3(arch::EXECVE, path.address(), arguments, self.variables as usize)
        });
        returned.err().unwrap_or(Errno::NOEXEC)
    }

    /// Moves words up to null, and it, too.
    #[inline(never)]
    fn pass(&mut self) {
        loop {
            // SAFETY: both are within the initial stack or the gap below it, and null is still to come.
            let word = unsafe { *self.from };
            self.from = self.from.wrapping_add(1);
            self.put(word);
            if word == 0 {
                return;
            }
        }
    }

    /// Asked when a word has been read, or there is room.
    fn put(&mut self, word: usize) {
        // SAFETY: the invariant; `to` is below `from`.
        unsafe { *self.to = word };
        self.to = self.to.wrapping_add(1);
    }
}

/// What is behind the next null.
///
/// # Safety
///
/// There must be one, with readable words before it.
unsafe fn skip(mut at: *mut usize) -> *mut usize {
    // SAFETY: the caller's promise.
    unsafe {
        while *at != 0 {
            at = at.add(1);
        }
        at.add(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::ffi::CStr;
    use std::vec::Vec;

    /// The words of an initial stack, with the gap below.
    struct Initial {
        words: Vec<usize>,
    }

    impl Initial {
        fn new(arguments: &[&'static CStr], variables: &[&'static CStr]) -> Self {
            let address = |text: &&'static CStr| Text::from(*text).address();
            let mut words = std::vec![0; GAP_BYTES / size_of::<usize>()];
            words.push(arguments.len());
            words.extend(arguments.iter().map(address).chain([0]));
            words.extend(variables.iter().map(address).chain([0]));
            words.extend([EXECFN, address(&c"executed"), 0, 0]);
            Self { words }
        }

        fn stack(&mut self) -> Stack {
            let old = self.words.as_mut_ptr().wrapping_byte_add(GAP_BYTES);
            Stack::new(Start { stack: old.cast_const().cast() })
        }
    }

    /// The argument count, the arguments and the variables of the new one.
    fn read(stack: &mut Stack) -> (usize, Vec<&'static [u8]>, Vec<&'static [u8]>) {
        stack.end_variables();
        let strings = |from: *mut usize| {
            let words = (0..).map(|at| {
                // SAFETY: `from` is one of the words that lead to null, and they are C strings.
                unsafe { Text::new(core::ptr::with_exposed_provenance(*from.add(at))) }
            });
            words.take_while(|text| text.address() != 0).map(Text::bytes).collect()
        };
        // SAFETY: the count is the first word.
        let (count, arguments) = unsafe { (*stack.new, stack.new.add(1)) };
        (count, strings(arguments), strings(stack.variables))
    }

    #[test]
    fn words_are_put_in() {
        let mut initial = Initial::new(&[c"name", c"x", c""], &[c"A=1", c"B=2"]);
        let mut stack = initial.stack();
        assert_eq!((stack.name.bytes(), stack.executed.bytes()), (&b"name"[..], &b"executed"[..]));
        stack.push(Text::from(c"new"));
        stack.push(stack.name);
        let old = stack.variable(Text::from(c"A=3")).unwrap();
        assert_eq!((old.value.bytes(), old.text.bytes()), (&b"1"[..], &b"3"[..]));
        stack.replace(&old, Text::from(c"A=3"));
        stack.push(Text::from(c"C=4"));
        let arguments = std::vec![&b"new"[..], b"name", b"x", b""];
        let variables = std::vec![&b"C=4"[..], b"A=3", b"B=2"];
        assert_eq!(read(&mut stack), (4, arguments, variables));
    }

    /// As a process may have been started by execve(2), though not by a shell.
    #[test]
    fn there_may_be_no_argument_and_odd_variables() {
        let odd = [c"", c"=", c"=A=", c"A", c"AB=", c"A="];
        let mut initial = Initial::new(&[], &odd);
        let mut stack = initial.stack();
        assert_eq!(stack.name.bytes(), b"");
        stack.push(stack.name);
        assert_eq!(stack.variable(Text::from(c"A=1")).unwrap().value.bytes(), b"");
        for none in [c"B=1", c"", c"A", c"AB", c"ABC="] {
            assert!(stack.variable(Text::from(none)).is_none(), "{none:?}");
        }
        let odd = odd.map(CStr::to_bytes).to_vec();
        assert_eq!(read(&mut stack), (1, std::vec![&b""[..]], odd));
        assert_eq!(read(&mut Initial::new(&[], &[]).stack()), (0, Vec::new(), Vec::new()));
    }

    #[test]
    fn what_there_is_no_room_for_is_left_out() {
        let mut initial = Initial::new(&[c"name", c"x"], &[c"A=1"]);
        let mut stack = initial.stack();
        (0..2 * WORDS_MAX).for_each(|_| stack.push(Text::from(c"new")));
        stack.end_arguments();
        stack.push(Text::from(c"B=2"));
        // That of the name, too, has become free.
        let (count, arguments, variables) = read(&mut stack);
        assert_eq!((count, arguments.len()), (WORDS_MAX + 2, WORDS_MAX + 2));
        assert_eq!((arguments[WORDS_MAX], arguments[WORDS_MAX + 1]), (&b"new"[..], &b"x"[..]));
        assert_eq!(variables, [b"A=1"]);
    }
}
