//! The fields of an answer that a user chose, over those that it would have.

use crate::rules::headers::Fields;

/// The fields that a user chose for an answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chosen {
    /// Each name once, apart from `Set-Cookie`.
    pub(crate) fields: Fields,
    /// Names that must not be there.
    pub(crate) detached: Vec<String>,
}

impl Chosen {
    /// Whether the user has decided on this field, be it that there is none.
    pub(crate) fn decides(&self, name: &str) -> bool {
        let is_it = |known: &String| known.eq_ignore_ascii_case(name);
        self.fields.iter().any(|(known, _)| is_it(known)) || self.detached.iter().any(is_it)
    }

    /// The value of a field.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| &value[..])
    }

    /// The line of a field that the user has not decided on.
    pub(crate) fn unless_decided(&self, name: &str, value: &str) -> String {
        if self.decides(name) { String::new() } else { line(name, value) }
    }

    /// The line of Vary: the names that the answer depends on by itself, then those of the user.
    pub(crate) fn vary_line(&self, own: &[&str]) -> String {
        let is_detached = self.detached.iter().any(|name| name.eq_ignore_ascii_case("vary"));
        let mut names = if is_detached { Vec::new() } else { own.to_vec() };
        for name in self.value("vary").into_iter().flat_map(|value| value.split(',')) {
            let name = name.trim();
            if !name.is_empty() && !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                names.push(name);
            }
        }
        match &names[..] {
            [] => String::new(),
            names if names.contains(&"*") => line("Vary", "*"),
            names => line("Vary", &names.join(", ")),
        }
    }

    /// The lines of the fields that a 304 repeats, without Vary.
    pub(crate) fn shared_lines(&self) -> String {
        self.lines(|name| !is_of_body(name) && !name.eq_ignore_ascii_case("vary"))
    }

    /// The lines of the fields that describe the body.
    pub(crate) fn body_lines(&self) -> String {
        self.lines(is_of_body)
    }

    fn lines(&self, is_meant: impl Fn(&str) -> bool) -> String {
        let fields = self.fields.iter().filter(|(name, _)| is_meant(name));
        fields.map(|(name, value)| line(name, value)).collect()
    }

    /// What of it holds where there is no such file: a missing script is no script, and nothing
    /// that a browser should keep for a year.
    pub(crate) fn without_file(mut self) -> Self {
        self.fields.retain(|(name, _)| !is_of_file(name));
        self.detached.retain(|name| !is_of_file(name));
        self
    }
}

fn line(name: &str, value: &str) -> String {
    format!("\r\n{name}: {value}")
}

/// Whether a field describes the body. A 304 needs the others, since they may have changed where
/// the body has not.
///
/// Source: RFC 9110, section 15.4.5, which wants Content-Location there; sections 8.3 to 8.6.
fn is_of_body(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_other = name.starts_with("content-security-policy") || name == "content-location";
    name.starts_with("content-") && !is_other
}

/// Whether a field is about a file: what it is, and how long it may be kept.
fn is_of_file(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let is_of_caches = lower.ends_with("cache-control") || lower == "expires";
    is_of_body(name) || is_of_caches || lower == "content-location"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(fields: &[(&str, &str)], detached: &[&str]) -> Chosen {
        let fields = fields.iter().map(|&(name, value)| (name.into(), value.into()));
        let detached = detached.iter().map(ToString::to_string);
        Chosen { fields: fields.collect(), detached: detached.collect() }
    }

    #[track_caller]
    fn check_vary(own: &[&str], value: &str, expected: &str) {
        let fields = [("vary", value)];
        assert_eq!(chosen(&fields[..usize::from(!value.is_empty())], &[]).vary_line(own), expected);
    }

    #[test]
    fn vary_is_one_field() {
        check_vary(&[], "", "");
        check_vary(&["Accept"], "", "\r\nVary: Accept");
        check_vary(&[], "Origin", "\r\nVary: Origin");
        check_vary(&["Accept-Encoding"], "Origin", "\r\nVary: Accept-Encoding, Origin");
        check_vary(
            &["Accept-Encoding"],
            "origin,,accept-encoding",
            "\r\nVary: Accept-Encoding, origin",
        );
        check_vary(&["Accept"], "Origin, *", "\r\nVary: *");
        assert_eq!(chosen(&[], &["VARY"]).vary_line(&["Accept"]), "");
    }

    #[test]
    fn what_goes_where() {
        let check = |name: &str, shared: bool, missing: bool| {
            let chosen = chosen(&[(name, "1")], &[]);
            let found = (!chosen.shared_lines().is_empty(), chosen.body_lines().is_empty());
            assert_eq!(found, (shared, shared), "{name}");
            assert_eq!(chosen.without_file().value(name).is_some(), missing, "{name}");
        };
        check("X-Frame-Options", true, true);
        check("content-security-policy", true, true);
        check("Content-Security-Policy-Report-Only", true, true);
        check("Content-Location", true, false);
        check("Cache-Control", true, false);
        check("CDN-Cache-Control", true, false);
        check("Expires", true, false);
        check("content-type", false, false);
        check("Content-Disposition", false, false);
        check("Content-Language", false, false);
    }

    #[test]
    fn decisions_ignore_case() {
        let chosen = chosen(&[("X-A", "1")], &["X-B"]);
        assert!(chosen.decides("x-a") && chosen.decides("x-b") && !chosen.decides("x-c"));
        assert_eq!(chosen.unless_decided("X-B", "2"), "");
        assert_eq!(chosen.unless_decided("X-C", "3"), "\r\nX-C: 3");
    }
}
