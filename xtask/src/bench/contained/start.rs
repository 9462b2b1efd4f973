//! The ways in which a server is started.

use std::process::Command;

use super::engine::{Engine, Loaded};
use super::kind::Kind;
use super::place::{Instance, Place};
use super::runc::Container;
use crate::shell::Outcome;

/// A way.
pub(crate) enum Way {
    Exec,
    Runc,
    Engine(&'static Engine),
}

/// A server that can be started in one way, over and over.
pub(crate) enum Start {
    Process(Instance),
    Container(Container),
    Loaded(Loaded),
}

impl Way {
    /// As a table is named.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Exec => "exec",
            Self::Runc => "runc",
            Self::Engine(engine) => engine.name,
        }
    }

    /// As a table is called.
    pub(crate) fn title(&self) -> String {
        match self {
            Self::Exec => "as a process".into(),
            Self::Runc => "by `runc run`".into(),
            Self::Engine(engine) => format!("by `{} run --rm`", engine.name),
        }
    }

    /// Makes `instance`, which is one of `kind`, ready to be started.
    pub(crate) fn prepare(
        &self,
        place: &Place,
        kind: &Kind,
        instance: &Instance,
    ) -> Outcome<Start> {
        match self {
            Self::Exec => Ok(Start::Process(instance.clone())),
            Self::Runc => Container::new(place, instance).map(Start::Container),
            Self::Engine(engine) => engine.load(place, kind, instance).map(Start::Loaded),
        }
    }
}

impl Start {
    /// What starts it, and lasts as long as it does.
    pub(crate) fn run(&self) -> Command {
        match self {
            Self::Process(instance) => instance.process(),
            Self::Container(container) => container.run(),
            Self::Loaded(loaded) => loaded.run(),
        }
    }

    /// What ends it, when `process` is what [`Self::run`] has started.
    pub(crate) fn kill(&self, process: u32) -> Command {
        match self {
            Self::Process(_) => {
                let mut kill = Command::new("kill");
                kill.args(["-TERM", &process.to_string()]);
                kill
            }
            Self::Container(container) => container.kill(),
            Self::Loaded(loaded) => loaded.kill(),
        }
    }
}
