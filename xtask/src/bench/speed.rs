//! `bench speed`: the server of an image next to others, under the same load in the same
//! minutes.

mod case;
mod idle;
mod place;
mod rival;

use results::{Chart, Section, Table};

use super::load::{self, Case, Options};
use super::{leave_out, section};
use crate::debian::{self, Need};
use crate::shell::{Outcome, has};
pub(super) use case::CASES;
pub(super) use place::Place;
pub(super) use rival::{NGINX, NULL, RIVALS, Rival};

pub(super) const HELP: &str =
    "the server against nginx and others [--seconds N] [--rounds N] [CASE...]";

pub(super) const NEEDS: &[Need] = &[
    ("/usr/sbin/nginx", "nginx-light"),
    ("/usr/sbin/lighttpd", "lighttpd"),
    ("busybox", "busybox"),
];

/// For 10,000 connections and what a process has open besides.
const DESCRIPTORS: u64 = 16_384;

pub(super) fn run(args: &[String]) -> Outcome<Section> {
    let names: Vec<_> = CASES.iter().map(|case| case.name).chain([idle::NAME]).collect();
    let options = Options::parse(args, &names)?;
    debian::provide(&[load::NEEDS, NEEDS].concat(), "a rival of bench speed")?;
    let place = Place::new()?;
    let many = load::raise_descriptors(DESCRIPTORS)?;
    let mut section = Section { notes: load::notes(), ..section("speed", "The server under load") };
    for case in CASES.iter().filter(|case| options.wants(case.name)) {
        if !has("wrk") {
            leave_out(&mut section, case.name, "wrk is missing")?;
        } else if case.connections >= 10_000 && !many {
            leave_out(&mut section, case.name, load::FEW_DESCRIPTORS)?;
        } else {
            section.tables.push(compare(&place, case, &options)?);
        }
    }
    if options.wants(idle::NAME) {
        if many {
            section.tables.push(idle::compare(&place, &options)?);
        } else {
            leave_out(&mut section, idle::NAME, load::FEW_DESCRIPTORS)?;
        }
    }
    Ok(section)
}

/// Measures every rival that can take part in `case`.
fn compare(place: &Place, case: &Case, options: &Options) -> Outcome<Table> {
    place.record(case)?;
    let rivals = || RIVALS.iter().filter(|rival| rival.can(case));
    let field = rivals().filter(|rival| rival.is_here());
    let field = field.map(|rival| Ok((rival.name, rival.start(place, Some(case))?)));
    let samples = load::compare(field.collect::<Outcome<_>>()?, case, options, place.folder())?;
    let mut table = samples.table(case, options, &[NULL, NGINX]);
    for row in &mut table.rows {
        row.note = rival::find(&row.name).and_then(|rival| rival.note).map(String::from);
    }
    rival::push_absent(&mut table, rivals());
    if case.name == CASES[0].name {
        table.chart = Some(Chart::Bars { column: 0, is_log: false });
    }
    Ok(table)
}
