//! Media types by name.

/// What the table of `mime_guess` lacks, or has under a name that a registration replaced.
/// Types without a note are as registered at IANA.
const TYPES: &[(&str, &str)] = &[
    ("cbor", "application/cbor"),
    ("cjs", "text/javascript"), // RFC 9239, which retires application/javascript
    ("cur", "image/x-icon"),    // not registered; what browsers and nginx call it
    ("deb", "application/vnd.debian.binary-package"),
    ("diff", "text/x-diff"), // not registered; what file(1) and git hosts call it
    ("ktx2", "image/ktx2"),
    ("m3u8", "application/vnd.apple.mpegurl"), // RFC 8216 section 10
    ("m4a", "audio/mp4"),
    ("m4s", "video/iso.segment"),
    ("m4v", "video/mp4"),
    ("map", "application/json"), // a source map, ECMA-426
    ("mjs", "text/javascript"),  // browsers refuse a module under any other kind of type
    ("mtl", "model/mtl"),
    ("mvt", "application/vnd.mapbox-vector-tile"),
    ("obj", "model/obj"),
    ("otf", "font/otf"), // RFC 8081
    ("patch", "text/x-diff"),
    ("rpm", "application/x-rpm"), // not registered; the table takes it for RealPlayer's
    ("sqlite", "application/vnd.sqlite3"),
    ("stl", "model/stl"), // the table takes it for a certificate trust list
    ("tgz", "application/gzip"),
    ("toml", "application/toml"),
    ("topojson", "application/json"),
    ("ts", "video/mp2t"), // a segment of an HLS stream, RFC 8216, which sites serve, not TypeScript
    ("usdz", "model/vnd.usdz+zip"),
    ("vcf", "text/vcard"),
    ("woff", "font/woff"),        // RFC 8081
    ("yaml", "application/yaml"), // RFC 9512
    ("yml", "application/yaml"),
    ("zst", "application/zstd"), // RFC 8878
];

/// What becomes shorter when it is encoded, besides text and what ends with `+json` or `+xml`.
const COMPRESSIBLE: &[&str] = &[
    "application/cbor",
    "application/json",
    "application/rtf",
    "application/toml",
    "application/vnd.apple.mpegurl",
    "application/vnd.ms-fontobject",
    "application/vnd.sqlite3",
    "application/wasm",
    "application/x-sql",
    "application/xml",
    "application/xml-dtd",
    "application/yaml",
    "font/otf",
    "font/ttf",
    "image/bmp",
    "image/x-icon",
    "model/gltf-binary",
    "model/mtl",
    "model/obj",
    "model/stl",
];

/// Whether a file of this name is worth the time to encode it.
pub(crate) fn is_compressible(name: &str) -> bool {
    let media_type = media_type(name);
    media_type.starts_with("text/")
        || media_type.ends_with("+json")
        || media_type.ends_with("+xml")
        || COMPRESSIBLE.contains(&media_type)
}

/// The value of `Content-Type` for a file of this name.
///
/// Text gets `charset=utf-8`, for without it browsers read a page as windows-1252 and a script
/// or style sheet as the page that includes it. XML and JSON do not: XML names its own encoding
/// and is UTF-8 otherwise (RFC 7303 section 3), so does SVG, and JSON is always UTF-8 and has
/// no such parameter (RFC 8259 section 11).
pub fn content_type(name: &str) -> String {
    let media_type = media_type(name);
    let is_text = media_type.starts_with("text/") && media_type != "text/xml";
    format!("{media_type}{}", if is_text { "; charset=utf-8" } else { "" })
}

