//! What the end-to-end tests share: the program under test, a client, child processes and
//! the files of a site.
//!
//! Every test starts with [`ready`], which is where it skips itself.

mod answers;
mod browser;
mod client;
mod pipkin;
mod process;
mod ready;
mod site;

pub use answers::{Answers, answers};
pub use browser::Browser;
pub use client::{Client, Response};
pub use pipkin::{Pipkin, Report};
pub use process::{
    EMULATED, Server, children, free_port, run, run_any, signal, unprivileged, wait,
};
pub use ready::{has, ready};
pub use site::{Page, check_site, example, pages, seeded, write};
