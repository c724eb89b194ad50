//! A collection of your own: the lines of text files.
//!
//! The core knows no files and no lines. What is here uses its public interface only, and yet word
//! count and longest line, asked in one compute, read each file once:
//!
//! 1. A statistic of lines is a [`Reduction`]: [`WordCount`], [`LongestLine`], or one of the user's.
//! 2. [`Lines::reduce`] makes a symbolic [`Request`] for it, and reads nothing.
//! 3. At `compute`, the core hands all requests there are to [`Request::lower`]. Those on the same
//!    files join one pass ([`Joint`]): a task for each file updates the state of every reduction with
//!    every line, and states meet in a tree.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::panic::Location;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lazuli::core::reduce::{Joint, JointAnswers};
use lazuli::core::task::{Arg, by_ref};
use lazuli::core::{AnyDelayed, Layer};
use lazuli::prelude::*;

/// The lines of some text files, in order. Cheap to clone; clones share their reads.
#[derive(Clone)]
pub struct Lines {
    source: Arc<Source>,
}

/// The files, and how one is opened.
struct Source {
    files: Vec<PathBuf>,
    open: Box<Open>,
}

type Open = dyn Fn(&Path) -> io::Result<Box<dyn BufRead>> + Send + Sync;

impl Lines {
    /// The lines of these files. Nothing is read yet.
    pub fn of_files(files: impl IntoIterator<Item = PathBuf>) -> Self {
        Self::opened_with(files, |file| Ok(Box::new(BufReader::new(File::open(file)?))))
    }

    /// As [`of_files`](Self::of_files), where `open` yields the text of a file: it may decompress it.
    pub fn opened_with(
        files: impl IntoIterator<Item = PathBuf>,
        open: impl Fn(&Path) -> io::Result<Box<dyn BufRead>> + Send + Sync + 'static,
    ) -> Self {
        let files = files.into_iter().collect();
        Self { source: Arc::new(Source { files, open: Box::new(open) }) }
    }

    /// A statistic of all lines. Asked together with others, it shares their pass over the files.
    #[track_caller]
    pub fn reduce<R: Reduction<str> + Clone>(&self, reduction: R) -> Delayed<R::Output> {
        let request = Request {
            source: Arc::clone(&self.source),
            site: Location::caller(),
            join: Box::new(move |pass| {
                let place = pass.add(reduction.clone());
                Box::new(move |answers| answers.get(&place).erase())
            }),
        };
        Delayed::from_layer("lines", request, [])
    }

    /// How many words the lines have, parted by white space.
    #[track_caller]
    pub fn word_count(&self) -> Delayed<usize> {
        self.reduce(WordCount)
    }

    /// The first line of those with the most characters; none where there are no lines.
    #[track_caller]
    pub fn longest_line(&self) -> Delayed<Option<String>> {
        self.reduce(LongestLine)
    }
}

/// A reduction asked of lines. Its type is gone, so that requests of all kinds are lowered together.
struct Request {
    source: Arc<Source>,
    /// Where it was asked: errors of the pass name the place of its first request.
    site: &'static Location<'static>,
    join: Box<Join>,
}

/// Adds the reduction to a pass. What it returns takes the reduction's answer out of the pass's.
type Join = dyn Fn(&mut Joint<str>) -> TakeAnswer + Send + Sync;
type TakeAnswer = Box<dyn FnOnce(&JointAnswers) -> AnyDelayed>;

impl Layer for Request {
    fn lower(requests: &[&Self]) -> lazuli::Result<Vec<AnyDelayed>> {
        // The first request on each source, and the pass that it and all others on it join.
        let mut passes: Vec<(&Self, Joint<str>)> = Vec::new();
        let mut asked = Vec::new();
        for &request in requests {
            let same = |first: &Self| Arc::ptr_eq(&first.source, &request.source);
            let known = passes.iter().position(|(first, _)| same(first));
            let pass = known.unwrap_or_else(|| {
                passes.push((request, Joint::new().site(request.site)));
                passes.len() - 1
            });
            asked.push((pass, (request.join)(&mut passes[pass].1)));
        }
        let answers: Vec<JointAnswers> =
            passes.into_iter().map(|(first, joint)| first.read(joint)).collect();
        Ok(asked.into_iter().map(|(pass, take)| take(&answers[pass])).collect())
    }
}

impl Request {
    /// One pass over the files: a task for each.
    fn read(&self, joint: Joint<str>) -> JointAnswers {
        let parts = self.source.files.iter().map(|file| {
            let read = task("read_lines").site(self.site).part(file.display().to_string());
            (read, by_ref(Arg::Value(file.clone())))
        });
        let source = Arc::clone(&self.source);
        joint.over(parts, move |file, context, sink| {
            let mut text = (source.open)(file)?;
            let mut bytes = 0;
            let mut line = String::new();
            loop {
                line.clear();
                match text.read_line(&mut line)? {
                    0 => break,
                    length => bytes += length as u64,
                }
                sink.push(line.trim_end_matches(['\r', '\n']));
            }
            context.loaded(file.display(), bytes);
            Ok::<(), io::Error>(())
        })
    }
}

/// Counts words.
#[derive(Clone)]
pub struct WordCount;

impl Reduction<str> for WordCount {
    type State = usize;
    type Output = usize;

    fn identity(&self) -> usize {
        0
    }

    fn update(&self, words: &mut usize, line: &str) {
        *words += line.split_whitespace().count();
    }

    fn combine(&self, words: &mut usize, following: usize) {
        *words += following;
    }

    fn finish(&self, words: usize) -> usize {
        words
    }
}

/// Keeps the longest line, the first of equals.
#[derive(Clone)]
pub struct LongestLine;

impl LongestLine {
    fn is_longer(line: &str, longest: Option<&String>) -> bool {
        longest.is_none_or(|longest| line.chars().count() > longest.chars().count())
    }
}

impl Reduction<str> for LongestLine {
    type State = Option<String>;
    type Output = Option<String>;

    fn identity(&self) -> Option<String> {
        None
    }

    fn update(&self, longest: &mut Option<String>, line: &str) {
        if Self::is_longer(line, longest.as_ref()) {
            *longest = Some(line.to_owned());
        }
    }

    fn combine(&self, longest: &mut Option<String>, following: Option<String>) {
        if let Some(line) = following
            && Self::is_longer(&line, longest.as_ref())
        {
            *longest = Some(line);
        }
    }

    fn finish(&self, longest: Option<String>) -> Option<String> {
        longest
    }
}

/// Writes three files, and asks for the word count and the longest line of all in one compute.
pub fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dir = tempfile::tempdir()?;
    let texts = ["lapis\nlapis lazuli\n", "blue, with golden pyrite in it\n", "cut in blocks\n"];
    let mut files = Vec::new();
    for (number, text) in texts.iter().enumerate() {
        let file = dir.path().join(format!("{number}.txt"));
        fs::write(&file, text)?;
        files.push(file);
    }

    let lines = Lines::of_files(files);
    let (words, longest) = (lines.word_count(), lines.longest_line());
    let plan = Executor::shared().plan((&words, &longest))?;
    let reads = plan.tasks().filter(|task| task.name() == "read_lines").count();

    let (words, longest) = compute((words, longest))?;
    println!("{words} words; the longest line is {longest:?}; {reads} files, {reads} reads");
    assert_eq!((words, longest.as_deref()), (12, Some("blue, with golden pyrite in it")));
    assert_eq!(reads, texts.len());
    Ok(())
}
