//! A picture as SVG: laid out in layers by Sugiyama's method, inputs above what takes them.

use std::fmt::Write as _;

use rust_sugiyama::configure::Config;
use rust_sugiyama::from_vertices_and_edges;

use super::picture::{Grouping, Picture, TaskBox};
use crate::base::lane::Lane;

/// Sizes in pixels. A character of a monospaced font is three fifths as wide as high.
const FONT: f64 = 12.0;
const CHARACTER: f64 = 0.6 * FONT;
const LINE: f64 = 16.0;
const PADDING: f64 = 10.0;
/// Between boxes of a layer, and around the picture.
const GAP: f64 = 24.0;
/// Between layers: room for the arrows.
const RISE: f64 = 48.0;
/// How many layers arrows may cross, all together, before the layout leaves them out of account: its time
/// grows with the square of this number.
const MOST_CROSSED: usize = 1000;
/// Longer texts are cut; the tip of the box has the whole.
const MOST_CHARACTERS: usize = 36;

/// Where a box is: its centre and its size.
#[derive(Clone, Copy, Default)]
struct Place {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

pub(super) fn draw(picture: &Picture<'_>) -> String {
    let (places, width, height) = lay_out(picture);
    let caption = caption(picture);
    let width = width.max(caption.chars().count() as f64 * CHARACTER + 2.0 * GAP);
    let height = height + LINE + GAP;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.0} {height:.0}\" font-family=\"ui-monospace, monospace\" \
         font-size=\"{FONT}\">\n\
         <title>{caption}</title>\n\
         <defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" \
         markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0 8 4 0 8Z\" fill=\"#64748b\"/></marker></defs>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <g fill=\"none\" stroke=\"#64748b\" marker-end=\"url(#tip)\">\n"
    );
    // Writing into a string does not fail.
    for &(input, task) in &picture.arrows {
        let _ = writeln!(svg, "<path d=\"{}\"/>", curve(places[input], places[task]));
    }
    svg.push_str("</g>\n<g stroke=\"#1e3a8a\" text-anchor=\"middle\">\n");
    for (task, place) in picture.boxes.iter().zip(&places) {
        draw_box(&mut svg, task, *place);
    }
    let _ = write!(
        svg,
        "</g>\n<text x=\"{GAP}\" y=\"{:.0}\" fill=\"#475569\">{caption}</text>\n</svg>\n",
        height - GAP / 2.0
    );
    svg
}

/// The place of each box, and the size of the whole.
fn lay_out(picture: &Picture<'_>) -> (Vec<Place>, f64, f64) {
    let mut places: Vec<Place> = picture.boxes.iter().map(size).collect();
    let number = |index: usize| u32::try_from(index).expect("boxes are few");
    let vertices: Vec<(u32, (f64, f64))> = places
        .iter()
        .enumerate()
        .map(|(index, place)| (number(index), (place.width + GAP, place.height + RISE)))
        .collect();
    let edges: Vec<(u32, u32)> =
        guiding(picture).into_iter().map(|(from, to)| (number(from), number(to))).collect();
    let config = Config { vertex_spacing: GAP, ..Config::default() };
    // Parts of the graph that do not hang together stand side by side.
    let mut left = GAP;
    let mut height = 0.0_f64;
    for (points, ..) in from_vertices_and_edges(&vertices, &edges, &config) {
        let of = |index: usize| (places[index].width, places[index].height);
        let lowest = |low: f64, value: f64| low.min(value);
        let x = points.iter().map(|&(i, (x, _))| x - of(i).0 / 2.0).fold(f64::INFINITY, lowest);
        let y = points.iter().map(|&(i, (_, y))| y - of(i).1 / 2.0).fold(f64::INFINITY, lowest);
        let mut right = left;
        for (index, (to_right, down)) in points {
            let place = &mut places[index];
            (place.x, place.y) = (left + to_right - x, GAP + down - y);
            right = right.max(place.x + place.width / 2.0);
            height = height.max(place.y + place.height / 2.0);
        }
        left = right + 2.0 * GAP;
    }
    (places, left - GAP, height + GAP)
}

