//! What charts are drawn on: the same drawing becomes SVG and PNG.

use kuva::RasterBackend;
use kuva::backend::svg::SvgBackend;
use kuva::render::render::{Primitive, Scene, TextAnchor, TextSpan};

/// A colour by what it is for; each in light and in dark.
///
/// A drawing has the light ones. On a page, its style replaces them by variables ([`style`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    /// What is drawn on.
    Paper,
    /// Text.
    Text,
    /// Text that is read second.
    Soft,
    /// Lines that help the eye.
    Line,
    /// Figures of others.
    Others,
    /// Figures of pipkin.
    Ours,
    /// The ground of a warning.
    Warning,
}

const INKS: [Ink; 7] =
    [Ink::Paper, Ink::Text, Ink::Soft, Ink::Line, Ink::Others, Ink::Ours, Ink::Warning];

impl Ink {
    /// The variable of a page, and its value in light and in dark.
    fn variable(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Paper => ("paper", "#fdfaf5", "#17120f"),
            Self::Text => ("ink", "#2b211b", "#efe4d8"),
            Self::Soft => ("soft", "#6f5d50", "#b39f8f"),
            Self::Line => ("line", "#e9ddcf", "#3a2e27"),
            Self::Others => ("others", "#c4b09c", "#66554a"),
            Self::Ours => ("ours", "#b3501c", "#f0935a"),
            Self::Warning => ("warning", "#fbe3c0", "#4a2f12"),
        }
    }

    fn light(self) -> &'static str {
        self.variable().1
    }
}

/// Variables for both sets of colours, and rules by which drawings have those of the page.
pub(crate) fn style() -> String {
    let (mut light, mut dark, mut rules) = (String::new(), String::new(), String::new());
    for (name, in_light, in_dark) in INKS.map(Ink::variable) {
        light += &format!("--{name}:{in_light};");
        dark += &format!("--{name}:{in_dark};");
        for part in ["fill", "stroke"] {
            rules += &format!("svg [{part}=\"{in_light}\"]{{{part}:var(--{name})}}\n");
        }
    }
    format!(
        ":root{{color-scheme:light dark;{light}}}\n\
         @media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n{rules}"
    )
}

/// Where a text lies from its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// Behind it.
    Right,
    /// Before it.
    Left,
    /// On both sides of it.
    Middle,
}

/// How a text looks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Type {
    pub(crate) size: u32,
    pub(crate) is_bold: bool,
    pub(crate) ink: Ink,
}

impl Type {
    /// At least as wide as `text` becomes, whatever the font: what it has in DejaVu, which is wide.
    pub(crate) fn width(self, text: &str) -> f64 {
        let share = if self.is_bold { 0.67 } else { 0.6 };
        // One more, since a few of them may all be wide.
        (text.chars().count() + 1) as f64 * f64::from(self.size) * share
    }

    /// As much of `text` as fits into `width`.
    pub(crate) fn fitted(self, text: &str, width: f64) -> String {
        if self.width(text) <= width {
            return text.to_owned();
        }
        let fits = |kept: &String| self.width(kept) + f64::from(self.size) <= width;
        let mut kept = text.to_owned();
        while !kept.is_empty() && !fits(&kept) {
            kept.pop();
        }
        format!("{}…", kept.trim_end())
    }
}

/// A drawing; lengths are pixels of a page.
pub(crate) struct Canvas(Scene);

impl Canvas {
    pub(crate) fn new(width: f64, height: f64) -> Self {
        Self(Scene::new(width, height).with_background(None))
    }

    /// The same for who shows it alone, on its own ground.
    pub(crate) fn on_paper(mut self) -> Self {
        self.0.background_color = Some(Ink::Paper.light().into());
        self.0.font_family = Some("system-ui, sans-serif".into());
        self
    }

    /// Writes `text` with its base line at `y`.
    pub(crate) fn text(&mut self, (x, y): (f64, f64), side: Side, text: &str, look: Type) {
        let anchor = match side {
            Side::Right => TextAnchor::Start,
            Side::Left => TextAnchor::End,
            Side::Middle => TextAnchor::Middle,
        };
        // Plain text is never bold in PNG, and formulas are looked for in it.
        let span = TextSpan { bold: look.is_bold, ..TextSpan::plain(text) };
        self.0.add(Primitive::RichText {
            x,
            y,
            spans: vec![span],
            size: look.size,
            anchor,
            color: Some(look.ink.light().into()),
        });
    }

    /// The same where lines of the axis would run through it.
    pub(crate) fn text_on_paper(&mut self, (x, y): (f64, f64), side: Side, text: &str, look: Type) {
        const MARGIN: f64 = 3.0;
        let (width, size) = (look.width(text), f64::from(look.size));
        let left = match side {
            Side::Right => x,
            Side::Left => x - width,
            Side::Middle => x - width / 2.0,
        };
        self.rect((left - MARGIN, y - size), (width + 2.0 * MARGIN, size * 1.25), Ink::Paper);
        self.text((x, y), side, text, look);
    }

    pub(crate) fn rect(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), ink: Ink) {
        self.0.add(Primitive::Rect {
            x,
            y,
            width,
            height,
            fill: ink.light().into(),
            stroke: None,
            stroke_width: None,
            opacity: None,
        });
    }

    pub(crate) fn line(&mut self, (x1, y1): (f64, f64), (x2, y2): (f64, f64), ink: Ink) {
        self.0.add(Primitive::Line {
            x1,
            y1,
            x2,
            y2,
            stroke: ink.light().into(),
            stroke_width: 1.0,
            stroke_dasharray: None,
        });
    }

    /// A line through all points, each marked.
    pub(crate) fn path(&mut self, points: &[(f64, f64)], ink: Ink) {
        self.0.add(Primitive::PolyLine {
            points: points.to_vec(),
            stroke: ink.light().into(),
            stroke_width: 2.0,
            stroke_dasharray: None,
        });
        for &(cx, cy) in points {
            self.0.add(Primitive::Circle {
                cx,
                cy,
                r: 3.5,
                fill: ink.light().into(),
                fill_opacity: None,
                stroke: None,
                stroke_width: None,
            });
        }
    }

    /// The drawing as an SVG element.
    pub(crate) fn svg(&self) -> String {
        let svg = SvgBackend::new().render_scene(&self.0);
        // Which kuva leaves out, and without which a drawing does not shrink with its box.
        let view = format!("<svg viewBox=\"0 0 {} {}\" ", self.0.width, self.0.height);
        svg.replacen("<svg ", &view, 1)
    }

    /// The drawing as PNG, with two pixels for each of a page.
    pub(crate) fn png(&self) -> Result<Vec<u8>, String> {
        RasterBackend { scale: 2.0 }.render_scene(&self.0)
    }
}
