//! When the event loop wakes for a stream.

use super::*;

/// A stream that waits is woken, whatever other streams do.
#[test]
fn a_pause_is_not_forgotten() {
    with_desk(|desk, number| {
        desk.set_handler(|desk| {
            let step: Step = match desk.path() {
                b"/fast" => |feed| {
                    while feed.write(b"x").is_ok() {}
                    Next::Now
                },
                b"/vain" => |_| Next::Now,
                _ => |_| Next::After(20),
            };
            desk.begin(Line::of(200));
            desk.end_with_stream(step, 0, false);
        });
        let request = |path| format!("GET {path} HTTP/1.1\r\n{HOST}\r\n").into_bytes();
        for other in ["/fast", "/vain"] {
            pause_at(desk, number, &request("/slow"));
            assert!(desk.time_out(usize::MAX) <= 20 && desk.pauses());
            // One that has more to send than its peer takes, or nothing to send.
            if other == "/fast" {
                let mut fast = Wire::new(number + 1).stopping_after(500);
                fast.receive(desk, &request(other));
            } else {
                pause_at(desk, number + 1, &request(other));
            }
            assert!(desk.time_out(usize::MAX) <= 20, "{other}: {}", desk.time_out(usize::MAX));
            while !desk.wakes() {}
            desk.is_due(Fd(number + 1));
            while !desk.is_due(Fd(number)) {}
            desk.forget(Fd(number));
            desk.forget(Fd(number + 1));
        }
        desk.set_handler(respond);
    });
}

/// Has a stream begin, and pause.
fn pause_at(desk: &mut Desk, number: u32, input: &[u8]) {
    desk.attend(Fd(number));
    desk.request.load(input);
    let mut kept = Box::new(Kept::NONE);
    let from = desk.take_turn(false, false, &kept);
    let head = desk.rest(0).0.len() as u64;
    assert!(desk.rest(head).0.is_empty() && desk.pauses());
    desk.pause();
    desk.set_aside(from, &mut kept);
}
