//! What came of it: the result on stdout, the sizes on stderr.
//!
//! Nobody agrees on what an image's size is, so four figures are named: the files in it (which
//! classic `docker images` shows), the archive, what a registry stores, and how the files split
//! into what is run, a server or a program, and the rest, its content or what it needs.

use std::fmt::Display;
use std::io::Write as _;

use pipkin_closure::{Body, Closure, Entry, Left};
use pipkin_image::Index;
use pipkin_site::{Encoding, Route, Site, Source};
use serde::Serialize;

use crate::destination::Destination;
use crate::executable::Executable;
use crate::failure::Failure;
use crate::flags::Story;
use crate::pack::Packed;
use crate::plan::Plan;
use crate::tree::Tree;

/// Warnings told unless more are asked for.
const WARNINGS_TOLD_MAX: usize = 20;

/// The report of a build. The names of the fields are API: add, never rename.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// The first name of the image.
    reference: Option<String>,
    /// The digest of the manifest, or of the index of several platforms.
    digest: String,
    /// The length of the archive, where one was written.
    archive_bytes: Option<u64>,
    /// The paths and references that were written.
    outputs: Vec<String>,
    platforms: Vec<PlatformReport>,
    #[serde(skip)]
    splits: Vec<String>,
    /// The routes of a site, or the files of a program.
    #[serde(skip)]
    details: Vec<String>,
    #[serde(skip)]
    warnings: Vec<String>,
}

/// The sizes of the image for one platform, in bytes.
#[derive(Debug, Serialize)]
struct PlatformReport {
    platform: String,
    digest: String,
    /// How many files there are.
    files: usize,
    files_bytes: u64,
    /// What is run: a server without its content, or a program.
    server_bytes: u64,
    /// The rest: the content of the server, or what the program needs.
    content_bytes: u64,
    layer_bytes: u64,
    config_bytes: u64,
    manifest_bytes: u64,
}

impl Report {
    /// The report of what `plan` came to.
    pub(crate) fn new(
        plan: &Plan,
        site: Option<&Site>,
        trees: &[Tree<'_>],
        packed: &[Packed],
        archive_bytes: Option<u64>,
    ) -> Self {
        let images: Vec<_> = packed.iter().map(|packed| packed.image.clone()).collect();
        let digest = match &images[..] {
            [image] => image.digest(),
            _ => Index::new(&images).digest(),
        };
        let platform = |(tree, packed)| PlatformReport::new(tree, packed);
        let (details, warnings) = match (plan.closure(), site) {
            (Some(closure), _) => (files_of(closure), told(&closure.warnings, plan.story)),
            (_, Some(site)) => (routes(site), told(site.warnings(), plan.story)),
            _ => Default::default(),
        };
        Self {
            reference: plan.references.first().map(ToString::to_string),
            digest: digest.to_string(),
            archive_bytes,
            outputs: outputs(plan),
            platforms: trees.iter().zip(packed).map(platform).collect(),
            splits: trees.iter().map(|tree| tree.split(grouped)).collect(),
            details,
            warnings,
        }
    }

    /// Prints the result and the story as the plan wants them.
    pub(crate) fn print(&self, plan: &Plan) -> Result<(), Failure> {
        if plan.story.verbose {
            self.details.iter().for_each(|detail| tell(&format!("{detail}\n")));
        }
        self.warnings.iter().for_each(|warning| tell(warning));
        if !plan.story.quiet {
            tell(&self.text(plan));
        }
        let result = if plan.json {
            serde_json::to_string(self).expect("numbers and text are JSON")
        } else if plan.destinations.contains(&Destination::Stdout) {
            return Ok(());
        } else {
            self.digest.clone()
        };
        writeln!(std::io::stdout(), "{result}")
            .map_err(|error| Failure::io("stdout".as_ref(), error))
    }

    fn text(&self, plan: &Plan) -> String {
        let name = self.reference.as_deref().unwrap_or("image");
        let mut text = String::new();
        for (platform, split) in self.platforms.iter().zip(&self.splits) {
            text += &format!("{name} for {} -> {}\n", platform.platform, self.outputs.join(", "));
            text += &line("files", platform.files_bytes, split);
            if let Some(bytes) = self.archive_bytes {
                text += &line("archive", bytes, "");
            }
            text += &platform.registry_line();
        }
        text + &next_step(plan)
    }
}

impl PlatformReport {
    fn new(tree: &Tree<'_>, packed: &Packed) -> Self {
        let image = &packed.image;
        let server_bytes = tree.program_bytes();
        Self {
            platform: image.platform().to_string(),
            digest: image.digest().to_string(),
            files: tree.files(),
            files_bytes: image.layer().files_bytes,
            server_bytes,
            content_bytes: image.layer().files_bytes - server_bytes,
            layer_bytes: image.layer().descriptor.size,
            config_bytes: image.config().len() as u64,
            manifest_bytes: image.manifest().len() as u64,
        }
    }

