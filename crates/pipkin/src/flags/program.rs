//! The flags that concern programs.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

/// What concerns the files that a program needs.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Programs")]
pub(crate) struct Closure {
    /// The folder in which / is, for a program of another root filesystem, of this architecture or
    /// another [default: /]
    #[arg(long, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,

    /// Take this file or folder along, too, repeatable; as DEST in the image
    #[arg(long, value_name = "PATH[:DEST]")]
    pub(crate) include: Vec<Keep>,

    /// Take along what this file lists, PATH[:DEST] in each line, repeatable; lines that start with
    /// a # are comments
    #[arg(long, value_name = "FILE")]
    pub(crate) keep_list: Vec<PathBuf>,

    /// Leave these paths out although they are asked for, repeatable: `*` is any text within a name,
    /// `**` any text; without a slash at the start, in any folder
    #[arg(long, value_name = "PATTERN")]
    pub(crate) exclude: Vec<String>,

    /// The character sets that iconv_open knows, such as UTF-16,LATIN1 [default: all]
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) gconv: Vec<String>,

    /// The time zone, such as Europe/Berlin [default: that of the root]
    #[arg(long, value_name = "ZONE")]
    pub(crate) tz: Option<String>,

    /// Keep the setuid and setgid bits of a program, which is refused otherwise
    #[arg(long)]
    pub(crate) allow_setuid: bool,
}

/// What concerns an image of a program.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Programs")]
pub(crate) struct Program {
    #[command(flatten)]
    pub(crate) closure: Closure,

    /// Run the program here with these arguments, and take along each file that it opens,
    /// repeatable; without =ARGS with those after `--`
    // With the equals sign, for otherwise what follows would be taken for the arguments.
    #[arg(long, value_name = "ARGS", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "--")]
    pub(crate) trace: Vec<Arguments>,

    /// Of a server that is traced or verified: ask it for this path by HTTP, repeatable, and end it
    /// when it has answered
    #[arg(long, value_name = "PATH", value_parser = request_target)]
    pub(crate) trace_http: Vec<String>,

    /// Run the program in what the image holds, compare with what it says here, and take along what
    /// it misses; without =ARGS with the arguments after `--`
    #[arg(long, value_name = "ARGS", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "--")]
    pub(crate) verify: Option<Arguments>,

    /// Only say what --verify misses
    #[arg(long, requires = "verify")]
    pub(crate) no_repair: bool,

    /// Write each file with its reason, and what was left with the reason for that, as JSON
    #[arg(long, value_name = "FILE", value_parser = ledger)]
    pub(crate) ledger: Option<PathBuf>,

    /// Leave out symbols, section headers and debug data, which running needs none of
    #[arg(long)]
    pub(crate) strip: bool,
}

/// A file or folder to take along, and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Keep {
    pub(crate) path: String,
    pub(crate) dest: Option<String>,
}

impl FromStr for Keep {
    type Err = String;

    /// `PATH[:DEST]`. A destination that ends with a slash is the folder to put it into.
    fn from_str(text: &str) -> Result<Self, String> {
        // Names may hold colons; a destination starts with a slash.
        let Some((path, dest)) = text.rsplit_once(":/") else {
            return Ok(Self { path: not_empty(text)?.into(), dest: None });
        };
        let mut names = not_empty(path)?.rsplit('/');
        let name = names.find(|name| !matches!(*name, "" | ".")).unwrap_or_default();
        let dest = if dest.is_empty() || dest.ends_with('/') {
            format!("/{dest}{name}")
        } else {
            format!("/{dest}")
        };
        if dest[1..].split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err(format!("`{dest}` is no place in an image: write /FOLDER/NAME"));
        }
        Ok(Self { path: path.into(), dest: Some(dest) })
    }
}

fn not_empty(path: &str) -> Result<&str, String> {
    if path.is_empty() {
        Err("the path is empty: write PATH or PATH:DEST".into())
    } else {
        Ok(path)
    }
}

