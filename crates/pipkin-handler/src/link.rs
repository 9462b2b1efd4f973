//! What the macros come to for the linker: symbols that the server names, and sections that the
//! builder reads. All `unsafe` of this crate is here: it says that a symbol is the only one of its
//! name and what the server declares it to be, and that a section has nothing but records.
//!
//! Names of items are not hygienic: what the user calls a handler, or a limit, must not be what it is
//! called here. So all names begin with `pipkin`.

/// What [`handler!`] and [`routes!`] come to in a program: what the server is linked with.
#[doc(hidden)]
#[cfg(feature = "freestanding")]
#[macro_export]
macro_rules! link_handler {
    (needs: $needs:expr, limits: $limits:tt, answer: |$desk:ident| $answer:expr,) => {
        #[allow(unsafe_code)]
        const _: () = {
            // That there is one of each, the linker sees to; their types are those that the server
            // declares.
    const PIPKIN_LIMITS: $crate::Limits = $crate::limits!(serves: true, $needs, $limits);
            #[unsafe(export_name = "pipkin_limits")]
            static PIPKIN_KEPT: $crate::Limits = PIPKIN_LIMITS;
            $crate::link_heap! { PIPKIN_LIMITS.heap_bytes_max }
            #[unsafe(export_name = "pipkin_respond")]
            fn pipkin_respond($desk: &mut $crate::made::Desk) {
                $answer
            }
        };
    };
}

/// What [`program!`] comes to in a program: its entry point, and behind it the function. Nothing
/// leads to the server, which the linker leaves out.
#[doc(hidden)]
#[cfg(feature = "freestanding")]
#[macro_export]
macro_rules! link_program {
    (main: $main:path, limits: $limits:tt) => {
        #[allow(unsafe_code)]
        const _: () = {
            // As for a handler, of which there is none beside it.
            const PIPKIN_LIMITS: $crate::Limits =
        $crate::limits!(serves: false, $crate::Needs::NONE, $limits);
            #[unsafe(export_name = "pipkin_limits")]
            static PIPKIN_KEPT: $crate::Limits = PIPKIN_LIMITS;
            $crate::link_heap! { PIPKIN_LIMITS.heap_bytes_max }
            // The link script puts it where the entry point goes on.
            #[unsafe(export_name = "pipkin_main")]
            #[unsafe(link_section = ".text.pipkin_main")]
            unsafe extern "C" fn pipkin_main(stack: *const *const u8) {
                // SAFETY: the entry point hands the initial stack to who takes arguments.
                $crate::made::run(&$main, || unsafe { $crate::Arguments::new(stack) })
            }
        };
        $crate::made::program_start! { takes_arguments: $crate::made::takes_arguments(&$main) }
        // For the builder: this one serves nothing.
        $crate::link_section! { ".pipkin", 9, *b"program=\0" }
    };
}

/// Memory for the heap, which a program that has none does not keep.
#[doc(hidden)]
#[cfg(all(feature = "freestanding", feature = "alloc"))]
#[macro_export]
macro_rules! link_heap {
    ($bytes:expr) => {
        #[unsafe(export_name = "pipkin_heap")]
        fn pipkin_heap() -> *mut [u8] {
            static HEAP: $crate::made::Memory<{ $bytes }> = $crate::made::Memory::ZEROS;
            HEAP.bytes()
        }
    };
}

/// There is no heap.
#[doc(hidden)]
#[cfg(all(feature = "freestanding", not(feature = "alloc")))]
#[macro_export]
macro_rules! link_heap {
    ($bytes:expr) => {};
}

/// What [`handler!`] and [`routes!`] come to on a host: a check of their types.
#[doc(hidden)]
#[cfg(not(feature = "freestanding"))]
#[macro_export]
macro_rules! link_handler {
    (needs: $needs:expr, limits: $limits:tt, answer: |$desk:ident| $answer:expr,) => {
        const _: () = {
    const _: $crate::Limits = $crate::limits!(serves: true, $needs, $limits);
            const _: fn(&mut $crate::made::Desk) = |$desk| $answer;
        };
    };
}

/// What [`program!`] comes to on a host: a check of its type.
#[doc(hidden)]
#[cfg(not(feature = "freestanding"))]
#[macro_export]
macro_rules! link_program {
    (main: $main:path, limits: $limits:tt) => {
        const _: () = {
    const _: $crate::Limits = $crate::limits!(serves: false, $crate::Needs::NONE, $limits);
            const _: bool = $crate::made::takes_arguments(&$main);
        };
    };
}

/// Bytes for the builder, in a section that no segment loads.
#[doc(hidden)]
#[macro_export]
macro_rules! link_section {
    ($section:literal, $len:expr, $bytes:expr) => {
        #[cfg(target_os = "linux")]
        #[allow(unsafe_code)]
        const _: () = {
            #[used]
            #[unsafe(link_section = $section)]
            static LINKED: [u8; $len] = $bytes;
        };
    };
}
