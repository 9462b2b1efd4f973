//! Writing the blob: the inverse of [`crate::Content`].
//!
//! Plan, then write: the slot of each path and the offset of each record are decided first,
//! then the bytes are emitted in order.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;

use crate::hash::{bucket, hash, slot};
use crate::{
    ANSWER_BYTES, ENTRY_BYTES, FALLBACK, HEAD_BYTES_MAX, HEADER_BYTES, IDENTITY, MORE,
    PATH_BYTES_MAX, Standing,
};

/// What an index is made from.
#[derive(Clone, Debug)]
pub struct Index<'a> {
    /// The port to listen on unless told otherwise.
    pub port: u16,
    /// The answers by path, in any order; paths differ.
    pub routes: &'a [Route<'a>],
    /// The answers that belong to no route, in the order of [`Standing`]; at least one each.
    pub standing: [Vec<Answer<'a>>; Standing::COUNT],
    /// The length in bytes of each body, in the order in which they follow the index.
    pub bodies: &'a [u64],
}

/// A path and its answers.
#[derive(Clone, Debug)]
pub struct Route<'a> {
    /// Percent-decoded, starts with `/`. With [`FALLBACK`] at its end, behind a `/`, it stands for
    /// what is in that folder and below and has no answer.
    pub path: Vec<u8>,
    /// What is sent for it, at least one; the server picks one by flags and coding, and the first
    /// of those that are as good.
    pub answers: Vec<Answer<'a>>,
}

/// A stored answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Answer<'a> {
    /// Status line and fields, without the last CRLF, without `Date` and without the empty line.
    pub head: &'a [u8],
    /// How many bytes of the head a 206 repeats, and a 304; 0 for an answer without conditions.
    pub part_bytes: usize,
    /// How many bytes of the head a 304 repeats.
    pub shared_bytes: usize,
    /// Which of [`Index::bodies`] follows the head.
    pub body: usize,
    /// The content coding of the body, from [`coding`](crate::coding).
    pub coding: u32,
    /// [`NAVIGATION`](crate::NAVIGATION) and its neighbours.
    pub flags: u8,
}

impl Default for Answer<'_> {
    /// An empty head, the first body as it is, no conditions.
    fn default() -> Self {
        Self { head: b"", part_bytes: 0, shared_bytes: 0, body: 0, coding: IDENTITY, flags: 0 }
    }
}

/// Why there is no index. A number is the position in [`Index::routes`], or `None` for a
/// standing answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteError {
    /// The path has more than [`PATH_BYTES_MAX`] bytes.
    PathTooLong(usize),
    /// Two routes have the same path: these two.
    SamePath(usize, usize),
    /// The head has more than [`HEAD_BYTES_MAX`] bytes, or fewer than a 206 or 304 is to repeat.
    HeadTooLong(Option<usize>),
    /// There is no answer.
    NoAnswer(Option<usize>),
    /// The answer names a body that is not in [`Index::bodies`].
    NoSuchBody(Option<usize>),
    /// The index would have more than 4 GiB.
    TooLarge,
    /// No perfect hash was found: two different paths share a 64-bit hash.
    NoPerfectHash,
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PathTooLong(at) => {
                write!(f, "the path of route {at} has more than {PATH_BYTES_MAX} bytes")
            }
            Self::SamePath(a, b) => write!(f, "the routes {a} and {b} have the same path"),
            Self::HeadTooLong(at) => {
                write!(f, "the head of answer {at:?} has more than {HEAD_BYTES_MAX} bytes")
            }
            Self::NoAnswer(at) => write!(f, "there is no answer {at:?}"),
            Self::NoSuchBody(at) => write!(f, "answer {at:?} names a body that is not there"),
            Self::TooLarge => f.write_str("the index would have more than 4 GiB"),
            Self::NoPerfectHash => f.write_str("two different paths share a 64-bit hash"),
        }
    }
}

impl core::error::Error for WriteError {}

/// The bytes of the index. The bodies follow it in order, without padding.
///
/// # Errors
///
/// [`WriteError`] says which route cannot be written.
pub fn write(index: &Index<'_>) -> Result<Vec<u8>, WriteError> {
    check(index)?;
    let hashes: Vec<u64> = index.routes.iter().map(|route| hash(&route.path)).collect();
    check_distinct(index.routes, &hashes)?;
    let table = Table::for_hashes(&hashes)?;
    let plan = Plan::new(index, &table)?;
    Ok(plan.emit(index, &table))
}

