//! A program that serves nothing: it does something, and ends.

#[cfg(feature = "freestanding")]
pub use pipkin_server::program::Arguments;

/// The arguments of a program, of which the first is how it was called.
#[cfg(not(feature = "freestanding"))]
pub type Arguments = std::vec::IntoIter<&'static [u8]>;

/// Writes text to standard output, as far as one call takes it: all of it, unless the other end is
/// gone, full, or set not to wait.
pub fn print(text: impl AsRef<[u8]>) {
    #[cfg(feature = "freestanding")]
    pipkin_server::program::print(text.as_ref());
    #[cfg(not(feature = "freestanding"))]
    written(std::io::stdout(), text.as_ref());
}

/// Writes text to standard error, as [`print`] does to standard output.
pub fn eprint(text: impl AsRef<[u8]>) {
    #[cfg(feature = "freestanding")]
    pipkin_server::program::eprint(text.as_ref());
    #[cfg(not(feature = "freestanding"))]
    written(std::io::stderr(), text.as_ref());
}

#[cfg(not(feature = "freestanding"))]
fn written(mut file: impl std::io::Write, text: &[u8]) {
    let _ = file.write_all(text).and_then(|()| file.flush());
}

/// What a program ends with: nothing, which is 0, or a number.
pub trait Status {
    /// What the parent process gets.
    fn status(self) -> u8;
}

impl Status for () {
    #[inline(always)]
    fn status(self) -> u8 {
        0
    }
}

impl Status for u8 {
    #[inline(always)]
    fn status(self) -> u8 {
        self
    }
}

/// The function that a program is: `fn() -> impl Status`, or `fn(Arguments) -> impl Status`.
#[diagnostic::on_unimplemented(
    message = "a program is `fn()` or `fn(Arguments)`, and returns nothing or a `u8`",
    label = "not a program"
)]
pub trait Main<Signature> {
    /// Whether it looks at the arguments.
    const TAKES_ARGUMENTS: bool;

    /// Runs it.
    #[doc(hidden)]
    fn run(&self, arguments: Arguments) -> u8;
}

impl<F: Fn() -> S, S: Status> Main<fn() -> S> for F {
    const TAKES_ARGUMENTS: bool = false;

    #[inline(always)]
    fn run(&self, _: Arguments) -> u8 {
        self().status()
    }
}

impl<F: Fn(Arguments) -> S, S: Status> Main<fn(Arguments) -> S> for F {
    const TAKES_ARGUMENTS: bool = true;

    #[inline(always)]
    fn run(&self, arguments: Arguments) -> u8 {
        self(arguments).status()
    }
}

/// Whether a program takes arguments, as a value.
#[doc(hidden)]
pub const fn takes_arguments<Signature, M: Main<Signature>>(_: &M) -> bool {
    M::TAKES_ARGUMENTS
}

/// Runs a program to its end.
#[doc(hidden)]
#[cfg(feature = "freestanding")]
#[inline(always)]
pub fn run_program<Signature>(main: &impl Main<Signature>, arguments: Arguments) {
    pipkin_server::program::exit(main.run(arguments));
}

/// Makes a function the whole program: without it, there is a server.
#[macro_export]
macro_rules! program {
    ($main:path $(, $limit:ident: $value:expr)* $(,)?) => {
        $crate::link_program! { $main }
    };
}
