//! The loop of one worker: it moves bytes between sockets and exchanges.
//!
//! What is known of a connection stands in flat tables indexed by its descriptor: six bytes, of
//! which the kernel maps the pages in use. Bytes are read into the first exchange, the desk; a
//! connection that cannot be finished there and then takes an exchange of its own, and gives it
//! back when it is at rest again.
//!
//! Nothing ticks while no connection is open.

use core::convert::Infallible;

use pipkin_format::Content;

use crate::conn::{After, Exchange, Tail};
use crate::sys::{
    Clock, End, Epoll, Errno, Event, Fd, IN, ONCE_PER_EDGE, OUT, Timer, accept, close, exit, now,
    recv, send, shutdown, zeroed,
};

/// Descriptors per worker; a connection with a higher one is closed.
pub const CONNECTIONS_MAX: usize = 1 << 16;

/// Connections per worker that hold bytes at the same time: a request head that is not complete
/// or an answer that waits for its peer.
pub const EXCHANGES_MAX: usize = 1 << 10;

/// Seconds for a whole request head, from its first byte.
pub const HEAD_SECONDS: u32 = 10;

/// Seconds that a connection may wait for its next request.
pub const IDLE_SECONDS: u32 = 60;

/// Seconds that an answer may wait for its peer to read anything.
pub const STALL_SECONDS: u32 = 30;

/// Seconds in which the peer may finish sending after an answer that ends the connection.
pub const LINGER_SECONDS: u32 = 2;

/// Seconds for answers in flight after the request to stop: fewer than the 10 after which Docker
/// would end the process without asking.
pub const DRAIN_SECONDS: u32 = 8;

/// The longest time until the next second begins.
const LAST_NANOSECOND: u64 = 999_999_999;

/// Events taken at once.
const EVENTS_MAX: usize = 256;

/// The exchange that serves every connection at rest.
const DESK: u16 = 0;

/// The mark of a connection whose last answer is sent and whose peer may still be sending.
const LINGERING: u16 = u16::MAX;

/// The tables of a worker, from zeroed memory.
pub(crate) struct Memory {
    /// By descriptor: when the connection is closed, on the clock of [`Worker::now`]; 0 is no
    /// connection.
    deadlines: [u32; CONNECTIONS_MAX],
    /// By descriptor: the exchange that the connection uses.
    exchange_of: [u16; CONNECTIONS_MAX],
    /// By exchange: whether a connection has it.
    taken: [u8; EXCHANGES_MAX],
    exchanges: [Exchange; EXCHANGES_MAX],
}

/// A worker process's state.
pub(crate) struct Worker {
    memory: &'static mut Memory,
    content: Content<'static>,
    epoll: Epoll,
    listener: Fd,
    timer: Timer,
    tail: Tail,
    /// Seconds since some time before the start, as of the last tick; never 0.
    now: u32,
    /// When the last connection is closed, once the listener is shut down.
    drained_by: Option<u32>,
    /// Connections.
    open: u32,
    /// Above the highest descriptor that was ever a connection.
    fd_end: u32,
}

impl Worker {
    /// Serves connections from `listener` until it is shut down and the last answer is sent; then
    /// the process ends. Returns only when it cannot begin.
    pub(crate) fn work(content: &'static [u8], listener: Fd) -> Result<Infallible, Errno> {
        let (epoll, timer) = (Epoll::new()?, Timer::new()?);
        epoll.add(listener, IN)?;
        epoll.add(timer.0, ONCE_PER_EDGE | IN)?;
        let mut worker = Self {
            memory: zeroed()?,
            content: Content::new(content),
            epoll,
            listener,
            timer,
            tail: Tail::NEW,
            now: 0,
            drained_by: None,
            open: 0,
            fd_end: 0,
        };
        worker.run()
    }

    fn run(&mut self) -> ! {
        let mut events = [Event::NONE; EVENTS_MAX];
        loop {
            for event in self.epoll.wait(&mut events) {
                let fd = event.fd();
                if fd == self.timer.0 {
                    self.tick();
                } else if fd != self.listener {
                    self.serve(fd);
                } else if event.is_hung_up() {
                    self.drain();
                } else {
                    self.accept_all();
                }
            }
            if self.drained_by.is_some() && self.open == 0 {
                exit(0);
            }
        }
    }

