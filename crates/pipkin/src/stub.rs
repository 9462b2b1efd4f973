//! The server executables that this program carries, one per platform it was built for.

use pipkin_elf::Program;
use pipkin_image::Platform;

/// Architecture, compilation target, and the stub, if the toolchain had that target.
type Stub = (&'static str, &'static str, Option<&'static [u8]>);

const STUBS: &[Stub] = include!(concat!(env!("OUT_DIR"), "/stubs.rs"));

/// The platform of the machine that `pipkin` runs on.
pub(crate) fn host_platform() -> Platform {
    let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" };
    format!("linux/{architecture}").parse().expect("a known platform")
}

/// The server for `platform`.
///
/// # Errors
///
/// What is missing, and what to type.
pub(crate) fn program(platform: &Platform) -> Result<Program, (String, String)> {
    let is_wanted =
        |stub: &&Stub| stub.0 == platform.architecture() && platform.variant().is_none();
    let Some((_, target, program)) = STUBS.iter().find(is_wanted) else {
        let known: Vec<String> = STUBS.iter().map(|stub| format!("linux/{}", stub.0)).collect();
        let message = format!("there is no server for platform {platform}");
        return Err((message, format!("choose from {}", known.join(", "))));
    };
    let Some(program) = program else {
        let message = format!("this pipkin was built without a server for platform {platform}");
        let help = format!("rustup target add {target}, then build or install pipkin again");
        return Err((message, help));
    };
    Ok(pipkin_elf::read(program).expect("the stub is a flat program, which its link asserts"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_has_a_server() {
        assert!(program(&host_platform()).is_ok());
    }

    #[test]
    fn an_unknown_platform_names_the_known() {
        let (message, help) = program(&"linux/riscv64".parse().unwrap()).unwrap_err();
        assert_eq!(message, "there is no server for platform linux/riscv64");
        assert_eq!(help, "choose from linux/amd64, linux/arm64");
    }
}
