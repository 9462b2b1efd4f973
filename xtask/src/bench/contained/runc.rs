//! Containers by `runc`, without an engine: host network, a memory cgroup of its own.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::place::{Instance, Place};
use crate::shell::{Outcome, has, output, succeeds};

/// Of what Docker gives containers when nothing is said, what servers that start as root use.
const CAPABILITIES: [&str; 7] = [
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_FOWNER",
    "CAP_KILL",
    "CAP_NET_BIND_SERVICE",
    "CAP_SETGID",
    "CAP_SETUID",
];

/// More than any of the servers needs.
const MEMORY_BYTES_MAX: u64 = 64 << 20;
const PROCESSES_MAX: u64 = 64;

/// A container that can be started, of which nothing is left when this value goes.
pub(crate) struct Container {
    id: String,
    bundle: String,
}

impl Container {
    /// A bundle for `instance`, with the folder of `place` at its path.
    pub(crate) fn new(place: &Place, instance: &Instance) -> Outcome<Self> {
        if !has("runc") {
            return Err("runc is not installed".into());
        }
        let id = format!("pipkin-bench-{}-{}", std::process::id(), instance.port);
        let bundle = place.path().join(&id);
        fs::create_dir(&bundle)?;
        let container = Self { id, bundle: bundle.display().to_string() };
        output(Command::new("runc").args(["spec", "--bundle", &container.bundle]))?;
        let path = bundle.join("config.json");
        let mut config: Value = serde_json::from_slice(&fs::read(&path)?)?;
        configure(&mut config, place.path(), instance);
        fs::write(path, config.to_string())?;
        Ok(container)
    }

    /// Starts it, and lasts as long as it does.
    pub(crate) fn run(&self) -> Command {
        let mut run = Command::new("runc");
        run.args(["run", "--bundle", &self.bundle, &self.id]);
        run
    }

    /// Ends it, if it runs.
    pub(crate) fn kill(&self) -> Command {
        let mut kill = Command::new("runc");
        kill.args(["kill", &self.id, "KILL"]);
        kill
    }

    /// Starts it, and returns when it runs; its first process.
    pub(crate) fn detach(&self) -> Outcome<u32> {
        let (pid, log) = (format!("{}/pid", self.bundle), format!("{}/log", self.bundle));
        let mut run = Command::new("runc");
        run.args(["run", "--detach", "--pid-file", &pid, "--bundle", &self.bundle, &self.id]);
        // Not those of this process, which the container would keep open.
        run.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(&log)?);
        if !run.status()?.success() {
            return Err(format!("runc run: {}", fs::read_to_string(log)?.trim()).into());
        }
        Ok(fs::read_to_string(pid)?.trim().parse()?)
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        succeeds(Command::new("runc").args(["delete", "--force", &self.id]));
    }
}

/// What `runc spec` says, but for `instance`.
fn configure(config: &mut Value, place: &Path, instance: &Instance) {
    let program = [instance.program.display().to_string()];
    let args: Vec<&String> = program.iter().chain(&instance.args).collect();
    let process = &mut config["process"];
    process["terminal"] = json!(false);
    process["args"] = json!(args);
    for set in ["bounding", "effective", "permitted"] {
        process["capabilities"][set] = json!(CAPABILITIES);
    }
    process["capabilities"]["ambient"] = json!([]);
    config["root"] = json!({ "path": instance.rootfs, "readonly": false });
    let linux = &mut config["linux"];
    linux["resources"]["memory"] = json!({ "limit": MEMORY_BYTES_MAX });
    linux["resources"]["pids"] = json!({ "limit": PROCESSES_MAX });
    if let Some(namespaces) = linux["namespaces"].as_array_mut() {
        namespaces.retain(|namespace| namespace["type"] != "network");
    }
    if let Some(mounts) = config["mounts"].as_array_mut() {
        mounts.push(json!({
            "destination": place, "source": place, "type": "bind", "options": ["bind", "rw"],
        }));
    }
}
