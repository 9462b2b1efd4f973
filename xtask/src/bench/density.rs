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

/// A server that runs, until this value goes.
trait Running: Sized {
    fn start(place: &Place, instance: &Instance) -> Outcome<Self>;
    fn memory(&self) -> Outcome<Memory>;
}

impl Running for Server {
    fn start(_: &Place, instance: &Instance) -> Outcome<Self> {
        Self::start(vec![instance.process()], instance.port)
    }

    /// What the kernel has for processes, it tells of cgroups alone.
    fn memory(&self) -> Outcome<Memory> {
        Ok(Memory { user_bytes: self.memory().no_file_kib as f64 * 1024.0, kernel_bytes: 0.0 })
    }
}

/// The container, and its first process.
impl Running for (Container, u32) {
    fn start(place: &Place, instance: &Instance) -> Outcome<Self> {
        let container = Container::new(place, instance)?;
        let process = container.detach()?;
        Ok((container, process))
    }

    fn memory(&self) -> Outcome<Memory> {
        cgroup::memory(self.1)
    }
}

fn processes(place: &Place) -> Table {
    let title =
        "servers as processes: Pss_Anon + Pss_Shmem of smaps_rollup, of all processes of each";
    let mut table = Table::new("processes", title, &[("each", "KiB", 1), ("in 1 GB", "", 0)]);
    for kind in KINDS {
        eprintln!("density: {COUNT} processes of {}", kind.name);
        let cells = more::<Server>(place, kind)
            .map(|each| vec![kib(each.user_bytes), fit(each.user_bytes)]);
        push(&mut table, kind, cells);
    }
    table.chart = Some(Chart::Bars { column: 1, is_log: true });
    table
}

fn containers(place: &Place) -> Table {
    let title = "servers by runc, each in a memory cgroup: what the kernel charges but for files";
    let parts = [("its processes", "KiB", 1), ("the kernel", "KiB", 1)];
    let columns = [("each", "KiB", 1), parts[0], parts[1], ("in 1 GB", "", 0)];
    let mut table = Table::new("containers", title, &columns);
    for kind in KINDS {
        eprintln!("density: {COUNT} containers of {}", kind.name);
        let cells = more::<(Container, u32)>(place, kind).map(|each| {
            let all = each.user_bytes + each.kernel_bytes;
            vec![kib(all), kib(each.user_bytes), kib(each.kernel_bytes), fit(all)]
        });
        push(&mut table, kind, cells);
    }
    table.chart = Some(Chart::Bars { column: 3, is_log: true });
    table
}

/// What one more of `kind` costs.
fn more<T: Running>(place: &Place, kind: &Kind) -> Outcome<Memory> {
    let mut all: Vec<T> = Vec::new();
    let mut memory_of = |count: usize| {
        for _ in all.len()..count {
            let instance = place.instance(kind)?;
            all.push(T::start(place, &instance)?);
            answered(&instance)?;
        }
        std::thread::sleep(SETTLE);
        all.iter().map(T::memory).sum::<Outcome<Memory>>()
    };
    Ok(each(memory_of(COUNT / 2)?, memory_of(COUNT)?))
}

/// What each of the second half has added to what there was with the first.
fn each(half: Memory, whole: Memory) -> Memory {
    let each = |half: f64, whole: f64| (whole - half) / (COUNT - COUNT / 2) as f64;
    Memory {
        user_bytes: each(half.user_bytes, whole.user_bytes),
        kernel_bytes: each(half.kernel_bytes, whole.kernel_bytes),
    }
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

fn push(table: &mut Table, kind: &Kind, cells: Outcome<Vec<Option<f64>>>) {
    match cells {
        Ok(cells) => {
            let row = table.push(kind.name, kind.name == PIPKIN, &cells);
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
        let memory = |user_bytes, kernel_bytes| Memory { user_bytes, kernel_bytes };
        assert_eq!(each(memory(1000.0, 25.0), memory(1050.0, 100.0)), memory(2.0, 3.0));
        assert_eq!(fit(40_960.0), Some(24_414.0));
        assert_eq!(fit(0.0), None);
        assert_eq!(kib(1536.0), Some(1.5));
    }
}