/// What to ask a server for, as it stands in a request.
///
/// Source: RFC 9112, 3.2.1.
fn request_target(text: &str) -> Result<String, &'static str> {
    if !text.starts_with('/') {
        return Err("write it from the first slash on: /PATH");
    }
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err("a request has no blanks in its path: write %20");
    }
    Ok(text.into())
}

/// The place of a ledger, which is not that of the report.
fn ledger(text: &str) -> Result<PathBuf, &'static str> {
    match text {
        "-" => Err("stdout has the digest: write /dev/stderr, or the path of a file"),
        _ => Ok(text.into()),
    }
}

/// What a program is run with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Arguments {
    /// The arguments that the image has.
    OfImage,
    These(Vec<String>),
}

impl FromStr for Arguments {
    type Err = &'static str;

    /// Words, quoted as for a shell.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "--" {
            return Ok(Self::OfImage);
        }
        shlex::split(text).map(Self::These).ok_or("a quote is open at its end")
    }
}

impl Arguments {
    /// The arguments, where an image has `of_image`.
    pub(crate) fn words<'a>(&'a self, of_image: &'a [String]) -> &'a [String] {
        match self {
            Self::OfImage => of_image,
            Self::These(words) => words,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_keep(text: &str, expected: Result<(&str, Option<&str>), &str>) {
        let keep = text.parse::<Keep>();
        let expected = expected
            .map(|(path, dest)| Keep { path: path.into(), dest: dest.map(Into::into) })
            .map_err(Into::into);
        assert_eq!(keep, expected, "{text}");
    }

    #[test]
    fn what_to_take_along() {
        check_keep("/etc/hosts", Ok(("/etc/hosts", None)));
        check_keep("data:/srv/data", Ok(("data", Some("/srv/data"))));
        check_keep("a/data/:/srv/", Ok(("a/data/", Some("/srv/data"))));
        check_keep("a.conf:/", Ok(("a.conf", Some("/a.conf"))));
        check_keep("/usr/share/perl5/A::B.pm", Ok(("/usr/share/perl5/A::B.pm", None)));
        check_keep("/a:b:/c", Ok(("/a:b", Some("/c"))));
        let empty = Err("the path is empty: write PATH or PATH:DEST");
        check_keep("", empty);
        check_keep(":/a", empty);
        check_keep("a:/../b", Err("`/../b` is no place in an image: write /FOLDER/NAME"));
        check_keep("a:/b//c", Err("`/b//c` is no place in an image: write /FOLDER/NAME"));
    }

    #[test]
    fn what_to_ask_a_server_for() {
        assert_eq!(request_target("/a?b=c"), Ok("/a?b=c".into()));
        for path in ["", "a", "http://a/"] {
            assert_eq!(request_target(path), Err("write it from the first slash on: /PATH"));
        }
        for path in ["/a b", "/a\r\nhost: b"] {
            let expected = Err("a request has no blanks in its path: write %20");
            assert_eq!(request_target(path), expected);
        }
    }

    #[test]
    fn a_ledger_has_a_path() {
        assert_eq!(ledger("a-"), Ok("a-".into()));
        let why = "stdout has the digest: write /dev/stderr, or the path of a file";
        assert_eq!(ledger("-"), Err(why));
    }

    #[test]
    fn arguments() {
        let words = |list: &[&str]| list.iter().map(|&word| word.into()).collect::<Vec<String>>();
        let check = |text: &str, expected: &[&str]| {
            let arguments = text.parse::<Arguments>().unwrap();
            assert_eq!(arguments.words(&words(&["of", "image"])), expected, "{text}");
        };
        check("--", &["of", "image"]);
        check("", &[]);
        check("-n '.a b' \"c d\"", &["-n", ".a b", "c d"]);
        assert_eq!("'".parse::<Arguments>(), Err("a quote is open at its end"));
    }
}
