//! The files behind what is asked for: those that a libc or a TLS library reads for its callers.
//!
//! Source: nsswitch.conf(5), nss(5), iconv_open(3), locale(7), tzset(3), passwd(5);
//! `SSL_CTX_set_default_verify_paths(3ssl)`; <https://systemd.io/ELF_DLOPEN_METADATA/>.

use serde::Deserialize;

use crate::Result;
use crate::closure::Body;
use crate::evidence::{Ask, Topic};
use crate::finder::{Asker, Finder};
use crate::reason::{Kind, Reason};
use crate::{Error, gconv, nss};

const ZONES: &str = "/usr/share/zoneinfo";
/// What a file with a zone starts with.
///
/// Source: tzfile(5).
const ZONE_MAGIC: &[u8] = b"TZif";
const LOCALTIME: &str = "/etc/localtime";
/// The zone that a libc takes when there is no file, under its names.
const UTC: [&str; 8] =
    ["UTC", "UCT", "Universal", "Zulu", "Etc/UTC", "Etc/UCT", "Etc/Universal", "Etc/Zulu"];
/// The locale that needs no language, under the names of its folder.
const LOCALES: [&str; 2] = ["/usr/lib/locale/C.utf8", "/usr/lib/locale/C.UTF-8"];
/// Certificates of whom to trust, all in one file, by distribution.
const BUNDLES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];
/// Where terminals are described, in the order of ncurses.
///
/// Source: terminfo(5), "Fetching Compiled Descriptions".
const TERMINALS: [&str; 3] = ["/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo"];
/// That of Docker, podman and Kubernetes, which set TERM=xterm with `-t`.
const TERMINAL: &str = "x/xterm";
/// What `system` and `popen` run.
///
/// Source: system(3), popen(3).
const SHELL: &str = "/bin/sh";
/// A folder for everybody, from which nobody may remove what is another's.
const TEMPORARY_MODE: u32 = 0o1777;

/// A library in a note of the section `.note.dlopen`.
#[derive(Deserialize)]
struct DlopenNote {
    /// Names of one library, the best first.
    soname: Vec<String>,
    #[serde(default)]
    feature: String,
    #[serde(default)]
    priority: Priority,
}

#[derive(Clone, Copy, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Priority {
    Required,
    #[default]
    Recommended,
    Suggested,
}

