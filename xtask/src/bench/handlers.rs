//! `bench handlers`: one hello as a handler of pipkin and of others: bytes of the executable and
//! of an image of it, then both under the same load.

mod hello;
mod image;

use results::Section;

use super::load::{self, Case, Options, PIPKIN, Samples, Server, free_port};
use super::section;
use crate::debian;
use crate::shell::{Outcome, has};
use crate::skip::skip;
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
    print(args)?;
    Ok(section("handlers", "A handler under load"))
}

fn print(args: &[String]) -> Outcome {
    let names: Vec<_> = CASES.iter().map(|case| case.name).collect();
    let (flags, rest): (Vec<_>, Vec<_>) = args.iter().cloned().partition(|arg| arg == GNU);
    let options = Options::parse(&rest, &names)?;
    debian::provide(load::NEEDS, "the loads of bench handlers")?;
    let folder = tempfile::tempdir()?;
    let triple = hello::triple(!flags.is_empty());
    let rivals = hello::build(folder.path(), &triple);
    println!("Built for {triple}, static; pipkin's without a libc.");
    load::explain();
    print_bytes(&rivals);
    for case in CASES.iter().filter(|case| options.wants(case.name)) {
        if has("wrk") {
            let samples = load::compare(start(&rivals)?, case, &options, folder.path())?;
            print_samples(&samples, case, &options, &rivals);
        } else {
            skip(case.name, "wrk is missing")?;
        }
    }
    Ok(())
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

fn print_samples(samples: &Samples, case: &Case, options: &Options, rivals: &[Rival]) {
    samples.print(case, options, &[PIPKIN]);
    if case.pipelined > 1 && samples.of("axum").is_some() {
        println!("  axum: by axum::serve, which sends each answer by itself");
    }
    print_missing(rivals);
    println!();
}

fn print_bytes(rivals: &[Rival]) {
    println!("bytes of the executable, of the archive of its image, and of that in a registry");
    let heads = Bytes::NAMES.map(|name| format!("{name:>12} {:>8}", format!("x {PIPKIN}")));
    println!("  {:<9}{}", "", heads.concat());
    let built = || rivals.iter().filter_map(|rival| Some((rival.name, rival.hello.as_ref().ok()?)));
    let ours = built().find(|(name, _)| *name == PIPKIN).map(|(_, hello)| hello.bytes.figures());
    for (name, hello) in built() {
        let bytes = hello.bytes.figures();
        let times = |at: usize| ours.map(|ours| bytes[at] as f64 / ours[at] as f64);
        let times = |at| times(at).map_or("-".into(), |times| format!("{times:.1}"));
        let cells = [0, 1, 2].map(|at| format!("{:>12} {:>8}", bytes[at], times(at)));
        println!("  {name:<9}{}", cells.concat());
    }
    print_missing(rivals);
    println!();
}

fn print_missing(rivals: &[Rival]) {
    for Rival { name, hello } in rivals {
        if let Err(why) = hello {
            println!("  {name:<9}missing: {why}");
        }
    }
}