    /// Makes this second's Date, closes what is overdue, and sets the timer to the next second.
    fn tick(&mut self) {
        let [unix_seconds, nanoseconds] = now(Clock::Real);
        self.tail.set(unix_seconds);
        // Deadlines count on a clock that nobody sets.
        self.now = now(Clock::Monotonic)[0] as u32 + 1;
        for fd in (0..self.fd_end).map(Fd) {
            if self.is_due(fd) {
                // A slow reader makes itself heard only when a third of the socket's buffer is
                // free again, and a request may have come this moment: so try once more.
                self.serve(fd);
                if self.is_due(fd) {
                    self.close(fd);
                }
            }
        }
        // See `evict`.
        let _ = self.epoll.modify(self.listener, IN);
        if self.open != 0 {
            self.timer.set((LAST_NANOSECOND - nanoseconds).max(1));
        }
    }

    /// Lets no one in any more, and gives answers in flight their time.
    fn drain(&mut self) {
        // Closing would not do: the supervisor has the listener, too.
        let _ = self.epoll.remove(self.listener);
        self.tick();
        self.drained_by = Some(self.now + DRAIN_SECONDS);
        for fd in (0..self.fd_end).map(Fd) {
            // What has come already is answered.
            self.serve(fd);
            if self.deadline(fd) == 0 {
            } else if self.exchange_of(fd) == DESK {
                self.close(fd);
            } else {
                // Not more than it had before.
                self.extend(fd, self.deadline(fd).saturating_sub(self.now));
            }
        }
    }

    fn accept_all(&mut self) {
        for _ in 0..EVENTS_MAX {
            match accept(self.listener) {
                Ok(fd) => self.admit(fd),
                Err(Errno::AGAIN) => return,
                // It ended while it waited; there may be others.
                Err(Errno::CONNABORTED) => {}
                // Descriptors or memory have run out.
                Err(_) => return self.evict(),
            }
        }
    }

    fn admit(&mut self, fd: Fd) {
        if fd.0 as usize >= CONNECTIONS_MAX || self.epoll.add(fd, IN).is_err() {
            return close(fd);
        }
        self.open += 1;
        self.fd_end = self.fd_end.max(fd.0 + 1);
        if self.open == 1 {
            self.tick(); // nothing has ticked before
        }
        self.extend(fd, IDLE_SECONDS);
    }

    /// Makes room for a new connection. When there is none to close, nobody is let in before the
    /// next tick: the listener would be reported again at once.
    fn evict(&mut self) {
        if self.close_due_first(false) {
            return;
        }
        let _ = self.epoll.modify(self.listener, 0);
        self.timer.set(LAST_NANOSECOND);
    }

    /// Closes the connection that is due first, of all or of those `holding` an exchange of their
    /// own; whether there was one.
    fn close_due_first(&mut self, holding: bool) -> bool {
        let mut first = None;
        let mut deadline_min = u32::MAX;
        for fd in (0..self.fd_end).map(Fd) {
            // No connection, 0, becomes the last of all.
            let deadline = self.deadline(fd).wrapping_sub(1);
            let holds = !matches!(self.exchange_of(fd), DESK | LINGERING);
            if deadline < deadline_min && (holds || !holding) {
                (first, deadline_min) = (Some(fd), deadline);
            }
        }
        first.map(|fd| self.close(fd)).is_some()
    }

    /// Reads, answers and writes what the connection lets.
    fn serve(&mut self, fd: Fd) {
        // An earlier event of the same batch may have closed it.
        if self.deadline(fd) == 0 {
            return;
        }
        let number = self.exchange_of(fd);
        if number == LINGERING {
            return self.linger(fd);
        }
        let exchange = exchange(self.memory, number);
        let was_sending = exchange.is_sending();
        if !was_sending {
            match recv(fd, exchange.space()) {
                Ok(count @ 1..) => exchange.received(count as usize),
                Err(Errno::AGAIN) => return,
                _ => return self.close(fd),
            }
        }
        match pump(fd, exchange, &self.content, &self.tail, self.drained_by.is_some()) {
            Ok(answered) => self.settle(fd, number, was_sending, answered),
            Err(_) => self.close(fd),
        }
    }

