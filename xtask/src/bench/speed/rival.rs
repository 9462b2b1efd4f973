//! The servers that are compared, each as its operator would set it up for speed.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use results::Table;

use super::place::Place;
use crate::bench::load::{Case, PIPKIN, Server, free_port};
use crate::shell::{Outcome, has};

pub(crate) const NULL: &str = "null";
pub(crate) const NGINX: &str = "nginx";

/// Processes of those servers that want to be told.
const WORKERS: usize = 2;

/// A server.
pub(crate) struct Rival {
    pub(crate) name: &'static str,
    /// What has to be installed for it, if anything.
    program: Option<&'static str>,
    /// False for one that serves a single request per connection.
    pub(crate) keeps_alive: bool,
    /// What is to be known of its figures.
    pub(crate) note: Option<&'static str>,
    commands: fn(&Place, port: u16, closes: bool) -> Outcome<Vec<Command>>,
}

const PLAIN: Rival = Rival {
    name: "",
    program: None,
    keeps_alive: true,
    note: None,
    commands: |_, _, _| Ok(Vec::new()),
};

pub(crate) const RIVALS: &[Rival] = &[
    Rival { name: PIPKIN, commands: pipkin_commands, ..PLAIN },
    Rival { name: NULL, commands: null_commands, ..PLAIN },
    Rival {
        name: NGINX,
        program: Some("/usr/sbin/nginx"),
        note: Some("room for 16,384 connections in each of two workers is most of its memory"),
        commands: nginx_commands,
        ..PLAIN
    },
    Rival {
        name: "lighttpd",
        program: Some("/usr/sbin/lighttpd"),
        commands: lighttpd_commands,
        ..PLAIN
    },
    Rival {
        name: "busybox",
        program: Some("busybox"),
        keeps_alive: false,
        // It ignores SIGCHLD, so that the kernel forgets what its children used.
        note: Some("CPU of the process that accepts; that of its child per request is lost"),
        commands: busybox_commands,
    },
];

impl Rival {
    /// True when the load is one that it can carry.
    pub(crate) fn can(&self, case: &Case) -> bool {
        self.keeps_alive || case.closes
    }

    /// True when it is installed.
    pub(crate) fn is_here(&self) -> bool {
        self.program.is_none_or(|program| has(program) || Path::new(program).is_file())
    }

    /// Starts it at a port of its own; for a load, when there is one.
    pub(crate) fn start(&self, place: &Place, case: Option<&Case>) -> Outcome<Server> {
        let port = free_port()?;
        let closes = case.is_some_and(|case| case.closes);
        let server = Server::start((self.commands)(place, port, closes)?, port);
        server.map_err(|failure| format!("{}: {failure}", self.name).into())
    }
}

/// That of this name.
pub(crate) fn find(name: &str) -> Option<&'static Rival> {
    RIVALS.iter().find(|rival| rival.name == name)
}

/// Adds the rows of those of `rivals` that are not installed.
pub(crate) fn push_absent(table: &mut Table, rivals: impl Iterator<Item = &'static Rival>) {
    for rival in rivals.filter(|rival| !rival.is_here()) {
        table.push_missing(rival.name, "it is not installed");
    }
}

/// pipkin alone.
pub(crate) fn pipkin(place: &Place) -> Outcome<Server> {
    RIVALS[0].start(place, None)
}

fn pipkin_commands(place: &Place, port: u16, _: bool) -> Outcome<Vec<Command>> {
    let mut command = Command::new(place.executable());
    command.arg(format!("127.0.0.1:{port}"));
    Ok(vec![command])
}

/// One process per CPU, as pipkin has them.
fn null_commands(place: &Place, port: u16, closes: bool) -> Outcome<Vec<Command>> {
    let one = |_| {
        let mut command = Command::new(place.null_server());
        command.arg(format!("127.0.0.1:{port}")).arg(place.answer());
        command.arg(if closes { "close" } else { "keep" });
        command
    };
    Ok((0..std::thread::available_parallelism()?.get()).map(one).collect())
}

fn nginx_commands(place: &Place, port: u16, _: bool) -> Outcome<Vec<Command>> {
    let folder = place.path("nginx").display().to_string();
    std::fs::create_dir_all(&folder)?;
    let site = place.site().display().to_string();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let temporary = temporary.map(|name| format!("{name}_temp_path {folder}/{name};"));
    let text = format!(
        "daemon off;
        user root;
        worker_processes {WORKERS};
        worker_rlimit_nofile 16384;
        pid {folder}/pid;
        error_log {folder}/error.log;
        events {{ worker_connections 16384; }}
        http {{
            {temporary}
            default_type text/plain;
            access_log off;
            sendfile on;
            open_file_cache max=1000 inactive=60s;
            open_file_cache_valid 60s;
            keepalive_timeout 60s;
            keepalive_requests 1000000000;
            server {{ listen 127.0.0.1:{port} reuseport backlog=4096; root {site}; }}
        }}\n",
        temporary = temporary.join(" "),
    );
    let mut command = Command::new("/usr/sbin/nginx");
    // Its compiled-in log is opened before the configuration is read.
    command.arg("-e").arg(format!("{folder}/error.log"));
    command.arg("-c").arg(place.write("nginx.conf", &text)?);
    Ok(vec![command])
}

fn lighttpd_commands(place: &Place, port: u16, _: bool) -> Outcome<Vec<Command>> {
    let text = format!(
        "server.document-root = \"{}\"
        server.bind = \"127.0.0.1\"
        server.port = {port}
        server.max-worker = {WORKERS}
        server.max-fds = 16384
        server.max-connections = 16384
        server.max-keep-alive-requests = 65535
        server.max-keep-alive-idle = 60
        server.listen-backlog = 4096
        server.errorlog = \"{}\"
        mimetype.assign = ( \".txt\" => \"text/plain\" )\n",
        place.site().display(),
        place.path("lighttpd.log").display(),
    );
    let mut command = Command::new("/usr/sbin/lighttpd");
    command.arg("-D").arg("-f").arg(place.write("lighttpd.conf", &text)?);
    // It ends by a signal to its whole process group.
    command.process_group(0);
    Ok(vec![command])
}

fn busybox_commands(place: &Place, port: u16, _: bool) -> Outcome<Vec<Command>> {
    let mut command = Command::new("busybox");
    command.args(["httpd", "-f", "-p"]).arg(format!("127.0.0.1:{port}"));
    command.arg("-h").arg(place.site());
    Ok(vec![command])
}
