//! `bench density`: what one more server of a site costs in memory, and so how many fit.

mod cgroup;

use std::time::{Duration, Instant};

use results::{Chart, Section, Table};

use super::contained::{self, Container, Instance, KINDS, Kind, Place};
use super::load::{PIPKIN, Server};
use super::{reason, section};
use crate::debian;
use crate::shell::Outcome;
use cgroup::Memory;

pub(super) const HELP: &str = "memory of one server more, as a process and by runc";

/// Servers of a kind that run at once. What they have in common shows among the first half.
const COUNT: usize = 50;

/// In which a server finishes what it does after an answer, and the kernel its accounts, which it
/// makes every two seconds.
const SETTLE: Duration = Duration::from_millis(2500);

/// How long a container may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is to be filled.
const ROOM_BYTES: f64 = 1e9;

pub(super) fn run(_: &[String]) -> Outcome<Section> {
    debian::provide(contained::NEEDS, "a server of bench density")?;
    let place = Place::new()?;
    let mut section = section("density", "How many servers fit into 1 GB of memory");
    section.notes = notes();
    section.tables = vec![processes(&place), containers(&place)];
    Ok(section)
}

fn notes() -> Vec<String> {
    let (half, all) = (COUNT / 2, COUNT);
    [
        format!("{all} of each run, each has answered once: each is what there is more with {all} than \
                 with {half}, by {}.", all - half),
        "How many fit is extrapolated from that, not tried. Programs and libraries, which all \
         servers of a kind share, are not counted, nor is the engine's own process for each container."
            .into(),
        "All serve one page of 31 bytes, without logs, by one worker; pipkin by one for each CPU.".into(),
    ]
    .into()
}

fn processes(place: &Place) -> Table {
    let title =
        "servers as processes: Pss_Anon + Pss_Shmem of smaps_rollup, of all processes of each";
    let mut table = Table::new("processes", title, &[("each", "KiB", 1), ("in 1 GB", "", 0)]);
    for kind in KINDS {
        eprintln!("density: {COUNT} processes of {}", kind.name);
        let each = more(
            |servers: &mut Vec<Server>| {
                let instance = place.instance(kind)?;
                servers.push(Server::start(vec![instance.process()], instance.port)?);
                answered(&instance)
            },
            |servers| {
                Ok([servers.iter().map(|server| server.memory().no_file_kib as f64 * 1024.0).sum()])
            },
        );
        push(&mut table, kind, each, |[each]| vec![kib(each), fit(each)]);
    }
    table.chart = Some(Chart::Bars { column: 1, is_log: true });
    table
}

fn containers(place: &Place) -> Table {
    let title = "servers by runc, each in a memory cgroup: what the kernel charges but for files";
    let columns = [
        ("each", "KiB", 1),
        ("its processes", "KiB", 1),
        ("the kernel", "KiB", 1),
        ("in 1 GB", "", 0),
    ];
    let mut table = Table::new("containers", title, &columns);
    for kind in KINDS {
        eprintln!("density: {COUNT} containers of {}", kind.name);
        let each = more(
            |containers: &mut Vec<(Container, u32)>| {
                let instance = place.instance(kind)?;
                let container = Container::new(place, &instance)?;
                let process = container.detach()?;
                containers.push((container, process));
                answered(&instance)
            },
            |containers| {
                let all: Vec<Memory> = containers
                    .iter()
                    .map(|(_, process)| cgroup::memory(*process))
                    .collect::<Outcome<_>>()?;
                Ok([
                    all.iter().map(|memory| memory.user_bytes as f64).sum(),
                    all.iter().map(|memory| memory.kernel_bytes as f64).sum(),
                ])
            },
        );
        push(&mut table, kind, each, |[user, kernel]| {
            vec![kib(user + kernel), kib(user), kib(kernel), fit(user + kernel)]
        });
    }
    table.chart = Some(Chart::Bars { column: 3, is_log: true });
    table
}

/// What one more costs: `start` adds one, `measure` says what all have.
fn more<T, const N: usize>(
    start: impl Fn(&mut Vec<T>) -> Outcome,
    measure: impl Fn(&[T]) -> Outcome<[f64; N]>,
) -> Outcome<[f64; N]> {
    let mut all = Vec::new();
    let mut measured = |count: usize| {
        (all.len()..count).try_for_each(|_| start(&mut all))?;
        std::thread::sleep(SETTLE);
        measure(&all)
    };
    Ok(each(measured(COUNT / 2)?, measured(COUNT)?))
}

/// What each of the second half has added to what there was with the first.
fn each<const N: usize>(half: [f64; N], whole: [f64; N]) -> [f64; N] {
    std::array::from_fn(|at| (whole[at] - half[at]) / (COUNT - COUNT / 2) as f64)
}

/// Waits for the first answer.
fn answered(instance: &Instance) -> Outcome {
    let start = Instant::now();
    while !contained::answers(instance.port)? {
        if start.elapsed() > PATIENCE {
            return Err("it does not answer".into());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

/// Adds the row of `kind`, whose `cells` are made of what each costs.
fn push<const N: usize>(
    table: &mut Table,
    kind: &Kind,
    each: Outcome<[f64; N]>,
    cells: impl Fn([f64; N]) -> Vec<Option<f64>>,
) {
    match each {
        Ok(each) => {
            let row = table.push(kind.name, kind.name == PIPKIN, &cells(each));
            row.note = kind.note.map(String::from);
        }
        Err(failure) => table.push_missing(kind.name, &reason(&*failure)),
    }
}

fn kib(bytes: f64) -> Option<f64> {
    Some(bytes / 1024.0)
}

/// How many of so many bytes there is room for; no figure where nothing was seen to be used.
fn fit(bytes: f64) -> Option<f64> {
    (bytes > 0.0).then(|| (ROOM_BYTES / bytes).floor())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_they_have_in_common_does_not_count() {
        assert_eq!(each([1000.0, 25.0], [1050.0, 100.0]), [2.0, 3.0]);
        assert_eq!(fit(40_960.0), Some(24_414.0));
        assert_eq!(fit(0.0), None);
        assert_eq!(kib(1536.0), Some(1.5));
    }
}