    /// Decides where the connection keeps its bytes, what it waits for, and how long.
    fn settle(&mut self, fd: Fd, number: u16, was_sending: bool, answered: bool) {
        let exchange = exchange(self.memory, number);
        let (sending, after) = (exchange.is_sending(), exchange.after());
        let at_rest = exchange.is_at_rest();
        if sending != was_sending {
            let _ = self.epoll.modify(fd, if sending { OUT } else { IN });
        }
        if sending || (after == After::KeepAlive && !at_rest) {
            // Time is given for a first byte or for progress, not for one byte more.
            if number == DESK || answered {
                self.keep(fd, number, if sending { STALL_SECONDS } else { HEAD_SECONDS });
            }
        } else if after == After::Close || (at_rest && self.drained_by.is_some()) {
            self.close(fd);
        } else if after == After::Linger {
            self.release(number);
            shutdown(fd, End::Sending);
            self.memory.exchange_of[index(fd)] = LINGERING;
            self.extend(fd, LINGER_SECONDS);
        } else {
            self.release(number);
            self.memory.exchange_of[index(fd)] = DESK;
            self.extend(fd, IDLE_SECONDS);
        }
    }

    /// Gives the connection an exchange of its own, if it has none yet, and `seconds`. When all
    /// are taken, the connection that is due first loses its own.
    fn keep(&mut self, fd: Fd, number: u16, seconds: u32) {
        self.extend(fd, seconds);
        if number != DESK {
            return;
        }
        let mut free = self.free_exchange();
        if free.is_none() && self.close_due_first(true) {
            free = self.free_exchange();
        }
        let (Some(free), Some((desk, others))) = (free, self.memory.exchanges.split_first_mut())
        else {
            return self.close(fd);
        };
        if let Some(own) = others.get_mut(free) {
            own.take(desk);
        }
        self.memory.taken[(free + 1) % EXCHANGES_MAX] = 1;
        self.memory.exchange_of[index(fd)] = free as u16 + 1;
    }

    /// The number of a free exchange, counted from the one behind the desk.
    fn free_exchange(&self) -> Option<usize> {
        self.memory.taken.iter().skip(1).position(|&taken| taken == 0)
    }

    /// Reads past what the peer still sends, so that it gets to read its answer.
    fn linger(&mut self, fd: Fd) {
        match recv(fd, exchange(self.memory, DESK).space()) {
            Ok(1..) | Err(Errno::AGAIN) => {}
            _ => self.close(fd),
        }
    }

    fn close(&mut self, fd: Fd) {
        let number = self.exchange_of(fd);
        if number != LINGERING {
            self.release(number);
        }
        self.memory.deadlines[index(fd)] = 0;
        self.memory.exchange_of[index(fd)] = DESK;
        self.open -= 1;
        close(fd);
    }

    fn release(&mut self, number: u16) {
        exchange(self.memory, number).reset();
        self.memory.taken[number as usize % EXCHANGES_MAX] = 0;
    }

    /// The connection may stay for `seconds` from now, but not beyond the end of draining.
    fn extend(&mut self, fd: Fd, seconds: u32) {
        let end = self.drained_by.unwrap_or(u32::MAX);
        self.memory.deadlines[index(fd)] = end.min(self.now + seconds);
    }

    fn is_due(&self, fd: Fd) -> bool {
        let deadline = self.deadline(fd);
        deadline != 0 && deadline <= self.now
    }

    fn deadline(&self, fd: Fd) -> u32 {
        self.memory.deadlines[index(fd)]
    }

    fn exchange_of(&self, fd: Fd) -> u16 {
        self.memory.exchange_of[index(fd)]
    }
}

/// Where a descriptor stands in the tables; the remainder tells the compiler that it does.
fn index(fd: Fd) -> usize {
    fd.0 as usize % CONNECTIONS_MAX
}

fn exchange(memory: &mut Memory, number: u16) -> &mut Exchange {
    &mut memory.exchanges[number as usize % EXCHANGES_MAX]
}

/// Answers and sends until the input is used up or the peer does not read on; an error when it
/// never will. Returns whether anything was sent. A body that the socket does not take at once
/// waits for the next event, so that connections take turns.
#[inline(never)] // 80 bytes: its caller's frame stays small
fn pump(
    fd: Fd,
    exchange: &mut Exchange,
    content: &Content<'_>,
    tail: &Tail,
    last: bool,
) -> Result<bool, Errno> {
    let mut answered = false;
    loop {
        exchange.answer(content, tail, last);
        let (output, body) = exchange.pending(content);
        let bytes = output.len() + body.len();
        if bytes == 0 {
            return Ok(answered);
        }
        match send(fd, output, body) {
            Ok(count) => {
                let count = count as usize;
                exchange.sent(count);
                answered = true;
                if count < bytes {
                    return Ok(answered);
                }
            }
            Err(Errno::AGAIN) => return Ok(answered),
            Err(error) => return Err(error),
        }
    }
}
