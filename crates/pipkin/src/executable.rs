//! The executable: a server, and behind it the content of a site by reference, or a document.

use std::io::{BufReader, Read};

use pipkin_elf::{Program, Shape, Unpacker};
use pipkin_format::packed::{self, IMAGE_AT};
use pipkin_image::Platform;
use pipkin_site::Site;

use crate::failure::Failure;
use crate::stub::{self, Capability, Server};

/// Bytes read from files at once.
const READ_BYTES: usize = 128 << 10;

/// A server with what it serves.
pub(crate) struct Executable<'a> {
    pub(crate) platform: Platform,
    /// Headers and code.
    pub(crate) server: Vec<u8>,
    /// Whether it serves nothing.
    pub(crate) is_program: bool,
    content: Content<'a>,
}

/// What follows a server.
enum Content<'a> {
    Nothing,
    Site(&'a Site),
    Document(&'a [u8]),
}

impl<'a> Executable<'a> {
    /// Puts the content of `site`, if there is one, behind the smallest server that can serve it,
    /// which listens on `port` unless told otherwise when it starts. A program is written in the first
    /// of `shapes` that fits, and a server that may be golfed is packed.
    ///
    /// # Errors
    ///
    /// There is more content than the server has addresses for, or nothing that unpacks it.
    pub(crate) fn new(
        platform: &Platform,
        server: &'a Server,
        site: Option<&'a Site>,
        port: u16,
        shapes: &[Shape],
    ) -> Result<Self, Failure> {
        let is_program = matches!(server, Server::Program(_));
        let bytes = content_bytes(site);
        let is_packed = shapes.contains(&Shape::Golf) && server.unpacks();
        let unpacker = is_packed.then(|| unpacker(platform)).transpose()?;
        let with_content = |program: &Program| match &unpacker {
            Some(unpacker) => packed(program, bytes, unpacker),
            None => program.with_content(bytes),
        };
        let (server, content) = match server {
            // Its content says the port.
            Server::Carried(servers) => {
                (with_content(&servers.program(capability_for(site))), site.into())
            }
            Server::Handler(program) => {
                (with_content(&program.clone().with_number(port)), site.into())
            }
            Server::Program(program) => (minimised(program, shapes), Content::Nothing),
            Server::Micro(micro) => (micro.server(), Content::Document(&micro.content)),
        };
        let server = server
            .map_err(|error| Failure::new(format!("cannot embed the folder: this is {error}")))?;
        Ok(Self { platform: platform.clone(), server, is_program, content })
    }

    /// The length of what follows the server.
    pub(crate) fn content_bytes(&self) -> u64 {
        match self.content {
            Content::Nothing => 0,
            Content::Site(site) => site.content_bytes(),
            Content::Document(bytes) => bytes.len() as u64,
        }
    }

    /// The length of the executable.
    pub(crate) fn bytes(&self) -> u64 {
        self.server.len() as u64 + self.content_bytes()
    }

    /// The executable's bytes; a file of the site that has changed since is an error.
    pub(crate) fn reader(&self) -> impl Read + '_ {
        let content: Box<dyn Read + '_> = match self.content {
            Content::Nothing => Box::new(std::io::empty()),
            Content::Site(site) => Box::new(site.content()),
            Content::Document(bytes) => Box::new(bytes),
        };
        BufReader::with_capacity(READ_BYTES, self.server.chain(content))
    }
}

impl<'a> From<Option<&'a Site>> for Content<'a> {
    fn from(site: Option<&'a Site>) -> Self {
        site.map_or(Self::Nothing, Self::Site)
    }
}

fn content_bytes(site: Option<&Site>) -> u64 {
    site.map_or(0, Site::content_bytes)
}

/// What unpacks programs for `platform`.
fn unpacker(platform: &Platform) -> Result<Program, Failure> {
    stub::unpacker(platform).map_err(|(message, help)| Failure::new(message).help(help))
}

fn packed(
    program: &Program,
    content_bytes: u64,
    unpacker: &Program,
) -> Result<Vec<u8>, pipkin_elf::Error> {
    let unpacker = Unpacker {
        program: unpacker,
        image_at: IMAGE_AT as u64,
        memory_bytes: packed::MEMORY_BYTES as u64,
        pack: &packed::pack,
    };
    program.packed_with_content(content_bytes, &unpacker)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A platform that nothing is carried for.
    fn other() -> Platform {
        "linux/s390x".parse().unwrap()
    }

    fn golfed(server: &Server) -> Result<u64, Failure> {
        let shapes = [Shape::Golf, Shape::Portable];
        Executable::new(&other(), server, None, 8080, &shapes).map(|executable| executable.bytes())
    }

    #[test]
    fn a_server_asks_for_what_unpacks_it() {
        let server = Server::Carried(stub::servers(&stub::host_platform()).unwrap());
        let expected = "error: there is no unpacker for platform linux/s390x\n \
                        help: choose from linux/amd64, linux/arm64, linux/riscv64";
        assert_eq!(golfed(&server).unwrap_err().to_string(), expected);
    }

    #[test]
    fn what_is_not_packed_asks_for_nothing() {
        let program = stub::micro(&stub::host_platform()).unwrap();
        let micro = stub::Micro { program: program.clone(), content: b"hi".to_vec() };
        let portable = program.minimise(b"hi", Shape::Portable).unwrap();
        assert_eq!(golfed(&Server::Micro(micro)).unwrap(), portable.len() as u64);
        assert!(golfed(&Server::Program(program)).unwrap() <= portable.len() as u64);
    }
}
