//! Containers by an engine, of an image that it has loaded.

use std::process::Command;

use super::kind::Kind;
use super::place::{Instance, Place, tag};
use crate::shell::{Outcome, output, succeeds};

/// An engine whose command line is that of Docker.
pub(crate) struct Engine {
    pub(crate) name: &'static str,
    /// What a name without a host means to it.
    registry: &'static str,
    /// What it wants to be told where it may not raise limits.
    flags: &'static [&'static str],
}

/// Those that are compared.
pub(crate) const ENGINES: &[Engine] = &[
    Engine { name: "docker", registry: "", flags: &[] },
    Engine {
        name: "podman",
        registry: "docker.io/library/",
        flags: &["--runtime=runc", "--ulimit=nofile=1024:1024", "--ulimit=nproc=1024:1024"],
    },
];

/// A container that can be started, whose image goes with this value.
pub(crate) struct Loaded {
    engine: &'static Engine,
    image: String,
    name: String,
    args: Vec<String>,
}

impl Engine {
    /// Has it load the image of `instance`.
    pub(super) fn load(
        &'static self,
        place: &Place,
        kind: &Kind,
        instance: &Instance,
    ) -> Outcome<Loaded> {
        if !succeeds(Command::new(self.name).arg("version")) {
            return Err(format!("no {} answers", self.name).into());
        }
        output(
            Command::new(self.name).args(["load", "--quiet", "--input"]).arg(place.archive(kind)),
        )?;
        let name = format!("{}-{}", tag(kind), std::process::id());
        let image = format!("{}{}", self.registry, tag(kind));
        Ok(Loaded { engine: self, image, name, args: instance.args.clone() })
    }
}

impl Loaded {
    /// Starts it, and lasts as long as it does.
    pub(crate) fn run(&self) -> Command {
        let mut run = Command::new(self.engine.name);
        run.args(["run", "--rm", "--network=host", "--name", &self.name]);
        run.args(self.engine.flags).arg(&self.image).args(&self.args);
        run
    }

    /// Ends it, if it runs.
    pub(crate) fn kill(&self) -> Command {
        let mut kill = Command::new(self.engine.name);
        kill.args(["kill", &self.name]);
        kill
    }
}

impl Drop for Loaded {
    fn drop(&mut self) {
        succeeds(Command::new(self.engine.name).args(["rm", "--force", &self.name]));
        succeeds(Command::new(self.engine.name).args(["rmi", &self.image]));
    }
}
