//! Folder -> site -> executable -> image -> destination, one function per arrow.

use std::io::{BufReader, Read};
use std::path::Path;

use pipkin_elf::Program;
use pipkin_image::{File, Image, Platform, layer};
use pipkin_site::Site;
use tempfile::SpooledTempFile;

use crate::failure::Failure;
use crate::plan::{Plan, SERVER_PATH};
use crate::progress::Progress;
use crate::report::Report;

/// Bytes of a layer that are held in memory before it goes to a temporary file.
const LAYER_BYTES_HELD_MAX: usize = 8 << 20;

/// Bytes read from files at once.
const READ_BYTES: usize = 128 << 10;

/// A server with the content of a site behind it.
pub(crate) struct Executable<'a> {
    platform: Platform,
    /// Headers and code.
    pub(crate) server: Vec<u8>,
    site: &'a Site,
}

/// An image with the bytes of its layer.
pub(crate) struct Packed {
    pub(crate) image: Image,
    pub(crate) layer: SpooledTempFile,
}

/// Makes the image and brings it to its destinations.
pub(crate) fn build(plan: &Plan, progress: &Progress) -> Result<Report, Failure> {
    let site = site(&plan.input, &plan.site, progress)?;
    let executable = |(platform, program): &(_, _)| Executable::new(platform, program, &site);
    let executables: Vec<_> = plan.platforms.iter().map(executable).collect();
    check_budget(plan, &executables)?;
    let pack = |executable| pack(plan, executable, progress);
    let mut packed: Vec<Packed> = executables.iter().map(pack).collect::<Result<_, _>>()?;
    let mut archive_bytes = None;
    for destination in &plan.destinations {
        let bytes = destination.write(plan, &executables[0], &mut packed, progress)?;
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

impl<'a> Executable<'a> {
    /// Puts the content of `site` behind `program`.
    pub(crate) fn new(platform: &Platform, program: &Program, site: &'a Site) -> Self {
        let server = program.with_content(site.content_bytes());
        Self { platform: platform.clone(), server, site }
    }

    /// The length of the executable.
    pub(crate) fn bytes(&self) -> u64 {
        self.server.len() as u64 + self.site.content_bytes()
    }

    /// The executable's bytes; a file of the site that has changed since is an error.
    pub(crate) fn reader(&self) -> impl Read + '_ {
        BufReader::with_capacity(READ_BYTES, self.server.chain(self.site.content()))
    }
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
    )))
}

/// The image for one platform; its layer waits in memory or, when large, on disk.
fn pack(plan: &Plan, executable: &Executable<'_>, progress: &Progress) -> Result<Packed, Failure> {
    progress.phase("packing", executable.bytes());
    let file = File {
        path: SERVER_PATH,
        mode: 0o755,
        size: executable.bytes(),
        data: &mut progress.watch(executable.reader()),
    };
    let (layer, written) = layer::write([file], SpooledTempFile::new(LAYER_BYTES_HELD_MAX))
        .map_err(|error| {
            // A large layer waits where the system keeps temporary files.
            Failure::io(&std::env::temp_dir(), error.into())
        })?;
    let image = Image::new(&executable.platform, &plan.image, &plan.annotations, written);
    Ok(Packed { image, layer })
}
