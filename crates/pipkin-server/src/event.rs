//! The loop of one worker: it moves bytes between sockets and batches of answers.
//!
//! What is known of a connection is sixteen bytes in a table indexed by its descriptor. Bytes are
//! read to one desk, which all share; a connection that cannot be finished there and then keeps
//! them in an input of its own, and gives the memory back when it is at rest again.
//!
//! Nothing ticks while no connection is open.

use crate::conn::{After, INPUT_BYTES};
use crate::copy;
use crate::desk::{Desk, Kept};
use crate::extended::Journal;
use crate::supervisor::{Post, WORKERS_MAX};
use crate::sys::{
    End, Epoll, Errno, Event, Fd, IN, OUT, close, discard, exit, pause, recv, remember, seal,
    send_content, shutdown, unix_seconds,
};

/// Descriptors per worker; a connection with a higher one is closed.
pub const CONNECTIONS_MAX: usize = 1 << 14;

/// Seconds for a whole request head, from its first byte.
pub const HEAD_SECONDS: u32 = 10;

/// Seconds that a connection may wait for its next request.
pub const IDLE_SECONDS: u32 = 60;

/// Seconds that an answer may wait for its peer to read anything. One that has stopped may be given
/// them twice: the kernel takes a little more when it is asked again.
pub const STALL_SECONDS: u32 = 20;

/// Seconds in which the peer may finish sending after an answer that ends the connection.
pub const LINGER_SECONDS: u32 = 2;

/// Seconds for answers in flight after the request to stop: fewer than the 10 after which Docker
/// would end the process without asking.
pub const DRAIN_SECONDS: u32 = 8;

/// Milliseconds between two looks at the clock at most, while a connection is open.
const TICK_MILLISECONDS: usize = 1000;

/// Events taken at once.
const EVENTS_MAX: usize = 256;

/// What a connection waits for.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Wait {
    /// There is no connection.
    #[default]
    Nothing = 0,
    /// A request, or the rest of one.
    Request,
    /// That the peer reads on.
    Space,
    /// That the peer ends its side, too.
    End,
    /// That an answer goes on.
    Time,
}

/// What is known of a connection; zeros without one.
#[derive(Clone, Copy, Default)]
pub(crate) struct Peer {
    /// Bytes of the answer to the input that are sent.
    sent: u64,
    /// When the connection is closed, on the clock of [`Worker::now`].
    deadline: u32,
    /// Bytes of input that it keeps; with none, it is at rest.
    pub(crate) kept: u16,
    pub(crate) wait: Wait,
    /// Whether the connection ends with the answer that is being sent, since the worker drained
    /// when it was first made.
    last: bool,
}

/// Input of a connection, and the answer to it that waits; a whole number of pages, so that each can
/// be given back. While an answer waits there is input, to which it is the answer.
#[repr(C, align(4096))]
pub(crate) struct Input(pub(crate) [u8; INPUT_BYTES], pub(crate) Kept);

/// A worker process's state, from zeroed memory.
#[repr(C)]
pub(crate) struct Worker {
    pub(crate) epoll: Epoll,
    pub(crate) listener: Fd,
    /// Seconds with an open connection, which no setting of a clock makes jump.
    pub(crate) now: u32,
    /// When the last connection is closed, once the listener is shut down.
    pub(crate) drained_by: u32,
    /// Connections.
    open: u32,
    /// The last that was closed to make room.
    evicted: Fd,
    /// The executable, from which content is sent; none that is open when it cannot be.
    pub(crate) file: Fd,
    unix_seconds: u64,
    /// Where all input is read and answered.
    pub(crate) desk: Desk,
    events: [Event; EVENTS_MAX],
    /// Those of all workers; only the supervisor keeps them.
    pub(crate) posts: [Post; WORKERS_MAX],
    pub(crate) peers: [Peer; CONNECTIONS_MAX],
    pub(crate) inputs: [Input; CONNECTIONS_MAX],
    pub(crate) journal: Journal,
}

impl Worker {
    /// Serves connections from `listener` until it is shut down and the last answer is sent; then
    /// the process ends. Returns only when it cannot begin.
    #[inline(always)]
    pub(crate) fn work(&mut self, listener: Fd) {
        self.epoll = Epoll::new();
        self.listener = listener;
        self.drained_by = u32::MAX;
        if self.epoll.add(listener, IN) && self.desk.set_up() {
            remember(self);
            seal();
            self.run()
        }
    }

