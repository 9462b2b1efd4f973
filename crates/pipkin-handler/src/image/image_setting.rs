//! The settings that [`image!`](crate::image!) takes: a module for each, with what the compiler is
//! to say of a value that is not valid.

#![expect(missing_docs, reason = "hidden: what the macro names, the same in each module")]

/// What is the same in each module: what makes a value valid, what the builder gets of it, and by
/// what the compiler tells a list from a value.
macro_rules! setting {
    ($shape:ident, $record:literal, $type:ty, $value:ident, $is_valid:ident) => {
        use super::super::{Record, Value, valid};

        pub const fn is_valid(value: $type) -> bool {
            valid::$is_valid(value)
        }

        pub const fn record(value: $type) -> Record {
            Record { name: $record, value: Value::$value(value) }
        }

        setting!($shape, $type);
    };
    (one, $type:ty) => {
        pub const fn one(_: &[$type]) {}
        pub const fn list(_: &[super::OneValueWithoutBrackets]) {}
    };
    (list, $type:ty) => {
        pub const fn one(_: &[&[$type]]) {}
        pub const fn list(_: &[$type]) {}
    };
}

/// What there is none of.
#[derive(Debug)]
pub enum OneValueWithoutBrackets {}

/// `tag`: the name of the image.
pub mod tag {
    #[diagnostic::on_unimplemented(
        message = "a `tag` is NAME or NAME:TAG, the name in lower case, such as \"hello:latest\"",
        label = "not the name of an image"
    )]
    pub trait Valid<const IS_VALID: bool> {}

    impl Valid<true> for &'static str {}

    pub const fn check<const IS_VALID: bool>(_: impl Valid<IS_VALID> + Copy) {}

    setting!(one, "tag", &'static str, Text, tag);
}

/// `port`: where the server listens.
pub mod port {
    #[diagnostic::on_unimplemented(
        message = "a `port` is a number from 1 to 65535",
        label = "not a port"
    )]
    pub trait Valid<const IS_VALID: bool> {}

    impl Valid<true> for u16 {}

    pub const fn check<const IS_VALID: bool>(_: impl Valid<IS_VALID> + Copy) {}

    setting!(one, "port", u16, Number, port);
}

/// `user`: who the server runs as.
pub mod user {
    #[diagnostic::on_unimplemented(
        message = "a `user` is UID or UID:GID in numbers, such as \"1000:1000\"",
        label = "not a user by number"
    )]
    pub trait Valid<const IS_VALID: bool> {}

    impl Valid<true> for &'static str {}

    pub const fn check<const IS_VALID: bool>(_: impl Valid<IS_VALID> + Copy) {}

    setting!(one, "user", &'static str, Text, user);
}

/// `env`: variables of the environment.
pub mod env {
    #[diagnostic::on_unimplemented(
        message = "a variable in `env` is NAME=VALUE, such as \"GREETING=hello\"",
        label = "not a variable with a value"
    )]
    pub trait Valid<const IS_VALID: bool> {}

    impl Valid<true> for &'static str {}

    pub const fn check<const IS_VALID: bool>(_: impl Valid<IS_VALID> + Copy) {}

    setting!(list, "env", &'static str, Text, pair);
}

/// `labels`: names and values for whoever lists images.
pub mod labels {
    #[diagnostic::on_unimplemented(
        message = "a label in `labels` is NAME=VALUE, such as \"org.example.team=blue\"",
        label = "not a label with a value"
    )]
    pub trait Valid<const IS_VALID: bool> {}

    impl Valid<true> for &'static str {}

    pub const fn check<const IS_VALID: bool>(_: impl Valid<IS_VALID> + Copy) {}

    setting!(list, "label", &'static str, Text, pair);
}

/// `args`: arguments of the server.
pub mod args {
    #[diagnostic::on_unimplemented(
        message = "an argument in `args` is a line of text without NUL",
        label = "not an argument"
    )]
    pub trait Valid<const IS_VALID: bool> {}

    impl Valid<true> for &'static str {}

    pub const fn check<const IS_VALID: bool>(_: impl Valid<IS_VALID> + Copy) {}

    setting!(list, "arg", &'static str, Text, text);
}

/// `platforms`: what images are made for.
pub mod platforms {
    #[diagnostic::on_unimplemented(
        message = "a platform in `platforms` is \"linux/amd64\", \"linux/arm64\" or \"linux/riscv64\"",
        label = "not a platform that pipkin has a server for"
    )]
    pub trait Valid<const IS_VALID: bool> {}

    impl Valid<true> for &'static str {}

    pub const fn check<const IS_VALID: bool>(_: impl Valid<IS_VALID> + Copy) {}

    setting!(list, "platform", &'static str, Text, platform);
}
