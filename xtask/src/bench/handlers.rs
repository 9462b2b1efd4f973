//! `bench handlers`: one hello as a handler of pipkin and of others: bytes of the executable and
//! of an image of it, then both under the same load.

mod hello;
mod image;

use results::{Chart, Section, Table};

use super::load::{self, Case, Options, PIPKIN, Samples, Server, free_port};
use super::{leave_out, section};
use crate::debian;
use crate::shell::{Outcome, has};
use hello::{BODY, Rival};
pub(crate) use hello::{RIVALS, package};
use image::Bytes;

pub(super) const HELP: &str =
    "a handler against hyper, axum and may [--gnu] [--seconds N] [--rounds N] [CASE...]";

/// Has the rivals built with glibc. It doubles their executables and saves hyper 6 to 7 % of its
/// CPU time, pipelined 23 to 28 %: in two pairs of runs of five rounds, as multiples of the CPU time
/// of a site's server in the same run. Of axum and may they do not agree.
const GNU: &str = "--gnu";

const KEEP_ALIVE: Case = Case {
    name: "keep-alive",
    title: "hello, keep-alive, 64 connections",
    path: "/",
    files: 0,
    body_bytes: BODY.len(),
    connections: 64,
    pipelined: 1,
    closes: false,
    more_seconds: 0,
    goals: &[],
};

const CASES: &[Case] = &[
    KEEP_ALIVE,
    Case {
        name: "pipelined",
        title: "hello, 16 requests at once, 64 connections",
        pipelined: 16,
        ..KEEP_ALIVE
    },
];

pub(super) fn run(args: &[String]) -> Outcome<Section> {
    let names: Vec<_> = CASES.iter().map(|case| case.name).collect();
    let (flags, rest): (Vec<_>, Vec<_>) = args.iter().cloned().partition(|arg| arg == GNU);
    let options = Options::parse(&rest, &names)?;
    debian::provide(load::NEEDS, "the loads of bench handlers")?;
    let folder = tempfile::tempdir()?;
    let triple = hello::triple(!flags.is_empty());
    let rivals = hello::build(folder.path(), &triple);
    let mut section =
        Section { notes: load::notes(), ..section("handlers", "A handler under load") };
    section.notes.push(format!("Built for {triple}, static; pipkin's without a libc."));
    section.tables.push(bytes(&rivals));
    for case in CASES.iter().filter(|case| options.wants(case.name)) {
        if has("wrk") {
            let samples = load::compare(start(&rivals)?, case, &options, folder.path())?;
            section.tables.push(loaded(&samples, case, &options, &rivals));
        } else {
            leave_out(&mut section, case.name, "wrk is missing")?;
        }
    }
    Ok(section)
}

/// Those that could be built, each of which says hello.
fn start(rivals: &[Rival]) -> Outcome<Vec<(&'static str, Server)>> {
    let mut field = Vec::new();
    for Rival { name, hello } in rivals {
        let Ok(hello) = hello else { continue };
        let port = free_port()?;
        let server = Server::start(vec![hello.command(port)], port);
        let server = server.map_err(|failure| format!("{name}: {failure}"))?;
        hello::check(&server.answer(&KEEP_ALIVE)?).map_err(|why| format!("{name}: {why}"))?;
        field.push((*name, server));
    }
    Ok(field)
}

fn loaded(samples: &Samples, case: &Case, options: &Options, rivals: &[Rival]) -> Table {
    let mut table = samples.table(case, options, &[PIPKIN]);
    let axum = table.rows.iter_mut().find(|row| row.name == "axum");
    if let Some(axum) = axum.filter(|_| case.pipelined > 1) {
        axum.note = Some("by axum::serve, which sends each answer by itself".into());
    }
    table.chart = Some(Chart::Bars { column: 0, is_log: false });
    push_missing(&mut table, rivals);
    table
}

fn bytes(rivals: &[Rival]) -> Table {
    let title = "bytes of the executable, of the archive of its image, and of that in a registry";
    let times = Bytes::NAMES.map(|name| format!("{name} x {PIPKIN}"));
    let columns = [0, 1, 2].map(|at| [(Bytes::NAMES[at], "B", 0), (times[at].as_str(), "", 1)]);
    let mut table = Table::new("bytes", title, columns.as_flattened());
    let built = || rivals.iter().filter_map(|rival| Some((rival.name, rival.hello.as_ref().ok()?)));
    let ours = built().find(|(name, _)| *name == PIPKIN).map(|(_, hello)| hello.bytes.figures());
    for (name, hello) in built() {
        let bytes = hello.bytes.figures();
        let times = |at: usize| ours.map(|ours| bytes[at] as f64 / ours[at] as f64);
        let cells = [0, 1, 2].map(|at| [Some(bytes[at] as f64), times(at)]);
        table.push(name, name == PIPKIN, cells.as_flattened());
    }
    table.chart = Some(Chart::Bars { column: 0, is_log: true });
    push_missing(&mut table, rivals);
    table
}

fn push_missing(table: &mut Table, rivals: &[Rival]) {
    for Rival { name, hello } in rivals {
        if let Err(why) = hello {
            table.push_missing(name, why);
        }
    }
}
