//! Requests that somebody damaged on the way, or on purpose.

use std::collections::BTreeMap;

use e2e::seeded;

use super::{METHOD, MISSING, OK, check, head};
use crate::faults::mutated::{exchange, mutated};

/// Each with a seed of its own.
const REQUESTS: u64 = 2000;

const VALID: &[&str] = &[
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /?a=b HTTP/1.1\r\nHost: a\r\nUser-Agent: test (x; y)\r\nAccept: */*\r\n\r\n",
    "HEAD / HTTP/1.0\r\n\r\n",
    "GET /favicon.ico HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
];

/// Each gets one of the answers that there are, or nothing after a reset; no client keeps the server,
/// since each ends its side.
#[test]
fn two_thousand_mutated_requests() {
    check(|address| {
        let known = [("200", OK), ("head", head()), ("404", MISSING), ("405", METHOD)];
        let mut counts = BTreeMap::new();
        for seed in 0..REQUESTS {
            let mut random = seeded(seed);
            let mut random = |end: usize| random.next().expect("it is endless") as usize % end;
            let request = mutated(VALID[random(VALID.len())].as_bytes(), &mut random);
            let (answer, was_reset) = exchange(address, &request);
            let found = known.iter().find(|(_, known)| *known == answer);
            let unknown = || panic!("{} to {}", answer.escape_ascii(), request.escape_ascii());
            let name = match found {
                Some((name, _)) => name,
                None if was_reset && answer.is_empty() => "reset",
                None => unknown(),
            };
            *counts.entry(name).or_insert(0) += 1;
        }
        // Neither all nothing, nor all refused.
        assert!(known.iter().all(|(name, _)| counts.get(name) > Some(&100)), "{counts:?}");
    });
}
