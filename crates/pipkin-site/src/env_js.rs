//! `/env.js`: the names of the variables that a page may read from the environment of its server.

/// What its path has below that of the site, and what a file with these variables would be called.
pub(crate) const FILE: &str = "env.js";

/// The names as the server reads them: each with `=` behind it.
pub(crate) fn body(names: &[String]) -> String {
    names.iter().flat_map(|name| [name, "="]).collect()
}

/// The names in `list`, which commas part, in their order.
///
/// # Errors
///
/// Which one is no name, or is there twice: a fragment. A name is one of a variable in a shell and
/// of a property in a script alike.
///
/// Source: POSIX.1-2017, Base Definitions, section 3.235, "Name".
pub(crate) fn names(list: &str) -> Result<Vec<String>, String> {
    let mut names: Vec<String> = Vec::new();
    for name in list.split(',').map(str::trim) {
        if !is_name(name) {
            return Err(format!(
                "{name:?} is not the name of a variable: letters, digits and _, and no digit first"
            ));
        }
        if names.iter().any(|known| known == name) {
            return Err(format!("{name} is there twice"));
        }
        names.push(name.into());
    }
    Ok(names)
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    #[expect(clippy::needless_pass_by_value, reason = "as `expect!` is meant to be used")]
    #[track_caller]
    fn check(lists: &[&str], expected: Expect) {
        let text = |list: &&str| names(list).map_or_else(|error| error, |names| names.join(" "));
        expected.assert_eq(&lists.iter().map(text).map(|text| text + "\n").collect::<String>());
    }

    #[test]
    fn lists() {
        check(
            &["API_URL", "a,_B2, c"],
            expect![[r#"
            API_URL
            a _B2 c
        "#]],
        );
    }

    #[test]
    fn what_is_no_name() {
        check(
            &["", "A,,B", "A=b", "1A", "ä", "A,a,A"],
            expect![[r#"
            "" is not the name of a variable: letters, digits and _, and no digit first
            "" is not the name of a variable: letters, digits and _, and no digit first
            "A=b" is not the name of a variable: letters, digits and _, and no digit first
            "1A" is not the name of a variable: letters, digits and _, and no digit first
            "ä" is not the name of a variable: letters, digits and _, and no digit first
            A is there twice
        "#]],
        );
    }
}
