//! Lowering: everything asked of one source in one compute is one read of each of its partitions.
//!
//! Each request says which columns it needs behind which steps ([`Asked`]). Requests on the same rows join one pass,
//! whose tasks read the union of the columns, and make of each batch every form that is asked for
//! ([`Variants`](crate::plan::Variants)). What a request is answered with depends on its own rows alone.

mod asked;

use std::panic::Location;
use std::sync::Arc;

use lazuli_core::reduce::{Groups, Joint, JointAnswers};
use lazuli_core::task::{Arg, by_ref, task};
use lazuli_core::{Answer, Delayed, Error, Layer, Lowering, Parted, Result};

pub(crate) use asked::{Asked, Each, Reduced, Take, TakeAs};

use crate::error::FrameError;
use crate::join::Lookup;
use crate::plan::{Base, Batch, Parts, Plan, Prepare, Prepared, Variants, Wants};
use crate::source::csv::BATCH;
use crate::table::Table;

/// One thing asked of one frame; or why it cannot be answered.
pub(crate) struct Request {
    plan: Option<Plan>,
    asked: Result<Box<dyn Asked>>,
    site: &'static Location<'static>,
}

impl Request {
    /// What is wrong is reported when the request is computed.
    pub(crate) fn new(
        plan: Result<Plan>,
        asked: impl FnOnce(&Plan) -> Result<Box<dyn Asked>, FrameError>,
        site: &'static Location<'static>,
    ) -> Self {
        match plan {
            Err(error) => Self { plan: None, asked: Err(error), site },
            Ok(plan) => {
                let asked = asked(&plan)
                    .and_then(|asked| plan.check(asked.columns()).map(|()| asked))
                    .map_err(Error::plan);
                Self { plan: Some(plan), asked, site }
            }
        }
    }

    fn dependencies(&self) -> Vec<lazuli_core::AnyDelayed> {
        self.plan.as_ref().map(Plan::dependencies).unwrap_or_default()
    }

    /// The delayed answer.
    pub(crate) fn one<T: Send + Sync + 'static>(self, name: &'static str) -> Delayed<T> {
        let dependencies = self.dependencies();
        Delayed::from_layer_at(self.site, name, self, dependencies)
    }

    /// The delayed answer in so many parts.
    pub(crate) fn parts<T: Send + Sync + 'static>(
        self,
        name: &'static str,
        parts: usize,
    ) -> Parted<T> {
        let dependencies = self.dependencies();
        Parted::from_layer_at(self.site, name, parts, self, dependencies)
    }
}

/// The pass over one base, while requests join it.
pub(crate) struct Pass {
    base: Base,
    joint: Joint<Prepared>,
    each: Option<Groups>,
    stretches: Option<Groups>,
    /// Whether some state may grow as large as the rows that it is of.
    grows: bool,
    variants: Variants,
    site: &'static Location<'static>,
}

/// Where a branch of a request is.
pub(crate) struct Seat {
    pass: usize,
    form: usize,
    /// Partitions and files of the branches before.
    before: (usize, usize),
}

/// What a source needs to know of a pass to read for it.
pub(crate) struct Reading {
    pub(crate) joint: Joint<Prepared>,
    pub(crate) wants: Wants,
    /// The tables that are attached: each task takes all of them.
    pub(crate) sides: Vec<Delayed<Arc<Lookup>>>,
    pub(crate) prepare: Prepare,
    /// Of each partition: the bytes that its states may have.
    pub(crate) state_bytes: Vec<u64>,
    pub(crate) site: &'static Location<'static>,
}

impl Layer for Request {
    fn lower(requests: &[&Self], lowering: &Lowering<'_>) -> Result<Vec<Answer>> {
        let mut passes: Vec<Pass> = Vec::new();
        let mut taken = Vec::with_capacity(requests.len());
        for request in requests {
            taken.push(match (&request.asked, &request.plan) {
                (Ok(asked), Some(plan)) => {
                    let seats = seats(&mut passes, plan, &**asked, request.site);
                    Ok(asked.join(&mut passes, &seats, request.site))
                }
                (Err(error), _) => Err(error.clone()),
                (Ok(_), None) => unreachable!("what is asked is asked of a plan"),
            });
        }
        let answers: Vec<JointAnswers> =
            passes.into_iter().map(|pass| pass.read(lowering)).collect();
        let answer = |taken: Result<Take>| match taken {
            Ok(take) => take(&answers),
            Err(error) => Answer::error(error),
        };
        Ok(taken.into_iter().map(answer).collect())
    }
}

