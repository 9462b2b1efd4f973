//! A program that serves nothing: it runs once, and ends.

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
    /// What the parent process gets. No method, since everybody who imports all of this crate would
    /// have it on numbers.
    fn of(end: Self) -> u8;
}

impl Status for () {
    #[inline(always)]
    fn of((): Self) -> u8 {
        0
    }
}

impl Status for u8 {
    #[inline(always)]
    fn of(end: Self) -> u8 {
        end
    }
}

/// The function that is a program: `fn() -> impl Status`, or `fn(Arguments) -> impl Status`.
///
/// One without the argument has no code to look for it.
#[diagnostic::on_unimplemented(
    message = "a program is `fn()` or `fn(Arguments)`, and returns nothing or a `u8`",
    label = "not a program"
)]
pub trait Main<Signature> {
    /// Whether it looks at its arguments.
    const TAKES_ARGUMENTS: bool;

    /// Runs it; what it ends with. It gets arguments when it takes them. No method, as in [`Status`].
    #[doc(hidden)]
    fn run(main: &Self, arguments: impl FnOnce() -> Arguments) -> u8;
}

impl<F, S> Main<fn() -> S> for F
where
    F: Fn() -> S,
    S: Status,
{
    const TAKES_ARGUMENTS: bool = false;

    #[inline(always)]
    fn run(main: &Self, _: impl FnOnce() -> Arguments) -> u8 {
        S::of(main())
    }
}

impl<F, S> Main<fn(Arguments) -> S> for F
where
    F: Fn(Arguments) -> S,
    S: Status,
{
    const TAKES_ARGUMENTS: bool = true;

    #[inline(always)]
    fn run(main: &Self, arguments: impl FnOnce() -> Arguments) -> u8 {
        S::of(main(arguments()))
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
pub fn run<Signature, M: Main<Signature>>(main: &M, arguments: impl FnOnce() -> Arguments) {
    pipkin_server::program::exit(M::run(main, arguments));
}

/// Makes a function the whole program, in the place of a server: it runs once, and its end is the
/// program's.
///
/// ```
/// # use pipkin_handler::*;
/// program!(greet);
///
/// fn greet(arguments: Arguments) -> u8 {
///     let Some(name) = arguments.into_iter().nth(1) else {
///         eprint("usage: greet NAME\n");
///         return 2;
///     };
///     print("Hello, ");
///     print(name);
///     print("!\n");
///     0
/// }
/// ```
///
/// A panic is told on standard error, and the program ends with 101. The one limit that it takes is
/// `heap_bytes_max`, that of [`Limits`](crate::Limits).
#[macro_export]
macro_rules! program {
    ($main:path $(, heap_bytes_max: $bytes:expr)? $(,)?) => {
        $crate::link_program! { main: $main, limits: { $(heap_bytes_max: $bytes,)? } }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check<Signature, M: Main<Signature>>(main: M, takes_arguments: bool, status: u8) {
        assert_eq!(super::takes_arguments(&main), takes_arguments);
        let arguments = || std::vec![&b"program"[..], b"one"].into_iter();
        assert_eq!(M::run(&main, arguments), status);
    }

    #[test]
    fn what_a_program_may_be() {
        check(|| (), false, 0);
        check(|| 3_u8, false, 3);
        check(|_: Arguments| (), true, 0);
        check(|arguments: Arguments| arguments.count() as u8, true, 2);
    }
}
