//! Says what it has been asked.

use pipkin_handler::*;

handler!(echo);

fn echo(request: &Request, body: &[u8]) -> Response {
    let method = if request.method() == Method::Post { "POST" } else { "GET" };
    let text = format!("{method} {} {}", request.path(), String::from_utf8_lossy(body));
    Response::text(text)
}
