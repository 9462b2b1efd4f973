//! A handler that fails in every way it can.

use pipkin_handler::*;

image! { tag: "faults:latest" }

routes! {
    heap_bytes_max: 16 << 20,
    cpu_seconds_max: 2,
    GET "/" => well,
    GET "/panic" => panic,
    GET "/index" => index,
    GET "/state" => state,
    GET "/sort" => sort,
    GET "/memory" => memory,
    GET "/reserve" => reserve,
    GET "/spin" => spin,
    GET "/deep" => deep,
    GET "/stream" => stream,
    GET "/ticks" => ticks,
    GET "/inject" => inject,
    GET "/many" => many,
    GET "/peer" => peer,
    GET "/large" => large,
    GET "/calls" => calls,
}

static COUNT: State<u32> = State::new(0);

fn well(_: &Request) -> &'static str {
    "well"
}

fn panic(request: &Request) -> Response {
    panic!("asked by {}", request.path());
}

fn index(request: &Request) -> Response {
    let number = request.query("n").and_then(|n| n.number()).unwrap_or(9) as usize;
    Response::text([b"a", b"b"][number])
}

/// Counts, and panics in the midst of it.
fn state(request: &Request) -> Response {
    COUNT.with(|count| {
        *count += 1;
        assert!(request.query("fail").is_none(), "while it counts");
        Response::text(format!("{count}"))
    })
}

static NAMES: State<Vec<String>> = State::new(Vec::new());

/// The names in order; a comparison that panics has left one of them in two places.
fn sort(request: &Request) -> Response {
    let fails = request.query("fail").is_some();
    NAMES.with(|names| {
        if names.is_empty() {
            names.extend(["d", "b", "c", "a"].map(ToString::to_string));
        }
        let mut comparisons = 0;
        names.sort_by(|a, b| {
            comparisons += 1;
            assert!(!fails || comparisons < 3, "while it sorts");
            a.cmp(b)
        });
        Response::text(names.concat())
    })
}

fn memory(_: &Request) -> Response {
    Response::bytes(vec![1; 17 << 20])
}

/// Asks for too much, makes do without, and panics at the next request.
fn reserve(request: &Request) -> Response {
    assert!(request.query("fail").is_none(), "not for memory");
    match Vec::<u8>::new().try_reserve(1 << 40) {
        Ok(()) => Response::text("taken"),
        Err(_) => Response::text("refused"),
    }
}

fn spin(_: &Request) -> Response {
    loop {
        core::hint::spin_loop();
    }
}

fn deep(request: &Request) -> Response {
    fn descend(depth: u64) -> u64 {
        let room = core::hint::black_box([depth; 512]);
        if depth == 0 { room[0] } else { descend(depth - 1) + room[511] }
    }
    let depth = request.query("n").and_then(|n| n.number()).unwrap_or(10);
    Response::text(format!("{}", descend(depth)))
}

fn stream(_: &Request) -> Stream {
    Stream::new("text/plain", |feed| {
        let _ = feed.write(b"part");
        assert!(feed.state < 3, "in a stream");
        feed.state += 1;
        Next::Now
    })
}

/// Goes on for a second, or fails at its end.
fn ticks(request: &Request) -> Stream {
    let fails = request.query("fail").is_some();
    Stream::new("text/plain", |feed| {
        let _ = feed.write(b"tick ");
        feed.state += 1;
        assert!(feed.state != 1003, "in a stream that pauses");
        if feed.state % 1000 == 10 { Next::End } else { Next::After(100) }
    })
    .with_state(if fails { 1000 } else { 0 })
}

fn inject(request: &Request) -> Response {
    let value = String::from(request.query("value").unwrap_or(Encoded::new(b"")));
    Response::text("fine").with("X-Value", value)
}

fn many(_: &Request) -> Response {
    let response = Response::text("x").with("A", "1").with("B", "2").with("C", "3");
    response.with("D", "4").with("E", "5").with("F", "6").with("G", "7")
}

fn peer(request: &Request) -> Response {
    Response::text(format!("{}", request.peer().ip()))
}

static CALLS: State<u32> = State::new(0);

/// A body that no socket takes at once.
fn large(_: &Request) -> Response {
    CALLS.with(|calls| *calls += 1);
    Response::bytes(vec![b'x'; 3 << 20])
}

/// How often that was asked for.
fn calls(_: &Request) -> Response {
    Response::text(CALLS.with(|calls| calls.to_string()))
}