/// The arrows that decide where boxes stand: all of them, unless too many of them cross layers. Then those
/// between neighbouring layers do, of which every box but the first has one.
fn guiding(picture: &Picture<'_>) -> Vec<(usize, usize)> {
    let mut layers = vec![0_usize; picture.boxes.len()];
    for &(input, task) in &picture.arrows {
        layers[task] = layers[task].max(layers[input] + 1);
    }
    let crossed = |&(input, task): &(usize, usize)| layers[task].abs_diff(layers[input]) - 1;
    if picture.grouping == Grouping::Definition
        || picture.arrows.iter().map(crossed).sum::<usize>() <= MOST_CROSSED
    {
        return picture.arrows.clone();
    }
    picture.arrows.iter().copied().filter(|arrow| crossed(arrow) == 0).collect()
}

fn size(task: &TaskBox<'_>) -> Place {
    let lines = lines(task);
    let longest = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    Place {
        width: longest as f64 * CHARACTER + 2.0 * PADDING,
        height: lines.len() as f64 * LINE + PADDING,
        ..Place::default()
    }
}

fn lines(task: &TaskBox<'_>) -> Vec<String> {
    let mut lines = vec![shortened(task.name)];
    lines.extend(task.part.map(shortened));
    if task.count > 1 {
        lines.push(format!("\u{d7} {}", task.count));
    }
    lines
}

/// The end of a long text tells more than its middle: a path ends with the file's name.
fn shortened(text: &str) -> String {
    let count = text.chars().count();
    if count <= MOST_CHARACTERS {
        return text.to_owned();
    }
    let head = MOST_CHARACTERS / 3;
    let tail = MOST_CHARACTERS - head - 1;
    let start: String = text.chars().take(head).collect();
    let end: String = text.chars().skip(count - tail).collect();
    format!("{start}\u{2026}{end}")
}

/// From the foot of the input to the head of what takes it. (Between groups it may lead up again: then
/// it goes round the side.)
fn curve(input: Place, task: Place) -> String {
    let (from, to) = (input.y + input.height / 2.0, task.y - task.height / 2.0);
    if to < from {
        let (from, to) = (input.x + input.width / 2.0, task.x + task.width / 2.0);
        let side = from.max(to) + GAP;
        return format!(
            "M{from:.1} {:.1}C{side:.1} {:.1} {side:.1} {:.1} {to:.1} {:.1}",
            input.y, input.y, task.y, task.y
        );
    }
    let bend = (to - from) / 2.0;
    format!(
        "M{:.1} {from:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {to:.1}",
        input.x,
        input.x,
        from + bend,
        task.x,
        to - bend,
        task.x
    )
}

fn draw_box(svg: &mut String, task: &TaskBox<'_>, place: Place) {
    let Place { x, y, width, height } = place;
    let mut tip = task.name.to_owned();
    if let Some(part) = task.part {
        let _ = write!(tip, " on {part}");
    }
    let _ = write!(tip, ", defined at {}", task.site);
    let (fill, lane) = match task.lane {
        Lane::Cpu => ("#dbeafe", ""),
        Lane::Blocking => ("#fef3c7", ", on the blocking lane"),
        #[cfg(feature = "async")]
        Lane::Async => ("#dcfce7", ", on the async lane"),
    };
    let _ = write!(
        svg,
        "<g><title>{}{lane}</title><rect x=\"{:.1}\" y=\"{:.1}\" width=\"{width:.1}\" \
         height=\"{height:.1}\" rx=\"5\" fill=\"{fill}\" stroke-width=\"{}\"/>",
        escaped(&tip),
        x - width / 2.0,
        y - height / 2.0,
        if task.output { 2.5 } else { 1.0 },
    );
    let top = y - height / 2.0 + PADDING / 2.0 + FONT;
    for (index, line) in lines(task).iter().enumerate() {
        let (y, text) = (top + index as f64 * LINE, escaped(line));
        let _ = write!(
            svg,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" fill=\"#0f172a\" stroke=\"none\">{text}</text>"
        );
    }
    svg.push_str("</g>\n");
}

fn caption(picture: &Picture<'_>) -> String {
    let (tasks, boxes) = (picture.tasks, picture.boxes.len());
    let noun = if tasks == 1 { "task" } else { "tasks" };
    match picture.grouping {
        Grouping::None => format!("{tasks} {noun}"),
        Grouping::Structure => {
            format!("{tasks} {noun} in {boxes} groups: the same function of the same groups")
        }
        Grouping::Definition => format!("{tasks} {noun} in {boxes} groups: the same function"),
    }
}

/// As it stands in XML, which has no place for control characters.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            character if character.is_control() => escaped.push('\u{fffd}'),
            character => escaped.push(character),
        }
    }
    escaped
}
