//! The modules with which glibc looks up names, which nsswitch.conf names.
//!
//! Source: nsswitch.conf(5).

use crate::Result;
use crate::finder::{Asker, Finder};
use crate::reason::{Kind, Reason};

const CONF: &str = "/etc/nsswitch.conf";
/// Since this minor version of glibc 2, these services are of libc itself.
const BUILT_IN: (u32, [&str; 2]) = (34, ["files", "dns"]);

/// Keeps the configuration, and for each of the databases the modules that it names.
pub(crate) fn keep(
    finder: &mut Finder<'_>,
    asker: &Asker,
    databases: &[&str],
    reason: &Reason,
) -> Result<()> {
    let Some((linker, _)) = asker.place else { return Ok(()) };
    if finder.linkers[linker].system.is_musl {
        return Ok(());
    }
    let Some(text) = finder.files.root.text(CONF) else { return Ok(()) };
    let Some(found) = finder.keep(CONF, reason.clone())? else { return Ok(()) };
    let has_built_in = minor_version(finder, linker).is_some_and(|minor| minor >= BUILT_IN.0);
    for database in databases {
        for service in services(&text, database) {
            let reason = Reason::new(Kind::Named, &found.path, format!("{database}: {service}"));
            let name = format!("libnss_{service}.so.2");
            if has_built_in && BUILT_IN.1.contains(&service) {
                finder.leave(&name, reason, "libc has it within");
            } else if !finder.dlopen(asker, &name, reason.clone())? {
                finder.leave(&name, reason, "it is not there");
            }
        }
    }
    Ok(())
}

/// The services of `database` in the configuration `text`, without what to do when they fail.
fn services<'a>(text: &'a str, database: &str) -> Vec<&'a str> {
    let line = text.lines().find_map(|line| {
        let (name, services) = line.split('#').next()?.split_once(':')?;
        (name.trim() == database).then_some(services)
    });
    let mut services = Vec::new();
    let mut is_action = false;
    for word in line.unwrap_or_default().split_whitespace() {
        is_action |= word.starts_with('[');
        if !is_action {
            services.push(word);
        }
        is_action &= !word.ends_with(']');
    }
    services
}

/// The minor version of the glibc that is loaded, as it says itself: `... version 2.36.`
fn minor_version(finder: &Finder<'_>, linker: usize) -> Option<u32> {
    let loaded = finder.linkers[linker].loaded.iter();
    let mut places = loaded.flat_map(|loaded| &loaded.facts.places);
    let text = places.find(|place| place.starts_with("GNU C Library"))?;
    let (_, version) = text.split_once("version 2.")?;
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_of_a_database() {
        let text = "# hosts: no\nhosts: files mdns4_minimal [NOTFOUND=return] dns # why\n\
                    passwd:\tfiles  [ !UNAVAIL=return SUCCESS=continue ] sss\ngroup:\n";
        let check = |database, expected: &[&str]| assert_eq!(services(text, database), expected);
        check("hosts", &["files", "mdns4_minimal", "dns"]);
        check("passwd", &["files", "sss"]);
        check("group", &[]);
        check("services", &[]);
    }
}
