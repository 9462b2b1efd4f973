//! Rules on the text of single files.

use super::tree::{File, Tree};

/// Lines of the longest function, which clippy counts too, but without comments.
const FUNCTION_LINES_MAX: usize = 70;
/// Lines of the longest file of a crate, tests apart.
const FILE_LINES_MAX: usize = 500;
/// Lines of tests in the file that they test.
const TEST_LINES_MAX: usize = 300;
/// The programs that are nothing but the entry of `pipkin-server`.
const STUBS: [&str; 4] =
    ["stub/src/main.rs", "launcher/src/main.rs", "micro/src/main.rs", "unpacker/src/main.rs"];
/// Lines of each.
const STUB_LINES_MAX: usize = 40;

/// Where our own Rust code is.
const OURS: &[&str] = &[
    "crates/",
    "stub/",
    "launcher/",
    "micro/",
    "unpacker/",
    "fuzz/",
    "e2e/",
    "xtask/",
    "benches/",
    "examples/",
];

/// The only places with unsafe code; the last is what others write, as a measure for ours.
const UNSAFE: &[&str] = &[
    "crates/pipkin-server/src/sys/",
    "crates/pipkin-handler/src/link.rs",
    "benches/rivals/hello/no_std.rs",
];

/// What the server's own code must not name: each reaches an allocator.
const ALLOCATION: &[&str] = &["alloc", "std", "Vec", "Box", "String", "Rc", "Arc"];

/// What a library must not name.
const LOUD: &[&str] = &[
    "println!",
    "print!",
    "eprintln!",
    "eprint!",
    "dbg!",
    "stdout",
    "stderr",
    "process::exit",
    "process::abort",
    "env::var",
    "env::vars",
    "env::var_os",
    "env::args",
    "env::args_os",
];

/// No word of these in any file. Put together here, so that this file is no finding.
const UNDONE: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
    concat!("to", "do!"),
    concat!("unimple", "mented!"),
    concat!("#[ig", "nore"),
];

/// `unsafe` in code outside [`UNSAFE`], and packages that neither inherit the workspace's
/// lints nor forbid it themselves.
pub(super) fn unsafe_is_fenced(tree: &Tree) -> Vec<String> {
    let fenced = |file: &&File| UNSAFE.iter().any(|fence| file.path.starts_with(fence));
    let outside = tree.rust(OURS).filter(|file| !fenced(file));
    let mut findings: Vec<_> = outside.flat_map(unsafe_words).collect();
    findings.extend(tree.files.iter().filter(|file| allows_unsafe(file, tree)).map(|file| {
        format!("{}:1: neither inherits the workspace's lints nor forbids unsafe_code", file.path)
    }));
    findings
}

/// Tests count too.
fn unsafe_words(file: &File) -> Vec<String> {
    let code = super::code::only(&file.text);
    let lines = code.lines().enumerate().filter(|(_, line)| has_word(line, "unsafe"));
    lines.map(|(index, _)| finding(file, index + 1, "unsafe outside its fence")).collect()
}

fn allows_unsafe(manifest: &File, tree: &Tree) -> bool {
    let Some(folder) = manifest.path.strip_suffix("/Cargo.toml") else { return false };
    let forbids =
        |name: &str| tree.text(&format!("{folder}/src/{name}")).contains("#![forbid(unsafe_code)]");
    let says = |line: &str| manifest.text.lines().any(|found| found == line);
    let inherits = says("[lints]") && says("workspace = true");
    // The server says `deny`, to be lifted by `sys` alone, and so does what makes macros of it; the
    // stub, the fuzz targets and packages for users have no workspace to inherit from.
    let denies = ["crates/pipkin-server", "crates/pipkin-handler"].contains(&folder);
    let own = says("unsafe_code = \"forbid\"") || denies || folder.starts_with("examples/");
    !(inherits || own || forbids("lib.rs") || forbids("main.rs"))
}

/// Where the heap of a handler is, and what tests of handlers have on a host.
const BESIDE_SERVER: &[&str] =
    &["crates/pipkin-server/src/sys/heap/", "crates/pipkin-server/src/handler/wire.rs"];

