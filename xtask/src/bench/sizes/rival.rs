//! One of those that are compared: how its image is made by pipkin, and what it weighs.

use std::cell::OnceCell;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::image::Image;
use super::jail;
use super::minimal::{Minimal, Root};
use super::{Bytes, PAGE};
use crate::bench::versions;
use crate::debian::{self, Need};
use crate::shell::{Outcome, command, output, root, succeeds, target};

/// In the words of a [`Program::Compiled`]: the folder that the product is in, and the target for which
/// programs in Rust are static.
const OUT: &str = "{out}";
const MUSL: &str = "{musl}";

/// Where pipkin and what it makes are, in a root that is thrown away.
const PIPKIN: &str = "/tmp/pipkin";
const ARCHIVE: &str = "/tmp/image.tar";

/// What is the same for all of a table.
pub(super) struct Class {
    /// What `pipkin build` is told of each rival.
    pub(super) flags: &'static [&'static str],
    /// Whether there is a usual base for them.
    pub(super) has_base: bool,
    /// Fails for an image that does not do what all of them do.
    pub(super) check: fn(&Image) -> Outcome,
}

/// A rival, or pipkin itself.
pub(super) struct Rival {
    pub(super) name: &'static str,
    /// What it does that others do not.
    pub(super) note: &'static str,
    pub(super) program: Program,
    /// What is installed for it in Debian's minimum.
    pub(super) packages: &'static [&'static str],
    /// Files of its image besides: path and text.
    pub(super) files: &'static [(&'static str, &'static str)],
    /// What `pipkin build` is told besides.
    pub(super) flags: &'static [&'static str],
    pub(super) args: &'static [&'static str],
}

/// What most of them have.
pub(super) const PLAIN: Rival = Rival {
    name: "",
    note: "",
    program: Program::Ours(&[]),
    packages: &[],
    files: &[],
    flags: &[],
    args: &[],
};

/// What is in its image.
pub(super) enum Program {
    /// What pipkin makes of these words.
    Ours(&'static [&'static str]),
    /// The program at this path, from a package.
    Installed(&'static str),
    /// What a command leaves at `product` in the folder `{out}`.
    Compiled {
        needs: &'static [Need],
        /// Run in `benches/rivals`, variables first; `{musl}` is the target that is static.
        words: &'static [&'static str],
        product: &'static str,
    },
}

/// Where all of them are made.
pub(super) struct Place {
    pub(super) pipkin: PathBuf,
    pub(super) work: TempDir,
    minimal: OnceCell<Result<Minimal, String>>,
}

impl Place {
    pub(super) fn new(pipkin: PathBuf) -> Outcome<Self> {
        Ok(Self { pipkin, work: tempfile::tempdir()?, minimal: OnceCell::new() })
    }

    /// Debian's minimum with `packages`.
    pub(super) fn debian(&self, packages: &[&str]) -> Outcome<Root> {
        let new = || Minimal::new().map_err(|why| why.to_string());
        self.minimal.get_or_init(new).as_ref().map_err(String::as_str)?.with(packages)
    }
}

/// What was measured of a rival.
pub(super) struct Measured {
    pub(super) image: Bytes,
    /// Its usual base with it, where that is known.
    pub(super) base: Option<Bytes>,
    pub(super) versions: Vec<(String, String)>,
}

impl Rival {
    pub(super) fn is_ours(&self) -> bool {
        matches!(self.program, Program::Ours(_))
    }

    /// What it weighs, if the image does what `class` asks of it.
    pub(super) fn measure(&self, place: &Place, class: &Class) -> Outcome<Measured> {
        let (path, needs) = match &self.program {
            Program::Ours(words) => return ours(place, words, class),
            Program::Installed(path) => (PathBuf::from(path), [].as_slice()),
            Program::Compiled { needs, words, product } => {
                (compile(needs, words, product)?, *needs)
            }
        };
        let root = place.debian(self.packages)?;
        let program = self.place(&root, &path)?;
        let base = class.has_base.then(|| root.weigh()).transpose()?;
        fs::copy(&place.pipkin, root.at(PIPKIN))?;
        let image = Bytes::reported(&jail::run(root.path(), &self.build(&root, &program, class))?)?;
        (class.check)(&Image::unpack(&root.at(ARCHIVE))?)?;
        let compilers: Vec<_> = needs.iter().map(|(_, package)| *package).collect();
        let versions = [versions::within(root.path(), self.packages), versions::of(&compilers)];
        Ok(Measured { image, base, versions: versions.concat() })
    }

    /// Puts into `root` what the image is to have; the path of the program there.
    fn place(&self, root: &Root, program: &Path) -> Outcome<String> {
        self.files.iter().try_for_each(|(path, text)| root.write(path, text))?;
        if let Program::Installed(path) = self.program {
            return Ok(path.into());
        }
        let name = program.file_name().unwrap_or_default().display();
        let path = format!("/usr/bin/{name}");
        fs::copy(program, root.at(&path))?;
        Ok(path)
    }

    /// The command that has pipkin find in `root` what `program` needs.
    fn build(&self, root: &Root, program: &str, class: &Class) -> Vec<String> {
        let root = root.path().display().to_string();
        let build = ["chroot", &root, PIPKIN, "build", program, "-q", "--json", "-o", ARCHIVE];
        let includes = self.files.iter().flat_map(|(path, _)| ["--include", path]);
        let flags = class.flags.iter().chain(self.flags).copied();
        let args = ["--"].iter().chain(self.args).copied();
        build.into_iter().chain(includes).chain(flags).chain(args).map(Into::into).collect()
    }
}

fn ours(place: &Place, words: &[&str], class: &Class) -> Outcome<Measured> {
    let archive = place.work.path().join("image.tar");
    let mut build = command(&place.pipkin.to_string_lossy(), &["build", "-q", "--json"]);
    let report = output(build.args(words).arg("-o").arg(&archive))?;
    (class.check)(&Image::unpack(&archive)?)?;
    Ok(Measured { image: Bytes::reported(&report)?, base: None, versions: Vec::new() })
}

/// The product of `words`.
fn compile(needs: &[Need], words: &[&str], product: &str) -> Outcome<PathBuf> {
    debian::provide(needs, product)?;
    let out = target()?.join("rivals");
    fs::create_dir_all(&out)?;
    let musl = format!("{}-unknown-linux-musl", std::env::consts::ARCH);
    let fill = |word: &&str| word.replace(OUT, &out.to_string_lossy()).replace(MUSL, &musl);
    if words.iter().any(|word| word.contains(MUSL)) {
        // When that fails, the compiler says what is missing.
        succeeds(&mut command("rustup", &["target", "add", &musl]));
    }
    let mut compiler = command("env", &[]);
    compiler.args(words.iter().map(fill)).current_dir(root().join("benches/rivals"));
    // What somebody has set there would make other programs of them.
    compiler.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
    output(compiler.env("HELLO_BODY", PAGE))?;
    Ok(out.join(product))
}
