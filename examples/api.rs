//! A site with an API beside it: the pages are in `api-site/`, next to this file.

use pipkin_handler::*;

image! { tag: "api:latest" }

routes! {
    GET "/api/time" => time,
    GET "/api/add" => add,
    "/*" => site("api-site"),
}

fn time(request: &Request) -> Response {
    let body = format!("{{\"unix_seconds\":{}}}", request.unix_seconds());
    Response::new("application/json", body).with("Cache-Control", "no-store")
}

/// `/api/add?a=1&b=2`
fn add(request: &Request) -> Response {
    let number = |name| request.query(name).and_then(|text| text.number());
    let sum = number("a").zip(number("b")).and_then(|(a, b)| a.checked_add(b));
    match sum {
        Some(sum) => Response::text(sum.to_string()),
        None => Response::text("a and b are numbers\n").with_status(400),
    }
}
