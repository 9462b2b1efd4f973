//! Programs that talk to servers, and servers.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use e2e::{Client, Pipkin, Server, free_port, ready, run, run_any, write};

use super::places::{Case, Made, check, outcome};

const NEEDS: [&str; 5] = ["docker", "docker daemon", "chroot", "root", "tar"];

fn needs<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&NEEDS[..], more].concat()
}

/// A certificate of an authority of this test's, and one for tls.test that it signed: the
/// authority's is `ca.pem`, and the other `tls.pem` with its key.
fn certificates(folder: &Path) {
    let openssl = |args: &str| {
        let args = args.split_whitespace();
        run(Command::new("openssl").args(args).current_dir(folder));
    };
    openssl("req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=ca -days 2");
    fs::write(folder.join("names"), "subjectAltName=DNS:tls.test\n").unwrap();
    openssl("req -newkey rsa:2048 -nodes -keyout tls.key -out tls.csr -subj /CN=tls.test");
    openssl(
        "x509 -req -in tls.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out tls.crt -days 2 \
         -extfile names",
    );
    let both = ["tls.key", "tls.crt"].map(|name| fs::read_to_string(folder.join(name)).unwrap());
    fs::write(folder.join("tls.pem"), both.concat()).unwrap();
}

/// Of a server with a certificate that a test's own authority signed; its name is in /etc/hosts.
#[test]
fn curl() {
    let Some(pipkin) = ready(&needs(&["/usr/bin/curl", "openssl"])) else { return };
    let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
    certificates(folder.path());
    write(folder.path(), "page.txt", b"over TLS\n");
    let mut openssl = Command::new("openssl");
    openssl.args(["s_server", "-quiet", "-WWW", "-cert", "tls.pem", "-accept"]);
    let listen = format!("127.0.0.1:{port}");
    let _server = Server::start(openssl.arg(listen).current_dir(folder.path()), port);
    let hosts = folder.path().join("hosts");
    fs::write(&hosts, "127.0.0.1 localhost tls.test\n").unwrap();
    let authority = folder.path().join("ca.pem").display().to_string();
    let include = [
        format!("{authority}:/etc/ssl/certs/ca-certificates.crt"),
        format!("{}:/etc/hosts", hosts.display()),
    ];
    let flags = ["--include", &include[0], "--include", &include[1]];
    let made = Made::new(&pipkin, "curl", "/usr/bin/curl", &flags);
    // A bundle asks the machine.
    write(&made.bundle_folder(), "etc/hosts", fs::read(&hosts).unwrap());
    let url = format!("https://tls.test:{port}/page.txt");
    let args = ["-sS", "--http1.0", &url];
    let mut docker = Command::new("docker");
    docker.args(["run", "--rm", "--network", "host", "--add-host", "tls.test:127.0.0.1"]);
    docker.arg(made.name()).args(args);
    for mut place in [docker, made.root(&args), made.bundle(&args)] {
        let (code, found, said) = outcome(&mut place, "");
        assert_eq!((code, found.contains("over TLS")), (Some(0), true), "{place:?}: {said}");
    }
}

/// A repository of one commit, which a server of files can serve.
fn repository(folder: &Path) {
    let git = |args: &str| {
        let mut git = Command::new("git");
        git.args(args.split_whitespace()).current_dir(folder.join("work"));
        run(git.env("HOME", folder).env("GIT_CONFIG_NOSYSTEM", "1"));
    };
    fs::create_dir(folder.join("work")).unwrap();
    git("init -q --initial-branch=main");
    write(&folder.join("work"), "read.me", b"text\n");
    git("add .");
    git("-c user.name=a -c user.email=a@b commit -q -m first");
    git("clone -q --bare . ../bare");
    git("--git-dir=../bare update-server-info");
}

