//! TCP sockets.

use pipkin_format::Content;

use super::{Errno, Fd, arch, result};

const NONBLOCK: usize = 0o4000;
const INET: u8 = 2;
const INET6: u8 = 10;

/// Where to listen: a `sockaddr_in6`, aligned as that is, with IPv4 addresses mapped into IPv6.
///
/// ```text
///  0        2      4          8    24         28
/// +--------+------+----------+----+----------+
/// | family | port | flowinfo | ip | scope_id |   port and ip in network order
/// +--------+------+----------+----+----------+
/// ```
///
/// Source: ipv6(7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(align(4))]
pub(crate) struct Address(pub(crate) [u8; 28]);

impl Address {
    pub(crate) fn set_port(&mut self, port: u16) {
        [self.0[2], self.0[3]] = port.to_be_bytes();
    }

    /// Maps an address of IPv4 into IPv6, as the kernel does where it has both.
    #[cfg(any(feature = "extended", feature = "handler"))]
    fn map_into_ipv6(&mut self) {
        let name = &mut self.0;
        if name[0] == INET {
            for at in 4..8 {
                name[at + 16] = name[at];
            }
            [name[18], name[19]] = [0xff; 2];
        }
    }

    pub(crate) fn ip_mut(&mut self) -> &mut [u8; 16] {
        let [_, _, _, _, _, _, _, _, ip @ .., _, _, _, _] = &mut self.0;
        ip
    }
}

/// A socket that listens on `address`. The first of several `shares` it not: it refuses an address
/// at which anybody else listens, and only then lets the others in.
pub(crate) fn listener(address: &mut Address, shares: bool) -> Result<Fd, Errno> {
    /// May be bound although connections of an earlier server still linger (socket(7)).
    const REUSEADDR: (usize, usize) = (1, 2);
    /// Takes IPv4 connections too, whatever the system's default (ipv6(7)).
    const V6ONLY: (usize, usize) = (41, 26);
    /// Sends what it has. Connections inherit it, so it costs no call for each (tcp(7)).
    const NODELAY: (usize, usize) = (6, 1);
    /// May share its address with other such sockets of the same user (socket(7)).
    const REUSEPORT: (usize, usize) = (1, 15);

    let fd = socket(address, NONBLOCK);
    set_option(fd, REUSEADDR, 1);
    set_option(fd, V6ONLY, 0);
    set_option(fd, NODELAY, 1);
    set_option(fd, REUSEPORT, shares.into());
    name(arch::BIND, fd, address)?;
    set_option(fd, REUSEPORT, 1);
    listen(fd)?;
    Ok(fd)
}

/// Whether a server at `address` answers `request` with success. What fails on the way leaves no
/// answer.
pub(crate) fn is_healthy(address: &mut Address, request: &[u8]) -> bool {
    const CLASS_AT: usize = b"HTTP/1.1 ".len();
    // Where there is IPv6, there may still be no address to reach every address by.
    if *address.ip_mut() == [0; 16] {
        address.ip_mut()[10..12].fill(0xff);
    }
    let fd = socket(address, 0);
    let _ = name(arch::CONNECT, fd, address);
    let _ = send(fd, request, false);
    let mut answer = [0; CLASS_AT + 1];
    let _ = recv(fd, &mut answer);
    answer[CLASS_AT] == b'2'
}

/// A socket for `address`, which is changed to the family that there is. Without one it is no
/// descriptor, which every call refuses.
#[inline(never)]
fn socket(address: &mut Address, flags: usize) -> Fd {
    let name = &mut address.0;
    name[0] = INET6;
    let mut fd = of_family(INET6, flags);
    if (fd as i32) < 0 {
        // A kernel without IPv6 still has IPv4: the last four bytes of a mapped address, which a
        // `sockaddr_in` has where the other has its flowinfo.
        name[0] = INET;
        name.copy_within(20..24, 4);
        fd = of_family(INET, flags);
    }
    Fd(fd as u32)
}

/// Source: socket(2).
fn of_family(family: u8, flags: usize) -> isize {
    const STREAM: usize = 1;
    // SAFETY: socket(2) takes no pointer.
    unsafe { arch::call3(arch::SOCKET, family.into(), STREAM | flags, 0) }
}

/// Sets an option of four bytes; one that a family or a kernel does not have is done without.
///
/// Source: setsockopt(2).
fn set_option(fd: Fd, (level, option): (usize, usize), value: u32) {
    // SAFETY: setsockopt(2) reads the four bytes of `value`.
    unsafe {
        let (fd, value) = (fd.0 as usize, &raw const value as usize);
        arch::call5(arch::SETSOCKOPT, fd, level, option, value, size_of::<u32>());
    }
}

/// Binds or connects a socket.
///
/// Source: bind(2), connect(2).
fn name(call: usize, fd: Fd, address: &Address) -> Result<u32, Errno> {
    let name = &address.0;
    // SAFETY: both read `name.len()` bytes; the kernel takes a longer name than it needs.
    result(unsafe { arch::call3(call, fd.0 as usize, name.as_ptr() as usize, name.len()) })
}

/// Source: listen(2). The kernel lowers the backlog to its own limit.
fn listen(fd: Fd) -> Result<u32, Errno> {
    const BACKLOG: usize = 4096;
    // SAFETY: listen(2) takes no pointer.
    result(unsafe { arch::call2(arch::LISTEN, fd.0 as usize, BACKLOG) })
}