/// The server and the stubs are no_std and name nothing that allocates, but for the heap of handlers.
pub(super) fn server_allocates_nothing(tree: &Tree) -> Vec<String> {
    let places =
        ["crates/pipkin-server/src/", "stub/src/", "launcher/src/", "micro/src/", "unpacker/src/"];
    let mut findings: Vec<_> = tree
        .rust(&places)
        .filter(|file| !BESIDE_SERVER.iter().any(|place| file.path.starts_with(place)))
        .flat_map(|file| words(file, ALLOCATION, "in the server, which allocates nothing"))
        .collect();
    for start in STUBS.into_iter().chain(["crates/pipkin-server/src/lib.rs"]) {
        if !tree.text(start).contains("no_std") {
            findings.push(format!("{start}:1: not no_std"));
        }
    }
    findings
}

/// The files of a library that read the environment on behalf of a handler, and write on behalf of a
/// program.
const ON_BEHALF: &[&str] =
    &["crates/pipkin-handler/src/variable.rs", "crates/pipkin-handler/src/program.rs"];

/// Libraries print nothing, end no process and read no environment.
pub(super) fn libraries_are_silent(tree: &Tree) -> Vec<String> {
    let files = tree.rust(&["crates/"]);
    let library = |file: &&File| !file.path.starts_with("crates/pipkin/");
    let files = files.filter(library).filter(|file| !file.path.ends_with("build.rs"));
    let files = files.filter(|file| !ON_BEHALF.contains(&&*file.path));
    files.flat_map(|file| words(file, LOUD, "in a library")).collect()
}

/// Functions longer than a screen, tests included.
pub(super) fn functions_fit_a_screen(tree: &Tree) -> Vec<String> {
    tree.rust(OURS).flat_map(long_functions).collect()
}

/// Counts from the line with `fn` to the brace at the same indent, where rustfmt puts it.
fn long_functions(file: &File) -> Vec<String> {
    let code = super::code::only(&file.text);
    let lines: Vec<_> = code.lines().collect();
    let mut findings = Vec::new();
    for (start, line) in lines.iter().enumerate().filter(|(_, line)| opens_function(line)) {
        let end = format!("{}}}", " ".repeat(indent(line)));
        let length = lines[start..].iter().position(|line| line.starts_with(&end));
        if let Some(length) = length.filter(|length| length + 1 > FUNCTION_LINES_MAX) {
            let text = format!("a function of {} lines", length + 1);
            findings.push(finding(file, start + 1, &text));
        }
    }
    findings
}

