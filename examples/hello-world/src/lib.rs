//! A program that prints a line and ends.
#![no_std]

use pipkin_handler::*;

program!(main);

fn main() {
    print("Hello, world!\n");
}
