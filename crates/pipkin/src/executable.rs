//! The executable: a server, and behind it the content of a site by reference.

use std::io::{BufReader, Read};

use pipkin_elf::{Program, Shape};
use pipkin_image::Platform;
use pipkin_site::Site;

use crate::failure::Failure;
use crate::stub::{Capability, Server};

/// Bytes read from files at once.
const READ_BYTES: usize = 128 << 10;

/// A server with what it serves.
pub(crate) struct Executable<'a> {
    pub(crate) platform: Platform,
    /// Headers and code.
    pub(crate) server: Vec<u8>,
    /// Whether it serves nothing.
    pub(crate) is_program: bool,
    site: Option<&'a Site>,
}

impl<'a> Executable<'a> {
    /// Puts the content of `site`, if there is one, behind the smallest server that can serve it,
    /// which listens on `port` unless told otherwise when it starts. A program is written in the first
    /// of `shapes` that fits.
    ///
    /// # Errors
    ///
    /// There is more content than the server has addresses for.
    pub(crate) fn new(
        platform: &Platform,
        server: &Server,
        site: Option<&'a Site>,
        port: u16,
        shapes: &[Shape],
    ) -> Result<Self, Failure> {
        let is_program = matches!(server, Server::Program(_));
        let content_bytes = site.map_or(0, Site::content_bytes);
        let server = match server {
            // Its content says the port.
            Server::Carried(servers) => {
                servers.program(capability_for(site)).with_content(content_bytes)
            }
            Server::Handler(program) => program.clone().with_port(port).with_content(content_bytes),
            Server::Program(program) => minimised(program, shapes),
        };
        let server = server
            .map_err(|error| Failure::new(format!("cannot embed the folder: this is {error}")))?;
        Ok(Self { platform: platform.clone(), server, is_program, site })
    }

    /// The length of what follows the server.
    pub(crate) fn content_bytes(&self) -> u64 {
        self.site.map_or(0, Site::content_bytes)
    }

    /// The length of the executable.
    pub(crate) fn bytes(&self) -> u64 {
        self.server.len() as u64 + self.content_bytes()
    }

    /// The executable's bytes; a file of the site that has changed since is an error.
    pub(crate) fn reader(&self) -> impl Read + '_ {
        let content: Box<dyn Read + '_> = match self.site {
            Some(site) => Box::new(site.content()),
            None => Box::new(std::io::empty()),
        };
        BufReader::with_capacity(READ_BYTES, self.server.chain(content))
    }
}

/// The program in the first of `shapes` that fits; one with variables, or with tables of addresses, is
/// written as a handler is.
fn minimised(program: &Program, shapes: &[Shape]) -> Result<Vec<u8>, pipkin_elf::Error> {
    let mut files = shapes.iter().filter_map(|shape| program.minimise(&[], *shape).ok());
    files.next().map_or_else(|| program.with_content(0), Ok)
}

/// The smallest server that can serve `site`.
fn capability_for(site: Option<&Site>) -> Capability {
    if site.is_some_and(Site::is_extended) { Capability::Extended } else { Capability::Standard }
}
