//! Files in other codings: those that lie beside them, and those that are made.
//!
//! A browser that takes a coding gets the encoded form, and another the file as it is. So what
//! encodes a file must give its bytes back, which is tried, and must be shorter.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::body::{Body, Verified};
use crate::coding::Coding;
use crate::etag::Digest;
use crate::media::is_compressible;
use crate::progress::Meter;
use crate::scratch::Scratch;
use crate::{Error, Settings, parallel};

/// What an encoded body must save at least: 5 % of the body, and about what its record takes,
/// which is 29 bytes and a head.
const SAVED_PART_MIN: u64 = 20;
const SAVED_BYTES_MIN: u64 = 300;

/// From here on bodies are large: encoders take up to 100 MB for one, and 20 MB for another.
const LARGE_BYTES: u64 = 1 << 20;

/// So many large bodies are encoded at a time, whatever the processors.
const LARGE_THREADS_MAX: usize = 4;

/// What is read at once.
const BUFFER_BYTES: usize = 64 << 10;

/// A file in another coding.
#[derive(Debug)]
pub(crate) struct Encoded {
    pub(crate) coding: Coding,
    pub(crate) body: Body,
}

/// The other codings of each file, the shortest first. The names are sorted.
///
/// # Errors
///
/// A file was changed since its body was hashed, there is no room for what is made, or the caller
/// asked to end.
pub(crate) fn encodings(
    names: &[String],
    bodies: &[Body],
    settings: &Settings,
    meter: &Meter<'_>,
) -> Result<Vec<Vec<Encoded>>, Error> {
    let mut found = beside(names, bodies, meter)?;
    let wanted = wanted(names, bodies, &found, &settings.compress);
    make(wanted, &settings.scratch, meter, &mut found)?;
    for encodings in &mut found {
        encodings.sort_by_key(|encoded| (encoded.body.bytes, encoded.coding));
    }
    Ok(found)
}

/// The encodings that lie beside their files, with another suffix.
fn beside(
    names: &[String],
    bodies: &[Body],
    meter: &Meter<'_>,
) -> Result<Vec<Vec<Encoded>>, Error> {
    let at = |name: &str| names.binary_search_by(|other| other.as_str().cmp(name)).ok();
    let pairs = names.iter().zip(bodies).enumerate().flat_map(|(file, (name, body))| {
        let other = move |coding: Coding| {
            let encoded = &bodies[at(&format!("{name}{}", coding.suffix()))?];
            (encoded.bytes < body.bytes).then_some((file, coding, encoded))
        };
        Coding::ALL.into_iter().filter_map(other)
    });
    let pairs: Vec<(usize, Coding, &Body)> = pairs.collect();
    meter.expect(pairs.iter().map(|(.., encoded)| encoded.bytes).sum())?;
    let is_good = parallel::in_order(
        &pairs,
        usize::MAX,
        || (),
        |(), &(file, coding, encoded)| decodes(encoded, coding, &bodies[file], meter),
    )?;
    let mut found: Vec<Vec<Encoded>> = names.iter().map(|_| Vec::new()).collect();
    for (&(file, coding, encoded), _) in pairs.iter().zip(is_good).filter(|(_, is_good)| *is_good) {
        found[file].push(Encoded { coding, body: encoded.clone() });
    }
    Ok(found)
}

/// Whether `encoded` decodes to `plain`, and ends there.
fn decodes(encoded: &Body, coding: Coding, plain: &Body, meter: &Meter<'_>) -> Result<bool, Error> {
    let try_it = || {
        let input = Metered { input: Verified::open(encoded)?, meter };
        let mut input = BufReader::with_capacity(BUFFER_BYTES, input);
        // One byte more than there may be: a few bytes can decode to gigabytes.
        let mut decoded = coding.decode(&mut input)?.take(plain.bytes + 1);
        let found = digest(&mut decoded)?;
        drop(decoded);
        Ok(found == (plain.bytes, plain.digest) && input.fill_buf()?.is_empty())
    };
    // Whatever else fails does so because the file is something else.
    try_it().or_else(|error| Error::own(error).map_or(Ok(false), Err))
}