    fn registry_line(&self) -> String {
        let (layer, config, manifest) = (self.layer_bytes, self.config_bytes, self.manifest_bytes);
        let parts = format!("layer {} + config {config} + manifest {manifest}", grouped(layer));
        line("registry", layer + config + manifest, &parts)
    }
}

/// What to say of an executable that is about to serve `what` at `url`.
pub(crate) fn serving(
    story: Story,
    executable: &Executable<'_>,
    site: Option<&Site>,
    what: &str,
    url: &str,
) -> Vec<String> {
    let mut lines = Vec::new();
    if story.verbose {
        lines.extend(site.iter().flat_map(|site| routes(site)).map(|route| route + "\n"));
    }
    lines.extend(site.map(|site| told(site.warnings(), story)).unwrap_or_default());
    if !story.quiet {
        lines.push(files_line(executable.server.len() as u64, executable.content_bytes()));
        lines.push(format!("serving {what} on {url}, until Ctrl-C\n"));
    }
    lines
}

/// A line for each route.
fn routes(site: &Site) -> Vec<String> {
    site.routes().map(|route| describe(&route)).collect()
}

/// How many files of a folder are served.
pub(crate) fn files(site: &Site) -> String {
    format!("{} files", grouped(site.files() as u64))
}

/// A line for each file, link and folder of a program with its reason, and for what was left.
fn files_of(closure: &Closure) -> Vec<String> {
    let kept = |(path, Entry { body, reason }): (&String, &Entry)| match body {
        Body::File { bytes, .. } => format!("{:>13} B  {path}  {reason}", grouped(*bytes)),
        Body::Made(bytes) => format!("{:>13} B  {path}  {reason}", grouped(bytes.len() as u64)),
        Body::Link(target) => format!("{:15}  {path} -> {target}  {reason}", ""),
        Body::Folder(_) => format!("{:15}  {path}  {reason}", ""),
    };
    let left = |Left { name, reason, because }: &Left| {
        format!("{:>15}  {name}  {reason}: {because}", "left")
    };
    closure.entries.iter().map(kept).chain(closure.left.iter().map(left)).collect()
}

/// A line for each warning, and without `-v` no more than a screen of them.
fn told(all: &[impl Display], story: Story) -> Vec<String> {
    let line = |warning| format!("warning: {warning}\n");
    match all.len() {
        _ if story.quiet => Vec::new(),
        count if story.verbose || count <= WARNINGS_TOLD_MAX => all.iter().map(line).collect(),
        count => {
            let left = format!("warning: {} more, which -v tells\n", count - WARNINGS_TOLD_MAX);
            all[..WARNINGS_TOLD_MAX].iter().map(line).chain([left]).collect()
        }
    }
}

/// Writes to stderr, if anyone reads it: a result is not worse for an untold story.
pub(crate) fn tell(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}

fn describe(Route { path, source }: &Route<'_>) -> String {
    match source {
        Source::File { status, name, bytes, encodings } => {
            let encodings = encodings.iter().map(describe_encoding).collect::<String>();
            let status = if *status == 200 { String::new() } else { format!("  {status}") };
            format!("{:>13} B  {path}{status}  {name}{encodings}", grouped(*bytes))
        }
        Source::Fallback { name, bytes } => format!("{:>13} B  {path}  {name}", grouped(*bytes)),
        Source::Environment => format!("{:15}  {path}  from variables", ""),
        Source::Redirect { status, location } => {
            format!("{:15}  {path}  {status} -> {location}", "")
        }
    }
}

fn describe_encoding(Encoding { coding, bytes, .. }: &Encoding) -> String {
    format!("  {coding} {} B", grouped(*bytes))
}

fn files_line(server: u64, content: u64) -> String {
    let parts = format!("server {} + content {}", grouped(server), grouped(content));
    line("files", server + content, &parts)
}

fn line(name: &str, bytes: u64, parts: &str) -> String {
    let bytes = grouped(bytes);
    format!("{}\n", format!("  {name:9}{bytes:>13} B  {parts}").trim_end())
}

/// The number with a comma after each three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| std::str::from_utf8(group).expect("digits are ASCII"))
        .collect();
    groups.join(",")
}