fn opens_function(line: &str) -> bool {
    let whole = line.ends_with('}') || line.ends_with(';');
    has_word(line, "fn") && line.contains("fn ") && !whole && !line.trim_start().starts_with("let")
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Files of the crates that are more than one idea.
pub(super) fn files_are_short(tree: &Tree) -> Vec<String> {
    let long = |file: &&File| !file.is_test() && file.lines_before_tests() > FILE_LINES_MAX;
    let text = |file: &File| format!("{} lines without tests", file.lines_before_tests());
    tree.rust(&["crates/"]).filter(long).map(|file| finding(file, 1, &text(file))).collect()
}

/// Tests that hide the code that they test.
pub(super) fn long_tests_lie_beside(tree: &Tree) -> Vec<String> {
    let tests = |file: &File| file.text.lines().count() - file.lines_before_tests();
    let long = |file: &&File| !file.is_test() && tests(file) > TEST_LINES_MAX;
    let text = |file: &File| format!("{} lines of tests", tests(file));
    let found = tree.rust(OURS).filter(long);
    found.map(|file| finding(file, file.lines_before_tests() + 1, &text(file))).collect()
}

/// What a stub does belongs in the server.
pub(super) fn stub_is_short(tree: &Tree) -> Vec<String> {
    let finding = |path: &str| match tree.text(path).lines().count() {
        0 => Some(format!("{path}:1: there is no stub")),
        lines if lines >= STUB_LINES_MAX => Some(format!("{path}:1: {lines} lines")),
        _ => None,
    };
    STUBS.into_iter().filter_map(finding).collect()
}

/// Work that somebody left for later.
pub(super) fn nothing_undone(tree: &Tree) -> Vec<String> {
    let mut findings = Vec::new();
    for file in &tree.files {
        for (number, line) in file.lines() {
            let undone = UNDONE.iter().filter(|word| has_word(line, word));
            findings.extend(undone.map(|word| finding(file, number, word)));
        }
    }
    findings
}

/// Spaces at the end of a line, and tabs in Rust.
pub(super) fn no_stray_space(tree: &Tree) -> Vec<String> {
    let mut findings = Vec::new();
    for file in &tree.files {
        for (number, line) in file.lines() {
            if line.ends_with([' ', '\t']) {
                findings.push(finding(file, number, "white space at the end"));
            }
            if file.is_rust() && line.contains('\t') {
                findings.push(finding(file, number, "a tab"));
            }
        }
    }
    findings
}

/// A finding for each of `words` in the code of `file`.
pub(super) fn words(file: &File, words: &[&str], rule: &str) -> Vec<String> {
    let mut findings = Vec::new();
    for (number, line) in file.code() {
        for word in words.iter().filter(|word| has_word(&line, word)) {
            findings.push(finding(file, number, &format!("{word} {rule}")));
        }
    }
    findings
}

fn finding(file: &File, line: usize, text: &str) -> String {
    format!("{}:{line}: {text}", file.path)
}

/// True when `word` stands in `line` and is not part of a longer word.
fn has_word(line: &str, word: &str) -> bool {
    let part = |c: char| c == '_' || c.is_alphanumeric();
    line.match_indices(word).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + word.len()..]);
        let open = word.ends_with(part) && after.starts_with(part);
        !(before.ends_with(part) || open)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A rule on one file.
    fn check(rule: fn(&Tree) -> Vec<String>, path: &str, text: &str, expected: &[&str]) {
        let file = File { path: path.into(), text: text.into() };
        assert_eq!(rule(&Tree { files: vec![file] }), expected, "{text}");
    }

    #[test]
    fn unsafe_code_has_one_place() {
        let text = "// unsafe\nfn f() { unsafe {} }\n";
        let found = ["crates/a/src/lib.rs:2: unsafe outside its fence"];
        check(unsafe_is_fenced, "crates/a/src/lib.rs", text, &found);
        check(unsafe_is_fenced, "crates/pipkin-server/src/sys/x86_64.rs", text, &[]);
        check(unsafe_is_fenced, "crates/a/src/lib.rs", "#![forbid(unsafe_code)]\n", &[]);
        let manifest = "neither inherits the workspace's lints nor forbids unsafe_code";
        let found = format!("crates/a/Cargo.toml:1: {manifest}");
        check(unsafe_is_fenced, "crates/a/Cargo.toml", "[package]\n", &[&found]);
        check(unsafe_is_fenced, "crates/a/Cargo.toml", "[lints]\nworkspace = true\n", &[]);
    }

    #[test]
    fn a_library_prints_nothing() {
        let text = "fn f() { println!(\"\") }\n#[cfg(test)]\nmod tests {\n dbg!();\n}\n";
        let found = ["crates/pipkin-elf/src/lib.rs:1: println! in a library"];
        check(libraries_are_silent, "crates/pipkin-elf/src/lib.rs", text, &found);
        check(libraries_are_silent, "crates/pipkin/src/report.rs", text, &[]);
        check(libraries_are_silent, "crates/pipkin-elf/tests/it.rs", text, &[]);
    }

    #[test]
    fn a_function_of_seventy_lines_is_the_longest() {
        let function = |lines: usize| format!("  fn f(\n{}  }}\n", "    x;\n".repeat(lines - 2));
        check(functions_fit_a_screen, "crates/a/src/lib.rs", &function(70), &[]);
        let found = ["crates/a/src/lib.rs:1: a function of 71 lines"];
        check(functions_fit_a_screen, "crates/a/src/lib.rs", &function(71), &found);
    }

    #[test]
    fn tests_do_not_count_as_code() {
        let tests = |lines| format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "x\n".repeat(lines));
        let long = "x\n".repeat(501);
        let path = "crates/a/src/lib.rs";
        check(files_are_short, path, &long, &["crates/a/src/lib.rs:1: 501 lines without tests"]);
        check(files_are_short, path, &tests(600), &[]);
        check(long_tests_lie_beside, path, &tests(297), &[]);
        let found = ["crates/a/src/lib.rs:1: 301 lines of tests"];
        check(long_tests_lie_beside, path, &tests(298), &found);
    }

    #[test]
    fn leftovers_are_found_in_every_file() {
        let text = format!("a {}: b\nfoo_{}\nx \n", UNDONE[0], UNDONE[0]);
        check(nothing_undone, "README.md", &text, &[&format!("README.md:1: {}", UNDONE[0])]);
        check(no_stray_space, "README.md", &text, &["README.md:3: white space at the end"]);
        check(no_stray_space, "a.rs", "\tx\n", &["a.rs:1: a tab"]);
    }
}