/// Length and digest of what is left of `input`.
fn digest(input: &mut impl Read) -> io::Result<(u64, Digest)> {
    let (mut hasher, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; BUFFER_BYTES]);
    loop {
        match input.read(&mut buffer) {
            Ok(0) => return Ok((bytes, hasher.finalize().into())),
            Ok(count) => {
                hasher.update(&buffer[..count]);
                bytes += count as u64;
            }
            Err(error) => return Err(error),
        }
    }
}

/// A body that is to be encoded, once for all files that hold it.
struct Job<'a> {
    body: &'a Body,
    coding: Coding,
    files: Vec<usize>,
}

/// What is to be made: `codings` of each file that may become shorter and that lacks them.
fn wanted<'a>(
    names: &[String],
    bodies: &'a [Body],
    found: &[Vec<Encoded>],
    codings: &[Coding],
) -> Vec<Job<'a>> {
    let mut jobs: Vec<Job<'a>> = Vec::new();
    let mut places: BTreeMap<(Digest, Coding), usize> = BTreeMap::new();
    for (file, (name, body)) in names.iter().zip(bodies).enumerate() {
        if body.bytes <= SAVED_BYTES_MIN || !is_compressible(name) {
            continue;
        }
        let has = |coding: Coding| found[file].iter().any(|encoded| encoded.coding == coding);
        for &coding in codings.iter().filter(|&&coding| !has(coding)) {
            let place = *places.entry((body.digest, coding)).or_insert(jobs.len());
            if place == jobs.len() {
                jobs.push(Job { body, coding, files: Vec::new() });
            }
            if !jobs[place].files.contains(&file) {
                jobs[place].files.push(file);
            }
        }
    }
    jobs
}

/// Does the jobs and adds what pays to the encodings of the files.
fn make(
    jobs: Vec<Job<'_>>,
    scratch: &Path,
    meter: &Meter<'_>,
    found: &mut [Vec<Encoded>],
) -> Result<(), Error> {
    meter.expect(jobs.iter().map(|job| job.body.bytes).sum())?;
    let (large, small): (Vec<_>, Vec<_>) =
        jobs.into_iter().partition(|job| job.body.bytes >= LARGE_BYTES);
    for (jobs, threads_max) in [(small, usize::MAX), (large, LARGE_THREADS_MAX)] {
        let made = parallel::in_order(
            &jobs,
            threads_max,
            || Scratch::new(scratch),
            |scratch, job| encode(job, scratch, meter),
        )?;
        for (job, body) in jobs.iter().zip(made) {
            for &file in &job.files {
                let encoded = |body| Encoded { coding: job.coding, body };
                found[file].extend(body.clone().map(encoded));
            }
        }
    }
    Ok(())
}

/// The encoded body, if it pays.
fn encode(
    job: &Job<'_>,
    scratch: &mut Scratch<'_>,
    meter: &Meter<'_>,
) -> Result<Option<Body>, Error> {
    let piece = scratch.write(|output| {
        let mut input = Metered { input: Verified::open(job.body)?, meter };
        job.coding.encode(&mut input, job.body.bytes, output)
    })?;
    let saved_min = SAVED_BYTES_MIN.max(job.body.bytes / SAVED_PART_MIN);
    Ok((piece.bytes + saved_min <= job.body.bytes).then(|| {
        scratch.keep(&piece);
        Body::of_piece(piece)
    }))
}

/// Counts what is read, and fails when the caller asks to end.
pub(crate) struct Metered<'a, R> {
    pub(crate) input: R,
    pub(crate) meter: &'a Meter<'a>,
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = loop {
            match self.input.read(buffer) {
                // Not every decoder and encoder tries again.
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.meter.read(count).map_err(io::Error::other)?;
        Ok(count)
    }
}
