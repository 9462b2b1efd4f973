//! Sites of more and more files: the build, the image, and what it takes to find one of them.

use std::fs;
use std::path::Path;

use results::{Chart, Table};

use super::exponent;
use crate::bench::build::Build;
use crate::bench::load::{self, Case, FILES_PER_FOLDER, Options, PIPKIN};
use crate::bench::speed::{CASES, NGINX, Place, RIVALS};
use crate::bench::{median, reason};
use crate::shell::{Outcome, pipkin};

pub(super) const NAME: &str = "files";

/// How many there are, and how often they are built: what takes seconds varies little.
const STEPS: &[(usize, usize)] = &[(10, 5), (1000, 5), (100_000, 3), (1_000_000, 1)];

/// What one step has measured.
struct Step {
    files: usize,
    builds: Vec<Build>,
    /// CPU time per request, of pipkin and nginx.
    lookups_us: [Option<f64>; 2],
}

/// Time, bytes and lookups, of each step up to `files_max`; one that fails is the last.
pub(super) fn compare(options: &Options, files_max: usize) -> Outcome<[Table; 3]> {
    let (place, pipkin) = (Place::empty()?, pipkin()?);
    let mut tables = tables(options);
    for &(files, runs) in STEPS.iter().filter(|(files, _)| *files <= files_max) {
        eprintln!("{files} files");
        match measure(&place, &pipkin, files, runs, options) {
            Ok(step) => step.push(&mut tables)?,
            Err(failure) => {
                let why = reason(&*failure);
                tables.iter_mut().for_each(|table| table.push_missing(&files.to_string(), &why));
                break;
            }
        }
    }
    for table in &mut tables {
        table.notes.extend(exponent::notes(table));
        table.chart = Some(Chart::Lines { x: 0, ys: (1..table.columns.len()).collect() });
    }
    Ok(tables)
}

fn tables(options: &Options) -> [Table; 3] {
    let lookups = format!(
        "CPU time per request of a file at random, keep-alive: medians of {} x {} s",
        options.rounds, options.seconds
    );
    let mut tables = [
        Table::new("build-time", "time of a build", &[(NAME, "", 0), ("build", "s", 2)]),
        Table::new(
            "build-bytes",
            "memory of a build, and what becomes of it",
            &[(NAME, "", 0), ("peak", "KiB", 0), ("image", "KiB", 0), ("registry", "KiB", 0)],
        ),
        Table::new("lookups", &lookups, &[(NAME, "", 0), (PIPKIN, "us", 2), (NGINX, "us", 2)]),
    ];
    let runs = STEPS.iter().map(|(_, runs)| runs.to_string()).collect::<Vec<_>>().join(", ");
    tables[0].notes.push(format!("Medians of {runs} builds of files that were just written."));
    tables
}

fn measure(
    place: &Place,
    pipkin: &Path,
    files: usize,
    runs: usize,
    options: &Options,
) -> Outcome<Step> {
    fill(&place.site(), files)?;
    let output = format!("type=exe,dest={}", place.executable().display());
    let build = |_| Build::new(pipkin, &place.site(), &output);
    let builds: Vec<Build> = (0..runs).map(build).collect::<Outcome<_>>()?;
    let case = Case {
        name: NAME,
        title: "a file at random",
        path: "/000/000.txt",
        files,
        body_bytes: text(0).len(),
        goals: &[],
        ..CASES[0]
    };
    let names = [PIPKIN, NGINX];
    let field = RIVALS.iter().filter(|rival| names.contains(&rival.name) && rival.is_here());
    let field = field.map(|rival| Ok((rival.name, rival.start(place, Some(&case))?)));
    let samples = load::compare(field.collect::<Outcome<_>>()?, &case, options, place.folder())?;
    Ok(Step { files, builds, lookups_us: names.map(|name| samples.cpu_us(name)) })
}

/// Writes what is missing of so many files, each with a text of its own.
fn fill(site: &Path, files: usize) -> Outcome {
    for number in 0..files {
        let (folder, name) = (number / FILES_PER_FOLDER, number % FILES_PER_FOLDER);
        let folder = site.join(format!("{folder:03}"));
        if name == 0 {
            fs::create_dir_all(&folder)?;
        }
        let path = folder.join(format!("{name:03}.txt"));
        if !path.exists() {
            fs::write(path, text(number))?;
        }
    }
    Ok(())
}

fn text(number: usize) -> String {
    format!("This is file {number}.\n")
}

impl Step {
    fn push(&self, tables: &mut [Table; 3]) -> Outcome {
        let (name, files) = (self.files.to_string(), Some(self.files as f64));
        let kib = |bytes: u64| Some(bytes as f64 / 1024.0);
        let wall = median(self.builds.iter().map(|build| build.wall)).as_secs_f64();
        let peak_kib = median(self.builds.iter().map(|build| build.peak_kib)) as f64;
        // The same each time.
        let build = &self.builds[0];
        let image = [kib(build.files_bytes()?), kib(build.registry_bytes()?)];
        let [pipkin_us, nginx_us] = self.lookups_us;
        tables[0].push(&name, true, &[files, Some(wall)]);
        tables[1].push(&name, true, &[files, Some(peak_kib), image[0], image[1]]);
        tables[2].push(&name, true, &[files, pipkin_us, nginx_us]);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_filled() {
        let site = tempfile::tempdir().unwrap();
        let read = |path: &str| fs::read_to_string(site.path().join(path)).ok();
        fill(site.path(), 10).unwrap();
        assert_eq!(read("000/009.txt").as_deref(), Some("This is file 9.\n"));
        assert_eq!(read("000/010.txt"), None);
        fill(site.path(), 1001).unwrap();
        assert_eq!(read("001/000.txt").as_deref(), Some("This is file 1000.\n"));
        assert_eq!(read("001/001.txt"), None);
    }
}