    #[cfg_attr(not(feature = "handler"), inline(always))]
    pub(crate) fn run(&mut self) -> ! {
        loop {
            let rests = self.open == 0 && self.journal.is_empty();
            let time_out = if rests { usize::MAX } else { TICK_MILLISECONDS };
            let count = self.epoll.wait(&mut self.events, self.desk.time_out(time_out));
            let seconds = unix_seconds();
            if self.unix_seconds != seconds {
                self.unix_seconds = seconds;
                self.desk.set_time(seconds);
                self.now += 1;
                self.sweep();
            }
            for at in 0..count {
                self.handle(self.events[at as usize % EVENTS_MAX]);
            }
            if self.desk.wakes() {
                self.go_on();
            }
            self.journal.flush();
            if self.drains() && self.open == 0 {
                exit(self.desk.exit_status());
            }
        }
    }

    fn handle(&mut self, event: Event) {
        let fd = event.fd();
        if fd != self.listener {
            self.serve(fd);
        } else if event.is_hung_up() {
            // Closing would not do: the supervisor has the listener, too.
            self.epoll.remove(self.listener);
            self.drained_by = self.now + DRAIN_SECONDS;
            self.sweep();
        } else {
            self.admit();
        }
    }

    /// Whether nobody is let in any more, and answers in flight have their time.
    pub(crate) fn drains(&self) -> bool {
        self.drained_by != u32::MAX
    }

    /// Serves what has to end, for the last time: a slow reader makes itself heard only when a
    /// third of the socket's buffer is free again, and a request may have come this moment.
    fn sweep(&mut self) {
        for fd in (0..CONNECTIONS_MAX as u32).map(Fd) {
            if self.has_to_end(fd) {
                self.serve(fd);
            }
        }
    }

    /// Goes on with the answers whose pause is over.
    fn go_on(&mut self) {
        for fd in (0..CONNECTIONS_MAX as u32).map(Fd) {
            if self.peers[index(fd)].wait == Wait::Time && self.desk.is_due(fd) {
                self.serve(fd);
            }
        }
    }

    /// Whether the connection is overdue, or at rest while the worker drains.
    fn has_to_end(&self, fd: Fd) -> bool {
        let peer = &self.peers[index(fd)];
        match peer.wait {
            Wait::Nothing => false,
            Wait::Request if peer.kept == 0 && self.drains() => true,
            Wait::Space | Wait::Time if self.desk.is_live(fd) && self.drains() => true,
            _ => peer.deadline.min(self.drained_by) <= self.now,
        }
    }

    /// Lets one connection in; the listener tells of the next.
    #[inline(never)]
    fn admit(&mut self) {
        match self.accept() {
            Ok(fd) if (fd.0 as usize) < CONNECTIONS_MAX && self.epoll.add(fd, IN) => {
                let peer = &mut self.peers[index(fd)];
                peer.deadline = self.now + IDLE_SECONDS;
                peer.wait = Wait::Request;
                self.open += 1;
            }
            Ok(fd) => close(fd),
            // It ended while it waited, or a worker that is dead has let it in.
            Err(Errno::CONNABORTED | Errno::AGAIN) => {}
            // Descriptors or memory have run out.
            Err(_) => self.evict(),
        }
    }

    /// Closes the connection that is due first, to make room for a new one. When there is none,
    /// nobody waits for this worker, and it can wait for better times.
    ///
    /// Of several that are due in the same second it takes the next behind the last one it took,
    /// since a new connection gets the descriptor of the one that was closed for it.
    fn evict(&mut self) {
        let (mut fd, mut first, mut deadline_min) = (self.evicted, self.evicted, u32::MAX);
        loop {
            fd = Fd(index(Fd(fd.0 + 1)) as u32);
            let peer = &self.peers[index(fd)];
            if peer.wait != Wait::Nothing && peer.deadline < deadline_min {
                (first, deadline_min) = (fd, peer.deadline);
            }
            if fd == self.evicted {
                break;
            }
        }
        if deadline_min == u32::MAX {
            return pause();
        }
        self.evicted = first;
        self.close(first);
    }

    /// Reads, answers and writes what the connection lets, and closes it when it has to end. One
    /// that has just sent its answer is left to read once more: closed with input unread, it would
    /// be reset, and the answer lost.
    pub(crate) fn serve(&mut self, fd: Fd) {
        let was = self.peers[index(fd)].wait;
        // An earlier event of the same turn may have closed it.
        if was != Wait::Nothing
            && (self.exchange(fd).is_none()
                || self.peers[index(fd)].wait == was && self.has_to_end(fd))
        {
            self.journal.log(fd, &self.desk, self.peers[index(fd)].sent);
            self.close(fd);
        }
    }

