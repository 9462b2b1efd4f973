//! The system of a micro server: its calls, its memory and its content, in as few bytes as they can be
//! had.
//!
//! What is odd here is for that. Descriptors have 32 bits, since instructions for 64 are a byte longer.
//! Some values go through functions of `opaque`, which are no instruction: what the compiler cannot see
//! through, it neither keeps in one more register nor merges with another test.

#[cfg(target_arch = "x86_64")]
#[path = "x86_64.rs"]
mod arch;
#[cfg(not(target_arch = "x86_64"))]
#[path = "other.rs"]
mod arch;

use core::marker::PhantomData;
use core::mem::MaybeUninit;

use pipkin_format::micro::{BYTES_AT, HEAD_AT, HEAD_BYTES_AT, METHOD, MISSING, MISSING_AT};

use super::arch as numbers;
use super::opaque::{any, constant, place, word};
use arch::small;

/// Bytes of a request that are read. With all else on the stack they are fewer than a page: for more
/// the compiler would touch each page. The stack is a multiple of 16.
const REQUEST_BYTES: usize = 4000 - REQUEST_AT;

/// Bytes of a [`Room`] before the request.
const REQUEST_AT: usize = 16;

/// Where the executable's headers have a number of seconds, then one of microseconds: the physical
/// address and the length of the only segment, of which the former means nothing to Linux.
///
/// Source: gABI, "Program Header"; socket(7), `SO_RCVTIMEO`.
const TIME_OUT_AT: usize = 64 + 24;

/// The first argument of the program.
#[derive(Clone, Copy)]
pub(crate) struct Argument(
    /// Invariant: null, or the address of a C string, readable and unchanged as long as the process.
    *const u8,
);

impl Argument {
    /// The decimal number that it begins with; 0 when there is none.
    #[inline(always)]
    pub(crate) fn number(self) -> u32 {
        let (mut at, mut number) = (self.0, word(0));
        if at.is_null() {
            return number;
        }
        loop {
            // SAFETY: the invariant; the NUL at the end is no digit, and nothing behind it is read.
            let digit = unsafe { u32::from(*at).wrapping_sub(u32::from(b'0')) };
            if digit > 9 {
                return number;
            }
            number = word(number.wrapping_mul(10)).wrapping_add(digit);
            at = at.wrapping_add(1);
        }
    }
}

/// Where the server listens.
#[derive(Clone, Copy)]
pub(crate) struct Listener(u32);

/// A client.
#[derive(Clone, Copy)]
pub(crate) struct Connection(u32);

/// What is answered: a part of the content.
pub(crate) struct Answer {
    /// Invariant: `bytes` bytes are readable there, and never change.
    at: *const u8,
    bytes: usize,
}

/// What a server remembers: the address at which it listens, then the request at hand.
#[repr(C, align(8))]
pub(crate) struct Room([u8; REQUEST_AT + REQUEST_BYTES]);

/// Memory for a request.
pub(crate) struct Memory<'a> {
    /// Invariant: readable and writable throughout `'a` for [`REQUEST_BYTES`], and 4 bytes before it.
    at: *mut u8,
    room: PhantomData<&'a mut Room>,
}

impl<'a> Memory<'a> {
    /// Memory in `room` that holds anything.
    #[inline(always)]
    pub(crate) fn new(room: &'a mut MaybeUninit<Room>) -> Self {
        let room = room.as_mut_ptr().cast::<u8>();
        // To the compiler the place comes from where something may have been written there, and any bytes
        // are a value.
        Self { at: arch::kept(place(room.wrapping_add(REQUEST_AT))), room: PhantomData }
    }
}

impl Listener {
    /// A listener on `port` of every address. Without one, which is so for 0 too, the program ends.
    ///
    /// Connections inherit how long the kernel waits for them. A port of more than 16 bits comes to a
    /// family that the kernel does not know.
    ///
    /// Source: ip(7), `sockaddr_in`; socket(7), "Socket options".
    #[inline(always)]
    pub(crate) fn new(room: &mut MaybeUninit<Room>, port: u32) -> Self {
        const INET: u32 = 2;
        const STREAM: usize = 1;
        const REUSEADDR: usize = 2;
        const RCVTIMEO: usize = 20;
        const BYTES: u32 = 16;

        // Of a program that ends, any.
        let mut fd = any();
        let name = room.as_mut_ptr();
        let address = constant(port.swap_bytes().wrapping_add(INET) as usize);
        // SAFETY: `name` has more bytes and is aligned.
        unsafe { name.cast::<u64>().write(address as u64) };
        'listening: {
            // That is, the port is 0.
            if address as u32 != INET {
                // SAFETY: socket(2) and listen(2) take no pointer, and to the latter any number is a
                // backlog; bind(2) reads 16 bytes of `name`, of which the last 8 mean nothing.
                unsafe {
                    fd = arch::call3(numbers::SOCKET, word(INET), STREAM, 0);
                    set_option(fd, small::<REUSEADDR>());
                    set_option(fd, RCVTIMEO);
                    let bound = arch::call3(numbers::BIND, fd, name as usize, word(BYTES));
                    // Of two servers that are bound at once, which `REUSEADDR` allows, one listens.
                    if bound | arch::call1(numbers::LISTEN, fd) == 0 {
                        break 'listening;
                    }
                }
            }
            exit();
        }
        Self(fd)
    }

    /// The next connection; when none comes for a while, or it is gone, one with which nothing works.
    ///
    /// Source: accept(2).
    #[inline(always)]
    pub(crate) fn accept(self) -> Connection {
        // SAFETY: accept(2) without an address writes nothing.
        Connection(unsafe { arch::call2(numbers::ACCEPT, self.0, 0) })
    }
}

