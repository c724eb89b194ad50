//! The line itself: what it says, and where it is drawn.

use std::io::{self, IsTerminal as _};
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use console::Term;
use indicatif::{DecimalBytes, HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Compute;

/// Time left is a guess: it is made when there is something to go by.
const SETTLED: Duration = Duration::from_secs(1);
/// What is at hand is cut to so many characters.
const MOST_CHARACTERS: usize = 40;

/// Whether somebody looks at stderr.
pub(super) fn is_terminal() -> bool {
    io::stderr().is_terminal()
}

#[derive(Default)]
pub(super) struct Line(Option<ProgressBar>);

impl Line {
    pub(super) fn draw(&mut self, compute: &Compute, others: usize) {
        let bar = self.0.get_or_insert_with(bar);
        let progress = compute.meter.read();
        match progress.total {
            Some(total) => bar.set_length(total as u64),
            None => bar.unset_length(),
        }
        bar.set_position(progress.done as u64);
        bar.set_message(message(compute, others));
        bar.tick();
    }

    /// Leaves nothing behind.
    pub(super) fn clear(&mut self) {
        if let Some(bar) = self.0.take() {
            bar.finish_and_clear();
        }
    }
}

fn message(compute: &Compute, others: usize) -> String {
    let (elapsed, loaded) = (compute.begun.elapsed(), compute.loaded.load(Relaxed));
    let progress = compute.meter.read();
    let mut said = Vec::new();
    if progress.total.is_none() {
        said.push("planning".to_owned());
    }
    if loaded > 0 {
        let rate = loaded as f64 / elapsed.as_secs_f64().max(1e-3);
        said.push(format!("{}, {}/s", DecimalBytes(loaded), DecimalBytes(rate as u64)));
    }
    if let Some(left) = left(elapsed, progress.done, progress.total) {
        said.push(format!("{} left", HumanDuration(left)));
    }
    let at_hand = shortened(&compute.at_hand.lock());
    if !at_hand.is_empty() {
        said.push(at_hand);
    }
    if others > 0 {
        said.push(format!("and {others} more computes"));
    }
    said.join(", ")
}

/// How long the rest takes, if it goes on like this.
fn left(elapsed: Duration, done: usize, total: Option<usize>) -> Option<Duration> {
    let total = total.filter(|&total| done > 0 && done < total && elapsed >= SETTLED)?;
    Duration::try_from_secs_f64(elapsed.as_secs_f64() * (total - done) as f64 / done as f64).ok()
}

/// The end of a name tells more than its beginning. Characters that would move the cursor are left out.
fn shortened(name: &str) -> String {
    let harmless = |letter: &char| !letter.is_control() && !turns(*letter);
    let letters: Vec<char> = name.chars().filter(harmless).collect();
    match letters.len().checked_sub(MOST_CHARACTERS) {
        None | Some(0) => letters.into_iter().collect(),
        Some(more) => {
            std::iter::once('\u{2026}').chain(letters[more + 1..].iter().copied()).collect()
        }
    }
}

/// Whether a character turns the direction of what follows.
fn turns(letter: char) -> bool {
    matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} tasks, {wide_msg}");
    // The template is a constant; were it wrong, the line would look plainer.
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━╸─");
    let target = ProgressDrawTarget::term_like(Box::new(Term::stderr()));
    ProgressBar::with_draw_target(None, target).with_style(style)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_harmless_and_short() {
        assert_eq!(shortened("a\u{1b}[2Jb\r\nc\u{202e}d"), "a[2Jbcd");
        let long = format!("{}/2024.csv", "x".repeat(10_000));
        let short = shortened(&long);
        assert_eq!(short.chars().count(), MOST_CHARACTERS);
        assert!(short.starts_with('\u{2026}') && short.ends_with("/2024.csv"));
        assert_eq!(shortened("short"), "short");
    }

    #[test]
    fn time_left_is_guessed_when_there_is_something_to_go_by() {
        let two = Duration::from_secs(2);
        assert_eq!(left(two, 25, Some(100)), Some(Duration::from_secs(6)));
        assert_eq!(left(two, 0, Some(100)), None);
        assert_eq!(left(two, 100, Some(100)), None);
        assert_eq!(left(two, 5, None), None);
        assert_eq!(left(Duration::from_millis(5), 25, Some(100)), None);
    }
}
