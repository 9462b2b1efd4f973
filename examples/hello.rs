use pipkin_handler::*;

image! { tag: "hello:latest", port: 3001 }

handler!(hello);

fn hello(_: &Request) -> Response {
    Response::text("Hello from pipkin!")
}
