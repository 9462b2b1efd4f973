//! `pipkin why`.

use crate::failure::Failure;
use crate::flags::Why;

pub(crate) fn why(flags: &Why) -> Result<(), Failure> {
    let _ = (&flags.input, &flags.path, &flags.closure);
    Ok(())
}
