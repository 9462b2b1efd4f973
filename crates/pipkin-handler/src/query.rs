//! Pairs of names and values, as queries and forms have them.

/// The pairs in a query or in the body of a form (`application/x-www-form-urlencoded`).
///
/// ```
/// # use pipkin_handler::*;
/// let mut pairs = Pairs::new(b"name=J%C3%BCrgen&tag=a+b&tag");
/// assert!(pairs.next().unwrap() == (Encoded::new(b"name"), Encoded::new(b"J%C3%BCrgen")));
/// assert!(pairs.next().unwrap().1 == "a b");
/// assert!(pairs.next().unwrap().1 == "");
/// assert!(pairs.next().is_none());
/// ```
///
/// Source: WHATWG URL Standard, "application/x-www-form-urlencoded parsing".
#[derive(Clone, Debug)]
pub struct Pairs<'a>(&'a [u8]);

impl<'a> Pairs<'a> {
    /// The pairs in `text`.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// assert_eq!(Pairs::new(b"a=1&b=2").count(), 2);
    /// ```
    pub fn new(text: &'a [u8]) -> Self {
        Self(text)
    }
}

impl<'a> Iterator for Pairs<'a> {
    type Item = (Encoded<'a>, Encoded<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        while !self.0.is_empty() {
            let (pair, rest) = split(self.0, b'&');
            self.0 = rest;
            if !pair.is_empty() {
                let (name, value) = split(pair, b'=');
                return Some((Encoded(name), Encoded(value)));
            }
        }
        None
    }
}

/// What stands before the first `mark`, and behind it.
fn split(text: &[u8], mark: u8) -> (&[u8], &[u8]) {
    let at = text.iter().position(|&byte| byte == mark).unwrap_or(text.len());
    (text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default())
}

/// A text in which `+` is a blank and `%` begins two hexadecimal digits of a byte. A `%` without
/// them is itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoded<'a>(&'a [u8]);

impl<'a> Encoded<'a> {
    /// The text that `bytes` encode.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// assert!(Encoded::new(b"a%20b") == "a b");
    /// ```
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// As it came.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// assert_eq!(Encoded::new(b"a+b").raw(), b"a+b");
    /// ```
    pub fn raw(&self) -> &'a [u8] {
        self.0
    }

    /// The bytes that it stands for.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// assert!(Encoded::new(b"a+b").decoded().eq(*b"a b"));
    /// ```
    pub fn decoded(&self) -> impl Iterator<Item = u8> + use<'a> {
        decoded(self.0, b'+')
    }

    /// What it stands for when a `+` is one.
    #[cfg(not(feature = "freestanding"))]
    pub(crate) fn percent_decoded(&self) -> impl Iterator<Item = u8> + use<'a> {
        decoded(self.0, b'%')
    }

    /// What it stands for, if that is a decimal number.
    ///
    /// ```
    /// # use pipkin_handler::*;
    /// assert_eq!(Encoded::new(b"42").number(), Some(42));
    /// assert_eq!(Encoded::new(b"-1").number(), None);
    /// ```
    pub fn number(&self) -> Option<u64> {
        let mut number = None;
        for byte in self.decoded() {
            let digit = u64::from(byte.wrapping_sub(b'0'));
            if digit > 9 {
                return None;
            }
            number = Some(number.unwrap_or(0_u64).checked_mul(10)?.checked_add(digit)?);
        }
        number
    }
}

/// The bytes that `text` stands for, in which `blank` is one unless it is a `%`.
fn decoded(mut text: &[u8], blank: u8) -> impl Iterator<Item = u8> {
    core::iter::from_fn(move || {
        let (&first, rest) = text.split_first()?;
        text = rest;
        match first {
            b'%' => {
                let digit = |at: usize| char::from(*rest.get(at)?).to_digit(16);
                if let (Some(high), Some(low)) = (digit(0), digit(1)) {
                    text = rest.get(2..).unwrap_or_default();
                    return Some((high << 4 | low) as u8);
                }
                Some(b'%')
            }
            _ if first == blank => Some(b' '),
            _ => Some(first),
        }
    })
}

impl PartialEq<str> for Encoded<'_> {
    fn eq(&self, other: &str) -> bool {
        self.decoded().eq(other.bytes())
    }
}

impl PartialEq<&str> for Encoded<'_> {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

#[cfg(feature = "alloc")]
impl From<Encoded<'_>> for alloc::string::String {
    /// What it stands for; bytes that are not UTF-8 become replacement characters.
    fn from(text: Encoded<'_>) -> Self {
        let bytes: alloc::vec::Vec<u8> = text.decoded().collect();
        Self::from_utf8(bytes)
            .unwrap_or_else(|error| Self::from_utf8_lossy(error.as_bytes()).into())
    }
}

#[cfg(test)]
mod tests;
