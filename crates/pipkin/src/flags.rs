//! The command line: one place per flag, with its help. What the flags mean together is decided
//! in `plan`.

mod program;

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};
use pipkin_image::{Platform, Reference};
use pipkin_site::Coding;

use crate::destination::Output;
use crate::input::Kind;

pub(crate) use program::{Closure, Keep, Program};

/// Turns a folder, a Rust handler or any program into the smallest container image that runs it,
/// without Docker.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
pub(crate) struct Flags {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make an image
    Build(Box<Build>),
    /// Build, then serve or run it right here, without any engine
    Run(Run),
    /// Say why a file is in the image of a program
    Why(Why),
}

#[derive(Args, Debug)]
#[command(after_help = "\
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 over budget.

Examples:
  pipkin build ./public -t site              write site.tar, for docker load and podman load
  pipkin build ./public -t site --load       hand the image to the running engine
  pipkin build ./hello.rs                    a handler in Rust, as its source says
  pipkin build page.html --server micro      one file, by a server of some 400 bytes
  pipkin build /usr/bin/jq -t jq -- .        a program, and exactly the files that it needs
  pipkin build ./public -o type=exe,dest=s   only the executable
  pipkin build ./public -o - | docker load   no file at all")]
pub(crate) struct Build {
    /// The folder to serve, or a handler: a Rust source file or the folder of a cargo package; or a
    /// program: such a source, its path, or its name when the PATH leads to it; or with --server micro
    /// the file to serve
    #[arg(default_value = ".")]
    pub(crate) input: PathBuf,

    /// The arguments that it gets unless others are given when the container runs
    #[arg(last = true)]
    pub(crate) args: Vec<String>,

    /// What the input is, when the guess is wrong
    #[arg(long = "as", value_name = "KIND")]
    pub(crate) kind: Option<Kind>,

    /// Name of the image, repeatable; without -o and --load it is written to NAME.tar
    #[arg(short, long = "tag", value_name = "NAME[:TAG]")]
    pub(crate) tags: Vec<Reference>,

    /// Where the image goes, repeatable. KIND is type=docker (an archive), oci (a layout folder),
    /// dir (the root filesystem), rootfs.tar.xz (the same in a file), exe (the executable alone) or
    /// bundle (a program that runs on any Linux). A path alone is an archive, `-` is an archive on
    /// stdout
    #[arg(short, long = "output", value_name = "KIND,dest=PATH")]
    pub(crate) outputs: Vec<Output>,

    /// Hand the image to the running Docker engine, or else to podman
    #[arg(long)]
    pub(crate) load: bool,

    /// What the image runs on, such as linux/amd64,linux/arm64,linux/riscv64; several make an index
    #[arg(long = "platform", value_name = "LIST", value_delimiter = ',')]
    pub(crate) platforms: Vec<Platform>,

    #[command(flatten)]
    pub(crate) site: Site,

    /// The server of what is served: `micro` is for one file of up to 16 KiB, serves one connection at a
    /// time by IPv4, and is told its port by the first argument alone
    #[arg(long = "server", value_name = "SERVER", default_value = "standard")]
    pub(crate) size: Size,

    #[command(flatten)]
    pub(crate) server: Server,

    /// A label of the image, repeatable
    #[arg(short, long = "label", value_name = "KEY=VALUE")]
    pub(crate) labels: Vec<Pair>,

    /// The user that it runs as, by number: a name would need a passwd file [default: 65532:65532]
    #[arg(long, value_name = "UID[:GID]", value_parser = user)]
    pub(crate) user: Option<String>,

    /// Leave out the image's health check, with which Docker asks the server how it is
    #[arg(long)]
    pub(crate) no_healthcheck: bool,

    /// Save the last bytes, where a loader or a tool may object: without a user, a port and a health
    /// check, a server that unpacks itself, a program of yours with headers that only Linux takes. The
    /// guide has each trade
    #[arg(long)]
    pub(crate) golf: bool,

    /// An annotation of the image's manifest, repeatable
    #[arg(long = "annotation", value_name = "KEY=VALUE")]
    pub(crate) annotations: Vec<Pair>,

