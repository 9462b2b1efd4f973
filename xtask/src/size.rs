//! Byte budgets: what `pipkin build --json` measures is exactly what sizes.toml says.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::shell::{Outcome, cargo, command, output, pipkin, root, run as sh};

#[expect(dead_code)]
#[path = "../../crates/pipkin/src/recipe.rs"]
mod recipe;

/// The platforms with a budget.
pub(crate) const PLATFORMS: &[&str] = &["linux/amd64", "linux/arm64", "linux/riscv64"];

/// The fields of a platform in the report that are budgeted, for each image.
pub(crate) const IMAGE_FIELDS: &[&str] =
    &["files_bytes", "layer_bytes", "config_bytes", "manifest_bytes"];

/// An image that is measured: its name, what it is made of, and the flags that make it.
type Image = (&'static str, Option<&'static str>, &'static [&'static str]);

/// The images; those of nothing in `examples` are of [`ONE_PAGE`].
pub(crate) const IMAGES: &[Image] = &[
    ("one-page", None, &[]),
    ("one-page-golf", None, GOLF),
    ("micro", None, MICRO),
    ("micro-golf", None, &["--server=micro", "--golf"]),
    ("examples-site", Some("site"), &[]),
    ("handler", Some("hello.rs"), &[]),
    ("handler-golf", Some("hello.rs"), GOLF),
    ("hello-world", Some("hello-world"), &[]),
    ("hello-world-golf", Some("hello-world"), GOLF),
];

const MICRO: &[&str] = &["--server=micro"];

/// The flag with which a server is packed.
const GOLF: &[&str] = &["--golf"];

/// The handlers in `examples` that are measured; their code is most of a file, so that is all.
const HANDLERS: &[&str] = &["hello.rs", "clock.rs", "upload.rs", "api.rs", "todo"];

/// The flags with which a site needs the extended server.
const EXTENDED: &[&str] = &["--access-log"];

/// The smallest site worth an image, as in the record that pipkin is to beat.
const ONE_PAGE: &[u8] = b"hello world\n";

const INTRODUCTION: &str = "\
# Exact bytes: one more or one less fails. A figure rises only in a commit that says why.
# Written by `cargo xtask size --write`.
";

/// Compares with sizes.toml, or writes it with `--write`.
pub(crate) fn run(args: &[String]) -> Outcome {
    let measured = measure(&pipkin()?)?;
    let path = root().join("sizes.toml");
    if args.iter().any(|arg| arg == "--write") {
        return Ok(std::fs::write(path, measured)?);
    }
    let budget = std::fs::read_to_string(path).unwrap_or_default();
    let differences = differences(&budget, &measured);
    eprint!("{measured}");
    if differences.is_empty() { Ok(()) } else { Err(differences.join("\n").into()) }
}

/// sizes.toml as it should be.
fn measure(pipkin: &Path) -> Outcome<String> {
    let folder = tempfile::tempdir()?;
    let page = folder.path().join("page");
    std::fs::create_dir(&page)?;
    std::fs::write(page.join("index.html"), ONE_PAGE)?;
    let mut text = INTRODUCTION.to_string();
    for platform in PLATFORMS {
        let report = |input: &Path, flags| report(pipkin, input, platform, folder.path(), flags);
        let input = |example: Option<&str>| match example {
            Some(name) => root().join("examples").join(name),
            None => page.clone(),
        };
        let table = table(platform);
        write!(text, "\n[{table}]\n{}", line(&report(&page, &[])?, "server_bytes")?)?;
        for (name, flags) in [("packed", GOLF), ("extended", EXTENDED), ("micro-server", MICRO)] {
            write!(text, "\n[{table}.{name}]\n{}", line(&report(&page, flags)?, "server_bytes")?)?;
        }
        let launcher = launcher_bytes(platform, &folder.path().join("launcher"))?;
        write!(text, "\n[{table}.launcher]\nlauncher_bytes = {launcher}\n")?;
        write!(text, "\n[{table}.handlers]\n")?;
        for name in HANDLERS {
            let report = report(&input(Some(name)), &[])?;
            let name = name.trim_end_matches(".rs");
            text += &line(&report, "files_bytes")?.replace("files_bytes", &format!("{name}_bytes"));
        }
        for (name, example, flags) in IMAGES {
            text += &image(&table, name, &report(&input(*example), flags)?)?;
        }
    }
    Ok(text)
}

