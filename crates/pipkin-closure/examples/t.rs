fn main() {
    let a: Vec<String> = std::env::args().collect();
    let mut s = pipkin_closure::Settings::default();
    if let Some(r) = a.get(2) {
        s.root = r.into();
    }
    let t = std::time::Instant::now();
    match pipkin_closure::find(&a[1], &s) {
        Ok(c) => {
            let mut n = 0;
            for (p, e) in &c.entries {
                let b = match &e.body {
                    pipkin_closure::Body::File { bytes, .. } => {
                        n += bytes;
                        format!("{bytes:>9}")
                    }
                    pipkin_closure::Body::Link(t) => format!("-> {t}"),
                    pipkin_closure::Body::Made(v) => format!("made {}", v.len()),
                    pipkin_closure::Body::Folder(m) => format!("dir {m:o}"),
                };
                println!("{b} {p}  [{}]", e.reason);
            }
            println!("-- left");
            for l in &c.left {
                println!("   {}  [{}] {}", l.name, l.reason, l.because);
            }
            for w in &c.warnings {
                println!("W {w}");
            }
            println!(
                "{} entries {n} bytes {:?} {:?} {:?}",
                c.entries.len(),
                t.elapsed(),
                c.interpreter,
                c.env
            );
        }
        Err(e) => println!("ERR {e}\n{:?}", e.help()),
    }
}
