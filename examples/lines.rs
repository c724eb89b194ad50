//! A collection of your own: the lines of text files.
//!
//! The core knows no files and no lines. What is here uses its public interface only, and yet everything
//! asked in one compute reads each file once:
//!
//! 1. A statistic of lines is a [`Reduction`]: [`WordCount`], [`LongestLine`], or one of the user's.
//! 2. [`Lines::reduce`] makes a symbolic [`Request`] for it, and reads nothing.
//! 3. At `compute`, the core hands all requests there are to [`Request::lower`]. Those on the same
//!    lines join one pass ([`Joint`]): a task for each file updates the state of every reduction with
//!    every line, and states meet in a tree.
//! 4. An operation may also be answered in parts, which are lines again ([`Lines::holding`]) or the buckets of a
//!    shuffle ([`Lines::word_counts`]). It is a reduction over each file by itself, in the same pass.
//! 5. What is kept of a file says how many bytes it has and how it is written, so that a compute with a memory limit
//!    moves what does not fit to a scratch file.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::panic::Location;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lazuli::core::executor::TaskContext;
use lazuli::core::reduce::{Joint, JointAnswers, Sink, StateCodec};
use lazuli::core::task::{Arg, by_ref};
use lazuli::core::{Answer, AnyDelayed, Layer, Lowering, Parted};
use lazuli::prelude::*;

/// The lines of some text files, in order. Cheap to clone; clones share their reads.
#[derive(Clone)]
pub struct Lines {
    text: Text,
}

/// Where lines come from.
#[derive(Clone)]
enum Text {
    Files(Arc<Source>),
    /// What another request is answered with: the lines of each file.
    Parts(Parted<Vec<String>>),
}

/// The files, and how one is opened.
struct Source {
    files: Vec<PathBuf>,
    open: Box<Open>,
}

type Open = dyn Fn(&Path) -> io::Result<Box<dyn BufRead>> + Send + Sync;

/// How often each word occurs.
pub type Counts = BTreeMap<String, u64>;

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
        Self { text: Text::Files(Arc::new(Source { files, open: Box::new(open) })) }
    }

    /// A statistic of all lines. Asked together with others, it shares their pass over the files.
    #[track_caller]
    pub fn reduce<R: Reduction<str> + Clone>(&self, reduction: R) -> Delayed<R::Output> {
        let request = self.request(Keeps::Little, move |pass| {
            let place = pass.add(reduction.clone());
            Box::new(move |answers| answers.get(&place).into())
        });
        Delayed::from_layer("lines", request, self.text.dependencies())
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

    /// The lines that hold this word, as lines again.
    #[track_caller]
    pub fn holding(&self, word: &str) -> Self {
        let (word, parts) = (word.to_owned(), self.text.parts());
        let request = self.request(Keeps::Text, move |pass| {
            let each = pass.group(parts, |part| part);
            let places = pass.add_to(each, Holding { word: word.clone() });
            Box::new(move |answers| Answer::parts(answers.each(&places)))
        });
        let lines = Parted::from_layer("holding", parts, request, self.text.dependencies());
        Self { text: Text::Parts(lines) }
    }

    /// How often each word occurs: the words are shuffled to so many buckets, by a hash of the word.
    #[track_caller]
    pub fn word_counts(&self, buckets: usize) -> Parted<Counts> {
        let (site, parts) = (Location::caller(), self.text.parts());
        let request = self.request(Keeps::Text, move |pass| {
            let each = pass.group(parts, |part| part);
            let places = pass.add_to(each, WordCounts);
            Box::new(move |answers| Answer::parts(shuffle(answers.each(&places), buckets, site)))
        });
        Parted::from_layer("word_counts", buckets, request, self.text.dependencies())
    }

    #[track_caller]
    fn request(
        &self,
        keeps: Keeps,
        join: impl Fn(&mut Joint<str>) -> TakeAnswer + Send + Sync + 'static,
    ) -> Request {
        Request { text: self.text.clone(), site: Location::caller(), keeps, join: Box::new(join) }
    }
}

impl Text {
    fn parts(&self) -> usize {
        match self {
            Self::Files(source) => source.files.len(),
            Self::Parts(parts) => parts.len(),
        }
    }