    /// Reads, answers and writes what the connection lets; none when it has come to its end.
    fn exchange(&mut self, fd: Fd) -> Option<()> {
        let was = self.peers[index(fd)];
        let kept = INPUT_BYTES.min(was.kept.into());
        self.desk.attend(fd);
        self.desk.request.load(&self.inputs[index(fd)].0[..kept]);
        if was.wait != Wait::Space && !self.desk.is_due(fd) {
            match recv(fd, self.desk.request.space()) {
                Ok(count @ 1..) if was.wait == Wait::Request => self.desk.request.received(count),
                Ok(1..) | Err(Errno::AGAIN) => return Some(()),
                _ => return None,
            }
        }
        // Time is given for a first byte or for progress, not for one byte more.
        if was.kept == 0 {
            self.peers[index(fd)].deadline = self.now + HEAD_SECONDS;
            self.journal.receive(fd);
        }
        self.answer(fd)?;
        self.keep(fd, was);
        Some(())
    }

    /// Answers what is on the desk and sends what the peer takes.
    fn answer(&mut self, fd: Fd) -> Option<()> {
        let drains = self.drains();
        let Self { peers, desk, now, journal, inputs, file, .. } = self;
        let (peer, kept) = (&mut peers[index(fd)], &mut inputs[index(fd)].1);
        let has_waited = peer.wait == Wait::Space;
        loop {
            let waits = peer.wait != Wait::Request;
            peer.wait = Wait::Request;
            // An answer that is made again is made as it was; a handler's is kept.
            if cfg!(feature = "handler") || peer.sent == 0 {
                peer.last = drains;
            }
            let from = desk.take_turn(peer.last, waits, kept);
            loop {
                let content = desk.content;
                let (bytes, more) = desk.rest(peer.sent);
                if bytes.is_empty() {
                    break;
                }
                let sent = match send_content(fd, *file, content, bytes, more) {
                    Ok(count) => count,
                    Err(Errno::AGAIN) => 0,
                    Err(_) => return None,
                };
                if sent != 0 {
                    peer.sent += u64::from(sent);
                    peer.deadline = *now + STALL_SECONDS;
                }
                // Connections take turns.
                if (sent as usize) < bytes.len() {
                    desk.set_aside(from, kept);
                    peer.wait = Wait::Space;
                    return Some(());
                }
            }
            if desk.pauses() {
                desk.pause();
                desk.set_aside(from, kept);
                peer.wait = Wait::Time;
                peer.deadline = u32::MAX;
                return Some(());
            }
            peer.sent = 0;
            if from == desk.request.from() {
                return Some(());
            }
            journal.log(fd, desk, u64::MAX);
            desk.request.answered(from);
            peer.deadline = *now + HEAD_SECONDS;
            match desk.after {
                After::KeepAlive if desk.request.is_answered() => return Some(()),
                After::KeepAlive => {}
                After::Close if !has_waited => return None,
                After::Close | After::Linger => {
                    shutdown(fd, End::Sending);
                    peer.wait = Wait::End;
                    peer.deadline = *now + LINGER_SECONDS;
                    desk.request.clear();
                    return Some(());
                }
            }
        }
    }

    /// Keeps the input that is not answered, gives the memory of what was kept before back, and has
    /// the kernel tell of what the connection waits for.
    fn keep(&mut self, fd: Fd, was: Peer) {
        let (peer, own) = (&mut self.peers[index(fd)], &mut self.inputs[index(fd)]);
        let input = self.desk.request.rest();
        peer.kept = input.len() as u16;
        if peer.kept != 0 {
            copy(&mut own.0, input);
        } else if was.kept != 0 {
            discard(own);
        }
        if peer.wait == Wait::Request && peer.kept == 0 {
            peer.deadline = self.now + IDLE_SECONDS;
        } else if self.desk.receives() {
            peer.deadline = self.now + STALL_SECONDS;
        }
        if peer.wait != was.wait {
            self.epoll.modify(fd, if peer.wait == Wait::Space { OUT } else { IN });
        }
    }

    pub(crate) fn close(&mut self, fd: Fd) {
        let peer = &mut self.peers[index(fd)];
        if peer.kept != 0 {
            discard(&mut self.inputs[index(fd)]);
        }
        *peer = Peer::default();
        self.desk.forget(fd);
        self.open -= 1;
        close(fd);
    }
}

/// Where a descriptor stands in the tables; the remainder tells the compiler that it does.
pub(crate) fn index(fd: Fd) -> usize {
    fd.0 as usize % CONNECTIONS_MAX
}

#[cfg(all(test, feature = "handler"))]
mod tests;
