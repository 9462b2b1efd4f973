//! The platform that an image runs on.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::{Error, Result};

/// What Go, and so every engine, calls the architectures of Linux.
const ARCHITECTURES: &[&str] = &[
    "386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64",
    "ppc64le", "riscv64", "s390x",
];

/// A Linux platform, such as `linux/amd64` or `linux/arm/v7`.
///
/// Any architecture is representable; which of them something can be built for is the caller's
/// business. Names are normalised as containerd does, so equal platforms compare equal.
///
/// Source: OCI image-spec, Image Index, `platform`; containerd, package platforms.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Platform {
    architecture: String,
    os: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    variant: Option<String>,
}

impl Platform {
    /// The operating system: `linux`.
    pub fn os(&self) -> &str {
        self.os
    }

    /// The architecture by its Go name, such as `amd64`.
    pub fn architecture(&self) -> &str {
        &self.architecture
    }

    /// The variant of the architecture where one is needed, such as `v7` of `arm`.
    pub fn variant(&self) -> Option<&str> {
        self.variant.as_deref()
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        match &self.variant {
            Some(variant) => write!(f, "/{variant}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Platform {
    type Err = Error;

    /// The platform that `text` spells, as `OS/ARCHITECTURE[/VARIANT]` or as the name of an
    /// architecture alone.
    ///
    /// # Errors
    ///
    /// The `Platform` variants of [`Error`], each with what to write.
    fn from_str(text: &str) -> Result<Platform> {
        if text.is_empty() {
            return Err(Error::PlatformEmpty);
        }
        check_characters(text)?;
        let lower = text.to_ascii_lowercase();
        let parts: Vec<&str> = lower.split('/').collect();
        match parts[..] {
            _ if parts.iter().any(|part| part.is_empty()) => {
                Err(Error::PlatformForm { text: text.into() })
            }
            [word] => parse_word(text, word),
            [os, architecture] => parse_parts(text, os, architecture, None),
            [os, architecture, variant] => parse_parts(text, os, architecture, Some(variant)),
            _ => Err(Error::PlatformForm { text: text.into() }),
        }
    }
}

fn check_characters(text: &str) -> Result<()> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "/_.-".contains(c);
    match text.chars().enumerate().find(|&(_, c)| !is_allowed(c)) {
        None => Ok(()),
        Some((i, character)) => {
            Err(Error::PlatformCharacter { text: text.into(), character, at: i + 1 })
        }
    }
}

fn parse_word(text: &str, word: &str) -> Result<Platform> {
    let (architecture, variant) = normalise(word, None);
    if ARCHITECTURES.contains(&architecture) {
        Ok(platform(architecture, variant))
    } else {
        Err(Error::PlatformWord { text: text.into() })
    }
}

fn parse_parts(text: &str, os: &str, arch: &str, variant: Option<&str>) -> Result<Platform> {
    if os != "linux" {
        return Err(Error::PlatformSystem { text: text.into(), system: os.into() });
    }
    let (architecture, variant) = normalise(arch, variant);
    Ok(platform(architecture, variant))
}

fn platform(architecture: &str, variant: Option<&str>) -> Platform {
    let variant = variant.map(Into::into);
    Platform { os: "linux", architecture: architecture.into(), variant }
}

/// One spelling of an architecture and variant for all that mean the same.
///
/// Source: containerd, platforms/database.go, `normalizeArch`.
fn normalise<'a>(architecture: &'a str, variant: Option<&'a str>) -> (&'a str, Option<&'a str>) {
    match (architecture, variant) {
        ("x86_64" | "x86-64" | "amd64", None | Some("v1")) => ("amd64", None),
        ("x86_64" | "x86-64", _) => ("amd64", variant),
        ("aarch64" | "arm64", None | Some("8" | "v8")) => ("arm64", None),
        ("aarch64", _) => ("arm64", variant),
        ("i386", None) => ("386", None),
        ("armhf", _) | ("arm", None | Some("7")) => ("arm", Some("v7")),
        ("armel", _) | ("arm", Some("6")) => ("arm", Some("v6")),
        ("arm", Some("5")) => ("arm", Some("v5")),
        ("arm", Some("8")) => ("arm", Some("v8")),
        _ => (architecture, variant),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let parsed = text.parse::<Platform>();
        let shown = parsed.map_or_else(|error| error.to_string(), |platform| platform.to_string());
        assert_eq!(shown, expected, "{text:?}");
    }

    #[test]
    fn platforms() {
        check("linux/amd64", "linux/amd64");
        check("linux/arm64", "linux/arm64");
        check("linux/arm64/v8", "linux/arm64");
        check("linux/arm64/v9", "linux/arm64/v9");
        check("amd64", "linux/amd64");
        check("arm64", "linux/arm64");
        check("riscv64", "linux/riscv64");
        check("linux/quux", "linux/quux");
        check("linux/arm", "linux/arm/v7");
        check("linux/arm/6", "linux/arm/v6");
        check("linux/amd64/v1", "linux/amd64");
        check("linux/amd64/v3", "linux/amd64/v3");
        check("Linux/x86_64", "linux/amd64");
        check("aarch64", "linux/arm64");
    }

    #[test]
    fn what_is_no_platform() {
        check("", "the platform is empty: write linux/amd64");
        for text in ["linux/", "/amd64", "linux//v8", "linux/arm64/v8/v9"] {
            let expected =
                format!("platform `{text}` is not OS/ARCHITECTURE[/VARIANT]: write linux/amd64");
            check(text, &expected);
        }
        check(
            "linux,amd64",
            "platform `linux,amd64` has ',' at position 6, where only letters, digits and `_` \
             `.` `-` can stand: write linux/amd64",
        );
        check(
            "windows/amd64",
            "platform `windows/amd64` is for `windows`, and these images are for linux: write \
             linux/amd64",
        );
        check(
            "linux",
            "platform `linux` is no architecture of linux: write linux/amd64, linux/arm64 or \
             another OS/ARCHITECTURE",
        );
    }

    #[test]
    fn json_has_the_fields_of_a_platform() {
        let json = |text: &str| serde_json::to_string(&text.parse::<Platform>().unwrap()).unwrap();
        assert_eq!(json("linux/amd64"), r#"{"architecture":"amd64","os":"linux"}"#);
        assert_eq!(json("linux/arm"), r#"{"architecture":"arm","os":"linux","variant":"v7"}"#);
    }
}