    /// What requests on it depend on.
    fn dependencies(&self) -> Option<AnyDelayed> {
        match self {
            Self::Files(_) => None,
            Self::Parts(parts) => Some(parts.erase()),
        }
    }

    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Files(source), Self::Files(other)) => Arc::ptr_eq(source, other),
            (Self::Parts(parts), Self::Parts(other)) => parts.is(other),
            _ => false,
        }
    }
}

/// A reduction asked of lines. Its type is gone, so that requests of all kinds are lowered together.
struct Request {
    text: Text,
    /// Where it was asked: errors of the pass name the place of its first request.
    site: &'static Location<'static>,
    keeps: Keeps,
    join: Box<Join>,
}

/// What a request keeps of a file: nothing worth counting, or up to all of its text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Keeps {
    Little,
    Text,
}

/// The requests on one text, which are answered together.
struct Pass<'a> {
    first: &'a Request,
    joint: Joint<str>,
    keeps: Keeps,
}

/// Adds the reduction to a pass. What it returns takes the reduction's answer out of the pass's.
type Join = dyn Fn(&mut Joint<str>) -> TakeAnswer + Send + Sync;
type TakeAnswer = Box<dyn FnOnce(&JointAnswers) -> Answer>;

impl Layer for Request {
    fn lower(requests: &[&Self], lowering: &Lowering<'_>) -> lazuli::Result<Vec<Answer>> {
        let mut passes: Vec<Pass<'_>> = Vec::new();
        let mut asked = Vec::new();
        for &request in requests {
            let known = passes.iter().position(|pass| pass.first.text.is(&request.text));
            let index = known.unwrap_or_else(|| {
                let joint = Joint::new().site(request.site);
                passes.push(Pass { first: request, joint, keeps: Keeps::Little });
                passes.len() - 1
            });
            let pass = &mut passes[index];
            pass.keeps = pass.keeps.max(request.keeps);
            asked.push((index, (request.join)(&mut pass.joint)));
        }
        let answers: Vec<JointAnswers> =
            passes.into_iter().map(|pass| pass.read(lowering)).collect();
        Ok(asked.into_iter().map(|(pass, take)| take(&answers[pass])).collect())
    }
}

impl Pass<'_> {
    /// One pass over the lines: a task for each file.
    fn read(self, lowering: &Lowering<'_>) -> JointAnswers {
        let Self { first: Request { text, site, .. }, joint, keeps } = self;
        let kept = |bytes: u64| if keeps == Keeps::Text { bytes } else { 0 };
        match text {
            Text::Files(source) => {
                let parts = source.files.iter().map(|file| {
                    // A file that is not there fails the task that reads it.
                    let bytes = fs::metadata(file).map_or(0, |file| file.len());
                    let read = task("read_lines").site(site).part(file.display().to_string());
                    (read.output_bytes(kept(bytes)), by_ref(Arg::Value(file.clone())))
                });
                let source = Arc::clone(source);
                joint.over(parts, move |file, context, sink| source.read(file, context, sink))
            }
            Text::Parts(parts) => {
                let parts = lowering.parts(parts).into_iter().map(|part| {
                    let lines = task("lines").site(site).output_bytes(kept(part.output_bytes()));
                    (lines, by_ref(Arg::Delayed(part)))
                });
                joint.over(parts, |lines, _, sink| {
                    lines.iter().for_each(|line| sink.push(line));
                    Ok::<(), io::Error>(())
                })
            }
        }
    }
}

impl Source {
    /// Hands over each line of a file, until the run is over.
    fn read(
        &self,
        file: &Path,
        context: &TaskContext<'_>,
        sink: &mut Sink<'_, str>,
    ) -> io::Result<()> {
        let mut text = (self.open)(file)?;
        let mut bytes = 0;
        let mut line = String::new();
        while !context.is_over() {
            line.clear();
            match text.read_line(&mut line)? {
                0 => break,
                length => bytes += length as u64,
            }
            sink.push(line.trim_end_matches(['\r', '\n']));
        }
        context.loaded(file.display(), bytes);
        Ok(())
    }
}

