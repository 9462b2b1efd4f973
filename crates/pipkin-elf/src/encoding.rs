//! How a file writes numbers: addresses of 32 or 64 bits, of either byte order.

/// `EI_CLASS` and `EI_DATA`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Encoding {
    pub(crate) is_64: bool,
    pub(crate) is_big_endian: bool,
}

impl Encoding {
    /// `ELFCLASS64`, `ELFDATA2LSB`: that of what is written here.
    pub(crate) const OURS: Self = Self { is_64: true, is_big_endian: false };

    /// Bytes of an address.
    pub(crate) const fn address_bytes(self) -> usize {
        if self.is_64 { 8 } else { 4 }
    }

    /// Bytes of an ELF header.
    pub(crate) const fn e_ehsize(self) -> usize {
        40 + 3 * self.address_bytes()
    }

    /// Bytes of a program header.
    pub(crate) const fn e_phentsize(self) -> usize {
        8 + 6 * self.address_bytes()
    }

    /// Bytes of a section header.
    pub(crate) const fn e_shentsize(self) -> usize {
        16 + 6 * self.address_bytes()
    }

    /// A reader of `bytes`.
    pub(crate) fn reader(self, bytes: &[u8]) -> Reader<'_> {
        Reader { encoding: self, bytes }
    }

    /// A reader of each record of `record_bytes`; what is left at the end is none.
    pub(crate) fn records(
        self,
        bytes: &[u8],
        record_bytes: usize,
    ) -> impl Iterator<Item = Reader<'_>> {
        bytes.chunks_exact(record_bytes).map(move |record| self.reader(record))
    }
}

/// Bytes of which numbers are taken from the front; none when they are at an end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    pub(crate) encoding: Encoding,
    pub(crate) bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    /// `Half`.
    pub(crate) fn half(&mut self) -> Option<u16> {
        self.number(u16::from_le_bytes, u16::from_be_bytes)
    }

    /// `Word`.
    pub(crate) fn word(&mut self) -> Option<u32> {
        self.number(u32::from_le_bytes, u32::from_be_bytes)
    }

    /// `Addr`, `Off`, and whatever else has their length.
    pub(crate) fn address(&mut self) -> Option<u64> {
        if self.encoding.is_64 {
            return self.number(u64::from_le_bytes, u64::from_be_bytes);
        }
        self.word().map(u64::from)
    }

    /// The next `count` bytes.
    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(count)?;
        self.bytes = rest;
        Some(taken)
    }

    fn number<const BYTES: usize, N>(
        &mut self,
        little: impl Fn([u8; BYTES]) -> N,
        big: impl Fn([u8; BYTES]) -> N,
    ) -> Option<N> {
        let (bytes, rest) = self.bytes.split_first_chunk()?;
        self.bytes = rest;
        Some(if self.encoding.is_big_endian { big(*bytes) } else { little(*bytes) })
    }
}