fn check(index: &Index<'_>) -> Result<(), WriteError> {
    let standing = index.standing.iter().map(|answers| (None, answers));
    let routes = index.routes.iter().enumerate().map(|(at, route)| (Some(at), &route.answers));
    for (at, answers) in standing.chain(routes) {
        if answers.is_empty() {
            return Err(WriteError::NoAnswer(at));
        }
        for answer in answers {
            let repeated_bytes = answer.part_bytes.max(answer.shared_bytes);
            if answer.head.len() > HEAD_BYTES_MAX || repeated_bytes > answer.head.len() {
                return Err(WriteError::HeadTooLong(at));
            }
            if answer.body >= index.bodies.len() {
                return Err(WriteError::NoSuchBody(at));
            }
        }
    }
    match index.routes.iter().position(|route| route.path.len() > PATH_BYTES_MAX) {
        Some(at) => Err(WriteError::PathTooLong(at)),
        None => Ok(()),
    }
}

/// Equal paths have equal hashes and no displacement can part them.
fn check_distinct(routes: &[Route<'_>], hashes: &[u64]) -> Result<(), WriteError> {
    let mut order: Vec<usize> = (0..routes.len()).collect();
    order.sort_unstable_by_key(|&at| (hashes[at], at));
    for pair in order.windows(2) {
        if hashes[pair[0]] == hashes[pair[1]] {
            let same = routes[pair[0]].path == routes[pair[1]].path;
            let error = WriteError::SamePath(pair[0], pair[1]);
            return Err(if same { error } else { WriteError::NoPerfectHash });
        }
    }
    Ok(())
}

/// A perfect hash: a displacement per bucket, and which route each slot holds.
struct Table {
    displacements: Vec<u16>,
    slots: Vec<Option<usize>>,
}

impl Table {
    /// The smallest table, in powers of two, for which a displacement is found for each bucket.
    fn for_hashes(hashes: &[u64]) -> Result<Self, WriteError> {
        let slots_min = hashes.len().next_power_of_two();
        // Each doubling halves the load, and at a load of 1/8 a bucket of 30 still fits.
        (0..4)
            .find_map(|doubling| Self::fit(hashes, slots_min << doubling))
            .ok_or(WriteError::NoPerfectHash)
    }

    fn fit(hashes: &[u64], slots: usize) -> Option<Self> {
        let slot_mask = u32::try_from(slots - 1).ok()?;
        let mut buckets: Vec<Vec<usize>> = Vec::new();
        buckets.resize_with(slots.div_ceil(4), Vec::new);
        for (at, &hash) in hashes.iter().enumerate() {
            buckets[bucket(hash, slot_mask)].push(at);
        }
        let mut table =
            Self { displacements: alloc::vec![0; buckets.len()], slots: alloc::vec![None; slots] };
        // Large buckets first, while there is room; equal ones in order, for equal bytes.
        let mut order: Vec<usize> = (0..buckets.len()).collect();
        order.sort_by_key(|&at| core::cmp::Reverse(buckets[at].len()));
        for at in order {
            table.displacements[at] = table.place(&buckets[at], hashes, slot_mask)?;
        }
        Some(table)
    }

    /// The first displacement under which each route of a bucket has a free slot of its own;
    /// the slots are taken.
    fn place(&mut self, bucket: &[usize], hashes: &[u64], slot_mask: u32) -> Option<u16> {
        (0..=u16::MAX).find(|&displacement| {
            for (count, &at) in bucket.iter().enumerate() {
                let slot_at = slot(hashes[at], displacement, slot_mask);
                if self.slots[slot_at].is_some() {
                    for &undo in &bucket[..count] {
                        self.slots[slot(hashes[undo], displacement, slot_mask)] = None;
                    }
                    return false;
                }
                self.slots[slot_at] = Some(at);
            }
            true
        })
    }
}

/// The offsets, decided before a byte is written.
struct Plan<'a> {
    /// Each list of answers once, in the order in which they are written.
    lists: Vec<&'a [Answer<'a>]>,
    standing_at: Vec<u32>,
    /// Where the answers of each route are.
    answers_at: Vec<u32>,
    /// Where the entry of each route is.
    entries_at: Vec<u32>,
    bodies_at: Vec<u64>,
    index_bytes: usize,
}

