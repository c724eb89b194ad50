//! Counts by word: a collection of the test's own, computed in parts, with a shuffle between texts and words.

use std::collections::BTreeMap;

use lazuli_core::{Answer, Delayed, Layer, Lowering, Parted, Result, task};

use crate::graphs::{Program, random};

pub(crate) type Counts = BTreeMap<String, u64>;

const BUCKETS: usize = 8;

/// Words with their counts, in parts by word.
pub(crate) fn graph(program: &Program) -> Parted<Counts> {
    let Program { parts, seed, .. } = *program;
    let texts = Parted::from_layer("texts", parts as usize, Texts { parts, seed }, []);
    let count = CountByWord { texts: texts.clone() };
    Parted::from_layer("count_by_word", BUCKETS, count, [texts.erase()])
}

struct Texts {
    parts: u64,
    seed: u64,
}

impl Texts {
    fn parts(&self) -> Answer {
        let seed = self.seed;
        Answer::parts((0..self.parts).map(|part| {
            let text = task("text").part(format!("text {part} of seed {seed}"));
            text.portable::<String>().call((), move |()| text_of(seed, part))
        }))
    }
}

impl Layer for Texts {
    fn lower(requests: &[&Self], _: &Lowering<'_>) -> Result<Vec<Answer>> {
        Ok(requests.iter().map(|request| request.parts()).collect())
    }
}

/// Few words often, many seldom.
pub(crate) fn text_of(seed: u64, part: u64) -> String {
    let mut random = random(seed.wrapping_mul(31) ^ (part << 20));
    let word = |bits: u64| format!("w{} ", (bits >> 40) % (1 + (bits % 1_000)));
    (0..2_000).map(|_| word(random())).collect()
}

struct CountByWord {
    texts: Parted<String>,
}

impl Layer for CountByWord {
    fn lower(requests: &[&Self], lowering: &Lowering<'_>) -> Result<Vec<Answer>> {
        let answer = |request: &&Self| {
            let mut buckets: Vec<Vec<Delayed<Counts>>> = vec![Vec::new(); BUCKETS];
            for text in lowering.parts(&request.texts) {
                let split = task("split").portable::<Counts>();
                let counts = split.call_many(BUCKETS, &text, |text| split_counts(text));
                buckets.iter_mut().zip(counts).for_each(|(bucket, counts)| bucket.push(counts));
            }
            Answer::parts(buckets.into_iter().enumerate().map(|(bucket, counts)| {
                let merge = task("merge").part(format!("bucket {bucket}")).portable::<Counts>();
                merge.call(counts, |counts| {
                    counts.into_iter().fold(Counts::new(), |mut all, counts| {
                        counts.into_iter().for_each(|(word, n)| *all.entry(word).or_default() += n);
                        all
                    })
                })
            }))
        };
        Ok(requests.iter().map(answer).collect())
    }
}

fn split_counts(text: &str) -> Vec<Counts> {
    let mut buckets = vec![Counts::new(); BUCKETS];
    for word in text.split_whitespace() {
        let bucket = word.bytes().fold(7_usize, |hash, byte| hash * 31 % 10_007 + byte as usize);
        *buckets[bucket % BUCKETS].entry(word.to_owned()).or_default() += 1;
    }
    buckets
}

#[test]
fn the_counts_are_those_of_all_texts_at_once() {
    let counted =
        lazuli_core::compute(graph(&Program::new("words", 32, 7))).expect("nothing fails");
    let mut all = Counts::new();
    for text in (0..32).map(|part| text_of(7, part)) {
        text.split_whitespace().for_each(|word| *all.entry(word.to_owned()).or_default() += 1);
    }
    assert!(counted.iter().filter(|counts| !counts.is_empty()).count() > 1);
    assert_eq!(counted.into_iter().flatten().collect::<Counts>(), all);
}
