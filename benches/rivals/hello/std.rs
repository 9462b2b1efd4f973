//! A line by the standard library.

fn main() {
    println!("Hello, world!");
}
