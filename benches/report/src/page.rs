//! The page: all that was measured, with nothing to be loaded and nothing to be run.

use results::{Machine, Results, Section, Table};

use crate::chart::{chart, style};
use crate::figure;
use crate::html::{escaped, headline, marked};
use crate::lead::lead;
use crate::table::table;

/// Sections in the order in which they are read; others come behind them.
const ORDER: &[&str] = &["sizes", "speed", "memory", "start", "density", "scale"];
/// The first table of the first section.
const LADDER: &str = "one-page";

const STYLE: &str = include_str!("style.css");

/// All of `results` as one HTML document.
pub(crate) fn page(results: &Results) -> String {
    let sections: Vec<&Section> =
        ordered(&results.sections, &|section| ORDER.iter().position(|name| *name == section.name));
    let shown: String = sections.iter().map(|section| self::section(section)).collect();
    let shown = if shown.is_empty() { NOTHING.into() } else { shown };
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>pipkin, measured</title>\n<link rel=\"icon\" href=\"data:,\">\n\
         <style>\n{}{STYLE}</style>\n{}<main>\n{shown}</main>\n{}",
        style(),
        header(results, &sections),
        footer(&results.machine)
    )
}

const NOTHING: &str = "<p>Nothing was measured. <code>cargo xtask bench all</code> measures.</p>\n";

/// The table of sizes of one page, and its section.
pub(crate) fn ladder(results: &Results) -> Option<(&Section, &Table)> {
    let section = results.sections.iter().find(|section| section.name == ORDER[0])?;
    let table = section.tables.iter().find(|table| table.name == LADDER)?;
    Some((section, table))
}

/// Those with a place first, by it; the others as they come.
fn ordered<'a, T>(items: &'a [T], place: &dyn Fn(&T) -> Option<usize>) -> Vec<&'a T> {
    let mut items: Vec<&T> = items.iter().collect();
    items.sort_by_key(|item| place(item).unwrap_or(usize::MAX));
    items
}

fn header(results: &Results, sections: &[&Section]) -> String {
    let machine = &results.machine;
    let links = sections.iter().map(|section| {
        format!("<a href=\"#{}\">{}</a>\n", escaped(&section.name), headline(&section.title))
    });
    let lead = ladder(results).and_then(|(_, table)| lead(table));
    let lead = lead.map_or(String::new(), |lead| format!("<p class=\"lead\">{lead}</p>\n"));
    format!(
        "<header>\n<h1>pipkin, measured</h1>\n{lead}<p class=\"soft\">{} · {}</p>\n{}\
         <nav aria-label=\"Sections\">\n{}</nav>\n</header>\n",
        escaped(&machine.date),
        escaped(&processors(machine)),
        warning(machine),
        links.collect::<String>()
    )
}

fn processors(machine: &Machine) -> String {
    format!("{} × {}", machine.cpus, machine.cpu)
}

fn warning(machine: &Machine) -> String {
    if !machine.is_busy() {
        return String::new();
    }
    format!(
        "<p class=\"warning\" role=\"alert\"><strong>The machine was busy.</strong> On average \
         {:.1} processes of others wanted a CPU, and {:.1} is the most that leaves figures of time \
         to be trusted. Sizes are as they are; measure the rest again when it is quiet.</p>\n",
        machine.load, machine.load_max
    )
}

fn section(section: &Section) -> String {
    let tables: Vec<&Table> =
        ordered(&section.tables, &|table| (table.name == LADDER).then_some(0));
    let tables: String = tables.iter().map(|table| article(section, table)).collect();
    format!(
        "<section id=\"{}\">\n<h2>{}</h2>\n{}<p class=\"soft\">Measured by <code>{}</code></p>\n\
         {tables}</section>\n",
        escaped(&section.name),
        headline(&section.title),
        notes(&section.notes),
        escaped(&section.command)
    )
}

fn article(section: &Section, shown: &Table) -> String {
    let id = escaped(&format!("{}-{}", section.name, shown.name));
    format!(
        "<article id=\"{id}\">\n<h3>{}</h3>\n{}{}{}\
         <p class=\"soft\"><a href=\"{id}.csv\" download>{id}.csv</a></p>\n</article>\n",
        headline(&shown.title),
        chart(shown),
        notes(&shown.notes),
        table(shown)
    )
}

fn notes(notes: &[String]) -> String {
    notes.iter().map(|note| format!("<p class=\"note\">{}</p>\n", marked(note))).collect()
}

fn footer(machine: &Machine) -> String {
    let memory =
        format!("{} GiB", figure::exact(machine.memory_bytes as f64 / f64::from(1 << 30), 1));
    let load = format!("{:.1} of at most {:.1}", machine.load, machine.load_max);
    let facts = [
        ("Date", machine.date.clone()),
        ("Processors", processors(machine)),
        ("Memory", memory),
        ("Kernel", machine.kernel.clone()),
        ("Load by others", load),
    ];
    let rows = |facts: &mut dyn Iterator<Item = (&str, &str)>| -> String {
        let row = |(name, fact)| format!("<dt>{}</dt><dd>{}</dd>\n", escaped(name), escaped(fact));
        facts.map(row).collect()
    };
    format!(
        "<footer>\n<h2>The machine</h2>\n<dl>\n{}</dl>\n<h2>Versions</h2>\n<dl>\n{}</dl>\n\
         <p>All figures: <a href=\"results.json\" download>results.json</a></p>\n</footer>\n",
        rows(&mut facts.iter().map(|(name, fact)| (*name, fact.as_str()))),
        rows(&mut machine.versions.iter().map(|(name, fact)| (name.as_str(), fact.as_str())))
    )
}
