//! The same questions, asked of what is compiled as the server would, and of the rules one after
//! the other.

use super::super::parse;
use super::*;

/// Rule files, and paths asked of each.
const FILES: u64 = 4000;

const NAMES: [&str; 4] = ["a", "b", "c.d", "index.html"];

/// What comes back.
#[derive(Clone, Debug, PartialEq)]
enum Outcome {
    Site,
    Nothing,
    NotFound,
    Redirect(u16, String),
    File(u16, String),
}

/// A generated rule.
#[derive(Debug)]
struct Naive {
    from: Vec<&'static str>,
    slash: bool,
    to: String,
    status: u16,
    forced: bool,
}

/// A generated site.
#[derive(Debug)]
struct Site {
    files: BTreeSet<String>,
    redirects: BTreeSet<String>,
}

impl Site {
    fn has(&self, path: &str) -> bool {
        self.files.contains(path) || self.redirects.contains(path)
    }
}

/// Numbers without order. Source: Marsaglia, "Xorshift RNGs".
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % end
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    fn site(&mut self) -> Site {
        let files: BTreeSet<String> = (0..self.below(8)).map(|_| self.path(&NAMES, 3)).collect();
        let bare = files.iter().filter_map(|path| path.strip_suffix('/'));
        let bare = bare.filter(|path| !path.is_empty() && !files.contains(*path));
        let redirects = bare.filter(|_| self.below(2) == 0).map(Into::into).collect();
        Site { files, redirects }
    }

    fn path(&mut self, names: &[&str], len_max: usize) -> String {
        let names: Vec<_> = (0..self.below(len_max + 1)).map(|_| self.pick(names)).collect();
        let slash = if names.is_empty() { "" } else { self.pick(&["", "/"]) };
        format!("/{}{slash}", names.join("/"))
    }

    fn rule(&mut self) -> Naive {
        let mut from: Vec<_> =
            (0..self.below(4)).map(|at| self.pick(&["a", "b", ["x", "y", "z"][at]])).collect();
        from.extend(self.pick(&[None, Some("*")]));
        let slash = from.is_empty() || (self.below(4) == 0 && from.last() != Some(&"*"));
        let part = |name: &&str| match *name {
            "*" => ":splat".into(),
            name @ ("x" | "y" | "z") => format!(":{name}"),
            name => name.into(),
        };
        let parts: Vec<String> = from.iter().map(part).chain(NAMES.map(Into::into)).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let host = self.pick(&["", "", "", "https://e"]);
        let to = host.to_owned() + &self.path(&parts, 3);
        let status = self.pick(&[301, 302, 200, 200, 404]);
        Naive { from, slash, to, status, forced: self.below(3) == 0 }
    }
}

impl Naive {
    fn line(&self) -> String {
        let segment = |name: &&str| match *name {
            name @ ("x" | "y" | "z") => format!("/:{name}"),
            name => format!("/{name}"),
        };
        let slash = if self.slash { "/" } else { "" };
        let forced = if self.forced { "!" } else { "" };
        let from: String = self.from.iter().map(segment).collect();
        format!("{from}{slash} {} {}{forced}\n", self.to, self.status)
    }

    /// The target for a path that the rule stands for.
    fn target(&self, path: &str) -> Option<String> {
        let mut names: Vec<&str> = path[1..].split('/').collect();
        let mut to = self.to.clone();
        let fixed = self.from.iter().filter(|&&name| name != "*").count();
        if fixed == self.from.len() && names.last() == Some(&"") {
            names.pop();
        }
        if names.len() < fixed || (fixed == self.from.len() && names.len() > fixed) {
            return None;
        }
        for (&own, &name) in self.from.iter().zip(&names).take(fixed) {
            match own {
                "x" | "y" | "z" if name.is_empty() => return None,
                "x" | "y" | "z" => to = to.replace(&format!(":{own}"), name),
                own if own != name => return None,
                _ => {}
            }
        }
        let rest = names[fixed..].join("/");
        let rest = if self.status < 400 && self.status > 200 {
            rest.trim_start_matches('/')
        } else {
            &rest
        };
        Some(to.replace(":splat", rest))
    }

    fn outcome(&self, path: &str, site: &Site) -> Option<Outcome> {
        let target = self.target(path).filter(|_| self.forced || !site.has(path))?;
        if matches!(self.status, 301 | 302) {
            let target = alone(target);
            return (target != path).then_some(Outcome::Redirect(self.status, target));
        }
        match self.file(path, &target, site) {
            Some(file) if file == path => None,
            Some(file) => Some(Outcome::File(self.status, file)),
            None => {
                let open = self.from.ends_with(&["*"])
                    && !self.from.iter().any(|name| ["x", "y", "z"].contains(name));
                open.then_some(Outcome::NotFound)
            }
        }
    }