/// The paths written, and for an engine the names that it now knows.
fn outputs(plan: &Plan) -> Vec<String> {
    let names = || plan.references.iter().map(ToString::to_string).collect::<Vec<_>>();
    let output = |destination: &Destination| match destination {
        Destination::Engine => names(),
        _ => vec![destination.to_string()],
    };
    plan.destinations.iter().flat_map(output).collect()
}

/// The command that most will type next.
fn next_step(plan: &Plan) -> String {
    let Some(name) = plan.references.first() else { return String::new() };
    let ports = plan.ports.iter().map(|port| format!("-p {port}:{port} "));
    let run = format!("docker run --rm {}{name}", ports.collect::<String>());
    match &plan.destinations[..] {
        [Destination::Archive(path)] | [Destination::Archive(path), Destination::Ledger(_)] => {
            format!("next: docker load -i {} && {run}\n", path.display())
        }
        [Destination::Engine] | [Destination::Engine, Destination::Ledger(_)] => {
            format!("next: {run}\n")
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        let check = |number, expected: &str| assert_eq!(grouped(number), expected);
        check(0, "0");
        check(999, "999");
        check(1000, "1,000");
        check(1_234_567, "1,234,567");
    }

    #[test]
    fn routes_are_aligned() {
        let check = |path: &str, source, expected: &str| {
            assert_eq!(describe(&Route { path: path.into(), source }), expected);
        };
        let (name, bytes, encodings) = ("a.html", 1234, &[][..]);
        let file = |status| Source::File { status, name, bytes, encodings };
        check("/a", file(200), "        1,234 B  /a  a.html");
        check("/b", file(410), "        1,234 B  /b  410  a.html");
        check("/*", Source::Fallback { name, bytes }, "        1,234 B  /*  a.html");
        let redirect = Source::Redirect { status: 301, location: "/a".into() };
        check("/a/", redirect, "                 /a/  301 -> /a");
    }

    #[test]
    fn files_have_reasons() {
        let (_folder, mut closure) = crate::program::tests::sample();
        closure.entries.remove("/usr/lib/ld.so");
        let lines = [
            "                 /bin/a -> ../usr/bin/b  the program",
            "            4 B  /etc/passwd  read by functions of /usr/bin/b",
            "                 /tmp  read by functions of /usr/bin/b",
            "            7 B  /usr/bin/b  on the way to /bin/a",
            "           left  libx.so  named in a dlopen note of /usr/bin/b (x): it is not there",
        ];
        assert_eq!(files_of(&closure), lines);
    }

    #[test]
    fn lines_are_aligned() {
        assert_eq!(
            files_line(4096, 1_234_567),
            "  files        1,238,663 B  server 4,096 + content 1,234,567\n"
        );
        assert_eq!(line("archive", 7168, ""), "  archive          7,168 B\n");
    }
}
