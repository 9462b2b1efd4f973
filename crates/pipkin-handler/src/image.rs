//! What the source says about the image.

/// Says what the image is to be.
#[macro_export]
macro_rules! image {
    ($($name:ident: $value:expr),* $(,)?) => {};
}