/// The length of the launcher for `platform` without a recipe, compiled into `folder` as `pipkin`
/// has it: that of its only segment.
fn launcher_bytes(platform: &str, folder: &Path) -> Outcome<u64> {
    let is_platform = |(name, _): &&(&str, &str)| platform.ends_with(&format!("/{name}"));
    let target = recipe::TARGETS.iter().find(is_platform).ok_or("a platform without a target")?.1;
    let mut cargo = cargo(&[]);
    recipe::prepare(&mut cargo, target, "launcher/link.ld", &[]);
    cargo.args(["--locked", "--quiet", "--features=freestanding", "--target-dir"]).arg(folder);
    sh(cargo.current_dir(root().join("launcher")))?;
    let linked = std::fs::read(folder.join(target).join(recipe::PROFILE).join("launcher"))?;
    let p_filesz = linked.get(64 + 32..).and_then(|rest| rest.first_chunk());
    Ok(u64::from_le_bytes(*p_filesz.ok_or("the launcher is cut")?))
}

/// What `pipkin build --json` with `flags` says about the image of `input` for `platform`.
fn report(
    pipkin: &Path,
    input: &Path,
    platform: &str,
    folder: &Path,
    flags: &[&str],
) -> Outcome<Value> {
    let mut build = command(&pipkin.to_string_lossy(), &["build", "--json", "--quiet"]);
    build.args(flags).arg(input).args(["--platform", platform, "-o"]).arg(folder.join("image.tar"));
    let report: Value = serde_json::from_str(&output(&mut build)?)?;
    Ok(report["platforms"][0].clone())
}

/// The table of one image.
fn image(table: &str, name: &str, report: &Value) -> Outcome<String> {
    let mut text = format!("\n[{table}.{name}]\n");
    for field in IMAGE_FIELDS {
        text += &line(report, field)?;
    }
    Ok(text)
}

/// The name of a platform's table.
pub(crate) fn table(platform: &str) -> String {
    platform.replace('/', "-")
}

fn line(report: &Value, field: &str) -> Outcome<String> {
    let bytes = report[field].as_u64().ok_or_else(|| format!("--json: no {field}"))?;
    Ok(format!("{field} = {bytes}\n"))
}

/// For each line of sizes.toml that does not hold, where it is and what to write.
fn differences(budget: &str, measured: &str) -> Vec<String> {
    let mut budget = budget.lines();
    let mut found = Vec::new();
    for (index, right) in measured.lines().enumerate() {
        let written = budget.next().unwrap_or("nothing");
        if written != right {
            let at = index + 1;
            found.push(format!("sizes.toml:{at}: says `{written}`, measured; write: {right}"));
        }
    }
    found.extend(budget.map(|line| format!("sizes.toml: nothing measured for `{line}`")));
    found
}

#[cfg(test)]
mod tests {
    use super::differences;

    fn check(budget: &str, expected: &[&str]) {
        assert_eq!(differences(budget, "[a]\nserver_bytes = 4096\n"), expected);
    }

    #[test]
    fn one_byte_more_or_less_is_named() {
        let write = "measured; write: server_bytes = 4096";
        check("[a]\nserver_bytes = 4096\n", &[]);
        let less = format!("sizes.toml:2: says `server_bytes = 4095`, {write}");
        check("[a]\nserver_bytes = 4095\n", &[&less]);
        check("[a]\n", &[&format!("sizes.toml:2: says `nothing`, {write}")]);
        let extra = "sizes.toml: nothing measured for `[b]`";
        check("[a]\nserver_bytes = 4096\n[b]\n", &[extra]);
    }
}
