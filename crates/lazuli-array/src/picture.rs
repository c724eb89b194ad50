//! A picture of an array, as SVG: its shape, its chunks and its bytes.
//!
//! The last two axes are drawn as a face, the one before them goes into depth; axes before those are told in words.
//! Lengths are to scale, but for axes that would be too thin to see.

use std::fmt::Write as _;

use ndarray::Dimension;

use crate::array::{ChunkedArray, Element};
use crate::chunks::AxisChunks;

/// Pixels of the longest axis, and the least of any.
const LONGEST: f64 = 180.0;
const LEAST: f64 = 18.0;
/// How far an axis into depth goes to the right and up, for each pixel of its length.
const DEPTH: f64 = 0.4;
/// More cuts than this along an axis are not drawn: every second is left out, or more.
const MOST_CUTS: usize = 30;
const MARGIN: f64 = 12.0;
const LINE: f64 = 18.0;
/// Pixels of a character, nearly.
const CHARACTER: f64 = 7.0;

impl<A: Element, D: Dimension> ChunkedArray<A, D> {
    /// A picture of the array as SVG: its shape, how it is cut into blocks, its element type and its bytes. Nothing
    /// is computed.
    ///
    /// ```
    /// use lazuli_array::ChunkedArray;
    /// let x = ChunkedArray::from_fn([2000, 3000], [1000, 1000], |[i, j]| (i + j) as f64);
    /// let svg = x.svg();
    /// assert!(svg.contains("2000 × 3000") && svg.contains("6 blocks") && svg.contains("48 MB"));
    /// ```
    #[must_use]
    pub fn svg(&self) -> String {
        let axes = self.grid.axes();
        let drawn = &axes[axes.len().saturating_sub(3)..];
        let longest = drawn.iter().map(length).max().unwrap_or(1).max(1) as f64;
        let pixels = |axis: &AxisChunks| (length(axis) as f64 / longest * LONGEST).max(LEAST);
        let (depth, rows, columns) = match drawn {
            [] => (None, None, None),
            [columns] => (None, None, Some(columns)),
            [rows, columns] => (None, Some(rows), Some(columns)),
            [depth, rows, columns, ..] => (Some(depth), Some(rows), Some(columns)),
        };
        let of = |axis: Option<&AxisChunks>, other: f64| axis.map_or(other, pixels);
        let shape = Shape {
            width: of(columns, LEAST),
            height: of(rows, 2.0 * LEAST),
            depth: of(depth, 0.0) * DEPTH,
        };
        let lines = self.description();
        let text = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0) as f64;
        let width = (shape.width + shape.depth).max(text * CHARACTER) + 2.0 * MARGIN;
        let height = shape.height + shape.depth + lines.len() as f64 * LINE + 3.0 * MARGIN;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
             viewBox=\"0 0 {width:.0} {height:.0}\" font-family=\"ui-monospace, monospace\" font-size=\"12\">\n\
             <title>{}</title>\n<g stroke=\"#1f4fa3\">\n",
            lines[0]
        );
        shape.draw(&mut svg, depth, rows, columns);
        svg.push_str("</g>\n<g fill=\"#5d6a85\">\n");
        for (number, line) in lines.iter().enumerate() {
            let y = shape.height + shape.depth + 2.0 * MARGIN + (number as f64 + 0.7) * LINE;
            // Writing into a string does not fail.
            let _ = writeln!(svg, "<text x=\"{MARGIN}\" y=\"{y:.0}\">{line}</text>");
        }
        svg.push_str("</g>\n</svg>\n");
        svg
    }

    /// Shows the picture in a notebook: evcxr calls this.
    pub fn evcxr_display(&self) {
        println!("EVCXR_BEGIN_CONTENT image/svg+xml\n{}EVCXR_END_CONTENT", self.svg());
    }

    /// Shape, chunks and size, in lines.
    fn description(&self) -> [String; 3] {
        let times = |lengths: &[usize]| match lengths {
            [] => "scalar".to_owned(),
            _ => lengths.iter().map(usize::to_string).collect::<Vec<_>>().join(" \u{d7} "),
        };
        let blocks: usize = self.numblocks().iter().product();
        let noun = if blocks == 1 { "block" } else { "blocks" };
        let lengths = self.shape().iter().map(|&length| length as u64);
        let bytes = lengths.fold(size_of::<A>() as u64, u64::saturating_mul);
        let element = std::any::type_name::<A>().rsplit("::").next().unwrap_or_default();
        let element = element.replace(['<', '>', '&'], " ");
        [
            times(self.shape()),
            format!("{blocks} {noun} of {}", times(&self.chunksize())),
            format!("{}, {}", element.trim(), size(bytes)),
        ]
    }
}

