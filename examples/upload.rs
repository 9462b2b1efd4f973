//! A form that takes a file and a note, and a page that shows what was taken.

use pipkin_handler::*;

image! { tag: "upload:latest", env: ["THANKS=Thank you"] }

routes! {
    body_bytes_max: 1 << 20,
    GET "/" => form,
    POST "/notes" => note,
    PUT "/files/:name" => file,
    GET "/files/:name" => download,
}

/// The last file: its name and its bytes. Each worker has its own.
static LAST: State<(String, Vec<u8>)> = State::new((String::new(), Vec::new()));

fn form(_: &Request) -> Response {
    Response::html(
        "<!doctype html><title>Upload</title><form method=post action=/notes>\
         <input name=note><button>Send</button></form><input type=file onchange=\"\
         fetch('/files/' + this.files[0].name, {method: 'PUT', body: this.files[0]})\">",
    )
}

fn note(_: &Request, body: &[u8]) -> Response {
    match Pairs::new(body).find(|pair| pair.0 == "note") {
        Some((_, note)) => {
            let thanks = variable("THANKS").unwrap_or("Noted");
            Response::text(format!("{thanks}: {}\n", String::from(note)))
        }
        None => Response::text("The form has no field named note.\n").with_status(422),
    }
}

fn file(request: &Request, body: &[u8]) -> Response {
    let Some(name) = request.parameter("name") else { return Response::status(400) };
    LAST.with(|last| *last = (name.to_owned(), body.to_vec()));
    Response::status(201).with("Location", format!("/files/{name}"))
}

fn download(request: &Request) -> Response {
    LAST.with(|(name, bytes)| {
        if request.parameter("name") == Some(name) {
            Response::bytes(bytes.clone())
        } else {
            Response::status(404)
        }
    })
}
