//! The program as a stand-in for others. That it is built for this test, others in `src/program`
//! need: they start it.

use std::process::Command;

#[track_caller]
fn check(plan: &str, expected: &str) {
    let mut pipkin = Command::new(env!("CARGO_BIN_EXE_pipkin"));
    let output = pipkin.env("PIPKIN_STANDS_IN_FOR_PROGRAM", plan).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), expected);
}

#[test]
fn what_is_no_plan_is_refused() {
    let expected =
        "error: the variable PIPKIN_STANDS_IN_FOR_PROGRAM is no plan: it is ours to set\n";
    check("", expected);
    check("{}", expected);
    check(r#"{"argv": [], "env": [], "inside": null}"#, expected);
}