    fn file(&self, path: &str, target: &str, site: &Site) -> Option<String> {
        let other = target.strip_suffix('/').map_or(format!("{target}/"), Into::into);
        let other = if target.ends_with("//") { String::new() } else { other };
        let names = [target.to_owned(), other, format!("{target}.html")];
        let file = names.into_iter().find(|name| site.files.contains(name))?;
        let last = path.strip_suffix('/').and_then(|path| path.rsplit('/').next());
        let odd = last.is_some_and(|last| last.contains('.')) && !file.ends_with('/');
        (!odd || !self.to.contains(':')).then_some(file)
    }
}

fn naive(rules: &[Naive], site: &Site, path: &str) -> Outcome {
    let answer = rules.iter().find_map(|rule| rule.outcome(path, site));
    answer.unwrap_or(if site.has(path) { Outcome::Site } else { Outcome::Nothing })
}

/// What the server does.
fn served(compiled: &Compiled, site: &Site, path: &str) -> Outcome {
    if let Some(action) = compiled.exact.get(path.as_bytes()) {
        return outcome(action, path);
    }
    if site.has(path) && !compiled.dropped.contains(path) {
        return Outcome::Site;
    }
    let folders = compiled.fallbacks.iter();
    let deepest = folders
        .filter(|(folder, _)| path.as_bytes().starts_with(folder))
        .max_by_key(|(folder, _)| folder.len());
    let is_for = |fallback: &&Fallback| {
        fallback.pattern.as_ref().is_none_or(|pattern| matches(pattern, path.as_bytes()))
    };
    let found = deepest.and_then(|(_, fallbacks)| fallbacks.iter().find(is_for));
    found.map_or(Outcome::Nothing, |fallback| outcome(&fallback.action, path))
}

/// What the server makes of slashes that a Location starts with.
fn alone(location: String) -> String {
    match location.strip_prefix('/') {
        Some(rest) => format!("/{}", rest.trim_start_matches('/')),
        None => location,
    }
}

fn outcome(action: &Action, path: &str) -> Outcome {
    match action {
        Action::Redirect { status, location } => {
            let part = |&byte: &u8| match byte {
                0x80..0xC0 => path[1..].split('/').nth(byte as usize - 0x80).unwrap_or("").into(),
                0xC0.. => {
                    let rest = path[1..].splitn(byte as usize - 0xC0 + 1, '/');
                    rest.skip(byte as usize - 0xC0)
                        .collect::<String>()
                        .trim_start_matches('/')
                        .into()
                }
                byte => char::from(byte).to_string(),
            };
            Outcome::Redirect(*status, alone(location.text.iter().map(part).collect()))
        }
        Action::Rewrite { status, to } => Outcome::File(*status, to.clone()),
        Action::NotFound => Outcome::NotFound,
    }
}

#[test]
fn compiled_is_as_one_rule_after_the_other() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut compiled_files = 0;
    let mut outcomes = [0; 5];
    for _ in 0..FILES {
        let rules: Vec<Naive> = (0..1 + random.below(4)).map(|_| random.rule()).collect();
        let site = random.site();
        let existing = Existing { files: &site.files, redirects: &site.redirects };
        let text: String = rules.iter().map(Naive::line).collect();
        let Ok(compiled) = parse(text.as_bytes()).and_then(|rules| compile(&rules, existing))
        else {
            continue;
        };
        compiled_files += 1;
        for _ in 0..200 {
            let path = random.path(&["a", "b", "c.d", "", "index", "index.html"], 4);
            let expected = naive(&rules, &site, &path);
            outcomes[match expected {
                Outcome::Site => 0,
                Outcome::Nothing => 1,
                Outcome::NotFound => 2,
                Outcome::Redirect(..) => 3,
                Outcome::File(..) => 4,
            }] += 1;
            let served = served(&compiled, &site, &path);
            if !matches!(&served, Outcome::Redirect(_, to) if *to == path) {
                assert_eq!(served, expected, "{path} of {site:?}\n{text}");
            }
        }
    }
    // Else the test has lost its subject.
    assert!(
        compiled_files > FILES / 8 && outcomes.iter().all(|&count| count > 100),
        "{compiled_files} {outcomes:?}"
    );
}
