use pipkin_handler::*;

handler!(page);

fn page(_: &Request) -> Response {
    Response::html("hello world\n")
}
