//! Input -> site -> executable -> image -> destination, one function per arrow.

use pipkin_site::Site;

use crate::deliver::deliver;
use crate::executable::Executable;
use crate::failure::Failure;
use crate::flags::Build;
use crate::input::{Compiled, Input};
use crate::pack::{Packed, pack};
use crate::plan::{Content, Plan};
use crate::progress::Progress;
use crate::report::Report;

/// Makes the image and brings it to its destinations; what was planned, and what it came to.
pub(crate) fn build(flags: &Build, progress: &Progress) -> Result<(Plan, Report), Failure> {
    let input = Input::find(&flags.input, flags.kind)?;
    Plan::check(flags)?;
    let Compiled { servers, declared, .. } = input.compile(&flags.platforms, progress)?;
    let plan = Plan::resolve(flags, &input, declared, servers)?;
    let site = plan.content.as_ref().map(|content| site(content, progress)).transpose()?;
    let executable =
        |(platform, server)| Executable::new(platform, server, site.as_ref(), plan.port);
    let servers = plan.servers.iter().map(|(platform, server)| (platform, server));
    let executables: Vec<_> = servers.map(executable).collect::<Result<_, _>>()?;
    check_budget(&plan, &executables)?;
    let pack = |executable| pack(&plan, executable, progress);
    let mut packed: Vec<Packed> = executables.iter().map(pack).collect::<Result<_, _>>()?;
    let mut archive_bytes = None;
    for destination in &plan.destinations {
        let bytes = deliver(destination, &plan, &executables[0], &mut packed, progress)?;
        archive_bytes = archive_bytes.or(bytes);
    }
    let report = Report::new(&plan, site.as_ref(), &executables, &packed, archive_bytes);
    Ok((plan, report))
}

/// Reads a folder.
pub(crate) fn site(content: &Content, progress: &Progress) -> Result<Site, Failure> {
    content.check_folder()?;
    progress.phase("reading", 0);
    let site = pipkin_site::compile(&content.folder, &content.settings, &progress.of_site())?;
    content.check(&site)?;
    Ok(site)
}

fn check_budget(plan: &Plan, executables: &[Executable<'_>]) -> Result<(), Failure> {
    let Some(budget) = plan.budget else { return Ok(()) };
    let Some(executable) = executables.iter().find(|executable| executable.bytes() > budget) else {
        return Ok(());
    };
    let (platform, bytes) = (&executable.platform, executable.bytes());
    let (server, over) = (executable.server.len() as u64, bytes - budget);
    let content = executable.content_bytes();
    Err(Failure::over_budget(format!(
        "the image for {platform} has {bytes} bytes of files (server {server} + content \
         {content}), {over} over the budget of {budget}",
    ))
    .help("leave something out of the folder (-v without --budget lists it), or raise --budget"))
}
