//! Which servers there are, each as small as its operator can make it: one worker, no log.

use std::fs;
use std::path::Path;

use super::place::Place;
use crate::bench::load::PIPKIN;
use crate::shell::Outcome;

/// A server, or another program.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// What its image is made of, to which the path of the site is added where there is none.
    pub(super) input: Option<&'static str>,
    /// Whether `input` is a program of this system, with the same path in its image.
    pub(super) is_installed: bool,
    /// What the image has besides.
    pub(super) include: &'static [&'static str],
    /// Its arguments, after it has written into `folder` what it reads.
    pub(super) args: fn(place: &Place, folder: &Path, port: u16) -> Outcome<Vec<String>>,
    /// What is to be known of its figures.
    pub(crate) note: Option<&'static str>,
}

/// An installed one.
const RIVAL: Kind = Kind {
    name: "",
    input: None,
    is_installed: true,
    include: &[],
    args: |_, _, _| Ok(Vec::new()),
    note: None,
};

/// What serves one small page.
pub(crate) const KINDS: &[Kind] = &[
    Kind {
        name: PIPKIN,
        is_installed: false,
        args: |_, _, port| Ok(vec![format!("127.0.0.1:{port}")]),
        note: Some("a process that keeps the workers, and a worker for each CPU"),
        ..RIVAL
    },
    Kind {
        name: "nginx",
        input: Some("/usr/sbin/nginx"),
        args: nginx_args,
        note: Some("master and one worker"),
        ..RIVAL
    },
    Kind {
        name: "lighttpd",
        input: Some("/usr/sbin/lighttpd"),
        // It opens them by names that it puts together.
        include: &["/usr/lib/lighttpd"],
        args: lighttpd_args,
        note: Some("one process"),
        ..RIVAL
    },
    Kind {
        name: "busybox",
        input: Some("/bin/busybox"),
        args: busybox_args,
        note: Some("one process, and one more for each request"),
        ..RIVAL
    },
];

/// The least that can be started.
pub(crate) const HELLO: Kind = Kind {
    name: "hello",
    input: Some("examples/hello-world"),
    is_installed: false,
    note: Some("the floor: a static program of a few bytes, until it has ended"),
    ..RIVAL
};

fn nginx_args(place: &Place, folder: &Path, port: u16) -> Outcome<Vec<String>> {
    let (site, at) = (place.site().display().to_string(), folder.display());
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let temporary = temporary.map(|name| format!("{name}_temp_path {at}/{name};")).join(" ");
    let text = format!(
        "daemon off;
        user root;
        worker_processes 1;
        pid {at}/pid;
        events {{ worker_connections 512; }}
        http {{
            {temporary}
            default_type text/html;
            access_log off;
            server {{ listen 127.0.0.1:{port}; root {site}; }}
        }}\n",
    );
    let path = format!("{at}/nginx.conf");
    fs::write(&path, text)?;
    Ok(["-e", "stderr", "-c", &path].map(String::from).into())
}

fn lighttpd_args(place: &Place, folder: &Path, port: u16) -> Outcome<Vec<String>> {
    let text = format!(
        "server.document-root = \"{}\"
        server.bind = \"127.0.0.1\"
        server.port = {port}
        index-file.names = ( \"index.html\" )
        mimetype.assign = ( \".html\" => \"text/html\" )\n",
        place.site().display(),
    );
    let path = folder.join("lighttpd.conf");
    fs::write(&path, text)?;
    Ok(vec!["-D".into(), "-f".into(), path.display().to_string()])
}

fn busybox_args(place: &Place, _: &Path, port: u16) -> Outcome<Vec<String>> {
    let (address, site) = (format!("127.0.0.1:{port}"), place.site().display().to_string());
    Ok(["httpd", "-f", "-p", &address, "-h", &site].map(String::from).into())
}
