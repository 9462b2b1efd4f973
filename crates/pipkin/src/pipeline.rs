//! Folder -> site -> executable -> image -> destination, one function per arrow.

use std::path::Path;

use pipkin_site::Site;

use crate::deliver::deliver;
use crate::executable::Executable;
use crate::failure::Failure;
use crate::pack::{Packed, pack};
use crate::plan::Plan;
use crate::progress::Progress;
use crate::report::Report;
use crate::stub::Servers;

/// Makes the image and brings it to its destinations.
pub(crate) fn build(plan: &Plan, progress: &Progress) -> Result<Report, Failure> {
    let site = site(&plan.input, &plan.site, progress)?;
    let executable =
        |(platform, servers): &(_, Servers)| Executable::new(platform, *servers, &site);
    let executables: Vec<_> = plan.platforms.iter().map(executable).collect();
    check_budget(plan, &executables)?;
    let pack = |executable| pack(plan, executable, progress);
    let mut packed: Vec<Packed> = executables.iter().map(pack).collect::<Result<_, _>>()?;
    let mut archive_bytes = None;
    for destination in &plan.destinations {
        let bytes = deliver(destination, plan, &executables[0], &mut packed, progress)?;
        archive_bytes = archive_bytes.or(bytes);
    }
    Ok(Report::new(plan, &site, &executables, &packed, archive_bytes))
}

/// Reads the folder.
pub(crate) fn site(
    folder: &Path,
    settings: &pipkin_site::Settings,
    progress: &Progress,
) -> Result<Site, Failure> {
    progress.phase("reading", 0);
    Ok(pipkin_site::compile(folder, settings, &progress.of_site())?)
}

fn check_budget(plan: &Plan, executables: &[Executable<'_>]) -> Result<(), Failure> {
    let Some(budget) = plan.budget else { return Ok(()) };
    let Some(executable) = executables.iter().find(|executable| executable.bytes() > budget) else {
        return Ok(());
    };
    let (platform, bytes) = (&executable.platform, executable.bytes());
    let (server, over) = (executable.server.len() as u64, bytes - budget);
    let content = bytes - server;
    Err(Failure::over_budget(format!(
        "the image for {platform} has {bytes} bytes of files (server {server} + content \
         {content}), {over} over the budget of {budget}",
    ))
    .help("leave something out of the folder (-v without --budget lists it), or raise --budget"))
}
