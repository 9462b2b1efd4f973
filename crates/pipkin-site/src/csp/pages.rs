//! The policies of the pages of a site, each read once more for its own.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;

use super::{FIELD, policy};
use crate::body::{Body, Verified};
use crate::encode::Metered;
use crate::media::content_type;
use crate::progress::Meter;
use crate::route::{Routes, Target};
use crate::rules::Rules;
use crate::{Error, Warning, parallel};

/// Bytes of the largest page: it is held in memory while it is read, and so are its scripts. The
/// largest page of the documentation of Rust has 6 MB.
const PAGE_BYTES_MAX: u64 = 16 << 20;

/// So many pages are read at a time, whatever the processors.
const THREADS_MAX: usize = 4;

/// What the pages of a site get.
#[derive(Default)]
pub(crate) struct Policies {
    /// By file.
    pub(crate) by_file: BTreeMap<usize, String>,
    pub(crate) warnings: Vec<Warning>,
}

/// The files that answer as pages somewhere, and for which no rule decides on a policy there.
pub(crate) fn wanted(
    names: &[String],
    routes: &Routes,
    rules: &Rules,
    base_path: &str,
) -> BTreeSet<usize> {
    let everywhere = [Target::NotFound(routes.not_found)];
    let of_routes = routes.routes.iter();
    let of_routes = of_routes.map(|route| (&route.path[base_path.len()..], &route.targets[..]));
    let all = of_routes.chain([(&b"/\0"[..], &everywhere[..])]);
    let is_open = |path: &[u8]| !rules.chosen(path).decides(FIELD);
    let files = all.filter(|(path, _)| is_open(path)).flat_map(|(_, targets)| targets);
    let files = files.flat_map(Target::files);
    files.filter(|&file| content_type(&names[file]).starts_with("text/html")).collect()
}

/// The policies of these files, and what they block.
///
/// # Errors
///
/// [`Error::PageTooLarge`]; a file has changed or cannot be read; the caller asked to end.
pub(crate) fn policies(
    names: &[String],
    bodies: &[Body],
    wanted: BTreeSet<usize>,
    meter: &Meter<'_>,
) -> Result<Policies, Error> {
    let wanted: Vec<usize> = wanted.into_iter().collect();
    if let Some(&file) = wanted.iter().find(|&&file| bodies[file].bytes > PAGE_BYTES_MAX) {
        let (page, bytes, bytes_max) = (names[file].clone(), bodies[file].bytes, PAGE_BYTES_MAX);
        return Err(Error::PageTooLarge { page, bytes, bytes_max });
    }
    meter.expect(wanted.iter().map(|&file| bodies[file].bytes).sum())?;
    let read = |html: &mut Vec<u8>, &file: &usize| {
        html.clear();
        let body = &bodies[file];
        let input = Verified::open(body);
        let result = input.and_then(|input| Metered { input, meter }.read_to_end(html));
        result.map_err(|error| Error::of_body(error, &names[file]))?;
        Ok(policy(html))
    };
    let read = parallel::in_order(&wanted, THREADS_MAX, Vec::new, read)?;
    let mut policies = Policies::default();
    for (&file, (policy, blocked)) in wanted.iter().zip(read) {
        policies.by_file.insert(file, policy);
        let page = || names[file].clone();
        policies.warnings.extend(blocked.into_iter().map(|what| what.of_page(page())));
    }
    Ok(policies)
}
