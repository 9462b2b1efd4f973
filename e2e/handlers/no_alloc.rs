//! Every kind of answer that takes no heap, from one file.

use core::fmt::Write as _;

use pipkin_handler::{Next, Request, Response, SiteFile, State, Stream, image, routes};

image! { port: 4000, user: "1000", labels: ["kind=test"] }

routes! {
    cpu_seconds_max: 5,
    GET "/" => text,
    GET "/count" => count,
    GET "/page" => page,
    GET "/to/:place" => redirect,
    GET "/result" => result,
    DELETE "/thing" => delete,
    "/files/*" => site("../../examples/api-site"),
}

fn text(_: &Request) -> &'static str {
    "text"
}

static COUNT: State<u64> = State::new(0);

fn count(_: &Request) -> Stream {
    let count = COUNT.with(|count| {
        *count += 1;
        *count
    });
    Stream::new("text/plain", |feed| {
        let count = feed.state;
        let _ = write!(feed, "{count}");
        Next::End
    })
    .with_state(count)
}

fn page(_: &Request) -> SiteFile<'static> {
    SiteFile("/files/style.css")
}

fn redirect(request: &Request) -> Response {
    match request.parameter("place") {
        Some("moon") => Response::redirect("/moon").with_status(307),
        _ => Response::redirect("/"),
    }
}

fn result(request: &Request) -> Result<&'static str, Response> {
    request.query("ok").map(|_| "fine").ok_or(Response::status(400))
}

fn delete(_: &Request) -> Response {
    Response::status(204)
}
