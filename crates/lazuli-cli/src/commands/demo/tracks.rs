//! Sample CSV files: music tracks, a file for each year, with all that makes CSV hard: names with
//! commas, quotes and letters of several scripts.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::random::Random;

/// The years, each of which has a file.
pub(super) const YEARS: std::ops::Range<u32> = 2005..2021;
/// Tracks in each file.
pub(super) const ROWS: usize = 20_000;
/// How many artists there are to choose from.
const ARTISTS: usize = 5_000;

const HEADER: &str = "id,name,popularity,duration_ms,explicit,artists,release_date,\
                      danceability,energy,loudness,speechiness,tempo";

const WORDS: [&str; 20] = [
    "Midnight,",
    "Love",
    "feat.",
    "\"Live\"",
    "Remastered",
    "Río",
    "São",
    "Блюз",
    "夜",
    "song",
    "of",
    "the",
    "lonely",
    "river",
    "night",
    "dance",
    "à",
    "l'ombre",
    "Øst",
    "zawsze",
];

/// Writes the tracks of a year; how many bytes they take. The same year gives the same bytes.
pub(super) fn write(path: &Path, year: u32) -> io::Result<u64> {
    let mut random = Random::new(year.into());
    let mut out = BufWriter::with_capacity(1 << 18, File::create(path)?);
    writeln!(out, "{HEADER}")?;
    for _ in 0..ROWS {
        write_row(&mut out, year, &mut random)?;
    }
    let file = out.into_inner()?;
    Ok(file.metadata()?.len())
}

fn write_row(out: &mut impl Write, year: u32, random: &mut Random) -> io::Result<()> {
    write!(out, "{:022x},", random.bits())?;
    let words: Vec<&str> = (0..2 + random.below(4)).map(|_| WORDS[random.below(20)]).collect();
    write_text(out, &words.join(" "))?;
    let popularity = random.below(100);
    let duration = random.normal(12.3, 0.45).exp() as u64;
    let explicit = random.below(10) == 0;
    write!(out, ",{popularity},{duration},{explicit},")?;
    write_text(out, &format!("['Artist {}']", random.below(ARTISTS)))?;
    let (month, day) = (1 + random.below(12), 1 + random.below(28));
    write!(out, ",{year}-{month:02}-{day:02},{:.3},{:.4}", random.unit(), random.unit())?;
    let (loudness, speechiness) = (random.normal(-9.0, 4.0), random.unit());
    writeln!(out, ",{loudness:.3},{speechiness:.4},{:.3}", random.normal(120.0, 25.0))
}

fn write_text(out: &mut impl Write, text: &str) -> io::Result<()> {
    if text.contains([',', '"']) {
        write!(out, "\"{}\"", text.replace('"', "\"\""))
    } else {
        out.write_all(text.as_bytes())
    }
}