fn media_type(name: &str) -> &'static str {
    let name = name.rsplit('/').next().unwrap_or_default();
    // Apple asks for this type, and that the name has no extension.
    if name == "apple-app-site-association" {
        return "application/json";
    }
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    TYPES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(extension))
        .map(|&(_, media_type)| media_type)
        .or_else(|| mime_guess::from_ext(extension).first_raw())
        .unwrap_or("application/octet-stream")
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    #[expect(clippy::needless_pass_by_value, reason = "as `expect!` is meant to be used")]
    #[track_caller]
    fn check(names: &str, expected: Expect) {
        let lines =
            names.split_whitespace().map(|name| format!("{name}: {}\n", content_type(name)));
        expected.assert_eq(&lines.collect::<String>());
    }

    #[test]
    fn pages() {
        check(
            "index.html a.htm a.xhtml a.css a.js a.mjs a.cjs a.json a.map a.webmanifest a.wasm
             a.txt a.md a.csv a.vtt robots.txt",
            expect![[r#"
                index.html: text/html; charset=utf-8
                a.htm: text/html; charset=utf-8
                a.xhtml: application/xhtml+xml
                a.css: text/css; charset=utf-8
                a.js: text/javascript; charset=utf-8
                a.mjs: text/javascript; charset=utf-8
                a.cjs: text/javascript; charset=utf-8
                a.json: application/json
                a.map: application/json
                a.webmanifest: application/manifest+json
                a.wasm: application/wasm
                a.txt: text/plain; charset=utf-8
                a.md: text/markdown; charset=utf-8
                a.csv: text/csv; charset=utf-8
                a.vtt: text/vtt; charset=utf-8
                robots.txt: text/plain; charset=utf-8
            "#]],
        );
    }

    #[test]
    fn xml_names_its_own_encoding() {
        check(
            "a.xml a.xsl a.svg feed.rss a.atom a.mathml",
            expect![[r#"
            a.xml: text/xml
            a.xsl: text/xml
            a.svg: image/svg+xml
            feed.rss: application/rss+xml
            a.atom: application/atom+xml
            a.mathml: application/mathml+xml
        "#]],
        );
    }

    #[test]
    fn images_and_fonts() {
        check(
            "a.png a.jpg a.jpeg a.gif a.webp a.avif a.jxl a.ico a.cur a.woff a.woff2 a.ttf a.otf",
            expect![[r#"
                a.png: image/png
                a.jpg: image/jpeg
                a.jpeg: image/jpeg
                a.gif: image/gif
                a.webp: image/webp
                a.avif: image/avif
                a.jxl: image/jxl
                a.ico: image/x-icon
                a.cur: image/x-icon
                a.woff: font/woff
                a.woff2: font/woff2
                a.ttf: font/ttf
                a.otf: font/otf
            "#]],
        );
    }

    #[test]
    fn sound_and_video() {
        check(
            "a.mp4 a.m4v a.webm a.mp3 a.m4a a.ogg a.opus a.flac a.m3u8 a.ts a.m4s",
            expect![[r#"
            a.mp4: video/mp4
            a.m4v: video/mp4
            a.webm: video/webm
            a.mp3: audio/mpeg
            a.m4a: audio/mp4
            a.ogg: audio/ogg
            a.opus: audio/ogg
            a.flac: audio/flac
            a.m3u8: application/vnd.apple.mpegurl
            a.ts: video/mp2t
            a.m4s: video/iso.segment
        "#]],
        );
    }

    #[test]
    fn downloads() {
        check(
            "a.pdf a.zip a.gz a.tgz a.tar.gz a.zst a.deb a.rpm a.toml a.yaml a.yml a.stl",
            expect![[r#"
                a.pdf: application/pdf
                a.zip: application/zip
                a.gz: application/gzip
                a.tgz: application/gzip
                a.tar.gz: application/gzip
                a.zst: application/zstd
                a.deb: application/vnd.debian.binary-package
                a.rpm: application/x-rpm
                a.toml: application/toml
                a.yaml: application/yaml
                a.yml: application/yaml
                a.stl: model/stl
            "#]],
        );
    }

    #[test]
    fn only_the_extension_of_the_last_part_counts() {
        check(
            "html LICENSE a. a.unknown docs.html/a v1.2/notes.txt A.HTML a.MJS a.html.bak
             .well-known/apple-app-site-association .well-known/security.txt",
            expect![[r#"
                html: application/octet-stream
                LICENSE: application/octet-stream
                a.: application/octet-stream
                a.unknown: application/octet-stream
                docs.html/a: application/octet-stream
                v1.2/notes.txt: text/plain; charset=utf-8
                A.HTML: text/html; charset=utf-8
                a.MJS: text/javascript; charset=utf-8
                a.html.bak: application/octet-stream
                .well-known/apple-app-site-association: application/json
                .well-known/security.txt: text/plain; charset=utf-8
            "#]],
        );
    }

    #[test]
    fn what_is_worth_encoding() {
        let of = |names: &str, expected: bool| {
            for name in names.split_whitespace() {
                assert_eq!(is_compressible(name), expected, "{name}: {}", content_type(name));
            }
        };
        of("a.html a.css a.js a.mjs a.json a.map a.webmanifest a.svg a.xml a.rss a.txt a.md", true);
        of("a.wasm a.ttf a.otf a.eot a.ico a.bmp a.yaml a.toml a.gltf a.glb a.rtf a.sql", true);
        of("a.png a.jpg a.webp a.avif a.woff a.woff2 a.mp4 a.mp3 a.pdf a.zip", false);
        of("a.js.gz a.js.br a.js.zst a.ts LICENSE a.unknown", false);
    }

    #[test]
    fn own_table_only_where_it_differs() {
        for (at, &(extension, media_type)) in TYPES.iter().enumerate() {
            assert_ne!(mime_guess::from_ext(extension).first_raw(), Some(media_type));
            assert!(at == 0 || TYPES[at - 1].0 < extension, "{extension} is out of order");
        }
    }
}
