//! From flags to a plan: everything that can be known to be wrong before work begins, is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use pipkin_image::{Platform, Reference};

use crate::destination::Destination;
use crate::executable::SERVER_PATH;
use crate::failure::Failure;
use crate::flags::{Build, Pair, Server, Site};
use crate::place;
use crate::stub::{self, Servers};

/// The argument with which the server asks its own port and ends with 0 or 1.
const HEALTH: &str = "health";

/// What one `pipkin build` does.
pub(crate) struct Plan {
    pub(crate) input: PathBuf,
    pub(crate) site: pipkin_site::Settings,
    /// The platforms in the order given, each with its servers.
    pub(crate) platforms: Vec<(Platform, Servers)>,
    pub(crate) image: pipkin_image::Settings,
    pub(crate) annotations: BTreeMap<String, String>,
    pub(crate) references: Vec<Reference>,
    pub(crate) destinations: Vec<Destination>,
    /// Bytes of files in the image at most.
    pub(crate) budget: Option<u64>,
    pub(crate) json: bool,
    pub(crate) story: crate::flags::Story,
}

impl Plan {
    /// The plan that `flags` ask for.
    ///
    /// # Errors
    ///
    /// Flags that contradict each other, a platform without a server, an output that cannot be.
    pub(crate) fn resolve(flags: &Build) -> Result<Self, Failure> {
        check_input(&flags.input)?;
        let references = references(flags)?;
        let destinations = destinations(flags, &references)?;
        let platforms = platforms(&flags.platforms)?;
        if platforms.len() > 1 {
            destinations.iter().try_for_each(Destination::check_takes_several_platforms)?;
        }
        if flags.json && destinations.contains(&Destination::Stdout) {
            return Err(Failure::usage("-o - and --json both write to stdout")
                .help("give the archive a file: -o NAME.tar"));
        }
        destinations.iter().try_for_each(Destination::check_place)?;
        let left_out = written(&flags.input, &destinations)?;
        Ok(Self {
            input: flags.input.clone(),
            site: pipkin_site::Settings { left_out, ..site_settings(&flags.site, &flags.server) },
            platforms,
            image: image_settings(flags),
            annotations: pairs(&flags.annotations),
            references,
            destinations,
            budget: flags.budget,
            json: flags.json,
            story: flags.story,
        })
    }
}

/// That there is a folder, before its name is made the image's.
fn check_input(input: &Path) -> Result<(), Failure> {
    let folder = input.into();
    if !input.exists() {
        Err(pipkin_site::Error::Missing { folder }.into())
    } else if !input.is_dir() {
        Err(pipkin_site::Error::NotAFolder { folder }.into())
    } else {
        Ok(())
    }
}

/// The canonical paths that will be written. Those in the folder are not of the site: otherwise
/// each build would pack the image of the build before.
///
/// # Errors
///
/// Two destinations at one path, or one that would replace the folder itself.
fn written(input: &Path, destinations: &[Destination]) -> Result<Vec<PathBuf>, Failure> {
    let input = input.canonicalize().unwrap_or_else(|_| input.into());
    let mut paths: Vec<PathBuf> = Vec::new();
    for path in destinations.iter().filter_map(Destination::path) {
        let real = place::real(path).map_err(|error| Failure::io(path, error))?;
        if paths.contains(&real) {
            return Err(Failure::usage(format!("two outputs go to {}", path.display())));
        }
        if input.starts_with(&real) {
            return Err(Failure::usage(format!("{} holds the folder to serve", path.display()))
                .help("give another path"));
        }
        paths.push(real);
    }
    let stdouts = destinations.iter().filter(|&place| *place == Destination::Stdout).count();
    if stdouts > 1 { Err(Failure::usage("two outputs go to stdout")) } else { Ok(paths) }
}

