//! From flags to a plan: everything that can be known to be wrong before work begins, is.

mod fit;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use pipkin_closure::Closure;
use pipkin_elf::Shape;
use pipkin_image::{Platform, Reference, Spelling};

use crate::destination::Destination;
use crate::failure::Failure;
use crate::flags::{Build, Pair, Server as ServerFlags, Site as SiteFlags};
use crate::handler::{Declared, Embedded};
use crate::input::{Input, Runs};
use crate::place;

pub(crate) use fit::check_run;

/// The argument with which the server asks its own port and ends with 0 or 1.
const HEALTH: &str = "health";

/// The port to listen on when nobody says.
const PORT_DEFAULT: u16 = 8080;
/// The user that an image runs as when nobody says.
const USER_DEFAULT: &str = "65532:65532";

/// The path of the executable in an image of a folder.
pub(crate) const SITE_PATH: &str = "/site";
/// The path of the executable in an image of a handler.
pub(crate) const HANDLER_PATH: &str = "/handler";
/// The path of a program that was compiled for its image.
pub(crate) const PROGRAM_PATH: &str = "/program";
/// The path of each of them where every byte counts.
pub(crate) const GOLF_PATH: &str = "/a";

/// What one `pipkin build` does.
pub(crate) struct Plan {
    pub(crate) content: Option<Content>,
    /// The platforms in the order given, each with what it runs.
    pub(crate) runs: Vec<(Platform, Runs)>,
    /// Where that is in the image.
    pub(crate) program_path: String,
    /// Where a server listens.
    pub(crate) port: u16,
    /// What containers are published by.
    pub(crate) ports: Vec<u16>,
    pub(crate) image: pipkin_image::Settings,
    pub(crate) spelling: Spelling,
    pub(crate) annotations: BTreeMap<String, String>,
    pub(crate) references: Vec<Reference>,
    pub(crate) destinations: Vec<Destination>,
    /// Bytes of files in the image at most.
    pub(crate) budget: Option<u64>,
    pub(crate) json: bool,
    pub(crate) story: crate::flags::Story,
}

/// A folder that is served, and how.
pub(crate) struct Content {
    pub(crate) folder: PathBuf,
    pub(crate) settings: pipkin_site::Settings,
    /// Whether a handler carries it.
    is_embedded: bool,
}

impl Plan {
    /// What is wrong with `flags` whatever the input says.
    ///
    /// # Errors
    ///
    /// Flags that contradict each other or mean nothing, an output that cannot be.
    pub(crate) fn check(flags: &Build, input: &Input) -> Result<(), Failure> {
        fit::check(flags, input)?;
        let named = flags.outputs.iter().filter_map(|output| output.resolve(None).ok());
        let named: Vec<Destination> = named.collect();
        if flags.json && named.contains(&Destination::Stdout) {
            return Err(Failure::usage("-o - and --json both write to stdout")
                .help("give the archive a file: -o NAME.tar"));
        }
        let program_path = program_path(flags, input, &Declared::default());
        named.iter().try_for_each(|place| place.check_place(program_path))
    }

    /// The plan that `flags` ask for, and where they do not say, what the source has declared.
    ///
    /// # Errors
    ///
    /// Flags that contradict each other or the input, an output that cannot be.
    pub(crate) fn resolve(
        flags: &Build,
        input: &Input,
        declared: Declared,
        mut runs: Vec<(Platform, Runs)>,
    ) -> Result<Self, Failure> {
        fit::check_declared(flags, input, &declared)?;
        let program_path = program_path(flags, input, &declared).to_owned();
        let references = references(flags, input, &declared)?;
        let destinations = destinations(flags, &references)?;
        if runs.len() > 1 {
            destinations.iter().try_for_each(Destination::check_takes_several_platforms)?;
        }
        destinations.iter().try_for_each(|place| place.check_place(&program_path))?;
        let left_out = written(input, &destinations)?;
        for (_, runs) in &mut runs {
            if let Runs::Program(complete) = runs {
                complete.leave(&left_out);
            }
        }
        let mut content = content(input, &flags.site, &flags.server, &declared)?;
        if let Some(content) = &mut content {
            content.settings.left_out = left_out;
        }
        let port = port(&flags.server, &declared);
        let image = image_settings(flags, input, declared);
        let ports = image.exposed_ports.clone();
        let (spelling, image) =
            if flags.golf { (Spelling::Golf, golf(image)) } else { (Spelling::Full, image) };
        let plan = Self {
            content,
            runs,
            port,
            ports,
            image,
            spelling,
            program_path,
            annotations: pairs(&flags.annotations),
            references,
            destinations,
            budget: flags.budget,
            json: flags.json,
            story: flags.story,
        };
        plan.check_alone()?;
        Ok(plan)
    }

