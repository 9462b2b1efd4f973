//! The least that a server can do, as a measure for those that do more: epoll, one recv, one
//! send of the same bytes whatever was asked. No parser, no timer, no limit, no way to stop but
//! a signal.
//!
//!     null-server ADDRESS:PORT FILE keep|close
//!
//! One process with one thread, which shares its port with others of its kind (`SO_REUSEPORT`).
//! FILE holds the answer to one read, head and all: of several requests that come in one read,
//! several answers. With `close` the connection ends after it.

use std::error::Error;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, OwnedFd};

use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, EventData, EventFlags};
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, accept_with, bind, listen, recv,
    send, socket_with, sockopt,
};

/// Connections that wait to be accepted, as in pipkin's server.
const BACKLOG: i32 = 4096;
/// Events taken at once, as in pipkin's server.
const EVENTS_MAX: usize = 256;
/// More than a batch of requests.
const READ_BYTES: usize = 16 << 10;

/// One process.
struct Server {
    epoll: OwnedFd,
    listener: OwnedFd,
    answer: Vec<u8>,
    closes: bool,
    /// What was asked, which nobody looks at.
    input: Vec<u8>,
    /// By descriptor.
    connections: Vec<Option<Connection>>,
}

/// A client.
struct Connection {
    fd: OwnedFd,
    /// Bytes of the answer that are sent.
    sent: usize,
    /// For the peer to take the rest of its answer.
    waits: bool,
}

/// What becomes of a connection.
enum Next {
    /// The answer is sent.
    Keep,
    /// It is not.
    Wait,
    /// The peer is gone.
    End,
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [address, file, mode] = args.as_slice() else {
        return Err("null-server ADDRESS:PORT FILE keep|close".into());
    };
    let listener = listener(address.parse()?)?;
    let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    watch(&epoll, &listener)?;
    let (answer, closes) = (std::fs::read(file)?, mode == "close");
    let input = vec![0; READ_BYTES];
    Server { epoll, listener, answer, closes, input, connections: Vec::new() }.run()
}

fn listener(address: SocketAddr) -> Result<OwnedFd, Errno> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let listener = socket_with(family, SocketType::STREAM, flags, None)?;
    sockopt::set_socket_reuseaddr(&listener, true)?;
    sockopt::set_socket_reuseport(&listener, true)?;
    // What is accepted inherits it.
    sockopt::set_tcp_nodelay(&listener, true)?;
    bind(&listener, &address)?;
    listen(&listener, BACKLOG)?;
    Ok(listener)
}

fn watch(epoll: &OwnedFd, fd: &OwnedFd) -> Result<(), Errno> {
    epoll::add(epoll, fd, EventData::new_u64(number(fd) as u64), EventFlags::IN)
}

fn number(fd: &OwnedFd) -> usize {
    usize::try_from(fd.as_raw_fd()).expect("a descriptor is never negative")
}

impl Server {
    fn run(mut self) -> ! {
        let mut events = Vec::with_capacity(EVENTS_MAX);
        loop {
            // Interrupted at worst; then nothing has happened.
            epoll::wait(&self.epoll, spare_capacity(&mut events), None).ok();
            for event in events.drain(..) {
                match usize::try_from(event.data.u64()).expect("a descriptor") {
                    fd if fd == number(&self.listener) => self.accept(),
                    fd => self.serve(fd),
                }
            }
        }
    }

    fn accept(&mut self) {
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        while let Ok(fd) = accept_with(&self.listener, flags) {
            let number = number(&fd);
            if watch(&self.epoll, &fd).is_ok() {
                self.connections.resize_with(self.connections.len().max(number + 1), || None);
                self.connections[number] = Some(Connection { fd, sent: 0, waits: false });
            }
        }
    }

    fn serve(&mut self, fd: usize) {
        let Some(connection) = self.connections[fd].as_mut() else { return };
        let next = match connection.next(&mut self.input, &self.answer) {
            Ok(Next::Keep) if self.closes => Next::End,
            Ok(next) => next,
            Err(_) => Next::End,
        };
        if matches!(next, Next::End) || connection.watch(&self.epoll, &next).is_err() {
            self.connections[fd] = None;
        }
    }
}

impl Connection {
    /// Reads, unless the last answer is not sent yet, and sends what the peer takes.
    fn next(&mut self, input: &mut [u8], answer: &[u8]) -> Result<Next, Errno> {
        if !self.waits && recv(&self.fd, input, RecvFlags::empty())?.0 == 0 {
            return Ok(Next::End);
        }
        self.sent += match send(&self.fd, &answer[self.sent..], SendFlags::NOSIGNAL) {
            Err(Errno::AGAIN) => 0,
            sent => sent?,
        };
        if self.sent < answer.len() {
            return Ok(Next::Wait);
        }
        self.sent = 0;
        Ok(Next::Keep)
    }

    /// Asks for the other event when it is now the peer's turn to read, or to send again.
    fn watch(&mut self, epoll: &OwnedFd, next: &Next) -> Result<(), Errno> {
        let waits = matches!(next, Next::Wait);
        if waits == self.waits {
            return Ok(());
        }
        self.waits = waits;
        let wanted = if waits { EventFlags::OUT } else { EventFlags::IN };
        epoll::modify(epoll, &self.fd, EventData::new_u64(number(&self.fd) as u64), wanted)
    }
}