/// The names given; without one and without another place to go, the name of the folder.
fn references(flags: &Build) -> Result<Vec<Reference>, Failure> {
    if !flags.tags.is_empty() || (!flags.outputs.is_empty() && !flags.load) {
        return Ok(flags.tags.clone());
    }
    folder_name(&flags.input)
        .and_then(|name| name.to_lowercase().parse().ok())
        .map(|reference| vec![reference])
        .ok_or_else(|| {
            Failure::usage("the image has no name, and the folder's name cannot be one")
                .help("name it: -t NAME")
        })
}

fn folder_name(input: &Path) -> Option<String> {
    let folder = input.canonicalize().unwrap_or_else(|_| input.into());
    Some(folder.file_name()?.to_str()?.to_owned())
}

/// The places given; without one, an archive in the current folder.
fn destinations(flags: &Build, references: &[Reference]) -> Result<Vec<Destination>, Failure> {
    let archive = references.first().map(|name| PathBuf::from(format!("{}.tar", name.file_stem())));
    let outputs = flags.outputs.iter().map(|output| output.resolve(archive.as_deref()));
    let mut destinations = outputs.collect::<Result<Vec<_>, _>>()?;
    if flags.load {
        destinations.push(Destination::Engine);
    }
    match archive {
        Some(archive) if destinations.is_empty() => Ok(vec![Destination::Archive(archive)]),
        _ => Ok(destinations),
    }
}

/// Each platform with its servers; without any, that of this machine.
fn platforms(platforms: &[Platform]) -> Result<Vec<(Platform, Servers)>, Failure> {
    let host = [stub::host_platform()];
    let platforms = if platforms.is_empty() { &host } else { platforms };
    if let Some(twice) = (1..platforms.len()).find(|&at| platforms[..at].contains(&platforms[at])) {
        return Err(Failure::usage(format!("platform {} is given twice", platforms[twice])));
    }
    let with_servers = |platform: &Platform| {
        let servers = stub::servers(platform);
        let servers = servers.map_err(|(message, help)| Failure::usage(message).help(help));
        Ok((platform.clone(), servers?))
    };
    platforms.iter().map(with_servers).collect()
}

/// What is to become of a folder, whose files all belong to the site.
pub(crate) fn site_settings(site: &Site, server: &Server) -> pipkin_site::Settings {
    pipkin_site::Settings {
        port: server.port,
        left_out: Vec::new(),
        spa: site.spa.clone(),
        base_path: site.base_path.clone(),
        compress: site.compress.clone(),
        csp: site.csp,
        access_log: server.access_log,
        env_js: server.env_js.clone(),
        scratch: std::env::temp_dir(),
    }
}

fn image_settings(flags: &Build) -> pipkin_image::Settings {
    let env = flags.server.env.iter().map(|Pair(key, value)| (key.clone(), value.clone()));
    pipkin_image::Settings {
        user: Some(flags.user.clone()),
        exposed_ports: vec![flags.server.port],
        env: env.collect(),
        entrypoint: vec![SERVER_PATH.into()],
        healthcheck: healthcheck(flags),
        labels: pairs(&flags.labels),
        ..Default::default()
    }
}

/// The server asks itself, since the image has no shell and no curl that could. How often and for
/// how long is the engine's business: saying it would cost bytes and be no better guess.
fn healthcheck(flags: &Build) -> Vec<String> {
    let command = [SERVER_PATH, HEALTH].map(String::from);
    if flags.no_healthcheck { Vec::new() } else { command.into() }
}

fn pairs(pairs: &[Pair]) -> BTreeMap<String, String> {
    pairs.iter().map(|Pair(key, value)| (key.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::flags::{Command, Flags};

    #[track_caller]
    fn check_healthcheck(args: &[&str], expected: &[&str]) {
        let flags = Flags::parse_from([&["pipkin", "build", "-t", "site"], args].concat());
        let Command::Build(build) = flags.command else { panic!("not a build") };
        assert_eq!(image_settings(&build).healthcheck, expected);
    }

    #[test]
    fn the_server_asks_itself() {
        check_healthcheck(&[], &["/site", "health"]);
        check_healthcheck(&["-p", "80"], &["/site", "health"]);
        check_healthcheck(&["--no-healthcheck"], &[]);
    }
}