/// A connection, non-blocking; `AGAIN` when none waits.
///
/// Source: accept(2).
#[cfg(not(feature = "extended"))]
pub(crate) fn accept(listener: Fd) -> Result<Fd, Errno> {
    // SAFETY: accept4(2) without an address writes nothing.
    let fd = unsafe { arch::call4(arch::ACCEPT4, listener.0 as usize, 0, 0, NONBLOCK) };
    result(fd).map(Fd)
}

/// A connection, non-blocking, and in `from`, which is zeros, where it comes from; `AGAIN` when none
/// waits.
///
/// Source: accept(2).
#[cfg(feature = "extended")]
pub(crate) fn accept(listener: Fd, from: &mut Address) -> Result<Fd, Errno> {
    let mut bytes = from.0.len() as u32;
    // SAFETY: accept4(2) writes at most `bytes` bytes to `from`, and how many to `bytes`.
    let fd = unsafe {
        let (at, bytes) = (from.0.as_mut_ptr() as usize, &raw mut bytes as usize);
        arch::call4(arch::ACCEPT4, listener.0 as usize, at, bytes, NONBLOCK)
    };
    from.map_into_ipv6();
    result(fd).map(Fd)
}

/// Where a connection comes from, with an address of IPv4 mapped into IPv6; zeros when that is not
/// known any more.
///
/// Source: getpeername(2).
#[cfg(feature = "handler")]
pub(crate) fn peer(fd: Fd) -> Address {
    let mut from = Address([0; 28]);
    let mut bytes = from.0.len() as u32;
    // SAFETY: getpeername(2) writes at most `bytes` bytes to `from`, and how many to `bytes`.
    unsafe {
        let (at, bytes) = (from.0.as_mut_ptr() as usize, &raw mut bytes as usize);
        arch::call3(arch::GETPEERNAME, fd.0 as usize, at, bytes);
    }
    from.map_into_ipv6();
    from
}

/// How many bytes of `buffer` were filled; 0 when the peer has ended its side.
///
/// Source: recv(2).
pub(crate) fn recv(fd: Fd, buffer: &mut [u8]) -> Result<u32, Errno> {
    let (at, bytes) = (buffer.as_mut_ptr() as usize, buffer.len());
    // SAFETY: recvfrom(2) writes at most `bytes` bytes to `buffer`, and without an address
    // nothing else.
    result(unsafe { arch::call6(arch::RECVFROM, fd.0 as usize, at, bytes, 0, 0, 0) })
}

/// How many of `bytes` were sent. With `more`, what follows may leave in the same packet.
///
/// Source: send(2).
pub(crate) fn send(fd: Fd, bytes: &[u8], more: bool) -> Result<u32, Errno> {
    const NOSIGNAL: usize = 0x4000;
    const MORE: usize = 0x8000;
    let flags = NOSIGNAL | if more { MORE } else { 0 };
    // SAFETY: sendto(2) reads `bytes`, which are borrowed through the call, and no address.
    result(unsafe {
        let (at, len) = (bytes.as_ptr() as usize, bytes.len());
        arch::call5(arch::SENDTO, fd.0 as usize, at, len, flags, 0)
    })
}

/// Bytes from which on content is sent from the file. A copy of fewer costs less than what spares it: of
/// 100 kB a third less, of 250 kB a third more: CPU time by wrk over loopback, of this server where it has
/// `/proc` and where it has not.
const FROM_FILE_BYTES_MIN: usize = 1 << 18;

/// As [`send`]; much of `content` without a copy, from `file`, the executable.
///
/// Source: sendfile(2).
pub(crate) fn send_content(
    fd: Fd,
    file: Fd,
    content: Content<'_>,
    bytes: &[u8],
    more: bool,
) -> Result<u32, Errno> {
    let at = content.place_of(bytes);
    if super::has_site() && bytes.len() >= FROM_FILE_BYTES_MIN && at < content.whole().len() {
        let mut offset = super::start::content_offset() + at;
        // SAFETY: sendfile(2) reads and writes a 64-bit offset.
        let sent = result(unsafe {
            let (fd, file, offset) = (fd.0 as usize, file.0 as usize, &raw mut offset as usize);
            arch::call4(arch::SENDFILE, fd, file, offset, bytes.len())
        });
        // Of no file, and of some, nothing can be sent so.
        if let Ok(_) | Err(Errno::AGAIN) = sent {
            return sent;
        }
    }
    send(fd, bytes, more)
}

/// Which directions of a connection end.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(crate) enum End {
    /// Nothing more will be sent.
    Sending = 1,
    /// A listener: nobody is let in any more, in any process that holds it.
    Both = 2,
}

/// Source: shutdown(2).
pub(crate) fn shutdown(fd: Fd, end: End) {
    // SAFETY: shutdown(2) takes no pointer.
    unsafe { arch::call2(arch::SHUTDOWN, fd.0 as usize, end as usize) };
}

/// Source: close(2).
#[inline(never)]
pub(crate) fn close(fd: Fd) {
    // SAFETY: close(2) takes no pointer; a descriptor is a number, and none stands for memory.
    unsafe { arch::call1(arch::CLOSE, fd.0 as usize) };
}
