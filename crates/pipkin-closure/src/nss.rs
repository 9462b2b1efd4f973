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
    if !is_glibc(finder, asker) {
        return Ok(());
    }
    let Some(text) = finder.files.root.text(CONF) else { return Ok(()) };
    let Some(found) = finder.keep(CONF, reason.clone())? else { return Ok(()) };
    for database in databases {
        for service in services(&text, database) {
            let reason = Reason::new(Kind::Named, &found.path, format!("{database}: {service}"));
            keep_module(finder, asker, service, &reason)?;
        }
    }
    Ok(())
}

/// Keeps the module for a service, unless libc has it within.
pub(crate) fn keep_module(
    finder: &mut Finder<'_>,
    asker: &Asker,
    service: &str,
    reason: &Reason,
) -> Result<()> {
    let name = format!("libnss_{service}.so.2");
    let loaded = asker.place.map(|(linker, _)| &finder.linkers[linker].loaded);
    let minor = loaded.into_iter().flatten().find_map(|loaded| loaded.facts.glibc_minor);
    if minor.is_some_and(|minor| minor >= BUILT_IN.0) && BUILT_IN.1.contains(&service) {
        finder.leave(&name, reason.clone(), "libc has it within");
    } else if is_glibc(finder, asker)
        && !finder.dlopen(&finder.libc(asker), &name, reason.clone())?
    {
        finder.leave(&name, reason.clone(), "it is not there");
    }
    Ok(())
}

/// Whether the asker has a libc that loads modules.
fn is_glibc(finder: &Finder<'_>, asker: &Asker) -> bool {
    asker.place.is_some_and(|(linker, _)| !finder.linkers[linker].system.is_musl)
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