/// The passes that the branches of a request join.
fn seats(
    passes: &mut Vec<Pass>,
    plan: &Plan,
    asked: &dyn Asked,
    site: &'static Location<'static>,
) -> Vec<Seat> {
    let mut before = (0, 0);
    let seat = |branch: &crate::plan::Branch| {
        let known = passes.iter().position(|pass| pass.base.is(&branch.base));
        let at = known.unwrap_or_else(|| {
            passes.push(Pass::new(branch.base.clone(), site));
            passes.len() - 1
        });
        let pass = &mut passes[at];
        let form = pass.variants.add(&branch.steps);
        let key = asked.coded_key().filter(|_| branch.base.codes_keys());
        pass.variants.need(form, asked.columns(), key, branch.base.schema());
        let seat = Seat { pass: at, form, before };
        before.0 += branch.base.npartitions();
        before.1 += branch.base.files().len();
        seat
    };
    plan.branches.iter().map(seat).collect()
}

impl Pass {
    fn new(base: Base, site: &'static Location<'static>) -> Self {
        let (joint, variants) = (Joint::new().site(site), Variants::new());
        Self { base, joint, each: None, stretches: None, grows: false, variants, site }
    }

    /// A group for each partition.
    pub(crate) fn each_partition(&mut self) -> Groups {
        self.grows = true;
        let count = self.base.npartitions();
        *self.each.get_or_insert_with(|| self.joint.group(count, |part| part))
    }

    /// A group for each stretch of partitions that are read one after another: see [`stretches`].
    pub(crate) fn each_stretch(&mut self) -> Groups {
        self.grows = true;
        let base = &self.base;
        *self.stretches.get_or_insert_with(|| {
            let stretches = stretches(&base.bytes());
            let count = stretches.last().map_or(1, |last| last + 1);
            self.joint.group(count, move |part| stretches[part])
        })
    }

    fn read(self, lowering: &Lowering<'_>) -> JointAnswers {
        let (wants, sides, prepare) = self.variants.finish();
        let mut state_bytes = self.base.bytes();
        // Each way of grouping has states of its own.
        let ways = 1 + u64::from(self.each.is_some()) + u64::from(self.stretches.is_some());
        for bytes in &mut state_bytes {
            *bytes = if self.grows { bytes.saturating_mul(ways) } else { 0 };
        }
        let (joint, site) = (self.joint, self.site);
        let reading = Reading { joint, wants, sides, prepare, state_bytes, site };
        match self.base {
            Base::Source(source) => source.read(reading),
            Base::Parts(parts) => read_parts(&parts, lowering, reading),
        }
    }
}

/// In which stretch each of these partitions is: a stretch has enough bytes that its groups are worth to be dealt into
/// buckets, and there are not too many of them.
pub(crate) fn stretches(bytes: &[u64]) -> Vec<usize> {
    const LEAST: u64 = 16 << 20;
    const MOST: u64 = 256;
    let size = LEAST.max(bytes.iter().sum::<u64>() / MOST);
    let (mut stretch, mut full) = (0, 0);
    let next = |&bytes: &u64| {
        if full >= size {
            (stretch, full) = (stretch + 1, 0);
        }
        full += bytes;
        stretch
    };
    bytes.iter().map(next).collect()
}

/// A pass over the parts of another request.
fn read_parts(parts: &Parts, lowering: &Lowering<'_>, reading: Reading) -> JointAnswers {
    let Reading { joint, sides, prepare, state_bytes, site, .. } = reading;
    let name: Arc<str> = parts.name.into();
    let tables = lowering.parts(&parts.tables).into_iter().enumerate().map(|(part, table)| {
        let builder = task("rows").site(site).part(format!("{} {part}", parts.name));
        let builder = builder.output_bytes(state_bytes[part]);
        (builder, (by_ref(Arg::Value(part)), by_ref(Arg::Delayed(table)), &sides[..]))
    });
    joint.over(tables, move |(part, Table(table), sides), context, sink| {
        let mut at = 0;
        loop {
            let rows = table.slice(at as i64, BATCH);
            let path = Arc::clone(&name);
            let batch = Batch { rows, coded: Vec::new(), partition: *part, file: 0, path };
            sink.push(&prepare.run(batch, &sides)?);
            at += BATCH;
            if at >= table.height() || context.is_over() {
                return Ok::<(), FrameError>(());
            }
        }
    })
}
