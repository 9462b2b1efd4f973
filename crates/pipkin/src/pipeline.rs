//! Input -> site -> executable -> tree -> image -> destination, one function per arrow. A program is
//! an input that has its closure for a site and an executable.

use pipkin_image::Platform;
use pipkin_site::Site;

use crate::deliver::deliver;
use crate::executable::Executable;
use crate::failure::Failure;
use crate::flags::Build;
use crate::input::{Input, Runs};
use crate::pack::{Packed, pack};
use crate::plan::{Content, Plan};
use crate::program;
use crate::progress::Progress;
use crate::report::Report;
use crate::tree::Tree;

/// Makes the image and brings it to its destinations; what was planned, and what it came to.
pub(crate) fn build(flags: &Build, progress: &Progress) -> Result<(Plan, Report), Failure> {
    let input = Input::of(flags)?;
    Plan::check(flags, &input)?;
    let (runs, declared) = input.compile(flags, progress)?;
    let plan = Plan::resolve(flags, &input, declared, runs)?;
    let site = plan.content.as_ref().map(|content| site(content, progress)).transpose()?;
    let tree = |(platform, runs)| tree(&plan, platform, runs, site.as_ref());
    let runs = plan.runs.iter().map(|(platform, runs)| (platform, runs));
    let trees: Vec<Tree<'_>> = runs.map(tree).collect::<Result<_, _>>()?;
    check_budget(&plan, &trees)?;
    let pack = |tree| pack(&plan, tree, progress);
    let mut packed: Vec<Packed> = trees.iter().map(pack).collect::<Result<_, _>>()?;
    let mut archive_bytes = None;
    for destination in &plan.destinations {
        let bytes = deliver(destination, &plan, &trees[0], &mut packed, progress)?;
        archive_bytes = archive_bytes.or(bytes);
    }
    let report = Report::new(&plan, site.as_ref(), &trees, &packed, archive_bytes);
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

/// What the image for one platform holds.
fn tree<'a>(
    plan: &'a Plan,
    platform: &Platform,
    runs: &'a Runs,
    site: Option<&'a Site>,
) -> Result<Tree<'a>, Failure> {
    match runs {
        Runs::Program(complete) => program::tree(platform, &complete.closure),
        Runs::Server(server) => {
            let executable = Executable::new(platform, server, site, plan.port, plan.shapes())?;
            Ok(Tree::of_server(executable, &plan.program_path))
        }
    }
}

fn check_budget(plan: &Plan, trees: &[Tree<'_>]) -> Result<(), Failure> {
    let Some(budget) = plan.budget else { return Ok(()) };
    let Some(tree) = trees.iter().find(|tree| tree.bytes() > budget) else { return Ok(()) };
    let (platform, bytes, over) = (&tree.platform, tree.bytes(), tree.bytes() - budget);
    let split = tree.split(|number| number.to_string());
    let help = match (plan.closure(), &plan.content) {
        (Some(_), _) => "leave something out with --exclude (-v without --budget lists it)",
        (_, Some(_)) => "leave something out of the folder (-v without --budget lists it)",
        (None, None) => "make it shorter",
    };
    Err(Failure::over_budget(format!(
        "the image for {platform} has {bytes} bytes of files ({split}), {over} over the budget of \
         {budget}",
    ))
    .help(format!("{help}, or raise --budget")))
}
