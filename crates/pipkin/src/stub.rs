//! The executables that this program carries, for each platform it was built for: servers, the launcher
//! of bundles, and what unpacks a server.

use pipkin_elf::{Program, Shape};
use pipkin_image::Platform;

/// The stubs of both servers of sites, that of the micro server, the launcher, and the unpacker.
type Programs = [&'static [u8]; 5];

/// Architecture, compilation target, and the programs, if the toolchain had that target.
type Stub = (&'static str, &'static str, Option<Programs>);

const STUBS: &[Stub] = include!(concat!(env!("OUT_DIR"), "/stubs.rs"));

/// Which server of a site: what it can do has its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Capability {
    Standard = 0,
    /// It logs, matches patterns, and tells pages of its variables.
    Extended,
}

/// What an executable is before its content.
#[derive(Clone, Debug)]
pub(crate) enum Server {
    /// One of those that this program carries.
    Carried(Servers),
    /// One with somebody's handler in it.
    Handler(Program),
    /// None: a program that somebody has written with `program!`.
    Program(Program),
    /// One for a single document.
    Micro(Micro),
}

impl Server {
    /// Whether it can unpack itself: it is large enough for that to save anything.
    pub(crate) fn unpacks(&self) -> bool {
        matches!(self, Self::Carried(_) | Self::Handler(_))
    }
}

/// A micro server, and what it is to answer.
#[derive(Clone, Debug)]
pub(crate) struct Micro {
    pub(crate) program: Program,
    pub(crate) content: Vec<u8>,
}

impl Micro {
    /// How long it waits for a request, which it finds in its headers. It serves nobody meanwhile, and a
    /// browser may open a connection more than it needs.
    const SECONDS_MAX: u16 = 2;

    /// What goes before the content.
    pub(crate) fn server(&self) -> Result<Vec<u8>, pipkin_elf::Error> {
        let program = self.program.clone().with_number(Self::SECONDS_MAX);
        let mut whole = program.minimise(&self.content, Shape::Portable)?;
        whole.truncate(whole.len() - self.content.len());
        Ok(whole)
    }
}

/// The platform of the machine that `pipkin` runs on.
pub(crate) fn host_platform() -> Platform {
    let architecture = match std::env::consts::ARCH {
        "aarch64" => "arm64",
        "riscv64" => "riscv64",
        _ => "amd64",
    };
    format!("linux/{architecture}").parse().expect("a known platform")
}

/// The servers for one platform.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Servers(Programs);

impl Servers {
    pub(crate) fn program(self, capability: Capability) -> Program {
        read(self.0[capability as usize])
    }
}

fn read(program: &[u8]) -> Program {
    pipkin_elf::read(program).expect("a stub is a flat program, which its link asserts")
}

/// The servers for `platform`.
///
/// # Errors
///
/// What is missing, and what to type.
pub(crate) fn servers(platform: &Platform) -> Result<Servers, (String, String)> {
    find(STUBS, platform, "server").map(Servers)
}

/// The launcher for `platform`.
///
/// # Errors
///
/// What is missing, and what to type.
pub(crate) fn launcher(platform: &Platform) -> Result<Program, (String, String)> {
    find(STUBS, platform, "launcher").map(|[.., launcher, _]| read(launcher))
}

/// The server of a single document for `platform`, without the document.
///
/// # Errors
///
/// What is missing, and what to type.
pub(crate) fn micro(platform: &Platform) -> Result<Program, (String, String)> {
    find(STUBS, platform, "server").map(|[_, _, micro, ..]| read_alone(micro))
}

/// What unpacks programs for `platform`.
///
/// # Errors
///
/// What is missing, and what to type.
pub(crate) fn unpacker(platform: &Platform) -> Result<Program, (String, String)> {
    find(STUBS, platform, "unpacker").map(|[.., unpacker]| read_alone(unpacker))
}

fn read_alone(program: &[u8]) -> Program {
    pipkin_elf::read_alone(program).expect("a stub is a flat program, which its link asserts")
}

fn find(stubs: &[Stub], platform: &Platform, what: &str) -> Result<Programs, (String, String)> {
    let is_wanted =
        |stub: &&Stub| stub.0 == platform.architecture() && platform.variant().is_none();
    let Some((_, target, programs)) = stubs.iter().find(is_wanted) else {
        let known: Vec<String> = stubs.iter().map(|stub| format!("linux/{}", stub.0)).collect();
        let message = format!("there is no {what} for platform {platform}");
        return Err((message, format!("choose from {}", known.join(", "))));
    };
    programs.ok_or_else(|| {
        let message = format!("this pipkin was built without a {what} for platform {platform}");
        (message, format!("rustup target add {target}, then build or install pipkin again"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_has_servers_and_a_launcher() {
        let servers = servers(&host_platform()).unwrap();
        let bytes = |capability| servers.program(capability).bytes();
        assert!(bytes(Capability::Standard) < bytes(Capability::Extended));
        let launcher = launcher(&host_platform()).unwrap();
        assert!(launcher.bytes() < bytes(Capability::Standard) / 2);
    }

    /// It finds what it needs by that page. An executable has up to four program headers more than it was
    /// linked with.
    #[test]
    fn an_unpacker_ends_in_its_first_page() {
        for [.., unpacker] in STUBS.iter().filter_map(|(.., programs)| *programs) {
            let bytes = read_alone(unpacker).bytes();
            assert!(bytes + 4 * 56 < 4096, "{bytes}");
        }
    }

    #[track_caller]
    fn check_missing(platform: &str, message: &str, help: &str) {
        let stubs: &[Stub] = &[
            ("amd64", "x86_64-unknown-linux-gnu", Some([b""; 5])),
            ("arm64", "aarch64-unknown-linux-gnu", None),
        ];
        let missing = find(stubs, &platform.parse().unwrap(), "server");
        assert_eq!(missing, Err((message.into(), help.into())));
    }

    #[test]
    fn a_missing_server_says_what_to_type() {
        let known = "choose from linux/amd64, linux/arm64";
        check_missing("linux/s390x", "there is no server for platform linux/s390x", known);
        check_missing(
            "linux/arm64",
            "this pipkin was built without a server for platform linux/arm64",
            "rustup target add aarch64-unknown-linux-gnu, then build or install pipkin again",
        );
    }
}
