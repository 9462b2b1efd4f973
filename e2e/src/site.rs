//! Folders of files, and what a server must answer for them.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::client::{Client, Response};

/// A path with the file that has to answer it.
pub struct Page {
    /// Decoded, starts with a slash.
    pub path: String,
    /// Where the bytes are.
    pub file: PathBuf,
}

/// `examples/site`.
#[must_use]
pub fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/site")
}

/// Every path of the site in `folder`, sorted: each file, and the folder of each index.html.
///
/// # Panics
///
/// When the folder cannot be read.
#[must_use]
pub fn pages(folder: &Path) -> Vec<Page> {
    let mut pages = Vec::new();
    add(folder, "", &mut pages);
    pages.sort_by(|a, b| a.path.cmp(&b.path));
    pages
}

fn add(folder: &Path, above: &str, pages: &mut Vec<Page>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let file = entry.expect("an entry").path();
        let name = file.file_name().and_then(|name| name.to_str()).expect("a name in UTF-8");
        let path = format!("{above}/{name}");
        if name.starts_with('.') && name != ".well-known" {
            continue;
        }
        if file.is_dir() {
            add(&file, &path, pages);
            continue;
        }
        if name == "index.html" {
            pages.push(Page { path: format!("{above}/"), file: file.clone() });
        }
        pages.push(Page { path, file });
    }
}

/// Writes `text` to `name` below `folder`, with the folders between.
///
/// # Panics
///
/// When it cannot be written.
pub fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a file has a folder")).expect("folders can be made");
    fs::write(path, text).expect("files can be written");
}

/// Numbers that look random and are the same in every run: splitmix64.
pub fn seeded(mut seed: u64) -> impl Iterator<Item = u64> {
    std::iter::from_fn(move || {
        seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Some(x ^ (x >> 31))
    })
}

/// Asks for everything in `examples/site`, and for what is not there, over one connection.
///
/// # Panics
///
/// When an answer is wrong.
#[track_caller]
pub fn check_site(address: SocketAddr) {
    let mut client = Client::connect(address);
    for page in pages(&example()) {
        check_page(&mut client, &page);
    }
    let lost = client.get("/no/such/page");
    assert_eq!(lost.status, 404);
    assert_eq!(lost.body, fs::read(example().join("404.html")).unwrap(), "the body of a 404");
    let post = client.request("POST", "/");
    assert_eq!(post.status, 405);
    assert_eq!(post.field("allow"), Some("GET, HEAD, OPTIONS"));
}

/// GET has the bytes of the file, HEAD the same head.
#[track_caller]
fn check_page(client: &mut Client, page: &Page) {
    let get = client.get(&page.path);
    assert_eq!(get.status, 200, "{}", page.path);
    assert!(get.body == fs::read(&page.file).unwrap(), "{} has other bytes", page.path);
    let media_type = media_type(&page.file);
    assert_eq!(get.field("content-type"), Some(media_type), "{}", page.path);
    let tag = get.field("etag").expect("an entity tag");
    assert!(tag.starts_with('"'), "{}: {tag} is no strong tag", page.path);
    let head = client.request("HEAD", &page.path);
    assert_eq!((head.status, undated(&head)), (get.status, undated(&get)), "{}", page.path);
}

/// The fields but Date, which may have moved on.
fn undated(response: &Response) -> Vec<&(String, String)> {
    response.fields.iter().filter(|(name, _)| name != "date").collect()
}

/// The types in `examples/site`, by extension.
const MEDIA_TYPES: &[(&str, &str)] = &[
    ("css", "text/css; charset=utf-8"),
    ("html", "text/html; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("mjs", "text/javascript; charset=utf-8"),
    ("svg", "image/svg+xml"),
    ("txt", "text/plain; charset=utf-8"),
    ("webmanifest", "application/manifest+json"),
    ("webp", "image/webp"),
    ("woff2", "font/woff2"),
];

fn media_type(file: &Path) -> &'static str {
    let extension = file.extension().and_then(|extension| extension.to_str());
    let found = MEDIA_TYPES.iter().find(|(known, _)| Some(*known) == extension);
    found.unwrap_or_else(|| panic!("no media type known for {}", file.display())).1
}