/// What git runs to speak HTTP, and to copy, is seen by a trace.
#[test]
fn git() {
    let Some(pipkin) = ready(&needs(&["/usr/bin/git"])) else { return };
    let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
    repository(folder.path());
    let exe = pipkin.exe(folder.path(), &folder.path().join("bare"), "linux/amd64");
    let _server = Server::start(Command::new(exe).arg(format!("127.0.0.1:{port}")), port);
    let url = format!("http://127.0.0.1:{port}/");
    let bare = folder.path().join("bare").display().to_string();
    let copies = [folder.path().join("a"), folder.path().join("b")];
    let trace = |from: &str, to: &Path| format!("--trace=clone -q {from} {}", to.display());
    let traces = [trace(&url, &copies[0]), trace(&format!("file://{bare}"), &copies[1])];
    // What is root's in an image is somebody else's for its user, which git asks about.
    write(folder.path(), "gitconfig", b"[safe]\n\tdirectory = *\n");
    let gitconfig = folder.path().join("gitconfig").display().to_string();
    let include = [format!("{bare}:/bare"), format!("{gitconfig}:/etc/gitconfig")];
    let include = ["--include", &include[0], "--include", &include[1]];
    let flags = [&[traces[0].as_str(), &traces[1]], &include[..]].concat();
    let made = Made::new(&pipkin, "git", "/usr/bin/git", &flags).furnished();
    // By their paths, which are the machine's: the shell that git starts itself with, and its settings.
    write(&made.bundle_folder(), "etc/gitconfig", fs::read(&gitconfig).unwrap());
    let shell = made.bundle_folder().join("bin");
    fs::create_dir(&shell).unwrap();
    fs::copy("/bin/busybox", shell.join("sh")).unwrap();
    // A bundle's own files are below its root filesystem.
    for (from, of_bundle) in [(&*url, &*url), ("file:///bare", "file:///git/rootfs/bare")] {
        let args = |from| ["clone", "-q", from, "/tmp/copy"];
        for mut place in
            [made.docker(&args(from)), made.root(&args(from)), made.bundle(&args(of_bundle))]
        {
            let (code, _, said) = outcome(&mut place, "");
            assert_eq!(code, Some(0), "{place:?}: {said}");
        }
        for root in [made.root_folder(), made.bundle_folder()] {
            let text = fs::read_to_string(root.join("tmp/copy/read.me"));
            assert_eq!(text.unwrap(), "text\n", "{}", root.display());
            fs::remove_dir_all(root.join("tmp/copy")).unwrap();
        }
    }
}

/// A PostgreSQL of this test's own, as the user that Debian has for it.
struct Postgres {
    _server: Server,
    port: u16,
}

const POSTGRES: &str = "/usr/lib/postgresql/15/bin";

impl Postgres {
    fn start(folder: &Path) -> Self {
        let as_postgres = |program: &str| {
            let mut command = Command::new("setpriv");
            command.args(["--reuid", "postgres", "--regid", "postgres", "--clear-groups"]);
            command.arg(format!("{POSTGRES}/{program}"));
            command.current_dir(folder);
            command
        };
        run(Command::new("chown").arg("postgres").arg(folder));
        run(as_postgres("initdb").args(["-D", "data", "-A", "trust", "-U", "postgres", "-N"]));
        let port = free_port();
        let mut postgres = as_postgres("postgres");
        postgres.args(["-D", "data", "-k", "", "-h", "127.0.0.1", "-p", &port.to_string()]);
        let postgres = Self { _server: Server::start(&mut postgres, port), port };
        // It listens before it is ready.
        let is_ready = || {
            let mut ask = Command::new(format!("{POSTGRES}/pg_isready"));
            run_any(ask.args(["-h", "127.0.0.1", "-p", &port.to_string()])).status.success()
        };
        let start = Instant::now();
        while !is_ready() && start.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(50));
        }
        postgres
    }
}

#[test]
fn psql() {
    let psql = format!("{POSTGRES}/psql");
    let Some(pipkin) = ready(&needs(&[&psql, "setpriv", "chown"])) else { return };
    let folder = tempfile::tempdir().unwrap();
    let postgres = Postgres::start(folder.path());
    let url = format!("postgres://postgres@127.0.0.1:{}/postgres", postgres.port);
    let sql = "select 'ü', 6 * 7, upper('x')";
    let case = Case { program: &psql, flags: &[], args: &["-X", "-c", sql, &url], stdin: "" };
    check(&pipkin, "psql", &case);
}

/// Starts the server that `made` is with `args` in each place, and has `ask` ask it.
fn check_server(made: &Made, args: &[&str], port: u16, ask: impl Fn(&mut Client)) {
    check_server_with(made, &[], [args, args], port, ask);
}

/// The same with `options` of Docker, and with other arguments for the bundle.
fn check_server_with(
    made: &Made,
    options: &[&str],
    [args, of_bundle]: [&[&str]; 2],
    port: u16,
    ask: impl Fn(&mut Client),
) {
    let name = format!("pipkin-e2e-{port}");
    let mut docker = Command::new("docker");
    docker.args(["run", "--rm", "--init", "--network", "host", "--name", &name]);
    docker.args(options).arg(made.name()).args(args);
    for mut place in [made.root(args), made.bundle(of_bundle), docker] {
        let server = Server::start(&mut place, port);
        ask(&mut Client::connect(server.address));
        server.stop("TERM");
    }
}

const NGINX: &str = "
worker_processes 1; daemon off; pid /tmp/nginx.pid; error_log stderr;
events {}
http {
    include mime.types; access_log off;
    client_body_temp_path /tmp/a; proxy_temp_path /tmp/b; fastcgi_temp_path /tmp/c;
    uwsgi_temp_path /tmp/d; scgi_temp_path /tmp/e;
    server { listen 127.0.0.1:PORT; root www; }
}
";