impl Connection {
    /// Reads a request up to the empty line, as far as there is memory, and as long as it comes; its first
    /// bytes. If it has less than four, others are there.
    ///
    /// Source: read(2).
    #[inline(always)]
    pub(crate) fn receive<'a>(self, memory: &'a mut Memory<'_>) -> &'a [u8; 8] {
        const END: u32 = u32::from_le_bytes(*b"\r\n\r\n");
        let (mut at, mut room) = (memory.at, REQUEST_BYTES);
        // SAFETY: by the invariant there are as many bytes, and four before. read(2) writes at most `room`
        // bytes, as many as there are from `at` on.
        unsafe {
            // Who sends nothing is not to have sent what was here before. Any number is no method.
            at.cast::<u32>().write_unaligned(self.0);
            loop {
                let bytes = arch::read(self.0, at, room);
                if bytes <= 0 {
                    break;
                }
                at = place(at.offset(bytes));
                room = arch::less(room, bytes as usize);
                if at.sub(4).cast::<u32>().read_unaligned() == END {
                    break;
                }
            }
            &*memory.at.cast()
        }
    }

    /// Sends `answer`, and ends the connection.
    ///
    /// Source: send(2), close(2).
    #[inline(always)]
    pub(crate) fn end(self, answer: &Answer, how: How) {
        // SAFETY: sendto(2) reads as many bytes as the answer has, and no address. close(2) takes no
        // pointer; the descriptor is not used again.
        unsafe {
            arch::send(self.0, answer.at as usize, answer.bytes, how.flags, how.address);
            arch::call1(numbers::CLOSE, self.0);
        }
    }
}

/// How answers are sent: without a signal to a program whose client is gone.
#[derive(Clone, Copy)]
pub(crate) struct How {
    flags: usize,
    address: usize,
}

impl How {
    /// Once for all answers, in registers that no other call takes.
    #[inline(always)]
    pub(crate) fn new() -> Self {
        const NOSIGNAL: usize = 0x4000;
        Self { flags: constant(NOSIGNAL), address: constant(0) }
    }
}

impl Answer {
    /// Head and document.
    #[inline(always)]
    pub(crate) fn whole() -> Self {
        // SAFETY: the builder has put the content behind the code, where its length is two bytes.
        unsafe {
            let at = arch::content_at::<HEAD_AT>();
            let bytes = at.sub(HEAD_AT - BYTES_AT).cast::<u16>().read_unaligned();
            Self { at, bytes: bytes.into() }
        }
    }

    /// The head.
    #[inline(always)]
    pub(crate) fn head(self) -> Self {
        // SAFETY: it comes from `whole`, and before the head there is its length.
        let bytes = unsafe { *self.at.sub(HEAD_AT - HEAD_BYTES_AT) };
        Self { bytes: constant(bytes.into()), ..self }
    }

    /// That there is no such path.
    #[inline(always)]
    pub(crate) fn missing(self) -> Self {
        Self { at: self.at.wrapping_sub(HEAD_AT - MISSING_AT), bytes: MISSING.len() }
    }

    /// That there is no such method.
    #[inline(always)]
    pub(crate) fn method(self) -> Self {
        Self { at: self.at.wrapping_sub(HEAD_AT), bytes: METHOD.len() }
    }
}

/// Source: setsockopt(2).
///
/// # Safety
///
/// `option` must be one of sockets that takes a truth or a time.
#[inline(always)]
unsafe fn set_option(fd: u32, option: usize) {
    const SOCKET: usize = 1;
    const BYTES: usize = 16;
    let value = arch::executable_at::<TIME_OUT_AT>() as usize;
    // SAFETY: the kernel reads `BYTES` at `value`, which are in the headers of the executable. A truth is
    // what is not 0.
    unsafe {
        let call = small::<{ numbers::SETSOCKOPT }>();
        arch::call5(call, fd, SOCKET, option, value, BYTES);
    }
}

/// Ends the program, whose only thread this is, with 1. It never returns, which its type does not say:
/// for what cannot be reached the compiler puts an instruction that traps.
///
/// Source: _exit(2).
#[inline(always)]
fn exit() {
    // SAFETY: exit(2) takes no pointer.
    unsafe { arch::call1(numbers::EXIT, 1) };
}

/// Where the entry point leads.
///
/// # Safety
///
/// `argument` must be the first argument of the program, or null.
#[cfg(feature = "freestanding")]
#[unsafe(no_mangle)]
#[unsafe(link_section = ".text.pipkin_micro")]
unsafe extern "C" fn pipkin_micro(argument: *const u8) -> ! {
    crate::micro::run(Argument(argument))
}

#[cfg(test)]
impl Answer {
    /// That of `content`.
    pub(crate) fn whole_of(content: &'static [u8]) -> Self {
        let bytes = u16::from_le_bytes([content[BYTES_AT], content[BYTES_AT + 1]]);
        Self { at: content[HEAD_AT..].as_ptr(), bytes: bytes.into() }
    }

    /// What is sent.
    pub(crate) fn bytes(&self) -> &'static [u8] {
        // SAFETY: the invariant.
        unsafe { core::slice::from_raw_parts(self.at, self.bytes) }
    }
}