    /// How a program is written, the smallest first.
    pub(crate) fn shapes(&self) -> &'static [Shape] {
        match self.spelling {
            Spelling::Full => &[Shape::Portable],
            Spelling::Golf => &[Shape::Golf, Shape::Portable],
        }
    }

    /// What a program needs, if the image is one of a program.
    pub(crate) fn closure(&self) -> Option<&Closure> {
        self.runs.iter().find_map(|(_, runs)| match runs {
            Runs::Program(complete) => Some(&complete.closure),
            Runs::Server(_) => None,
        })
    }

    /// That a program can run where nothing else is, when it is to be written alone.
    fn check_alone(&self) -> Result<(), Failure> {
        let is_alone = |place: &&Destination| matches!(place, Destination::Executable(_));
        let needy = self.closure().filter(|closure| !closure.is_static());
        match (needy, self.destinations.iter().find(is_alone)) {
            (Some(closure), Some(place)) => Err(Failure::usage(format!(
                "{} alone does not run, and {place} would be no more",
                closure.program
            ))
            .help("-o type=bundle,dest=PATH writes it with all that it needs")),
            _ => Ok(()),
        }
    }
}

/// The canonical paths that will be written. Those in the folder are not of the site: otherwise
/// each build would pack the image of the build before.
///
/// # Errors
///
/// Two destinations at one path, or one that would replace the input itself.
fn written(input: &Input, destinations: &[Destination]) -> Result<Vec<PathBuf>, Failure> {
    let (input, what) = input.place();
    let input = input.canonicalize().unwrap_or(input);
    let mut paths: Vec<PathBuf> = Vec::new();
    for path in destinations.iter().filter_map(Destination::path) {
        let real = place::real(path).map_err(|error| Failure::io(path, error))?;
        if paths.contains(&real) {
            return Err(Failure::usage(format!("two outputs go to {}", path.display())));
        }
        if input.starts_with(&real) {
            return Err(Failure::usage(format!("{} holds {what}", path.display()))
                .help("give another path"));
        }
        paths.push(real);
    }
    let stdouts = destinations.iter().filter(|&place| *place == Destination::Stdout).count();
    if stdouts > 1 { Err(Failure::usage("two outputs go to stdout")) } else { Ok(paths) }
}

/// The names given or declared; without one and without another place to go, the name of the
/// input.
fn references(
    flags: &Build,
    input: &Input,
    declared: &Declared,
) -> Result<Vec<Reference>, Failure> {
    let named = if flags.tags.is_empty() { &declared.tags } else { &flags.tags };
    if !named.is_empty() || (!flags.outputs.is_empty() && !flags.load) {
        return Ok(named.clone());
    }
    input
        .name()
        .and_then(|name| name.to_lowercase().parse().ok())
        .map(|reference| vec![reference])
        .ok_or_else(|| {
            let what = match input {
                Input::Folder(_) => "folder",
                Input::Document(_) => "file",
                Input::Handler(_) => "source",
                Input::Program(_) => "program",
            };
            Failure::usage(format!("the image has no name, and the {what}'s name cannot be one"))
                .help("name it: -t NAME")
        })
}

/// The places given; without one, an archive in the current folder.
fn destinations(flags: &Build, references: &[Reference]) -> Result<Vec<Destination>, Failure> {
    let archive = references.first().map(|name| PathBuf::from(format!("{}.tar", name.file_stem())));
    let outputs = flags.outputs.iter().map(|output| output.resolve(archive.as_deref()));
    let mut destinations = outputs.collect::<Result<Vec<_>, _>>()?;
    if flags.load {
        destinations.push(Destination::Engine);
    }
    if destinations.is_empty() {
        destinations.extend(archive.map(Destination::Archive));
    }
    destinations.extend(flags.program.ledger.clone().map(Destination::Ledger));
    Ok(destinations)
}

/// The port that is given or declared.
pub(crate) fn port(flags: &ServerFlags, declared: &Declared) -> u16 {
    flags.port.or(declared.port).unwrap_or(PORT_DEFAULT)
}

/// The variables that are declared, with those given in their place and behind them.
pub(crate) fn variables(flags: &ServerFlags, declared: &Declared) -> Vec<(String, String)> {
    let given = flags.env.iter().map(|Pair(name, value)| (name.clone(), value.clone()));
    let mut all = declared.env.clone();
    for (name, value) in given {
        match all.iter_mut().find(|(known, _)| *known == name) {
            Some(known) if declared.env.iter().any(|(declared, _)| *declared == name) => {
                known.1 = value;
            }
            _ => all.push((name, value)),
        }
    }
    all
}

/// The folder that is served, if there is one: the input itself, or what a handler carries.
///
/// # Errors
///
/// Flags that mean nothing for the input.
pub(crate) fn content(
    input: &Input,
    site: &SiteFlags,
    server: &ServerFlags,
    declared: &Declared,
) -> Result<Option<Content>, Failure> {
    let settings = pipkin_site::Settings {
        port: port(server, declared),
        left_out: Vec::new(),
        spa: site.spa.clone(),
        base_path: site.base_path.clone(),
        compress: site.compress.clone(),
        csp: site.csp,
        access_log: server.access_log,
        env_js: server.env_js.clone(),
        scratch: std::env::temp_dir(),
    };
    let source = match input {
        Input::Folder(folder) => {
            return Ok(Some(Content { folder: folder.clone(), settings, is_embedded: false }));
        }
        Input::Program(_) | Input::Document(_) => return Ok(None),
        Input::Handler(source) => source,
    };
    fit::check_handler(source.path(), site, server, declared)?;
    Ok(declared.site.as_ref().map(|Embedded { prefix, folder }| Content {
        folder: shortened(&source.folder().join(folder)),
        settings: pipkin_site::Settings { base_path: prefix.clone(), ..settings },
        is_embedded: true,
    }))
}

