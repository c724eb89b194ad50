//! A collection that the core has never heard of, from the example: lines of text files.
//!
//! What is asked of it in one compute is one pass over the files, with the same bits everywhere.

use std::fs;
use std::io::{self, BufReader};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};

use lazuli::ErrorKind;
use lazuli::core::{Event, Observer};
use lazuli::prelude::*;
use tempfile::TempDir;

use crate::examples::lines::{Counts, Lines, LongestLine, WordCount};
use crate::support::{Named, Recorder, assert_computes, executors};

/// Text files in a directory of their own.
struct Files {
    dir: TempDir,
    paths: Vec<PathBuf>,
}

impl Files {
    fn with(texts: &[String]) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory can be made");
        let mut paths = Vec::new();
        for (number, text) in texts.iter().enumerate() {
            let path = dir.path().join(format!("{number}.txt"));
            fs::write(&path, text).expect("the temporary directory is writable");
            paths.push(path);
        }
        Self { dir, paths }
    }

    /// The files and their sizes, as they are reported when they are read.
    fn loads(&self) -> Vec<(String, u64)> {
        let size = |path: &PathBuf| fs::metadata(path).expect("the file is there").len();
        let loads = self.paths.iter().map(|path| (path.display().to_string(), size(path)));
        let mut loads: Vec<_> = loads.collect();
        loads.sort();
        loads
    }

    /// Their lines, and how often a file was opened for them.
    fn counting_opens(&self) -> (Lines, Arc<AtomicUsize>) {
        let opens = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&opens);
        let lines = Lines::opened_with(self.paths.clone(), move |path| {
            counter.fetch_add(1, SeqCst);
            Ok(Box::new(BufReader::new(fs::File::open(path)?)))
        });
        (lines, opens)
    }
}

/// Files of many lines, with words of all lengths. The 30 lines of the last file are its longest.
fn texts() -> Vec<String> {
    let line = |file: usize, line: usize| {
        let words = (0..(file * 7 + line * 3) % 11).map(|word| "w".repeat(1 + word * line % 9));
        words.collect::<Vec<_>>().join(" ") + "\n"
    };
    (0..20).map(|file| (0..file * 2).map(|number| line(file, number)).collect()).collect()
}

/// What a plain loop over the texts says: the words, and the first of the longest lines.
fn oracle(texts: &[String]) -> (usize, Option<String>) {
    let words = texts.iter().map(|text| text.split_whitespace().count()).sum();
    let mut longest: Option<&str> = None;
    for line in texts.iter().flat_map(|text| text.lines()) {
        if longest.is_none_or(|longest| line.len() > longest.len()) {
            longest = Some(line);
        }
    }
    (words, longest.map(str::to_owned))
}

#[test]
fn the_answers_are_those_of_a_plain_loop() {
    let texts = texts();
    let files = Files::with(&texts);
    let lines = Lines::of_files(files.paths.clone());
    assert_computes((lines.word_count(), lines.longest_line()), oracle(&texts));
}

#[test]
fn line_ends_of_every_kind() {
    let texts = ["lapis\r\nlazuli", "", "\n\n", "no end"].map(str::to_owned);
    let files = Files::with(&texts);
    let lines = Lines::of_files(files.paths.clone());
    assert_computes((lines.word_count(), lines.longest_line()), (4, Some("lazuli".to_owned())));

    let nothing = Lines::of_files([]);
    assert_computes((nothing.word_count(), nothing.longest_line()), (0, None));
}

/// Word count, longest line and statistics of the user's own, asked together: each file is read once.
#[test]
fn what_is_asked_together_reads_each_file_once() {
    let files = Files::with(&texts());
    for Named { name, executor } in executors() {
        let (lines, opens) = files.counting_opens();
        let (recorder, executor) = Recorder::watch(executor);
        // By a clone of the handle, below other tasks, asked twice: still one pass.
        let per_line = task("per_line")
            .call((&lines.clone().word_count(), &lines.reduce(MeanRoot)), |(words, mean_root)| {
                *words as f64 / mean_root
            });
        let asked = (lines.word_count(), lines.longest_line(), &per_line, &per_line);
        executor.compute(asked).expect("nothing fails");
        assert_eq!(opens.load(SeqCst), files.paths.len(), "on {name}");
        assert_eq!(recorder.take_loads(), files.loads(), "on {name}");
    }
}

