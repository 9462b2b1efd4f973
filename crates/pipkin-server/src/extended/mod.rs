//! What only the extended server does. The functions are the same as in `standard.rs`, where they
//! do nothing.

mod rule;

pub(crate) use rule::INSERTED_BYTES_MAX;

/// The flags of answers that are not among those to choose from.
pub(crate) const APART: u8 = pipkin_format::RULE;
