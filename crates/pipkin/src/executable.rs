//! The executable: a server with the content of a site behind it, by reference.

use std::io::{BufReader, Read};

use pipkin_image::Platform;
use pipkin_site::Site;

use crate::stub::{Server, Servers};

/// The path of the executable in the image.
pub(crate) const SERVER_PATH: &str = "/site";

/// Bytes read from files at once.
const READ_BYTES: usize = 128 << 10;

/// A server with the content of a site behind it.
pub(crate) struct Executable<'a> {
    pub(crate) platform: Platform,
    /// Headers and code.
    pub(crate) server: Vec<u8>,
    site: &'a Site,
}

impl<'a> Executable<'a> {
    /// Puts the content of `site` behind the smallest of `servers` that can serve it.
    pub(crate) fn new(platform: &Platform, servers: Servers, site: &'a Site) -> Self {
        let server = servers.program(server_for(site)).with_content(site.content_bytes());
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

/// The smallest server that can serve `site`.
fn server_for(site: &Site) -> Server {
    if site.is_extended() { Server::Extended } else { Server::Standard }
}
