//! What the macros come to for the linker: symbols that the server names, and sections that the
//! builder reads. All `unsafe` of this crate is here: it says that a symbol is the only one of its
//! name and what the server declares it to be, and that a section has nothing but records.

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
            const LIMITS: $crate::Limits = $crate::limits!($needs, $limits);
            #[unsafe(export_name = "pipkin_limits")]
            static KEPT: $crate::Limits = LIMITS;
            $crate::link_heap! { LIMITS.heap_bytes_max }
            #[unsafe(export_name = "pipkin_respond")]
            fn respond($desk: &mut $crate::made::Desk) {
                $answer
            }
        };
    };
}

/// What [`program!`] comes to in a program: its first instructions, and a function behind them.
#[doc(hidden)]
#[cfg(feature = "freestanding")]
#[macro_export]
macro_rules! link_program {
    ($main:path) => {
        #[allow(unsafe_code)]
        const _: () = {
            $crate::made::program_start! {
                takes_arguments: $crate::made::takes_arguments(&$main)
            }
            #[unsafe(export_name = "pipkin_main")]
            #[unsafe(link_section = ".text.pipkin_main")]
            unsafe extern "C" fn pipkin_main(stack: *const *const u8) {
                let arguments = unsafe { $crate::Arguments::new(stack) };
                $crate::made::run_program(&$main, arguments)
            }
        };
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
        fn heap() -> *mut [u8] {
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
            const _: $crate::Limits = $crate::limits!($needs, $limits);
            const _: fn(&mut $crate::made::Desk) = |$desk| $answer;
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