fn length(axis: &AxisChunks) -> usize {
    axis.sizes().sum()
}

/// The sizes of what is drawn, in pixels.
struct Shape {
    width: f64,
    height: f64,
    depth: f64,
}

impl Shape {
    fn draw(
        &self,
        svg: &mut String,
        depth: Option<&AxisChunks>,
        rows: Option<&AxisChunks>,
        columns: Option<&AxisChunks>,
    ) {
        let Self { width, height, depth: deep } = *self;
        let (left, top) = (MARGIN, MARGIN + deep);
        let mut face = |points: [(f64, f64); 4], fill: &str| {
            let points = points.map(|(x, y)| format!("{x:.1},{y:.1}")).join(" ");
            let _ = writeln!(
                svg,
                "<polygon points=\"{points}\" fill=\"{fill}\" stroke-width=\"1.5\"/>"
            );
        };
        let (right, bottom) = (left + width, top + height);
        face([(left, top), (right, top), (right, bottom), (left, bottom)], "#dbe7fb");
        if depth.is_some() {
            let back =
                [(left + deep, top - deep), (right + deep, top - deep), (right, top), (left, top)];
            face(back, "#eef3fd");
            let side = [
                (right, top),
                (right + deep, top - deep),
                (right + deep, bottom - deep),
                (right, bottom),
            ];
            face(side, "#c3d5f5");
        }
        let mut line = |from: (f64, f64), to: (f64, f64)| {
            let _ = writeln!(
                svg,
                "<path d=\"M{:.1} {:.1}L{:.1} {:.1}\" stroke-opacity=\"0.55\"/>",
                from.0, from.1, to.0, to.1
            );
        };
        for share in columns.map(cuts).unwrap_or_default() {
            let x = left + share * width;
            line((x, top), (x, bottom));
            if deep > 0.0 {
                line((x, top), (x + deep, top - deep));
            }
        }
        for share in rows.map(cuts).unwrap_or_default() {
            let y = top + share * height;
            line((left, y), (right, y));
            if deep > 0.0 {
                line((right, y), (right + deep, y - deep));
            }
        }
        for share in depth.map(cuts).unwrap_or_default() {
            let step = share * deep;
            line((left + step, top - step), (right + step, top - step));
            line((right + step, top - step), (right + step, bottom - step));
        }
    }
}

/// Where the axis is cut, as shares of its length.
fn cuts(axis: &AxisChunks) -> Vec<f64> {
    let total = length(axis).max(1) as f64;
    let count = axis.sizes().count();
    let every = count.div_ceil(MOST_CUTS).max(1);
    let mut place = 0;
    let places = axis.sizes().take(count.saturating_sub(1)).map(|size| {
        place += size;
        place as f64 / total
    });
    places.enumerate().filter(|(number, _)| (number + 1) % every == 0).map(|(_, at)| at).collect()
}

/// Bytes in decimal units.
fn size(bytes: u64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB", "PB"];
    let (mut value, mut unit) = (bytes as f64, 0);
    while value >= 999.5 && unit + 1 < units.len() {
        (value, unit) = (value / 1000.0, unit + 1);
    }
    if value < 9.95 && unit > 0 && value.fract() > 0.049 {
        format!("{value:.1} {}", units[unit])
    } else {
        format!("{value:.0} {}", units[unit])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_axes_is_drawn() {
        let svg = |x: ChunkedArray<f64>| x.svg();
        let zeros = |shape: &[usize], chunks: &[usize]| {
            svg(ChunkedArray::from_array(ndarray::ArrayD::<f64>::zeros(shape), chunks.to_vec()))
        };
        let lines = |svg: &str| svg.matches("<path").count();
        assert_eq!(lines(&zeros(&[10], &[3])), 3);
        assert_eq!(lines(&zeros(&[4, 6], &[2, 2])), 1 + 2);
        // Each cut is seen on two faces.
        assert_eq!(lines(&zeros(&[4, 4, 4], &[2, 4, 1])), 2 * (1 + 3));
        assert_eq!(lines(&zeros(&[2, 4, 4, 4], &[1, 2, 4, 1])), 2 * (1 + 3));
        assert!(zeros(&[2, 4, 4, 4], &[1, 2, 4, 1]).contains("16 blocks of 1 × 2 × 4 × 1"));
        assert!(zeros(&[0, 3], &[1, 3]).contains("0 × 3"));
        // Many cuts are thinned out.
        assert!(lines(&zeros(&[100_000], &[1])) <= MOST_CUTS);
    }

    #[test]
    fn sizes_are_read_as_people_do() {
        let cases =
            [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (1536, "1.5 kB"), (48_000_000, "48 MB")];
        for (bytes, text) in cases {
            assert_eq!(size(bytes), text);
        }
    }
}