/// Brings what the parts have counted of a word to the bucket of that word.
fn shuffle(
    parts: impl Iterator<Item = Delayed<Counts>>,
    buckets: usize,
    site: &'static Location<'static>,
) -> Vec<Delayed<Counts>> {
    let split: Vec<Vec<Delayed<Counts>>> = parts
        .map(|counts| {
            let split = task("split").site(site).output_bytes(counts.output_bytes());
            split.portable::<Counts>().call_many(buckets, counts, move |counts| {
                let mut split = vec![Counts::new(); buckets];
                for (word, count) in counts {
                    split[bucket(&word, buckets)].insert(word, count);
                }
                split
            })
        })
        .collect();
    let merge = |mut counts: Counts, following: Counts| {
        for (word, count) in following {
            *counts.entry(word).or_default() += count;
        }
        counts
    };
    let merged =
        |bucket: usize| tree_reduce(split.iter().map(|part| part[bucket].clone()), 8, merge);
    (0..buckets)
        .map(|bucket| merged(bucket).unwrap_or_else(|| Delayed::value(Counts::new())))
        .collect()
}

/// The bucket of a word: by FNV-1a, which is the same in every run.
fn bucket(word: &str, buckets: usize) -> usize {
    let mix = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let hash = word.bytes().fold(0xcbf2_9ce4_8422_2325, mix);
    (hash % buckets as u64) as usize
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

/// Keeps the lines that hold a word.
struct Holding {
    word: String,
}

impl Reduction<str> for Holding {
    type State = Vec<String>;
    type Output = Vec<String>;

    fn identity(&self) -> Vec<String> {
        Vec::new()
    }

    fn update(&self, lines: &mut Vec<String>, line: &str) {
        if line.split_whitespace().any(|word| word == self.word) {
            lines.push(line.to_owned());
        }
    }

    fn combine(&self, lines: &mut Vec<String>, following: Vec<String>) {
        lines.extend(following);
    }

    fn finish(&self, lines: Vec<String>) -> Vec<String> {
        lines
    }

    fn codec(&self) -> Option<StateCodec<Vec<String>>> {
        Some(StateCodec::of())
    }

    fn output_codec(&self) -> Option<StateCodec<Vec<String>>> {
        Some(StateCodec::of())
    }
}

/// Counts each word.
struct WordCounts;

impl Reduction<str> for WordCounts {
    type State = Counts;
    type Output = Counts;

    fn identity(&self) -> Counts {
        Counts::new()
    }

    fn update(&self, counts: &mut Counts, line: &str) {
        for word in line.split_whitespace() {
            match counts.get_mut(word) {
                Some(count) => *count += 1,
                None => {
                    counts.insert(word.to_owned(), 1);
                }
            }
        }
    }

    fn combine(&self, counts: &mut Counts, following: Counts) {
        for (word, count) in following {
            *counts.entry(word).or_default() += count;
        }
    }

    fn finish(&self, counts: Counts) -> Counts {
        counts
    }

    fn codec(&self) -> Option<StateCodec<Counts>> {
        Some(StateCodec::of())
    }

    fn output_codec(&self) -> Option<StateCodec<Counts>> {
        Some(StateCodec::of())
    }
}

/// Writes three files, and asks several things of them in one compute.
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
    let of_lapis = lines.holding("lapis").word_count();
    let counts = lines.word_counts(4);
    let plan = Executor::shared().plan((&words, &longest, &of_lapis, &counts))?;
    let reads = plan.tasks().filter(|task| task.name() == "read_lines").count();

    let (words, longest, of_lapis, counts) = compute((words, longest, of_lapis, counts))?;
    println!(
        "{words} words, {of_lapis} of them in lines with `lapis`; the longest line is {longest:?}"
    );
    println!("{} files, {reads} reads", texts.len());
    assert_eq!((words, longest.as_deref()), (12, Some("blue, with golden pyrite in it")));
    let counts: Counts = counts.into_iter().flatten().collect();
    assert_eq!((of_lapis, counts["lapis"], counts["in"], counts.len()), (3, 2, 2, 10));
    assert_eq!(reads, texts.len());
    Ok(())
}
