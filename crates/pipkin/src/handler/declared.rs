//! What a source says about its image: records `NAME=VALUE` with a zero byte behind each, in a
//! section that no segment loads. `pipkin-handler` has checked them when it was compiled.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use pipkin_elf::Handler;
use pipkin_image::{Platform, Reference};

use crate::failure::Failure;

/// What a source declares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Declared {
    /// It runs once and ends, and serves nothing.
    pub(crate) is_program: bool,
    pub(crate) tags: Vec<Reference>,
    pub(crate) port: Option<u16>,
    pub(crate) user: Option<String>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) args: Vec<String>,
    pub(crate) platforms: Vec<Platform>,
    pub(crate) site: Option<Embedded>,
}

/// A folder that the handler carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Embedded {
    /// What stands before its paths: empty, or starts with a slash and does not end with one.
    pub(crate) prefix: String,
    /// Relative to where the source is.
    pub(crate) folder: String,
}

impl Declared {
    /// What `handler` declares.
    ///
    /// # Errors
    ///
    /// A record that this program cannot read, or two sites.
    pub(crate) fn read(handler: &Handler) -> Result<Self, Failure> {
        let mut declared = Self::default();
        for records in [&handler.declared, &handler.site] {
            for record in records.split(|&byte| byte == 0).filter(|record| !record.is_empty()) {
                declared.add(&String::from_utf8_lossy(record))?;
            }
        }
        Ok(declared)
    }

    fn add(&mut self, record: &str) -> Result<(), Failure> {
        let (name, value) = record.split_once('=').ok_or_else(|| unknown(record))?;
        match name {
            // Each `image!` has these once; of several, none is the one that holds.
            "tag" if !self.tags.is_empty() => return Err(twice(name)),
            "port" if self.port.is_some() => return Err(twice(name)),
            "user" if self.user.is_some() => return Err(twice(name)),
            "tag" => self.tags.push(parse(name, value)?),
            "port" => self.port = Some(parse(name, value)?),
            "user" => self.user = Some(value.into()),
            "env" => self.env.push(pair(record, value)?),
            "label" => self.labels.extend([pair(record, value)?]),
            "arg" => self.args.push(value.into()),
            "platform" => self.platforms.push(parse(name, value)?),
            "site" => return self.embed(record, value),
            "program" => self.is_program = true,
            _ => return Err(unknown(record)),
        }
        Ok(())
    }

    fn embed(&mut self, record: &str, value: &str) -> Result<(), Failure> {
        let (prefix, folder) = value.split_once('\t').ok_or_else(|| unknown(record))?;
        // Of a pattern such as `/static/*`.
        let prefix = prefix.trim_end_matches('*').trim_end_matches('/').into();
        let site = Embedded { prefix, folder: folder.into() };
        match self.site.replace(site) {
            None => Ok(()),
            Some(first) => Err(Failure::new(format!(
                "the source embeds two folders, {} and {folder}, and an image has one",
                first.folder
            ))
            .help("put one folder into the other")),
        }
    }
}

fn pair(record: &str, value: &str) -> Result<(String, String), Failure> {
    let (name, value) = value.split_once('=').ok_or_else(|| unknown(record))?;
    Ok((name.into(), value.into()))
}

fn parse<T: FromStr<Err: fmt::Display>>(name: &str, value: &str) -> Result<T, Failure> {
    value.parse().map_err(|error: T::Err| {
        Failure::new(format!("the source has {name}: {value:?} in image!: {error}"))
    })
}

fn twice(name: &str) -> Failure {
    Failure::new(format!("the source has {name} in two image!"))
        .help("say it once: one image! is enough")
}

fn unknown(record: &str) -> Failure {
    Failure::new(format!("the source declares what this pipkin does not know: {record:?}"))
        .help("use the pipkin-handler that belongs to it, or a newer pipkin")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(records: &[&str]) -> Result<Declared, String> {
        let mut declared = Declared::default();
        let mut add = |record: &&str| declared.add(record).map_err(|failure| failure.to_string());
        records.iter().try_for_each(&mut add)?;
        Ok(declared)
    }

    #[test]
    fn every_record() {
        let declared = read(&[
            "tag=hello:1",
            "port=3001",
            "user=1000:1000",
            "env=A=b=c",
            "env=B=",
            "label=x=y",
            "arg=a=b",
            "platform=linux/arm64",
            "site=/static/*\tpublic",
            "program=",
        ]);
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let expected = Declared {
            is_program: true,
            tags: vec!["hello:1".parse().unwrap()],
            port: Some(3001),
            user: Some("1000:1000".into()),
            env: vec![pair("A", "b=c"), pair("B", "")],
            labels: [pair("x", "y")].into(),
            args: vec!["a=b".into()],
            platforms: vec!["linux/arm64".parse().unwrap()],
            site: Some(Embedded { prefix: "/static".into(), folder: "public".into() }),
        };
        assert_eq!(declared, Ok(expected));
    }

    #[test]
    fn wrong_records() {
        let check = |records: &[&str], message: &str| {
            let error = read(records).unwrap_err();
            assert_eq!(error.lines().next(), Some(message));
        };
        let unknown = "error: the source declares what this pipkin does not know: ";
        for record in ["volume=/x", "tag", "env=A", "label=A", "site=/x"] {
            check(&[record], &format!("{unknown}{record:?}"));
        }
        check(
            &["port=0x50"],
            "error: the source has port: \"0x50\" in image!: invalid digit found in string",
        );
        for (name, value) in [("tag", "a:1"), ("port", "80"), ("user", "1")] {
            let record = format!("{name}={value}");
            let message = format!("error: the source has {name} in two image!");
            check(&[&record, "env=A=b", &record], &message);
        }
        check(
            &["site=/a\ta", "site=/b\tb"],
            "error: the source embeds two folders, a and b, and an image has one",
        );
    }
}
