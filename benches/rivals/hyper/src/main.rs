//! The hello of `examples/hello.rs` by hyper, HTTP/1 alone, on as many threads of tokio as there
//! are CPUs.
//!
//!     hello-hyper ADDRESS:PORT

use std::convert::Infallible;
use std::error::Error;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::runtime;

/// What is answered, unless the build says something else.
const BODY: &str = match option_env!("HELLO_BODY") {
    Some(body) => body,
    None => "Hello from pipkin!",
};

fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).ok_or("hello-hyper ADDRESS:PORT")?;
    runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve(&address))
}

async fn serve(address: &str) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind(address).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let mut connection = http1::Builder::new();
        // The answers to what was read at once leave at once. No timer, which would bound the
        // time that a request head may take: axum sets none either.
        connection.pipeline_flush(true);
        let connection = connection.serve_connection(TokioIo::new(stream), service_fn(hello));
        // A connection that a client breaks off is no failure of the server.
        tokio::spawn(async move { connection.await.ok() });
    }
}

async fn hello(_: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut response = Response::new(Full::new(Bytes::from_static(BODY.as_bytes())));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    Ok(response)
}
