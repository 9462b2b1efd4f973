//! A headless Chromium, driven over WebDriver by scripts that run in its pages.
//!
//! Source: W3C WebDriver, which is HTTP and JSON.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use data_encoding::BASE64;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::Client;
use crate::process::{Server, free_port};

/// How long the end of a session is waited for.
const END_MAX: Duration = Duration::from_secs(10);

/// Root may not use the sandbox, /dev/shm is small in containers, and nothing beyond the loopback
/// is to be asked for anything.
const FLAGS: &[&str] = &[
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--window-size=1000,1400",
];

/// A browser with one window.
pub struct Browser {
    /// The path of the session, under which the driver takes commands.
    session: String,
    driver: Server,
    /// Profile and temporary files.
    _home: TempDir,
}

impl Browser {
    /// A new browser, which shares nothing with others.
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[must_use]
    #[track_caller]
    pub fn start() -> Self {
        let (home, port) = (tempfile::tempdir().expect("a folder"), free_port());
        let mut driver = Command::new("chromedriver");
        driver.arg(format!("--port={port}")).env("HOME", home.path()).env("TMPDIR", home.path());
        let driver = Server::start(driver.stderr(Stdio::null()), port);
        let options = json!({"goog:chromeOptions": {"args": FLAGS}});
        let wanted = json!({"capabilities": {"alwaysMatch": options}});
        let answer = Client::connect(driver.address).post("/session", &wanted.to_string());
        let value = value("a new session", &answer.body);
        let id = value["sessionId"].as_str().expect("a session has an id");
        Self { session: format!("/session/{id}"), driver, _home: home }
    }

    /// Shows `url`, when it is loaded.
    #[track_caller]
    pub fn go(&self, url: &str) {
        self.tell("url", &json!({"url": url}));
    }

    /// What the function body `script` returns in the page, or what its promise comes to.
    #[must_use]
    #[track_caller]
    pub fn eval(&self, script: &str) -> Value {
        let script = format!("return (async () => {{ {script} }})()");
        self.tell("execute/sync", &json!({"script": script, "args": []}))
    }

    /// What the console has said since the last call: faults of scripts and of loading.
    #[must_use]
    #[track_caller]
    pub fn console(&self) -> Vec<String> {
        let entries = self.tell("se/log", &json!({"type": "browser"}));
        let entries = entries.as_array().expect("a log is a list").iter();
        entries.map(|entry| entry["message"].to_string()).collect()
    }

    /// What the window shows, as PNG.
    ///
    /// # Panics
    ///
    /// When the driver does not say it in base64.
    #[must_use]
    #[track_caller]
    pub fn screenshot(&self) -> Vec<u8> {
        let path = format!("{}/screenshot", self.session);
        let answer = Client::connect(self.driver.address).get(&path);
        let text = value("a screenshot", &answer.body);
        let text = text.as_str().expect("a screenshot is text");
        BASE64.decode(text.as_bytes()).expect("base64")
    }

    /// What a command of the browser's own protocol answers: what WebDriver has no word for.
    ///
    /// Source: Chrome DevTools Protocol.
    #[track_caller]
    pub fn devtools(&self, command: &str, params: &Value) -> Value {
        self.tell("goog/cdp/execute", &json!({"cmd": command, "params": params}))
    }

    #[track_caller]
    fn tell(&self, command: &str, body: &Value) -> Value {
        let path = format!("{}/{command}", self.session);
        let answer = Client::connect(self.driver.address).post(&path, &body.to_string());
        value(&body.to_string(), &answer.body)
    }
}

/// The value of an answer, or a panic with the driver's own message.
#[track_caller]
fn value(asked: &str, answer: &[u8]) -> Value {
    let mut answer: Value = serde_json::from_slice(answer).expect("the driver answers in JSON");
    let value = answer["value"].take();
    assert!(value["error"].is_null(), "{asked}: {}: {}", value["error"], value["message"]);
    value
}

impl Drop for Browser {
    /// Ends the session, and the browser with it, before its driver goes.
    fn drop(&mut self) {
        end(self.driver.address, &self.session).ok();
    }
}

/// Waits for an answer, since the browser has ended then.
fn end(driver: SocketAddr, session: &str) -> std::io::Result<usize> {
    let mut stream = TcpStream::connect(driver)?;
    stream.set_read_timeout(Some(END_MAX))?;
    write!(stream, "DELETE {session} HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
    stream.read(&mut [0; 512])
}