impl Finder<'_> {
    /// Keeps what a file asks for besides the libraries that it needs.
    pub(crate) fn answer(&mut self, asker: &Asker) -> Result<()> {
        for ask in &asker.facts.asks {
            let is_musl =
                asker.place.is_some_and(|(linker, _)| self.linkers[linker].system.is_musl);
            if self.answered.insert((ask.topic, is_musl))
                && !self.answer_one(asker, ask, is_musl)?
            {
                self.answered.remove(&(ask.topic, is_musl));
            }
        }
        for note in &asker.facts.dlopen_notes {
            self.dlopen_note(asker, note)?;
        }
        self.library_names(asker)
    }

    /// Keeps what a topic stands for; whether that answers it for all.
    fn answer_one(&mut self, asker: &Asker, ask: &Ask, is_musl: bool) -> Result<bool> {
        let reason = Reason::new(Kind::Symbol, &asker.path, ask.name);
        match ask.topic {
            Topic::Hosts => {
                for path in ["/etc/resolv.conf", "/etc/hosts"] {
                    self.leave(path, reason.clone(), "the engine writes it when the image runs");
                }
                nss::keep(self, asker, &["hosts"], &reason)?;
            }
            Topic::Users => {
                self.make_users(&reason);
                nss::keep_module(self, asker, "files", &reason)?;
            }
            Topic::Services => {
                self.keep_if_there("/etc/services", &reason)?;
                self.keep_if_there("/etc/protocols", &reason)?;
                nss::keep(self, asker, &["services", "protocols"], &reason)?;
            }
            Topic::Charsets => return gconv::keep(self, asker, &reason),
            Topic::Locale => return self.keep_locale(asker, &reason, is_musl),
            Topic::Zone => self.keep_zone(&reason)?,
            Topic::Certificates => self.keep_certificates(&reason)?,
            Topic::Temporary => self.make("/tmp", Body::Folder(TEMPORARY_MODE), reason),
            Topic::Unwinder if !is_musl => {
                self.dlopen(&self.libc(asker), "libgcc_s.so.1", reason)?;
            }
            Topic::Unwinder => {}
            Topic::Terminals => self.keep_terminal(&reason)?,
            Topic::Shell => drop(self.shell.get_or_insert(reason)),
        }
        Ok(true)
    }

    /// The libc that the asker calls, which opens libraries in its folders and not in the
    /// asker's.
    pub(crate) fn libc(&self, asker: &Asker) -> Asker {
        let libc = asker.place.and_then(|(linker, _)| {
            let loaded = &self.linkers[linker].loaded;
            let number = loaded.iter().position(|loaded| loaded.facts.glibc_minor.is_some())?;
            Some(self.asker(linker, number))
        });
        libc.unwrap_or_else(|| asker.clone())
    }

    /// Keeps a file, if there is one.
    pub(crate) fn keep_if_there(&mut self, path: &str, reason: &Reason) -> Result<bool> {
        let is_there = self.files.root.find(path).is_ok();
        if is_there {
            self.keep(path, reason.clone())?;
        }
        Ok(is_there)
    }

    /// Users and groups: root, and the user of the image.
    fn make_users(&mut self, reason: &Reason) {
        let (uid, gid) = self.settings.user;
        let mut passwd = "root:x:0:0:root:/:/sbin/nologin\n".to_owned();
        let mut group = "root:x:0:\n".to_owned();
        if uid != 0 {
            passwd += &format!("user:x:{uid}:{gid}:user:/:/sbin/nologin\n");
        }
        if gid != 0 {
            group += &format!("user:x:{gid}:\n");
        }
        self.make("/etc/passwd", Body::Made(passwd.into()), reason.clone());
        self.make("/etc/group", Body::Made(group.into()), reason.clone());
    }

    /// Which locale there is, is for the program to say: a library only asks which one it is. musl
    /// has its own within.
    fn keep_locale(&mut self, asker: &Asker, reason: &Reason, is_musl: bool) -> Result<bool> {
        let there = LOCALES.iter().find(|path| self.files.root.folder(path).is_some());
        let Some(path) = there.filter(|_| !is_musl) else { return Ok(true) };
        if !asker.is_program() {
            self.leave(path, reason.clone(), "only a library asks for the locale");
            return Ok(false);
        }
        self.keep_folder(path, reason, None, &|_| None)?;
        self.closure.env.push(("LANG".into(), "C.UTF-8".into()));
        Ok(true)
    }

    fn keep_zone(&mut self, reason: &Reason) -> Result<()> {
        if self.settings.tz.is_some() {
            return Ok(());
        }
        let Some(found) = self.files.root.file(LOCALTIME) else { return Ok(()) };
        let zone = found.path.strip_prefix(ZONES).unwrap_or_default().trim_start_matches('/');
        if UTC.contains(&zone) {
            self.leave(LOCALTIME, reason.clone(), "it is UTC, as without it");
            return Ok(());
        }
        self.keep(LOCALTIME, reason.clone()).map(drop)
    }

    /// The terminal that an engine says that there is: programs that draw end without it.
    fn keep_terminal(&mut self, reason: &Reason) -> Result<()> {
        for folder in TERMINALS {
            if self.keep_if_there(&format!("{folder}/{TERMINAL}"), reason)? {
                break;
            }
        }
        Ok(())
    }

    /// The shell that is run by `system` is most often for what a user types, and a shell in an image
    /// is more than most want there.
    pub(crate) fn leave_shell(&mut self) {
        let Some(reason) = self.shell.take() else { return };
        let found = self.files.root.find(SHELL);
        if found.is_ok_and(|found| !self.closure.entries.contains_key(&found.path)) {
            self.leave(SHELL, reason, "a program can do without it until it runs a command by it");
        }
    }

    /// The time zone that the flags say, whether anybody asks for it or not.
    pub(crate) fn keep_zone_of_flags(&mut self) -> Result<()> {
        let Some(zone) = &self.settings.tz else { return Ok(()) };
        let path = format!("{ZONES}/{zone}");
        let is_inside = !zone.split('/').any(|name| ["", ".", ".."].contains(&name));
        let start = self
            .files
            .root
            .file(&path)
            .and_then(|found| self.files.root.start(&found.path, ZONE_MAGIC.len() as u64).ok());
        if !is_inside || start.is_none_or(|start| start != ZONE_MAGIC) {
            return Err(Error::Zone { name: zone.clone() });
        }
        let reason = Reason::start(Kind::Included, format!("--tz {zone}"));
        self.keep(&path, reason.clone())?;
        // Also in the place of what a trace has seen there.
        self.closure.entries.remove(LOCALTIME);
        self.make(LOCALTIME, Body::Link(path), reason);
        Ok(())
    }

    /// The bundle of certificates, and where OpenSSL looks for it: by default in a folder of one
    /// link for each, for which one file can stand.
    fn keep_certificates(&mut self, reason: &Reason) -> Result<()> {
        let Some(bundle) = BUNDLES.into_iter().find(|path| self.files.root.file(path).is_some())
        else {
            let warning = "there are no certificates of whom to trust: install ca-certificates";
            self.closure.warnings.push(warning.into());
            return Ok(());
        };
        self.keep(bundle, reason.clone())?;
        let openssl = self.linkers.iter().flat_map(|linker| &linker.loaded);
        let places = openssl.flat_map(|loaded| &loaded.facts.places);
        let folder = |place: &String| {
            Some(place.strip_prefix("OPENSSLDIR: \"")?.trim_end_matches('"').to_owned())
        };
        let mut folders: Vec<String> = places.filter_map(folder).collect();
        folders.dedup();
        for folder in folders {
            self.keep_if_there(&format!("{folder}/openssl.cnf"), reason)?;
            let path = format!("{folder}/cert.pem");
            if !self.keep_if_there(&path, reason)? {
                self.make(&path, Body::Link(bundle.into()), reason.clone());
            }
        }
        Ok(())
    }

    /// The libraries in a note, of each the first that there is.
    fn dlopen_note(&mut self, asker: &Asker, note: &str) -> Result<()> {
        let Ok(libraries) = serde_json::from_str::<Vec<DlopenNote>>(note) else {
            let warning = format!("a dlopen note of {} cannot be read", asker.path);
            self.closure.warnings.push(warning);
            return Ok(());
        };
        for DlopenNote { soname, feature, priority } in libraries {
            let reason = Reason::new(Kind::DlopenNote, &asker.path, feature);
            let first = soname.first().cloned().unwrap_or_default();
            if priority == Priority::Suggested {
                self.leave(&first, reason, "the note only suggests it");
                continue;
            }
            let mut is_there = false;
            for name in &soname {
                let detail = format!("{name} for {}", reason.detail);
                is_there = self.dlopen(asker, name, Reason { detail, ..reason.clone() })?;
                if is_there {
                    break;
                }
            }
            if !is_there && priority == Priority::Required {
                let path = &asker.path;
                let warning = format!("{path} requires {first} when it runs, which is not there");
                self.closure.warnings.push(warning);
            }
            if !is_there {
                self.leave(&first, reason, "it is not there");
            }
        }
        Ok(())
    }

    /// Libraries whose names stand in a file that calls dlopen. A libc's own are known by topic.
    fn library_names(&mut self, asker: &Asker) -> Result<()> {
        let Some((_, number)) = asker.place else { return Ok(()) };
        let is_libc = asker.facts.soname.as_deref().is_some_and(|name| name.starts_with("libc."));
        if is_libc || number == 1 {
            return Ok(());
        }
        for name in &asker.facts.library_names {
            let reason = Reason::new(Kind::Literal, &asker.path, name.as_str());
            if !self.dlopen(asker, name, reason.clone())? {
                self.leave(name, reason, "it is not there");
            }
        }
        Ok(())
    }
}
