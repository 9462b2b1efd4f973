//! The hello of `examples/hello.rs` by may_minihttp, on as many threads of may as there are CPUs.
//!
//!     hello-may ADDRESS:PORT

use std::error::Error;
use std::io;

use may_minihttp::{HttpServer, HttpService, Request, Response};

#[derive(Clone)]
struct Hello;

impl HttpService for Hello {
    fn call(&mut self, _: Request, response: &mut Response) -> io::Result<()> {
        response.header("Content-Type: text/plain").body("Hello from pipkin!");
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).ok_or("hello-may ADDRESS:PORT")?;
    HttpServer(Hello).start(address)?.join().map_err(|_| "may: the server panicked".into())
}