impl<'a> Plan<'a> {
    fn new(index: &'a Index<'_>, table: &Table) -> Result<Self, WriteError> {
        let mut at = HEADER_BYTES + 2 * table.displacements.len() + 4 * table.slots.len();
        let mut take = |bytes: usize| {
            let start = u32::try_from(at).map_err(|_| WriteError::TooLarge);
            at += bytes;
            start
        };
        take(ENTRY_BYTES)?; // that of the empty slots
        let entries = index.routes.iter().map(|route| take(ENTRY_BYTES + route.path.len()));
        let entries_at = entries.collect::<Result<_, _>>()?;
        let (mut lists, mut known) = (Vec::new(), BTreeMap::new());
        let mut place = |answers: &'a Vec<Answer<'_>>| {
            if let Some(&start) = known.get(answers) {
                return Ok(start);
            }
            let heads = answers.iter().map(|answer| ANSWER_BYTES + answer.head.len());
            let start = take(heads.sum())?;
            lists.push(&answers[..]);
            known.insert(answers, start);
            Ok(start)
        };
        let standing_at = index.standing.iter().map(&mut place).collect::<Result<_, _>>()?;
        let routes = index.routes.iter().map(|route| place(&route.answers));
        let answers_at = routes.collect::<Result<_, _>>()?;
        let mut body_at = at as u64;
        let bodies_at = index.bodies.iter().map(|&bytes| {
            let start = body_at;
            body_at += bytes;
            start
        });
        let bodies_at = bodies_at.collect();
        Ok(Self { lists, standing_at, answers_at, entries_at, bodies_at, index_bytes: at })
    }

    fn emit(&self, index: &Index<'_>, table: &Table) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.index_bytes);
        out.extend((table.slots.len() as u32 - 1).to_le_bytes());
        out.extend(index.port.to_le_bytes());
        out.extend(fallback_bytes(index.routes).to_le_bytes());
        out.extend(self.standing_at.iter().flat_map(|at| at.to_le_bytes()));
        debug_assert_eq!(out.len(), HEADER_BYTES);
        out.extend(table.displacements.iter().flat_map(|d| d.to_le_bytes()));
        let empty = (out.len() + 4 * table.slots.len()) as u32;
        let entry_at = |slot: &Option<usize>| slot.map_or(empty, |route| self.entries_at[route]);
        out.extend(table.slots.iter().flat_map(|slot| entry_at(slot).to_le_bytes()));
        out.extend([0; ENTRY_BYTES]);
        for (route, answers_at) in index.routes.iter().zip(&self.answers_at) {
            out.extend(answers_at.to_le_bytes());
            // `check` has bounded it.
            out.extend((route.path.len() as u16).to_le_bytes());
            out.extend(&route.path);
        }
        for answers in &self.lists {
            for (number, answer) in answers.iter().enumerate() {
                let more = if number + 1 < answers.len() { MORE } else { 0 };
                self.emit_answer(&mut out, index, answer, answer.flags | more);
            }
        }
        debug_assert_eq!(out.len(), self.index_bytes);
        out
    }

    fn emit_answer(&self, out: &mut Vec<u8>, index: &Index<'_>, answer: &Answer<'_>, flags: u8) {
        out.extend(self.bodies_at[answer.body].to_le_bytes());
        out.extend(index.bodies[answer.body].to_le_bytes());
        out.extend(answer.coding.to_le_bytes());
        // `check` has bounded all of these.
        for bytes in [answer.head.len(), answer.part_bytes, answer.shared_bytes] {
            out.extend((bytes as u16).to_le_bytes());
        }
        out.push(flags);
        out.extend(answer.head);
    }
}

/// Bytes of the longest folder with a fallback.
fn fallback_bytes(routes: &[Route<'_>]) -> u16 {
    let folders = routes.iter().filter_map(|route| route.path.strip_suffix(&[FALLBACK]));
    folders.map(|folder| folder.len() as u16).max().unwrap_or(0)
}

#[cfg(test)]
mod tests;
