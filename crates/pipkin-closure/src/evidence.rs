//! What the functions that a file imports say about the files that they read.
//!
//! The libc and the TLS libraries read files whose names no program tells: each function below
//! stands for some of them. A static program imports nothing, so there the names of those files,
//! in its data, stand for the functions.

use std::fmt;

/// What a function reads when it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Topic {
    /// Names of hosts.
    Hosts,
    /// Names and numbers of users and groups.
    Users,
    /// Names and numbers of services and protocols.
    Services,
    /// Conversions between character sets.
    Charsets,
    /// The locale.
    Locale,
    /// The time zone.
    Zone,
    /// Whom to trust.
    Certificates,
    /// The folder for temporary files.
    Temporary,
    /// The library that unwinds the stack of a thread that ends.
    Unwinder,
    /// Descriptions of terminals.
    Terminals,
    /// The shell.
    Shell,
}

/// Something that a file asks for, with the name that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ask {
    pub(crate) topic: Topic,
    /// The function, or the text.
    pub(crate) name: &'static str,
}

impl fmt::Display for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Functions, by what they read.
const FUNCTIONS: &[(Topic, &[&str])] = &[
    (
        Topic::Hosts,
        &[
            "getaddrinfo",
            "getaddrinfo_a",
            "getnameinfo",
            "gethostbyname",
            "gethostbyname2",
            "gethostbyname_r",
            "gethostbyname2_r",
            "gethostbyaddr",
            "gethostbyaddr_r",
        ],
    ),
    (
        Topic::Users,
        &[
            "getpwuid",
            "getpwuid_r",
            "getpwnam",
            "getpwnam_r",
            "getpwent",
            "getpwent_r",
            "getgrgid",
            "getgrgid_r",
            "getgrnam",
            "getgrnam_r",
            "getgrent",
            "getgrouplist",
            "initgroups",
        ],
    ),
    (
        Topic::Services,
        &[
            "getservbyname",
            "getservbyname_r",
            "getservbyport",
            "getservbyport_r",
            "getprotobyname",
            "getprotobyname_r",
            "getprotobynumber",
            "getprotobynumber_r",
        ],
    ),
    (Topic::Charsets, &["iconv_open"]),
    (Topic::Locale, &["setlocale", "newlocale"]),
    (Topic::Zone, &["localtime", "localtime_r", "mktime", "tzset"]),
    (
        Topic::Certificates,
        &[
            "SSL_CTX_set_default_verify_paths",
            "SSL_CTX_set_default_verify_dir",
            "SSL_CTX_set_default_verify_file",
            "X509_STORE_set_default_paths",
            "gnutls_certificate_set_x509_system_trust",
            "gnutls_x509_trust_list_add_system_trust",
        ],
    ),
    (
        Topic::Temporary,
        &[
            "mkstemp",
            "mkstemps",
            "mkostemp",
            "mkostemps",
            "mkdtemp",
            "tmpfile",
            "tmpnam",
            "tempnam",
        ],
    ),
    // glibc opens libgcc_s.so.1 in these, and ends the process when it is missing.
    (Topic::Unwinder, &["pthread_exit", "pthread_cancel", "thrd_exit", "backtrace"]),
    (Topic::Terminals, &["setupterm", "tgetent", "initscr", "newterm"]),
    (Topic::Shell, &["system", "popen"]),
];

/// Names of those functions as large files have them, where long files are another function.
const LARGE_FILE_SUFFIX: &str = "64";

/// What a text in any file stands for: it need not end with NUL, since in Go and Rust texts do not.
const TEXTS: &[(Topic, &str)] = &[
    (Topic::Certificates, "/etc/ssl/certs/ca-certificates.crt"),
    (Topic::Certificates, "/etc/pki/tls/certs/ca-bundle.crt"),
];

/// What a text in a static program stands for.
const TEXTS_OF_STATIC: &[(Topic, &str)] = &[
    (Topic::Users, "/etc/passwd"),
    (Topic::Services, "/etc/services"),
    (Topic::Zone, "/etc/localtime"),
    (Topic::Temporary, "/tmp"),
];

/// What a file asks for, by its `imports` and the texts in it: each topic once.
pub(crate) fn asks(imports: &[&str], is_static: bool, has_text: impl Fn(&str) -> bool) -> Vec<Ask> {
    let imported = |name: &&&'static str| {
        let is = |import: &&str| import.strip_suffix(LARGE_FILE_SUFFIX).unwrap_or(import) == **name;
        imports.iter().any(is)
    };
    let functions = FUNCTIONS.iter().filter_map(|(topic, names)| {
        names.iter().find(imported).map(|name| Ask { topic: *topic, name })
    });
    let mut asks: Vec<Ask> = functions.collect();
    let of_static = TEXTS_OF_STATIC.iter().filter(|_| is_static);
    for (topic, name) in TEXTS.iter().chain(of_static) {
        let is_known = asks.iter().any(|ask| ask.topic == *topic);
        if !is_known && has_text(name) {
            asks.push(Ask { topic: *topic, name });
        }
    }
    asks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(imports: &[&str], is_static: bool, text: &str, expected: &[(Topic, &str)]) {
        let found = asks(imports, is_static, |wanted| text.contains(wanted));
        let found: Vec<_> = found.iter().map(|ask| (ask.topic, ask.name)).collect();
        assert_eq!(found, expected, "{imports:?} {text}");
    }

    #[test]
    fn functions_and_texts() {
        check(&["read", "write"], false, "/tmp /etc/passwd", &[]);
        check(
            &["getpwuid", "getaddrinfo", "gethostbyname", "mkstemp64"],
            false,
            "",
            &[
                (Topic::Hosts, "getaddrinfo"),
                (Topic::Users, "getpwuid"),
                (Topic::Temporary, "mkstemp"),
            ],
        );
        let bundle = "/etc/ssl/certs/ca-certificates.crt";
        check(&[], false, bundle, &[(Topic::Certificates, bundle)]);
        let imported = "SSL_CTX_set_default_verify_paths";
        check(&[imported], false, bundle, &[(Topic::Certificates, imported)]);
        check(
            &[],
            true,
            "/tmp /etc/passwd",
            &[(Topic::Users, "/etc/passwd"), (Topic::Temporary, "/tmp")],
        );
    }
}
