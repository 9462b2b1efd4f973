//! `bench start`: how long it takes from the start of a server to the first byte of an answer, as a
//! process, under runc, and by engines.

use std::process::Stdio;
use std::time::{Duration, Instant};

use results::{Chart, Section, Table};

use super::contained::{self, ENGINES, HELLO, Instance, KINDS, Kind, Place, Start, Way};
use super::{load::PIPKIN, median, reason, section};
use crate::shell::{Outcome, succeeds};
use crate::{daemon, debian};

pub(super) const HELP: &str = "time to the first byte: a process, runc, docker, podman";

/// Starts of which the median is taken.
const RUNS: usize = 9;

/// How long a start may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// So long a server is asked without a pause; then with one, which leaves an engine the CPUs.
const EAGER: Duration = Duration::from_millis(3);
const PAUSE: Duration = Duration::from_micros(100);

/// One that takes part.
struct Entrant {
    kind: &'static Kind,
    /// At which it serves.
    port: Option<u16>,
    start: Outcome<Start>,
    times: Vec<Duration>,
}

pub(super) fn run(_: &[String]) -> Outcome<Section> {
    debian::provide(contained::NEEDS, "a server of bench start")?;
    let place = Place::new()?;
    let mut section = section("start", "From the start of a server to the first byte of an answer");
    section.notes.extend(
        [
            "Each is asked for a page of 31 bytes over the host's loopback from its start on until it \
             answers, in turns with the others.",
            "Images are pipkin's, of Debian's programs too, which run as root, without logs, each \
             with one worker.",
            "Between two attempts are 0.1 ms, in the first 3 ms none.",
        ]
        .map(String::from),
    );
    let kinds = KINDS.iter().chain([&HELLO]);
    let field: Vec<_> = kinds.map(|kind| (kind, place.instance(kind))).collect();
    let compare = |way| compare(&place, &field, &way);
    section.tables.extend([Way::Exec, Way::Runc].map(compare));
    let daemon = daemon::start();
    section.notes.extend(daemon.as_ref().err().map(ToString::to_string));
    let engines = ENGINES.iter().map(Way::Engine);
    section.tables.extend(engines.map(compare));
    Ok(section)
}

/// All of `field`, started in one way.
fn compare(place: &Place, field: &[(&'static Kind, Outcome<Instance>)], way: &Way) -> Table {
    let mut field: Vec<_> =
        field.iter().map(|(kind, instance)| Entrant::new(place, kind, instance, way)).collect();
    for run in 1..=RUNS {
        eprintln!("starts {}: {run} of {RUNS}", way.title());
        field.iter_mut().for_each(Entrant::measure);
        field.rotate_left(1);
    }
    let all = field.len();
    field.rotate_right(RUNS % all);
    let columns = [("first byte", "ms", 2), ("least", "ms", 2), ("most", "ms", 2)];
    let title = format!("time to the first byte {}: medians of {RUNS}", way.title());
    let mut table = Table::new(way.name(), &title, &columns);
    field.iter().for_each(|entrant| entrant.push(&mut table));
    table.chart = Some(Chart::Bars { column: 0, is_log: true });
    table
}

impl Entrant {
    fn new(place: &Place, kind: &'static Kind, instance: &Outcome<Instance>, way: &Way) -> Self {
        let port = instance.as_ref().ok().map(|instance| instance.port);
        let start = match instance {
            Ok(instance) => way.prepare(place, kind, instance),
            Err(failure) => Err(reason(&**failure).into()),
        };
        let port = port.filter(|_| kind.name != HELLO.name);
        Self { kind, port, start, times: Vec::new() }
    }

    /// Starts it once more, unless it has failed.
    fn measure(&mut self) {
        let Ok(start) = &self.start else { return };
        match time(start, self.port) {
            Ok(time) => self.times.push(time),
            Err(failure) => self.start = Err(failure),
        }
    }

    fn push(&self, table: &mut Table) {
        let Self { kind, start, times, .. } = self;
        if let Err(failure) = start {
            return table.push_missing(kind.name, &reason(&**failure));
        }
        let all = || times.iter().map(|time| time.as_secs_f64() * 1000.0);
        let (least, most) = (all().fold(f64::INFINITY, f64::min), all().fold(0.0, f64::max));
        let is_ours = kind.name == PIPKIN || kind.name == HELLO.name;
        let row = table.push(kind.name, is_ours, &[median(all()), least, most].map(Some));
        row.note = kind.note.map(String::from);
    }
}

/// From the start until what serves at `port` answers, or without one until the end.
fn time(start: &Start, port: Option<u16>) -> Outcome<Duration> {
    let mut command = start.run();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let begin = Instant::now();
    let mut child = command.spawn()?;
    let has_begun = || match port {
        Some(port) if child.try_wait()?.is_some() => {
            Err(format!("it ends, and {port} is closed").into())
        }
        Some(port) => contained::answers(port),
        None => Ok(child.try_wait()?.is_some()),
    };
    let outcome = until(begin, has_begun);
    if outcome.is_err() || port.is_some() {
        succeeds(&mut start.kill(child.id()));
        if until(Instant::now(), || Ok(child.try_wait()?.is_some())).is_err() {
            child.kill()?;
        }
    }
    let done = child.wait_with_output()?;
    let said = String::from_utf8_lossy(&done.stderr);
    let why = said.lines().last().unwrap_or_default();
    if port.is_none() && !done.status.success() {
        return Err(format!("it ends with {}: {why}", done.status).into());
    }
    outcome.map_err(|failure| format!("{failure}: {why}").into())
}

/// The time from `begin` until it is so.
fn until(begin: Instant, mut is_so: impl FnMut() -> Outcome<bool>) -> Outcome<Duration> {
    while begin.elapsed() < PATIENCE {
        if is_so()? {
            return Ok(begin.elapsed());
        }
        if begin.elapsed() > EAGER {
            std::thread::sleep(PAUSE);
        } else {
            std::thread::yield_now();
        }
    }
    Err(format!("nothing happens for {} s", PATIENCE.as_secs()).into())
}
