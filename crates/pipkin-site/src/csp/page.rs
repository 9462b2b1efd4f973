//! What of a page a policy has to know.
//!
//! The tokenizer is that of the HTML standard, which is also what finds the end of a script. It
//! needs to know from the tree whether it is in SVG or MathML, where `<style>` is an element as
//! any other, so [`Foreign`] follows these. The rest of the tree makes no difference here.
//!
//! Source: HTML standard, sections 13.2.5 "Tokenization" and 13.2.6 "Tree construction".

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;

use html5gum::emitters::{Emitter, ForwardingEmitter};
use html5gum::{DefaultEmitter, StartTag, State, Token, Tokenizer};
use sha2::{Digest, Sha256};

use super::Warning;

/// How deep pages are looked into that are inside of others, in `srcdoc`.
const DEPTH_MAX: usize = 4;

/// What was found in a page.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// The hashes of its inline scripts, in base64.
    pub(super) scripts: BTreeSet<String>,
    /// The hashes of its inline style sheets.
    pub(super) styles: BTreeSet<String>,
    /// Each once.
    pub(super) warnings: Vec<Warning>,
    depth: usize,
}

/// What becomes of the text of an element.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Use {
    Script,
    Style,
    /// What browsers without scripts read.
    Page,
    Nothing,
}

/// An element whose text is wanted.
struct Open {
    name: String,
    text: String,
    is_for: Use,
}

impl Page {
    /// What is in a page, which is UTF-8, as its Content-Type says; other bytes and a byte order
    /// mark are read as browsers do.
    pub(super) fn read(html: &[u8]) -> Self {
        let html = html.strip_prefix("\u{feff}".as_bytes()).unwrap_or(html);
        let mut page = Self::default();
        page.add(&String::from_utf8_lossy(html));
        page
    }

    fn add(&mut self, html: &str) {
        let is_foreign = Rc::new(Cell::new(false));
        let emitter =
            PageEmitter { inner: DefaultEmitter::default(), is_foreign: is_foreign.clone() };
        let mut tokenizer = Tokenizer::new_with_emitter(html, emitter);
        let mut foreign = Foreign::default();
        let mut open: Option<Open> = None;
        while let Some(Ok(token)) = tokenizer.next() {
            match token {
                Token::StartTag(tag) => {
                    let tag = Tag::new(&tag);
                    foreign.start(&tag);
                    self.warn(&tag);
                    let state = if foreign.is_now() { None } else { raw_text(&tag.name) };
                    if let Some(state) = state {
                        tokenizer.set_state(state);
                    }
                    if open.is_none() && (state.is_some() || !tag.is_closed) {
                        open = Open::new(&tag, foreign.is_now());
                    }
                }
                Token::EndTag(tag) => {
                    let name = lossy(&tag.name);
                    foreign.end(&name);
                    self.close(open.take_if(|open| open.name == name));
                }
                Token::String(text) => {
                    if let Some(open) = &mut open {
                        open.text += &lossy(&text);
                    }
                }
                Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
            }
            is_foreign.set(foreign.is_now());
        }
        // A style sheet without an end counts, a script does not.
        self.close(open.filter(|open| open.is_for == Use::Style));
    }

    fn close(&mut self, open: Option<Open>) {
        let Some(Open { text, is_for, .. }) = open.filter(|open| !open.text.is_empty()) else {
            return;
        };
        // Tokens of SVG have zeros, which the tree replaces.
        let hash = || base64(&Sha256::digest(text.replace('\0', "\u{fffd}")));
        match is_for {
            Use::Script => {
                self.scripts.insert(hash());
            }
            Use::Style => {
                self.styles.insert(hash());
            }
            Use::Page => self.inside(&text),
            Use::Nothing => {}
        }
    }

    /// A page that is inside of this one, and under its policy.
    fn inside(&mut self, html: &str) {
        if self.depth < DEPTH_MAX {
            self.depth += 1;
            self.add(html);
            self.depth -= 1;
        }
    }

    fn warn(&mut self, tag: &Tag) {
        for (attribute, value) in &tag.attributes {
            if tag.name == "iframe" && attribute == "srcdoc" {
                self.inside(value);
            }
            if let Some(reason) = blocked(tag, attribute, value) {
                let (element, attribute) = (tag.name.clone(), attribute.clone());
                let warning = Warning { element, attribute, reason };
                if !self.warnings.contains(&warning) {
                    self.warnings.push(warning);
                }
            }
        }
    }
}