/// Relative to the working directory when it is there, as messages are read.
fn shortened(folder: &Path) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    let below = folder.strip_prefix(&here).ok().filter(|below| *below != Path::new(""));
    below.unwrap_or(folder).into()
}

impl Content {
    /// That there is a folder, where a source names one.
    pub(crate) fn check_folder(&self) -> Result<(), Failure> {
        if !self.is_embedded || self.folder.is_dir() {
            return Ok(());
        }
        let folder = self.folder.display();
        Err(Failure::new(format!("cannot embed {folder}: there is no such folder"))
            .help("`site` in routes! names it from where the source file is, or the package"))
    }

    /// That whoever serves it can serve `site`.
    pub(crate) fn check(&self, site: &pipkin_site::Site) -> Result<(), Failure> {
        if !self.is_embedded || !site.is_extended() {
            return Ok(());
        }
        let folder = self.folder.display();
        Err(Failure::new(format!(
            "cannot embed {folder}: its rules match patterns of paths, which a handler does itself"
        ))
        .help("turn the rules with * or :name in _redirects and _headers into routes"))
    }
}

/// Where what is run of `input` is in an image.
fn program_path<'a>(flags: &Build, input: &'a Input, declared: &Declared) -> &'a str {
    match input {
        Input::Program(program) => &program.path,
        _ if flags.golf => GOLF_PATH,
        Input::Folder(_) | Input::Document(_) => SITE_PATH,
        Input::Handler(_) if declared.is_program => PROGRAM_PATH,
        Input::Handler(_) => HANDLER_PATH,
    }
}

fn image_settings(flags: &Build, input: &Input, declared: Declared) -> pipkin_image::Settings {
    let env = variables(&flags.server, &declared);
    let given_port = flags.server.port.or(declared.port);
    let program_path = program_path(flags, input, &declared);
    let user = flags.user.clone().or(declared.user);
    let user = if flags.golf { user } else { user.or_else(|| Some(USER_DEFAULT.into())) };
    let mut labels = declared.labels;
    labels.extend(pairs(&flags.labels));
    let settings = pipkin_image::Settings {
        user,
        env,
        entrypoint: vec![program_path.into()],
        cmd: if flags.args.is_empty() { declared.args } else { flags.args.clone() },
        labels,
        ..Default::default()
    };
    if declared.is_program {
        return pipkin_image::Settings {
            exposed_ports: given_port.into_iter().collect(),
            ..settings
        };
    }
    let port = fit::port_of(&flags.args).or(given_port).unwrap_or(PORT_DEFAULT);
    let settings = pipkin_image::Settings { exposed_ports: vec![port], ..settings };
    match input {
        // It knows its port by its argument alone. As the first process of a container it is not ended
        // by a signal that it does not wait for, and there is nothing that it could lose.
        Input::Document(_) => pipkin_image::Settings {
            cmd: vec![port.to_string()],
            stop_signal: Some("SIGKILL".into()),
            ..settings
        },
        _ => pipkin_image::Settings { healthcheck: healthcheck(flags, program_path), ..settings },
    }
}

/// The same without what an engine can do without: ports are told to readers alone, nobody asks how it
/// is, and arguments that are given when it runs stand in the place of the program, too.
fn golf(settings: pipkin_image::Settings) -> pipkin_image::Settings {
    pipkin_image::Settings {
        exposed_ports: Vec::new(),
        healthcheck: Vec::new(),
        cmd: [settings.entrypoint, settings.cmd].concat(),
        entrypoint: Vec::new(),
        ..settings
    }
}

/// The user and group of an image whose input does not say.
pub(crate) fn user(flags: &Build) -> (u32, u32) {
    let text = flags.user.as_deref().unwrap_or(USER_DEFAULT);
    let (user, group) = text.split_once(':').unwrap_or((text, "0"));
    // Clap has seen that these are numbers.
    (user.parse().unwrap_or_default(), group.parse().unwrap_or_default())
}

/// The server asks itself, since the image has no shell and no curl that could. How often and for
/// how long is the engine's business: saying it would cost bytes and be no better guess.
fn healthcheck(flags: &Build, program_path: &str) -> Vec<String> {
    let command = [program_path, HEALTH].map(String::from);
    if flags.no_healthcheck { Vec::new() } else { command.into() }
}

fn pairs(pairs: &[Pair]) -> BTreeMap<String, String> {
    pairs.iter().map(|Pair(key, value)| (key.clone(), value.clone())).collect()
}

#[cfg(test)]
pub(crate) mod tests;