/// Its configuration is what the flags bring, and what that includes, too.
#[test]
fn nginx() {
    let Some(pipkin) = ready(&needs(&["/usr/sbin/nginx"])) else { return };
    let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
    write(folder.path(), "www/index.html", b"<p>nginx</p>");
    let conf = NGINX.replace("PORT", &port.to_string());
    write(folder.path(), "nginx.conf", conf.as_bytes());
    let at = |name: &str, dest: &str| format!("{}:{dest}", folder.path().join(name).display());
    let (conf, www) = (at("nginx.conf", "/etc/nginx/nginx.conf"), at("www", "/www"));
    let include = ["--include", &conf, "--include", &www, "--include", "/etc/nginx/mime.types"];
    let made = Made::new(&pipkin, "nginx", "/usr/sbin/nginx", &include).furnished();
    let args = ["-e", "stderr", "-c", "etc/nginx/nginx.conf", "-p"];
    let [args, of_bundle] = ["/", "/nginx/rootfs"].map(|folder| [&args[..], &[folder]].concat());
    let options = ["--tmpfs", "/tmp:mode=1777"];
    check_server_with(&made, &options, [&args, &of_bundle], port, |client| {
        let page = client.get("/");
        assert_eq!((page.status, page.body.as_slice()), (200, &b"<p>nginx</p>"[..]));
        assert!(page.fields.contains(&("content-type".into(), "text/html".into())));
    });
}

/// A server that is traced while it is asked has in its image what it was asked for.
#[test]
fn a_traced_server() {
    let Some(pipkin) = ready(&needs(&["/usr/bin/python3"])) else { return };
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "index.html", b"<p>traced</p>");
    let (traced, port) = (free_port(), free_port());
    let place = folder.path().display();
    let args = |root: &str, port: u16| {
        let line = format!("-m http.server --protocol HTTP/1.1 --bind 127.0.0.1 {port} -d {root}");
        line.split(' ').map(String::from).collect::<Vec<_>>()
    };
    let trace = format!("--trace={}", args(&place.to_string(), traced).join(" "));
    let made =
        Made::new(&pipkin, "traced", "/usr/bin/python3", &[&trace, "--trace-http", "/index.html"]);
    let of_image = args(&place.to_string(), port);
    let of_bundle = args(&format!("/python3/rootfs{place}"), port);
    let [of_image, of_bundle] =
        [&of_image, &of_bundle].map(|args| args.iter().map(String::as_str).collect::<Vec<_>>());
    check_server_with(&made, &[], [&of_image, &of_bundle], port, |client| {
        assert_eq!(client.get("/index.html").body, b"<p>traced</p>");
    });
}

/// A server in a language with a runtime of its own.
fn check_compiled(pipkin: &Pipkin, name: &str, compile: &mut Command, folder: &Path) {
    run(compile.current_dir(folder).env("HOME", folder));
    let port = free_port();
    let program = folder.join("program");
    let made = Made::new(pipkin, name, program.to_str().unwrap(), &[]);
    check_server(&made, &[&port.to_string()], port, |client| {
        let page = client.get("/");
        assert_eq!((page.status, page.body.as_slice()), (200, &b"hello"[..]), "{name}");
    });
}

#[test]
fn a_rust_server() {
    let Some(pipkin) = ready(&needs(&["rustc"])) else { return };
    let folder = tempfile::tempdir().unwrap();
    let text = r#"
use std::io::{Read, Write};
fn main() {
    let port: u16 = std::env::args().nth(1).unwrap().parse().unwrap();
    let listener = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        let mut request = [0; 4096];
        if stream.read(&mut request).unwrap() > 0 {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").unwrap();
        }
    }
}
"#;
    write(folder.path(), "server.rs", text.as_bytes());
    let mut rustc = Command::new("rustc");
    check_compiled(
        &pipkin,
        "rust-server",
        rustc.args(["-o", "program", "server.rs"]),
        folder.path(),
    );
}

#[test]
fn a_haskell_server() {
    let warp = "/usr/share/doc/libghc-warp-dev";
    let Some(pipkin) = ready(&needs(&["ghc", warp])) else { return };
    let folder = tempfile::tempdir().unwrap();
    let text = r#"{-# LANGUAGE OverloadedStrings #-}
import Network.HTTP.Types
import Network.Wai
import Network.Wai.Handler.Warp
import System.Environment
main = do
  [port] <- getArgs
  runSettings (setHost "127.0.0.1" (setPort (read port) defaultSettings)) $ \_ respond ->
    respond (responseLBS status200 [(hContentLength, "5")] "hello")
"#;
    write(folder.path(), "Main.hs", text.as_bytes());
    let mut ghc = Command::new("ghc");
    check_compiled(&pipkin, "warp", ghc.args(["-v0", "-o", "program", "Main.hs"]), folder.path());
}