impl Open {
    fn new(tag: &Tag, is_foreign: bool) -> Option<Self> {
        let is_for = match &tag.name[..] {
            "script" if tag.is_inline_script(is_foreign) => Use::Script,
            "style" if matches!(&tag.value("type")[..], "" | "text/css") => Use::Style,
            "noscript" if !is_foreign => Use::Page,
            "script" | "style" => Use::Nothing,
            _ => return None,
        };
        Some(Self { name: tag.name.clone(), text: String::new(), is_for })
    }
}

/// A start tag.
struct Tag {
    /// In small letters.
    name: String,
    attributes: Vec<(String, String)>,
    /// Ends with `/>`, which counts in SVG and MathML.
    is_closed: bool,
}

impl Tag {
    fn new(tag: &StartTag<()>) -> Self {
        let attributes = tag.attributes.iter();
        let attributes = attributes.map(|(name, value)| (lossy(name), lossy(value))).collect();
        Self { name: lossy(&tag.name), attributes, is_closed: tag.self_closing }
    }

    fn has(&self, attribute: &str) -> bool {
        self.attributes.iter().any(|(name, _)| name == attribute)
    }

    /// Without white space around it, in small letters; empty when there is none.
    fn value(&self, attribute: &str) -> String {
        let found = self.attributes.iter().find(|(name, _)| name == attribute);
        found.map(|(_, value)| value.trim_ascii().to_ascii_lowercase()).unwrap_or_default()
    }

    /// Whether the text is a script, and not data for one.
    ///
    /// Source: HTML standard, section 4.12.1.1, "prepare the script element".
    fn is_inline_script(&self, is_foreign: bool) -> bool {
        let sources: &[&str] = if is_foreign { &["href", "xlink:href"] } else { &["src"] };
        let (kind, language) = (self.value("type"), self.value("language"));
        let is_script = if !kind.is_empty() || self.has("type") {
            kind.is_empty() || SCRIPTS.contains(&&kind[..])
        } else {
            language.is_empty() || SCRIPTS.contains(&&format!("text/{language}")[..])
        };
        is_script && !sources.iter().any(|source| self.has(source))
    }
}

/// Types of scripts that a policy is asked about.
///
/// Source: MIME Sniffing standard, section 4.6, "JavaScript MIME type"; HTML standard, section
/// 4.12.1, on `type`.
const SCRIPTS: &[&str] = &[
    "application/ecmascript",
    "application/javascript",
    "application/x-ecmascript",
    "application/x-javascript",
    "importmap",
    "module",
    "speculationrules",
    "text/ecmascript",
    "text/javascript",
    "text/javascript1.0",
    "text/javascript1.1",
    "text/javascript1.2",
    "text/javascript1.3",
    "text/javascript1.4",
    "text/javascript1.5",
    "text/jscript",
    "text/livescript",
    "text/x-ecmascript",
    "text/x-javascript",
];

/// How the text of an element is read, of those where it is not by tags and entities. `noscript`
/// is one of them where there are scripts.
fn raw_text(name: &str) -> Option<State> {
    match name {
        "script" => Some(State::ScriptData),
        "style" | "xmp" | "iframe" | "noembed" | "noframes" | "noscript" => Some(State::RawText),
        "textarea" | "title" => Some(State::RcData),
        "plaintext" => Some(State::PlainText),
        _ => None,
    }
}

/// Bytes of the shortest names of event handlers: `oncut`. `once` is none.
const HANDLER_BYTES_MIN: usize = 5;

const HANDLER: &str = "an event handler: call addEventListener in a script";
const STYLE: &str = "a style of one element: write a rule in a style sheet";
const SCRIPT_URL: &str = "a script in an address: call addEventListener in a script";
const OTHER_HOST: &str = "on another host: serve a copy from this one";
const OBJECT: &str = "an object, as plugins were: write <iframe>, <img> or <video>";

/// Where an element gets something from that the policy wants from its own host.
const SOURCES: &[(&str, &str)] = &[
    ("audio", "src"),
    ("base", "href"),
    ("form", "action"),
    ("iframe", "src"),
    ("img", "src"),
    ("script", "src"),
    ("source", "src"),
    ("track", "src"),
    ("video", "poster"),
    ("video", "src"),
];