    /// Fail with exit code 3 when the files in the image are larger: 4096, 4kB, 1MiB
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) budget: Option<u64>,

    /// Print the report as JSON on stdout
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) story: Story,

    // At the end, for their heading stands for all that follows.
    #[command(flatten)]
    pub(crate) program: Program,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Exit codes: 0 it is there, 1 it is not, 2 wrong usage.

Examples:
  pipkin why /usr/bin/curl libkrb5.so.3      the way from curl to a library
  pipkin why curl.tar /etc/ssl/openssl.cnf   the same in an image, of pipkin or docker save")]
pub(crate) struct Why {
    /// A program, by path or name, or an image: an archive, or the folder of an OCI layout
    pub(crate) input: PathBuf,

    /// The file in question: its path in the image, or the end of it
    pub(crate) path: String,

    #[command(flatten)]
    pub(crate) closure: Closure,
}

#[derive(Args, Debug)]
pub(crate) struct Run {
    /// The folder to serve, or a handler or program in Rust: its source file, or the folder of a cargo
    /// package
    #[arg(default_value = ".")]
    pub(crate) input: PathBuf,

    /// The arguments of a program, in place of those that its source has
    #[arg(last = true)]
    pub(crate) args: Vec<String>,

    /// What the input is, when the guess is wrong
    #[arg(long = "as", value_name = "KIND")]
    pub(crate) kind: Option<Kind>,

    /// Build and start anew whenever a source or a file changes
    #[arg(long)]
    pub(crate) watch: bool,

    #[command(flatten)]
    pub(crate) site: Site,

    #[command(flatten)]
    pub(crate) server: Server,

    /// The IPv4 address to listen on; 0.0.0.0 lets others in [default: 127.0.0.1]
    #[arg(long)]
    pub(crate) host: Option<std::net::Ipv4Addr>,

    #[command(flatten)]
    pub(crate) story: Story,
}

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Size {
    /// All that a site needs
    Standard,
    /// One document
    Micro,
}

/// What concerns the paths of the site.
#[derive(Args, Debug)]
pub(crate) struct Site {
    /// Answer with this page where a browser navigates to a path that is not there, for
    /// applications that do the routing themselves; index.html when none is named. What is asked
    /// for by a page, such as a missing script, is still a 404
    // With the equals sign, for otherwise the folder behind it would be taken for the page.
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "index.html")]
    pub(crate) spa: Option<String>,

    /// Serve everything below this path, such as /app
    #[arg(long, value_name = "PATH", default_value = "", hide_default_value = true)]
    pub(crate) base_path: String,

    /// Store what becomes shorter in these codings too, of gzip,br,zstd: faster to load, and a
    /// larger image. Files such as app.js.br beside app.js are used without being asked for
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) compress: Vec<Coding>,

    /// Send a Content-Security-Policy with each page: its own host, and the scripts and styles
    /// inside of it by their hashes. Warns of what that blocks, such as onclick
    #[arg(long)]
    pub(crate) csp: bool,
}

/// What concerns the server, wherever it runs.
#[derive(Args, Debug)]
pub(crate) struct Server {
    /// The port to listen on, 1 to 65535; PORT or a first argument override it when it runs
    /// [default: 8080]
    #[arg(short, long, value_parser = port)]
    pub(crate) port: Option<u16>,

    /// Write a line of JSON to stdout for each request
    #[arg(long)]
    pub(crate) access_log: bool,

    /// Serve these variables of the environment of the server as /env.js, for scripts of a page:
    /// `window.env` has one property for each
    #[arg(long, value_name = "NAME,...", default_value = "", hide_default_value = true)]
    pub(crate) env_js: String,

    /// A variable of the environment, repeatable
    #[arg(short, long = "env", value_name = "KEY=VALUE")]
    pub(crate) env: Vec<Pair>,
}

/// How much is told on stderr.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Story {
    /// Say nothing but errors
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Name each route, or each file of a program with its reason
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

/// A name and a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pair(pub(crate) String, pub(crate) String);

