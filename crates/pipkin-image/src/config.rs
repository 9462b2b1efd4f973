//! The config document: how an image is run and what its layers unpack to.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{Digest, Platform};

/// How an engine runs an image. What is empty is left out and means the engine's default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The user, `UID[:GID]`; a name would need a passwd file in the image.
    pub user: Option<String>,
    /// The TCP ports that the image says it listens on.
    pub exposed_ports: Vec<u16>,
    /// The environment, in this order.
    pub env: Vec<(String, String)>,
    /// The program and the arguments that always stand.
    pub entrypoint: Vec<String>,
    /// The arguments that others replace.
    pub cmd: Vec<String>,
    /// The command that exits 0 in a healthy container, which engines run without a shell. Not
    /// of OCI: Docker honours it in an OCI config, podman 4.3 drops it.
    pub healthcheck: Vec<String>,
    /// The folder in which the program starts.
    pub working_dir: Option<String>,
    /// Names to values for whoever lists images.
    pub labels: BTreeMap<String, String>,
    /// The signal that stops the program, such as `SIGTERM`.
    pub stop_signal: Option<String>,
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    platform: &'a Platform,
    config: Execution<'a>,
    rootfs: RootFs<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Execution<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    exposed_ports: BTreeMap<String, Empty>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    env: Vec<String>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    entrypoint: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    cmd: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    healthcheck: Option<Healthcheck<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    working_dir: Option<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    labels: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_signal: Option<&'a str>,
}

/// The value of each key in a set, as the config spells sets.
#[derive(Serialize)]
struct Empty {}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Healthcheck<'a> {
    test: Vec<&'a str>,
}

#[derive(Serialize)]
struct RootFs<'a> {
    r#type: &'static str,
    diff_ids: &'a [Digest],
}

/// The bytes of the config of an image for `platform` whose layers unpack to `diff_ids`.
///
/// There is no `created` and no `history`: both are optional, cost bytes and would tell the time.
///
/// Source: OCI image-spec, Image Configuration; Docker image-spec v1.2, Healthcheck.
pub fn document(platform: &Platform, settings: &Settings, diff_ids: &[Digest]) -> Vec<u8> {
    let rootfs = RootFs { r#type: "layers", diff_ids };
    crate::json(&Document { platform, config: execution(settings), rootfs })
}

fn execution(settings: &Settings) -> Execution<'_> {
    let ports = settings.exposed_ports.iter();
    Execution {
        user: settings.user.as_deref(),
        exposed_ports: ports.map(|port| (format!("{port}/tcp"), Empty {})).collect(),
        env: settings.env.iter().map(|(name, value)| format!("{name}={value}")).collect(),
        entrypoint: &settings.entrypoint,
        cmd: &settings.cmd,
        healthcheck: healthcheck(&settings.healthcheck),
        working_dir: settings.working_dir.as_deref(),
        labels: &settings.labels,
        stop_signal: settings.stop_signal.as_deref(),
    }
}

fn healthcheck(command: &[String]) -> Option<Healthcheck<'_>> {
    let test = ["CMD"].into_iter().chain(command.iter().map(String::as_str)).collect();
    (!command.is_empty()).then_some(Healthcheck { test })
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(platform: &str, settings: &Settings, expected: &Expect) {
        let bytes = document(&platform.parse().unwrap(), settings, &[Digest::of(b"")]);
        expected.assert_eq(&String::from_utf8(bytes).unwrap());
    }

    #[test]
    fn nothing_said() {
        check(
            "linux/amd64",
            &Settings::default(),
            &expect![[
                r#"{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"]}}"#
            ]],
        );
    }

    #[test]
    fn everything_said() {
        let texts = |list: &[&str]| list.iter().map(|&text| text.into()).collect::<Vec<String>>();
        let settings = Settings {
            user: Some("65532:65532".into()),
            exposed_ports: vec![8080, 80, 8080],
            env: vec![("PORT".into(), "8080".into()), ("A".into(), "\"=".into())],
            entrypoint: texts(&["/site"]),
            cmd: texts(&["8080"]),
            healthcheck: texts(&["/site", "health"]),
            working_dir: Some("/".into()),
            labels: [("b".into(), "2".into()), ("a".into(), "1".into())].into(),
            stop_signal: Some("SIGTERM".into()),
        };
        check(
            "linux/arm/v7",
            &settings,
            &expect![[
                r#"{"architecture":"arm","os":"linux","variant":"v7","config":{"User":"65532:65532","ExposedPorts":{"80/tcp":{},"8080/tcp":{}},"Env":["PORT=8080","A=\"="],"Entrypoint":["/site"],"Cmd":["8080"],"Healthcheck":{"Test":["CMD","/site","health"]},"WorkingDir":"/","Labels":{"a":"1","b":"2"},"StopSignal":"SIGTERM"},"rootfs":{"type":"layers","diff_ids":["sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"]}}"#
            ]],
        );
    }
}