/// What a link is to that a browser fetches it for.
const LINKS: &[&str] = &["icon", "manifest", "modulepreload", "preload", "stylesheet"];

/// Why the policy blocks an attribute, if it does.
fn blocked(tag: &Tag, attribute: &str, value: &str) -> Option<&'static str> {
    let element = &tag.name[..];
    let is_source = || match (element, attribute) {
        ("link", "href") => tag.value("rel").split_whitespace().any(|rel| LINKS.contains(&rel)),
        source => SOURCES.contains(&source),
    };
    let is_handler = attribute.starts_with("on")
        && attribute.len() >= HANDLER_BYTES_MIN
        && attribute.bytes().all(|byte| byte.is_ascii_lowercase());
    let value: String = value.chars().filter(|c| !c.is_ascii_control()).collect();
    let value = value.trim_start().to_ascii_lowercase();
    let is_url = |start: &str| value.starts_with(start);
    match (element, attribute) {
        _ if is_handler => Some(HANDLER),
        (_, "style") if !value.is_empty() => Some(STYLE),
        (_, "href" | "xlink:href" | "src" | "action" | "formaction") if is_url("javascript:") => {
            Some(SCRIPT_URL)
        }
        ("object", "data") | ("embed", "src") => Some(OBJECT),
        _ if is_source() && ["//", "http:", "https:"].into_iter().any(is_url) => Some(OTHER_HOST),
        _ => None,
    }
}

/// Whether what comes is SVG or MathML: the names that are open, from the outermost of these on.
#[derive(Default)]
struct Foreign {
    open: Vec<String>,
}

/// Elements of SVG and MathML that have HTML inside.
const INTEGRATION_POINTS: &[&str] =
    &["desc", "foreignobject", "mi", "mn", "mo", "ms", "mtext", "title"];

/// Elements of HTML that end SVG and MathML wherever they come.
///
/// Source: HTML standard, section 13.2.6.5, "The rules for parsing tokens in foreign content".
const BREAKOUTS: &[&str] = &[
    "b",
    "big",
    "blockquote",
    "body",
    "br",
    "center",
    "code",
    "dd",
    "div",
    "dl",
    "dt",
    "em",
    "embed",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "hr",
    "i",
    "img",
    "li",
    "listing",
    "menu",
    "meta",
    "nobr",
    "ol",
    "p",
    "pre",
    "ruby",
    "s",
    "small",
    "span",
    "strong",
    "strike",
    "sub",
    "sup",
    "table",
    "tt",
    "u",
    "ul",
    "var",
];

impl Foreign {
    fn is_now(&self) -> bool {
        self.open.last().is_some_and(|name| !INTEGRATION_POINTS.contains(&&name[..]))
    }

    fn start(&mut self, tag: &Tag) {
        let name = &tag.name[..];
        if self.is_now() && BREAKOUTS.contains(&name) {
            while self.is_now() {
                self.open.pop();
            }
        }
        let is_root = matches!(name, "svg" | "math");
        let is_point = self.is_now() && INTEGRATION_POINTS.contains(&name);
        if (is_root || is_point) && !tag.is_closed {
            self.open.push(name.into());
        }
    }

    fn end(&mut self, name: &str) {
        if let Some(at) = self.open.iter().rposition(|open| open == name) {
            self.open.truncate(at);
        }
    }
}

/// Tokens, with CDATA sections where these are.
struct PageEmitter {
    inner: DefaultEmitter,
    is_foreign: Rc<Cell<bool>>,
}

impl ForwardingEmitter for PageEmitter {
    type Token = Token;

    fn inner(&mut self) -> &mut impl Emitter<Token = Token> {
        &mut self.inner
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&mut self) -> bool {
        self.is_foreign.get()
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Source: RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letters = bytes.chunks(3).flat_map(|three| {
        let byte = |at: usize| usize::from(three.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        let letter = |at: usize| match at <= three.len() {
            true => char::from(LETTERS[bits >> (18 - 6 * at) & 63]),
            false => '=',
        };
        [0, 1, 2, 3].map(letter)
    });
    letters.collect()
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_of_rfc_4648() {
        for (text, expected) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("\u{fb}\u{ff}", "w7vDvw==")]
        {
            assert_eq!(base64(text.as_bytes()), expected);
        }
    }
}
