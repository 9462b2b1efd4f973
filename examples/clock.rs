//! A clock that tells the time every second: server-sent events.

use pipkin_handler::*;

image! { tag: "clock:latest" }

routes! {
    GET "/" => page,
    GET "/time" => time,
}

fn page(_: &Request) -> Response {
    Response::html(
        "<!doctype html><title>Clock</title><h1 id=time>...</h1><script>\
         new EventSource('/time').onmessage = event => time.textContent = event.data</script>",
    )
}

fn time(_: &Request) -> Stream {
    Stream::events(|feed| {
        let seconds = unix_milliseconds() / 1000 % 86_400;
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        let time = format!("{hours:02}:{minutes:02}:{:02} UTC", seconds % 60);
        // An event is far shorter than the room for it.
        let _ = feed.event(&time);
        Next::After(1000)
    })
}
