//! A handler: Rust source in, a program for each platform and what the source declares out.
//!
//! A package is generated around the source in a folder of the user's cache, with the sources of
//! `pipkin-handler` that this program carries, and cargo builds it. Nothing is written where the
//! source is.

mod cache;
mod cargo;
mod declared;
mod messages;
mod package;
mod rustc;
mod source;
mod workspace;

use pipkin_image::Platform;

pub(crate) use declared::{Declared, Embedded};
pub(crate) use rustc::run as stand_in_for_rustc;
pub(crate) use source::Source;

use crate::failure::Failure;
use crate::input::Compiled;
use crate::progress::Progress;
use crate::stub::{Server, host_platform};
use workspace::Workspace;

/// The programs for `platforms`; without any, for those that the source declares, or else for
/// this machine.
pub(crate) fn compile(
    source: &Source,
    platforms: &[Platform],
    progress: &Progress,
) -> Result<Compiled, Failure> {
    let workspace = Workspace::prepare(source)?;
    let build = |platform: &Platform| cargo::build(&workspace, platform, progress);
    let first = platforms.first().cloned().unwrap_or_else(host_platform);
    let handler = build(&first)?;
    let declared = Declared::read(&handler)?;
    let sources = cargo::sources(&workspace, &first);
    let wanted = match (platforms, &declared.platforms[..]) {
        ([], []) => std::slice::from_ref(&first),
        ([], declared) => declared,
        (given, _) => given,
    };
    let server = |platform: &Platform| {
        let known = (*platform == first).then(|| handler.program.clone());
        let program = known.map_or_else(|| build(platform).map(|built| built.program), Ok)?;
        let kind = if declared.is_program { Server::Program } else { Server::Handler };
        Ok((platform.clone(), kind(program)))
    };
    let servers = wanted.iter().map(server).collect::<Result<_, Failure>>()?;
    Ok(Compiled { servers, declared, sources })
}
