//! One page over HTTP, by everybody.

use super::PAGE;
use super::image::Image;
use super::ladder::Ladder;
use super::rival::{Class, PLAIN, Program, Rival};
use crate::debian::Need;
use crate::shell::Outcome;

/// The folder that is served, and what is in it.
const FOLDER: &str = "/www";
const INDEX: (&str, &str) = ("/www/index.html", PAGE);

const NODE: &str = include_str!("../../../../benches/rivals/node/server.js");
const NGINX: &str = include_str!("../../../../benches/rivals/nginx/page.conf");
const LIGHTTPD: &str = include_str!("../../../../benches/rivals/lighttpd/page.conf");

pub(super) const LADDER: Ladder = Ladder {
    name: "one-page",
    title: "one page of 12 bytes over HTTP",
    notes: &[
        "Each image was unpacked and started as its user, 65532, in a network of its own, and answered \
         GET / with the page, before it counted.",
        "From scratch: by `pipkin build --strip`, without character sets, locales and nsswitch.conf, none \
         of which they need for this. Of python and node, what a trace of the request saw.",
        "Base: debootstrap's minbase with the package and what that depends on, or with the executable; \
         without what is only recommended, caches and lists.",
        "Pipkin's speak HTTP/1.1, the micro one HTTP/1.0, without TLS, logs, directory listings and \
         modules.",
    ],
    rivals: RIVALS,
    unit: "pipkin site",
    class: Class { flags: LEAN, has_base: true, check },
};

/// Without what none of them needs for this: symbols, and the files for character sets, locales and
/// host names.
const LEAN: &[&str] =
    &["--strip", "--exclude=**/gconv/**", "--exclude=**/locale/**", "--exclude=/etc/nsswitch.conf"];

fn check(image: &Image) -> Outcome {
    let answer = image.serve()?;
    if answer == PAGE { Ok(()) } else { Err(format!("GET / answers {answer:?}").into()) }
}

/// For an interpreter: with what it reads to serve the page.
const TRACED: &[&str] = &["--trace", "--trace-http=/"];

/// Of all who compile Go.
pub(super) const GO: &[Need] = &[("go", "golang-go")];

/// What a server that reads its files has.
const SERVER: Rival = Rival { files: &[INDEX], ..PLAIN };

const RIVALS: &[Rival] = &[
    Rival {
        name: "pipkin site",
        note: "keep-alive, ETag, ranges, HEAD, 404, workers, health check",
        program: Program::Ours(&["benches/rivals/page"]),
        ..PLAIN
    },
    Rival {
        name: "pipkin micro",
        note: "the one document at /, HEAD, 404, 405; HTTP/1.0, a connection at a time",
        program: Program::Ours(&["benches/rivals/page", "--server", "micro"]),
        ..PLAIN
    },
    Rival {
        name: "pipkin handler",
        note: "the page by Rust code, behind the same server",
        program: Program::Ours(&["benches/rivals/handler/page.rs"]),
        ..PLAIN
    },
    Rival {
        name: "micro_httpd",
        note: "a process per request, by tcpserver, for it speaks on stdin; HTTP/1.0, directory \
               listing; its package brings an inetd with Perl, which is in the base alone",
        program: Program::Installed("/usr/bin/tcpserver"),
        packages: &["micro-httpd", "ucspi-tcp"],
        flags: &["--include=/usr/sbin/micro-httpd"],
        args: &["-RHl0", "0", "8080", "/usr/sbin/micro-httpd", FOLDER],
        ..SERVER
    },
    Rival {
        name: "busybox",
        note: "static; httpd with CGI and basic auth, beside all other applets",
        program: Program::Installed("/bin/busybox"),
        packages: &["busybox-static"],
        args: &["httpd", "-f", "-p", "8080", "-h", FOLDER],
        ..SERVER
    },
    Rival {
        name: "mini_httpd",
        note: "TLS, CGI, basic auth, directory listing, log",
        program: Program::Installed("/usr/sbin/mini_httpd"),
        packages: &["mini-httpd"],
        args: &["-D", "-p", "8080", "-d", FOLDER],
        ..SERVER
    },
    Rival {
        name: "lighttpd",
        note: "HTTP/2; without the modules that it would load, such as TLS",
        program: Program::Installed("/usr/sbin/lighttpd"),
        packages: &["lighttpd"],
        files: &[INDEX, ("/etc/page.conf", LIGHTTPD)],
        args: &["-D", "-f", "/etc/page.conf"],
        ..PLAIN
    },
    Rival {
        name: "nginx",
        note: "Debian's light build: TLS, HTTP/2, proxy, logs; without the modules that it would load",
        program: Program::Installed("/usr/sbin/nginx"),
        packages: &["nginx-light"],
        files: &[INDEX, ("/etc/page.conf", NGINX)],
        // One is for the end of threads, which it has none of; the other is a place for its pid.
        flags: &["--exclude=libgcc_s.so.1", "--include=/var/tmp:/tmp"],
        args: &["-e", "stderr", "-c", "/etc/page.conf"],
    },
    Rival {
        name: "caddy",
        note: "TLS with certificates got by itself, HTTP/2 and 3, proxy, templates, directory listing",
        program: Program::Installed("/usr/bin/caddy"),
        packages: &["caddy"],
        args: &["file-server", "--root", FOLDER, "--listen", ":8080"],
        ..SERVER
    },
    Rival {
        name: "static-web-server",
        note: "2.44.1, static with musl: TLS, HTTP/2, compression, directory listing, metrics",
        program: Program::Compiled {
            needs: &[("musl-gcc", "musl-tools")],
            words: &[
                "cargo",
                "install",
                "--locked",
                "--version==2.44.1",
                "--target={musl}",
                "--target-dir={out}",
                "--root={out}",
                "static-web-server",
            ],
            product: "bin/static-web-server",
        },
        args: &["--port=8080", "--root=/www", "--log-level=error"],
        ..SERVER
    },
    Rival {
        name: "hyper",
        note: "static with musl, for speed: the page from memory, whatever the path; no files",
        program: Program::Compiled {
            needs: &[],
            words: &[
                "cargo",
                "install",
                "--locked",
                "--force",
                "--target={musl}",
                "--target-dir={out}",
                "--root={out}",
                "--path=hyper",
            ],
            product: "bin/hello-hyper",
        },
        args: &["0.0.0.0:8080"],
        ..PLAIN
    },
    Rival {
        name: "Go net/http",
        note: "static; TLS, HTTP/2, directory listing, ranges",
        program: Program::Compiled {
            needs: GO,
            words: &[
                "CGO_ENABLED=0",
                "go",
                "build",
                "-ldflags=-s -w",
                "-o={out}/go-http",
                "go/main.go",
            ],
            product: "go-http",
        },
        args: &[":8080", FOLDER],
        ..SERVER
    },
    Rival {
        name: "python",
        note: "http.server, traced: any Python; HTTP/1.0, directory listing, log, a thread per request",
        program: Program::Installed("/usr/bin/python3"),
        packages: &["python3"],
        flags: TRACED,
        args: &["-m", "http.server", "8080", "--directory", FOLDER],
        ..SERVER
    },
    Rival {
        name: "node",
        note: "15 lines, traced: any JavaScript; TLS, HTTP/2, ICU",
        program: Program::Installed("/usr/bin/node"),
        packages: &["nodejs"],
        files: &[INDEX, ("/server.js", NODE)],
        flags: TRACED,
        args: &["/server.js", "8080", INDEX.0],
    },
];
