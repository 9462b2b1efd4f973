//! TCP sockets.

use super::{Errno, Fd, arch, result};

const NONBLOCK: usize = 0o4000;
const INET: u8 = 2;
const INET6: u8 = 10;

/// A level, an option and a value, as setsockopt(2) takes them.
type SocketOption = [u32; 3];

/// May be bound although connections of an earlier server still linger (socket(7)).
const REUSEADDR: SocketOption = [1, 2, 1];
/// Takes IPv4 connections too, whatever the system's default (ipv6(7)).
const NOT_V6ONLY: SocketOption = [41, 26, 0];
/// Sends what it has. Connections inherit it, so it costs no call for each (tcp(7)).
const NODELAY: SocketOption = [6, 1, 1];

/// Where to listen: an IPv6 address, or an IPv4 address mapped into IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) ip: [u8; 16],
    pub(crate) port: u16,
}

/// A socket that listens on `address`.
pub(crate) fn listener(address: Address) -> Result<Fd, Errno> {
    // A kernel without IPv6 still has IPv4.
    let (family, fd) = match socket(INET6) {
        Ok(fd) => (INET6, fd),
        Err(_) => (INET, socket(INET)?),
    };
    for option in [REUSEADDR, NOT_V6ONLY, NODELAY] {
        set_option(fd, option);
    }
    bind(fd, family, address)?;
    listen(fd)?;
    Ok(fd)
}

/// Source: socket(2).
fn socket(family: u8) -> Result<Fd, Errno> {
    const STREAM: usize = 1;
    // SAFETY: socket(2) takes no pointer.
    let fd = result(unsafe { arch::call3(arch::SOCKET, family.into(), STREAM | NONBLOCK, 0) })?;
    Ok(Fd(fd))
}

/// Sets an option of four bytes; one that a family or a kernel does not have is done without.
///
/// Source: setsockopt(2).
fn set_option(fd: Fd, [level, option, value]: SocketOption) {
    // SAFETY: setsockopt(2) reads the four bytes of `value`.
    unsafe {
        let value = &raw const value as usize;
        arch::call6(
            arch::SETSOCKOPT,
            fd.0 as usize,
            level as usize,
            option as usize,
            value,
            size_of::<u32>(),
            0,
        );
    }
}

/// Source: bind(2); the layouts of `sockaddr_in` and `sockaddr_in6` in ip(7) and ipv6(7).
fn bind(fd: Fd, family: u8, address: Address) -> Result<u32, Errno> {
    let [high, low] = address.port.to_be_bytes();
    let mut name = [0; 28];
    name[0] = family;
    name[2] = high;
    name[3] = low;
    // The last four bytes of a mapped IPv4 address are the IPv4 address.
    let (at, skip) = if family == INET6 { (8, 0) } else { (4, 12) };
    for (to, from) in name.iter_mut().skip(at).zip(address.ip.iter().skip(skip)) {
        *to = *from;
    }
    // SAFETY: bind(2) reads `name.len()` bytes; the kernel takes a longer name than it needs.
    result(unsafe { arch::call3(arch::BIND, fd.0 as usize, name.as_ptr() as usize, name.len()) })
}

/// Source: listen(2). The kernel lowers the backlog to its own limit.
fn listen(fd: Fd) -> Result<u32, Errno> {
    const BACKLOG: usize = 4096;
    // SAFETY: listen(2) takes no pointer.
    result(unsafe { arch::call3(arch::LISTEN, fd.0 as usize, BACKLOG, 0) })
}

/// A connection, non-blocking; `AGAIN` when none waits.
///
/// Source: accept(2).
pub(crate) fn accept(listener: Fd) -> Result<Fd, Errno> {
    // SAFETY: accept4(2) without an address writes nothing.
    let fd = unsafe { arch::call4(arch::ACCEPT4, listener.0 as usize, 0, 0, NONBLOCK) };
    result(fd).map(Fd)
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
        arch::call6(arch::SENDTO, fd.0 as usize, at, len, flags, 0, 0)
    })
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
    unsafe { arch::call3(arch::SHUTDOWN, fd.0 as usize, end as usize, 0) };
}

/// Source: close(2).
pub(crate) fn close(fd: Fd) {
    // SAFETY: close(2) takes no pointer; a descriptor is a number, and none stands for memory.
    unsafe { arch::call3(arch::CLOSE, fd.0 as usize, 0, 0) };
}
