//! What becomes of a worker whose handler has panicked.
//!
//! The functions that called the handler are left as they are and never returned to; their part of
//! the stack is lost, and so is memory that the handler had. Each connection is as it was, so the
//! worker goes on, until it has lost much, or a state: then it lets nobody in any more, finishes what
//! it has begun, and is replaced.

use super::exchange::Line;
use crate::conn::After;
use crate::event::{Wait, Worker, index};
use crate::sys::{WORN_OUT, is_any_borrowed, is_out_of_memory};

/// Seconds for answers in flight of a worker that is to be replaced: so long may a connection wait
/// that is to be let in by the one after it.
const WORN_SECONDS: u32 = 2;

/// Failures that a worker survives: each takes some of its stack.
const FAILURES_MAX: u32 = 256;

impl Worker {
    /// Answers the request at which the handler has failed, if nothing has been sent, and goes on.
    pub(crate) fn recover(&mut self) -> ! {
        let fd = self.desk.fd;
        let is_out_of_memory = is_out_of_memory();
        self.desk.failures += 1;
        let is_worn_out =
            is_out_of_memory || is_any_borrowed() || self.desk.failures > FAILURES_MAX;
        // Once: more failures give it no more time.
        if is_worn_out && !self.drains() {
            self.epoll.remove(self.listener);
            self.drained_by = self.now + WORN_SECONDS;
            self.desk.exit_status = WORN_OUT;
        }
        // Whoever looked for the streams whose pause is over may not have come to all of them.
        self.desk.look_for_pauses();
        if self.desk.pauses() {
            self.close(fd);
        } else {
            self.desk.after = After::Linger;
            self.desk.drop_payload();
            self.desk.fail(if is_out_of_memory { Line::of(503) } else { Line::of(500) });
            self.desk.drop_body();
            let (peer, input) = (&mut self.peers[index(fd)], &mut self.inputs[index(fd)]);
            self.desk.set_aside(u32::MAX, &mut input.1);
            // There is input, with which the answer is given back.
            peer.kept = 1;
            peer.wait = Wait::Space;
            self.serve(fd);
        }
        self.run()
    }
}
