//! The hello of `examples/hello.rs` by axum, on as many threads of tokio as there are CPUs.
//!
//!     hello-axum ADDRESS:PORT
//!
//! It is served as the documentation of axum does it, by `axum::serve`, which has no way to say
//! hyper's `pipeline_flush`.

use std::error::Error;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::runtime;

fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).ok_or("hello-axum ADDRESS:PORT")?;
    runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve(&address))
}

async fn serve(address: &str) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind(address).await?;
    // A stream that is gone already says so when it is read.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    Ok(axum::serve(listener, Router::new().route("/", get(hello))).await?)
}

async fn hello() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/plain")], "Hello from pipkin!")
}