#[test]
fn what_is_asked_apart_reads_them_twice() {
    let files = Files::with(&texts());
    for Named { name, executor } in executors() {
        let (lines, opens) = files.counting_opens();
        let (recorder, executor) = Recorder::watch(executor);
        let (words, longest) = (lines.word_count(), lines.longest_line());
        let words = executor.compute(words).expect("nothing fails");
        let longest = executor.compute(longest).expect("nothing fails");
        assert_eq!((words, longest), oracle(&texts()), "on {name}");
        assert_eq!(opens.load(SeqCst), 2 * files.paths.len(), "on {name}");
        let twice = files.loads().into_iter().flat_map(|load| [load.clone(), load]);
        assert_eq!(recorder.take_loads(), twice.collect::<Vec<_>>(), "on {name}");
    }
}

/// Two collections in one compute are a pass each; neither sees the other's lines.
#[test]
fn other_files_are_another_pass() {
    let (blue, red) = (Files::with(&texts()), Files::with(&["red\nred red\n".to_owned()]));
    let ((blue_lines, blue_opens), (red_lines, red_opens)) =
        (blue.counting_opens(), red.counting_opens());
    let asked = (
        blue_lines.word_count(),
        red_lines.word_count(),
        blue_lines.longest_line(),
        red_lines.longest_line(),
    );
    let answer = compute(asked).expect("nothing fails");
    let (words, longest) = oracle(&texts());
    assert_eq!(answer, (words, 3, longest, Some("red red".to_owned())));
    assert_eq!((blue_opens.load(SeqCst), red_opens.load(SeqCst)), (20, 1));
}

#[test]
fn the_plan_says_so_before_it_runs() {
    let files = Files::with(&texts());
    let (lines, opens) = files.counting_opens();
    let asked = [lines.reduce(WordCount), lines.word_count()];
    let longest = lines.reduce(LongestLine);
    let plan = Executor::shared().plan((&asked, &longest)).expect("a request of lines has a plan");
    let reads = plan.tasks().filter(|task| task.name() == "read_lines");
    let reads: Vec<_> = reads.filter_map(|task| task.part().map(str::to_owned)).collect();
    let paths: Vec<_> = files.paths.iter().map(|path| path.display().to_string()).collect();
    assert_eq!(reads, paths, "a task for each file, in order");
    assert_eq!(opens.load(SeqCst), 0, "planning reads nothing");
}

#[test]
fn a_missing_file_is_named() {
    let files = Files::with(&texts());
    let missing = files.dir.path().join("missing.txt");
    let paths = files.paths.iter().cloned().chain([missing.clone()]);
    let lines = Lines::of_files(paths);
    for Named { name, executor } in executors() {
        let asked = (lines.word_count(), lines.longest_line());
        let line = line!() - 1;
        let error = executor.compute(asked).expect_err("there is no such file");
        let site = error.site().map(|site| (site.file(), site.line()));
        assert_eq!(site, Some((file!(), line)), "the site of the request");
        assert_eq!(error.kind(), ErrorKind::Task, "on {name}");
        assert_eq!(error.task(), Some("read_lines"), "on {name}");
        assert_eq!(error.part(), Some(&*missing.display().to_string()), "on {name}");
        assert!(error.to_string().contains("missing.txt"), "on {name}: {error}");
        let source = error.find::<io::Error>().map(io::Error::kind);
        assert_eq!(source, Some(io::ErrorKind::NotFound), "on {name}");
    }
}

#[test]
fn a_file_that_is_no_text_is_named() {
    let files = Files::with(&texts());
    fs::write(&files.paths[7], [b'a', 0xff, b'\n']).expect("the file is writable");
    let lines = Lines::of_files(files.paths.clone());
    for Named { name, executor } in executors() {
        let error = executor.compute(lines.word_count()).expect_err("0xff is not UTF-8");
        assert_eq!(error.part(), Some(&*files.paths[7].display().to_string()), "on {name}");
        let source = error.find::<io::Error>().map(io::Error::kind);
        assert_eq!(source, Some(io::ErrorKind::InvalidData), "on {name}");
    }
}

/// Bytes that a compute has moved to its scratch file.
#[derive(Default)]
struct Spilled(AtomicU64);

