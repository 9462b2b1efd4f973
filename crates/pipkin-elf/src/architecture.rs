//! What a program's code is for.

use std::fmt;

/// What a program's code is for: the machine, its word and its byte order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Architecture {
    /// `e_machine`.
    pub e_machine: u16,
    /// Whether addresses have 64 bits (`ELFCLASS64`) or 32.
    pub is_64: bool,
    /// Whether the most significant byte is first (`ELFDATA2MSB`).
    pub is_big_endian: bool,
}

/// `e_machine`, word, byte order, and what OCI calls it.
const NAMES: &[(u16, bool, bool, &str)] = &[
    (3, false, false, "386"),
    (62, true, false, "amd64"),
    (40, false, false, "arm"),
    (183, true, false, "arm64"),
    (243, true, false, "riscv64"),
    (21, true, false, "ppc64le"),
    (22, true, true, "s390x"),
    (8, true, false, "mips64le"),
    (258, true, false, "loong64"),
];

impl Architecture {
    /// What OCI calls it, which is what Go does; none when no engine knows it.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        let known = NAMES.iter().find(|(e_machine, is_64, is_big_endian, _)| {
            (*e_machine, *is_64, *is_big_endian) == (self.e_machine, self.is_64, self.is_big_endian)
        });
        known.map(|(.., name)| *name)
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "machine {}", self.e_machine),
        }
    }
}

/// A processor that pipkin has a server for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Machine {
    /// `EM_X86_64`, which Docker calls amd64.
    X86_64,
    /// `EM_AARCH64`, which Docker calls arm64.
    Aarch64,
    /// `EM_RISCV` with 64 bits, which Docker calls riscv64.
    Riscv64,
}

impl Machine {
    /// The machine for which `architecture` is.
    pub(crate) fn of(architecture: Architecture) -> Option<Self> {
        let Architecture { e_machine, is_64, is_big_endian } = architecture;
        let of = |machine: &Self| {
            (machine.e_machine(), true, false) == (e_machine, is_64, is_big_endian)
        };
        [Self::X86_64, Self::Aarch64, Self::Riscv64].into_iter().find(of)
    }

    pub(crate) fn e_machine(self) -> u16 {
        match self {
            Self::X86_64 => 62,
            Self::Aarch64 => 183,
            Self::Riscv64 => 243,
        }
    }

    /// What the code asks of the processor and follows in its calls, which Linux does not read, but
    /// debuggers do. Of riscv64: `EF_RISCV_RVC` and `EF_RISCV_FLOAT_ABI_DOUBLE`.
    ///
    /// Source: RISC-V psABI, "File Header".
    pub(crate) fn e_flags(self) -> u32 {
        match self {
            Self::X86_64 | Self::Aarch64 => 0,
            Self::Riscv64 => 5,
        }
    }

    /// The largest page with which a kernel for this machine may be built, which is what
    /// addresses must be congruent to.
    pub(crate) fn page_bytes_max(self) -> u64 {
        match self {
            Self::X86_64 | Self::Riscv64 => 0x1000,
            Self::Aarch64 => 0x10000,
        }
    }
}
