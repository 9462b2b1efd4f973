//! CPU time per request with more and more connections.

use results::{Chart, Table};

use super::exponent;
use crate::bench::load::{self, Case, Options, PIPKIN};
use crate::bench::speed::{CASES, NGINX, NULL, Place, RIVALS, Rival};
use crate::shell::Outcome;
use crate::skip::skip;

pub(super) const NAME: &str = "connections";

/// Of the processes of a server, each of which has half of the connections; more where there are more
/// CPUs.
const DESCRIPTORS: u64 = 16_384;

/// Where connecting takes longer than all else, there are no more rounds than that.
const MANY: usize = 10_000;
const MANY_ROUNDS_MAX: usize = 3;

/// Up to here every system goes without being asked for more descriptors.
const FEW: usize = 100;

const STEPS: &[Case] = &[
    step("1", 1, 0),
    step("10", 10, 0),
    step("100", 100, 0),
    step("1,000", 1000, 0),
    step("10,000", 10_000, 2),
    step("20,000", 20_000, 10),
];

/// A load that differs in its connections alone.
const fn step(title: &'static str, connections: usize, more_seconds: u64) -> Case {
    Case { name: NAME, title, connections, more_seconds, goals: &[], ..CASES[0] }
}

/// A row for each step.
pub(super) fn compare(place: &Place, options: &Options) -> Outcome<Table> {
    let title = format!(
        "CPU time per request of 1 kB, keep-alive: medians of {} x {} s and more",
        options.rounds, options.seconds
    );
    let columns = [(NAME, "", 0), (PIPKIN, "us", 2), (NGINX, "us", 2), (NULL, "us", 2)];
    let mut table = Table::new(NAME, &title, &columns);
    let many = load::raise_descriptors(DESCRIPTORS)?;
    place.record(&CASES[0])?;
    for case in STEPS {
        if !many && case.connections > FEW {
            skip(&format!("{} connections", case.title), load::FEW_DESCRIPTORS)?;
            table.push_missing(case.title, load::FEW_DESCRIPTORS);
            continue;
        }
        match cpu(place, case, options) {
            Ok(cpu) => {
                let cells = [&[Some(case.connections as f64)], cpu.as_slice()].concat();
                table.push(case.title, true, &cells);
            }
            Err(failure) => table.push_missing(case.title, &crate::bench::reason(&*failure)),
        }
    }
    table.notes.push(format!(
        "From {MANY} connections on, runs are longer, at most {MANY_ROUNDS_MAX}, and connecting has \
         a part in the figure.",
    ));
    table.notes.extend(exponent::notes(&table));
    table.chart = Some(Chart::Lines { x: 0, ys: vec![1, 2, 3] });
    Ok(table)
}

/// Of pipkin, nginx and the null server.
fn cpu(place: &Place, case: &Case, options: &Options) -> Outcome<[Option<f64>; 3]> {
    let mut options = options.clone();
    if case.connections >= MANY {
        options.rounds = options.rounds.min(MANY_ROUNDS_MAX);
    }
    let names = [PIPKIN, NGINX, NULL];
    let is_wanted = |rival: &&Rival| names.contains(&rival.name) && rival.is_here();
    let field = RIVALS.iter().filter(is_wanted);
    let field = field.map(|rival| Ok((rival.name, rival.start(place, Some(case))?)));
    let samples = load::compare(field.collect::<Outcome<_>>()?, case, &options, place.folder())?;
    Ok(names.map(|name| samples.cpu_us(name)))
}