impl FromStr for Pair {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=') {
            Some((key, value)) if !key.is_empty() => Ok(Self(key.into(), value.into())),
            _ => Err("write it as KEY=VALUE"),
        }
    }
}

fn port(text: &str) -> Result<u16, &'static str> {
    text.parse().ok().filter(|&port| port != 0).ok_or("a port is a number from 1 to 65535")
}

fn user(text: &str) -> Result<String, &'static str> {
    let is_id = |text: &str| text.parse::<u32>().is_ok();
    let (uid, gid) = text.split_once(':').unwrap_or((text, "0"));
    if is_id(uid) && is_id(gid) {
        Ok(text.into())
    } else {
        Err("write it in numbers, such as 65532:65532: a name would need a passwd file")
    }
}

/// A number of bytes with an optional unit: B, kB, MB, GB are powers of 1000 and KiB, MiB, GiB
/// powers of 1024.
fn size(text: &str) -> Result<u64, &'static str> {
    const UNITS: [(&str, u64); 8] = [
        ("", 1),
        ("b", 1),
        ("kb", 1000),
        ("kib", 1 << 10),
        ("mb", 1_000_000),
        ("mib", 1 << 20),
        ("gb", 1_000_000_000),
        ("gib", 1 << 30),
    ];
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = UNITS.iter().find(|(name, _)| unit.trim().eq_ignore_ascii_case(name));
    let bytes = number.parse::<u64>().ok().zip(unit).and_then(|(n, unit)| n.checked_mul(unit.1));
    bytes.ok_or("write it as bytes or with a unit: 4096, 4kB, 1MiB")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Flags::command().debug_assert();
    }

    #[test]
    fn the_page_of_an_application_is_no_folder() {
        let check = |line: &str, expected: Option<&str>| {
            let flags = Flags::try_parse_from(line.split_whitespace()).unwrap();
            let Command::Run(Run { site, input, .. }) = flags.command else { panic!("{line}") };
            assert_eq!((site.spa.as_deref(), input), (expected, "public".into()), "{line}");
        };
        check("pipkin run public", None);
        check("pipkin run --spa public", Some("index.html"));
        check("pipkin run --spa=app.html public", Some("app.html"));
    }

    #[test]
    fn codings() {
        let check = |list: &str, expected: Option<&[Coding]>| {
            let flags = Flags::try_parse_from(["pipkin", "build", "--compress", list]).ok();
            let found = flags.map(|flags| match flags.command {
                Command::Build(build) => build.site.compress,
                Command::Run(run) => run.site.compress,
                Command::Why(_) => Vec::new(),
            });
            assert_eq!(found.as_deref(), expected, "{list}");
        };
        check("gzip", Some(&[Coding::Gzip]));
        check("br,zstd", Some(&[Coding::Brotli, Coding::Zstd]));
        check("brotli", None);
        check("gzip, br", None);
        check("", None);
    }

    #[test]
    fn sizes() {
        let check = |text: &str, expected: Option<u64>| assert_eq!(size(text).ok(), expected);
        check("800", Some(800));
        check("800B", Some(800));
        check("4kB", Some(4000));
        check("4 KiB", Some(4096));
        check("1MiB", Some(1 << 20));
        check("2gb", Some(2_000_000_000));
        for wrong in ["", "B", "-1", "1.5kB", "4x", "99999999999999999999", "99999999999GiB"] {
            check(wrong, None);
        }
    }

    #[test]
    fn users_ports_and_pairs() {
        assert!(user("0").is_ok() && user("65532:65532").is_ok());
        assert!(user("nobody").is_err() && user("1:").is_err() && user(":1").is_err());
        assert_eq!((port("1"), port("65535")), (Ok(1), Ok(65535)));
        assert!(port("0").is_err() && port("65536").is_err() && port("http").is_err());
        assert_eq!("A=b=c".parse(), Ok(Pair("A".into(), "b=c".into())));
        assert!("A".parse::<Pair>().is_err() && "=b".parse::<Pair>().is_err());
    }
}
