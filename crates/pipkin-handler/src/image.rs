//! What the source says about the image: records in a section that no segment loads, so that they
//! cost nothing in the image. The builder reads them from the file that the linker wrote.
//!
//! ```text
//! NAME=VALUE\0 NAME=VALUE\0 ...
//! ```
//!
//! Each setting is a module of [`image_setting`]: the type of its value, what makes it valid, and
//! what the compiler says of one that is not. It says so by a trait that valid values have, for
//! such an error stands at the value, while a panic would stand at the macro as a whole.

pub mod image_setting;
mod valid;

/// Says what the image is to be.
///
/// ```
/// # use pipkin_handler::*;
/// image! {
///     tag: "registry.example.com/hello:1.0",
///     port: 3001,
///     user: "1000:1000",
///     env: ["GREETING=hello"],
///     labels: ["org.opencontainers.image.source=https://example.com/hello"],
///     args: ["127.0.0.1:3001"],
///     platforms: ["linux/amd64", "linux/arm64"],
/// }
/// ```
///
/// Each setting may be left out, and is overridden by what is given to `pipkin build`:
///
/// - `tag`: the name of the image; that of the source otherwise.
/// - `port`: where the server listens unless told otherwise when it starts; 8080 otherwise.
/// - `user`: who the server runs as, by number; 65532:65532 otherwise.
/// - `env`: variables of the environment.
/// - `labels`: names and values for whoever lists images.
/// - `args`: arguments of the server, of which the first is `[ADDRESS:]PORT`.
/// - `platforms`: what images are made for; that of the builder otherwise.
///
/// A value is a constant. One that cannot be is an error where it stands:
///
/// ```compile_fail
/// # use pipkin_handler::*;
/// image! { port: 0 }
/// ```
#[macro_export]
macro_rules! image {
    ($($settings:tt)*) => {
        $crate::declare! { [] $($settings)* }
    };
}

/// The settings of [`image!`], sorted out: `(NAME SHAPE VALUES)` for each.
#[doc(hidden)]
#[macro_export]
macro_rules! declare {
    ([$($done:tt)*] $name:ident: [$($value:expr),* $(,)?] $(, $($rest:tt)*)?) => {
        $crate::declare! { [$($done)* ($name list $($value),*)] $($($rest)*)? }
    };
    ([$($done:tt)*] $name:ident: $value:expr $(, $($rest:tt)*)?) => {
        $crate::declare! { [$($done)* ($name one $value)] $($($rest)*)? }
    };
    ([$(($name:ident $shape:ident $($value:expr),*))*]) => {
        // Each once: another is an error where it stands.
        #[allow(dead_code, unused_variables)]
        const _: () = {
            fn once($($name: ()),*) {}
        };
        const _: () = {
            $({
                $crate::made::image_setting::$name::$shape(&[$($value),*]);
                $($crate::made::image_setting::$name::check::<
                    { $crate::made::image_setting::$name::is_valid($value) },
                >($value);)*
            })*
        };
        const _: () = {
            const RECORDS: &[$crate::made::Record] =
                &[$($($crate::made::image_setting::$name::record($value),)*)*];
            $crate::link_section! {
                ".pipkin", $crate::made::records_bytes(RECORDS), $crate::made::records(RECORDS)
            }
        };
    };
}

/// A name and a value for the builder.
#[derive(Clone, Copy, Debug)]
pub struct Record {
    name: &'static str,
    value: Value,
}

#[derive(Clone, Copy, Debug)]
enum Value {
    Text(&'static str),
    Number(u16),
}

/// Decimal digits of the largest number.
const NUMBER_BYTES_MAX: usize = 5;

/// The length of records in bytes.
pub const fn records_bytes(records: &[Record]) -> usize {
    let (mut bytes, mut at) = (0, 0);
    while at < records.len() {
        let Record { name, value } = &records[at];
        let value_bytes = match value {
            Value::Text(text) => text.len(),
            Value::Number(number) => digits(*number).1,
        };
        bytes += name.len() + value_bytes + b"=\0".len();
        at += 1;
    }
    bytes
}

/// Records one behind the other.
pub const fn records<const N: usize>(records: &[Record]) -> [u8; N] {
    let (mut out, mut end, mut at) = ([0; N], 0, 0);
    while at < records.len() {
        let Record { name, value } = &records[at];
        end = append(&mut out, end, name.as_bytes());
        end = append(&mut out, end, b"=");
        end = match value {
            Value::Text(text) => append(&mut out, end, text.as_bytes()),
            Value::Number(number) => {
                let (digits, count) = digits(*number);
                append(&mut out, end, digits.split_at(NUMBER_BYTES_MAX - count).1)
            }
        } + 1;
        at += 1;
    }
    out
}

const fn append(out: &mut [u8], start: usize, bytes: &[u8]) -> usize {
    let mut at = 0;
    while at < bytes.len() {
        out[start + at] = bytes[at];
        at += 1;
    }
    start + at
}

/// The digits of a number at the end of an array, and how many there are.
const fn digits(mut number: u16) -> ([u8; NUMBER_BYTES_MAX], usize) {
    let (mut digits, mut count) = ([b'0'; NUMBER_BYTES_MAX], 0);
    while number > 0 || count == 0 {
        count += 1;
        digits[NUMBER_BYTES_MAX - count] += (number % 10) as u8;
        number /= 10;
    }
    (digits, count)
}

#[cfg(test)]
mod tests;
