//! Long work: a bar on stderr when that is a terminal, and Ctrl-C at any moment.
//!
//! A signal sets a flag, which all that reads looks at. So the work ends as any failure ends it,
//! and temporary files are removed on the way out.

use std::io::{self, IsTerminal as _, Read};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::failure::{Exit, Interrupted};
use crate::flags::Story;

/// How often the bar is drawn while nothing happens.
const TICK: Duration = Duration::from_millis(200);

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// The progress of one run.
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Watches for Ctrl-C, SIGTERM and SIGHUP from now on, and shows a bar if anyone looks. A
    /// second signal ends the process at once, for when a write waits for somebody else.
    pub(crate) fn start(story: Story) -> Self {
        // The only error is a second handler, and then the first still sets the flag.
        let _ = ctrlc::set_handler(|| {
            if INTERRUPTED.swap(true, Ordering::Relaxed) {
                std::process::exit(Exit::Failed as i32);
            }
        });
        let is_seen = !story.quiet && io::stderr().is_terminal();
        let bar = if is_seen { ProgressBar::no_length() } else { ProgressBar::hidden() };
        let style = "{msg:10} {wide_bar} {bytes:>11} / {total_bytes:11} {elapsed:>4}";
        bar.set_style(ProgressStyle::with_template(style).expect("the template is right"));
        Self { bar }
    }

    /// Takes the bar away, so that it does not stand between what is printed next.
    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }

    /// Begins a part of the work.
    pub(crate) fn phase(&self, name: &'static str, bytes: u64) {
        self.bar.reset();
        // Some work says nothing of how far it is: then at least the time moves.
        self.bar.enable_steady_tick(TICK);
        self.bar.set_message(name);
        self.bar.set_length(bytes);
    }

    /// Prints what somebody else has to say.
    pub(crate) fn tell(&self, text: &str) {
        self.bar.suspend(|| crate::report::tell(text));
    }

    /// What the site's compiler reports to.
    pub(crate) fn of_site(&self) -> impl Fn(pipkin_site::Progress) -> ControlFlow<()> + Sync {
        |progress| {
            self.bar.set_length(progress.bytes_total);
            self.bar.set_position(progress.bytes_done);
            if is_interrupted() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }
    }

    /// `reader`, which moves the bar, and fails with [`Interrupted`] after Ctrl-C.
    pub(crate) fn watch<R: Read>(&self, reader: R) -> Watched<'_, R> {
        Watched { progress: self, reader }
    }
}

/// Whether a signal has come that is to end the work.
pub(crate) fn is_interrupted() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}

/// See [`Progress::watch`].
pub(crate) struct Watched<'a, R> {
    progress: &'a Progress,
    reader: R,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if is_interrupted() {
            // Not `ErrorKind::Interrupted`, after which readers try again.
            return Err(io::Error::other(Interrupted));
        }
        let count = self.reader.read(buffer)?;
        self.progress.bar.inc(count as u64);
        Ok(count)
    }
}