impl Observer for Spilled {
    fn event(&self, event: &Event<'_>) {
        if let Event::Spilled { bytes, .. } = event {
            self.0.fetch_add(*bytes, SeqCst);
        }
    }
}

/// 64 files whose words are mostly their own, so that their counts are about as large as their text.
fn many_words() -> Vec<String> {
    let word = |file: usize, word: usize| match word % 8 {
        0 => format!("shared{}", word % 23),
        _ => format!("word{:x}", (file * 1_000 + word).wrapping_mul(0x9e37_79b9)),
    };
    let line = |file: usize, line: usize| {
        (0..8).map(|place| word(file, 8 * line + place)).collect::<Vec<_>>().join(" ") + "\n"
    };
    (0..64).map(|file| (0..100).map(|number| line(file, number)).collect()).collect()
}

/// The word counts of 64 files, each read once, by a shuffle of which a quarter fits into memory.
#[test]
fn words_are_counted_in_a_quarter_of_the_memory() {
    let texts = many_words();
    let files = Files::with(&texts);
    let data: usize = texts.iter().map(String::len).sum();
    let mut expected = Counts::new();
    for word in texts.iter().flat_map(|text| text.split_whitespace()) {
        *expected.entry(word.to_owned()).or_default() += 1;
    }
    let mut buckets_everywhere: Option<Vec<Counts>> = None;
    for Named { name, executor } in executors() {
        for limit in [u64::MAX, data as u64 / 4] {
            let (lines, opens) = files.counting_opens();
            let spilled = Arc::new(Spilled::default());
            let limited =
                executor.clone().with_memory_limit(limit).with_observer(Arc::clone(&spilled) as _);
            let asked = (lines.word_counts(16), lines.word_count());
            let (buckets, words) = limited.compute(asked).expect("it fits with a scratch file");
            assert_eq!(opens.load(SeqCst), 64, "on {name}");
            assert_eq!(words as u64, expected.values().sum::<u64>(), "on {name}");
            let merged: Counts = buckets.iter().flatten().map(|(w, n)| (w.clone(), *n)).collect();
            assert_eq!(merged, expected, "on {name}");
            assert_eq!(*buckets_everywhere.get_or_insert(buckets.clone()), buckets, "on {name}");
            let moved = spilled.0.load(SeqCst);
            assert_eq!(moved > data as u64 / 4, limit < u64::MAX, "{moved} bytes on {name}");
        }
    }
}

/// A statistic alone keeps nothing of a file, so it fits where not even one of them would.
#[test]
fn a_count_needs_no_memory() {
    let files = Files::with(&texts());
    let lines = Lines::of_files(files.paths.clone());
    let words = Executor::sync().with_memory_limit(1).compute(lines.word_count());
    assert_eq!(words.expect("it fits"), oracle(&texts()).0);
}

/// The mean of the roots of line lengths: rounding shows in which order the lines were added.
#[derive(Clone)]
struct MeanRoot;

impl Reduction<str> for MeanRoot {
    type State = (f64, u32);
    type Output = f64;

    fn identity(&self) -> (f64, u32) {
        (0.0, 0)
    }

    fn update(&self, (total, lines): &mut (f64, u32), line: &str) {
        *total += (line.len() as f64).sqrt();
        *lines += 1;
    }

    fn combine(&self, (total, lines): &mut (f64, u32), following: (f64, u32)) {
        *total += following.0;
        *lines += following.1;
    }

    fn finish(&self, (total, lines): (f64, u32)) -> f64 {
        total / f64::from(lines)
    }
}

#[test]
fn the_bits_are_the_same_everywhere() {
    let texts = texts();
    let files = Files::with(&texts);
    let lines = Lines::of_files(files.paths.clone());
    let roots = texts.iter().flat_map(|text| text.lines()).map(|line| (line.len() as f64).sqrt());
    let (total, count) = roots.fold((0.0, 0), |(total, count), root| (total + root, count + 1));
    let near = total / f64::from(count);

    let mut bits = None;
    for Named { name, executor } in executors() {
        for _ in 0..20 {
            let asked = (lines.reduce(MeanRoot), lines.word_count());
            let (mean, _) = executor.compute(asked).expect("nothing fails");
            assert!((mean - near).abs() < 1e-12 * near, "{mean} is not {near}");
            assert_eq!(*bits.get_or_insert(mean.to_bits()), mean.to_bits(), "on {name}");
        }
    }
}
