//! The logical plan of a frame: where its rows come from, and what is done to each of them.
//!
//! A plan is a list of branches, one after another: rows of a source, or the parts that another request is
//! answered with, and the row operations on them. Whatever needs more than one row at a time (an exchange, a join
//! of two large tables, a sort) is a request of its own, whose parts are the rows of a new plan. So all that is
//! lowered together is a pass over rows, and the steps that each request wants done to them.

mod attach;
mod expand;
mod misfit;
mod step;
mod variants;

use std::path::PathBuf;
use std::sync::Arc;

use lazuli_core::{AnyDelayed, Parted};
use polars::prelude::{PlSmallStr, Schema};

pub(crate) use attach::Attach;
pub(crate) use expand::expand;
pub use misfit::Misfit;
pub(crate) use step::{Named, Names, Shared, Step, known};
pub(crate) use variants::{Batch, Prepare, Prepared, Variants, Wants};

use crate::error::FrameError;
use crate::source::Source;
use crate::source::csv::OnError;
use crate::table::Table;

/// Rows, described.
#[derive(Clone)]
pub(crate) struct Plan {
    pub(crate) branches: Arc<[Branch]>,
    pub(crate) schema: Arc<Schema>,
}

/// Rows from one place, and what is done to them.
#[derive(Clone)]
pub(crate) struct Branch {
    pub(crate) base: Base,
    pub(crate) steps: Vec<Shared>,
}

/// Where rows come from.
#[derive(Clone)]
pub(crate) enum Base {
    /// From files or from memory.
    Source(Arc<dyn Source>),
    /// From another request.
    Parts(Arc<Parts>),
}

/// The parts that another request is answered with.
pub(crate) struct Parts {
    pub(crate) tables: Parted<Table>,
    pub(crate) schema: Schema,
    /// The name of the operation, for its tasks and for messages.
    pub(crate) name: &'static str,
}

impl Base {
    pub(crate) fn schema(&self) -> &Schema {
        match self {
            Self::Source(source) => source.schema(),
            Self::Parts(parts) => &parts.schema,
        }
    }

    pub(crate) fn npartitions(&self) -> usize {
        match self {
            Self::Source(source) => source.partitions().len(),
            Self::Parts(parts) => parts.tables.len(),
        }
    }

    pub(crate) fn files(&self) -> &[PathBuf] {
        match self {
            Self::Source(source) => source.files(),
            Self::Parts(_) => &[],
        }
    }

    /// Whether text that is nothing but a key can come as codes.
    pub(crate) fn codes_keys(&self) -> bool {
        matches!(self, Self::Source(source) if source.codes_keys())
    }

    /// Bytes of each partition, as far as they are known.
    pub(crate) fn bytes(&self) -> Vec<u64> {
        match self {
            Self::Source(source) => source.partitions().iter().map(|place| place.bytes).collect(),
            Self::Parts(parts) => vec![0; parts.tables.len()],
        }
    }

    /// What becomes of cells that cannot be read, where there may be some.
    pub(crate) fn on_error(&self) -> Option<OnError> {
        match self {
            Self::Source(source) => source.on_error(),
            Self::Parts(_) => None,
        }
    }

    /// The source, if a cell that cannot be read is an error.
    pub(crate) fn guarded(&self) -> Option<Arc<dyn Source>> {
        match self {
            Self::Source(source) if source.on_error() == Some(OnError::Fail) => {
                Some(Arc::clone(source))
            }
            _ => None,
        }
    }

    /// Whether both are the same rows, so that one pass does for both.
    pub(crate) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Source(one), Self::Source(other)) => {
                std::ptr::addr_eq(Arc::as_ptr(one), Arc::as_ptr(other))
            }
            (Self::Parts(one), Self::Parts(other)) => one.tables.is(&other.tables),
            _ => false,
        }
    }

    /// What messages call it.
    fn name(&self) -> String {
        match self {
            Self::Source(source) => source.name(),
            Self::Parts(parts) => format!("what `{}` yields", parts.name),
        }
    }
}

impl Branch {
    /// The columns that are read where these are needed behind the steps.
    pub(crate) fn reads(&self, columns: Names) -> Names {
        self.steps.iter().rev().fold(columns, |behind, step| step.needs(&behind))
    }

    /// That these columns behind the steps can be had.
    ///
    /// # Errors
    /// A column on which the files disagree, or that is not there.
    fn check(&self, columns: Names) -> Result<(), FrameError> {
        let read: Vec<PlSmallStr> = self.reads(columns).into_iter().collect();
        match &self.base {
            Base::Source(source) => source.check(&read),
            Base::Parts(parts) => known(read.iter(), &parts.schema, &self.base.name()),
        }
    }
}

impl Plan {
    /// The rows of one place as they are.
    pub(crate) fn of(base: Base) -> Self {
        let schema = Arc::new(base.schema().clone());
        Self { branches: [Branch { base, steps: Vec::new() }].into(), schema }
    }

    /// The same with one step more.
    ///
    /// # Errors
    /// A step that does not fit the columns.
    pub(crate) fn then(&self, step: Step) -> Result<Self, FrameError> {
        let schema = Arc::new(step.schema(&self.schema, &self.name())?);
        let step = Arc::new(step);
        let branch = |branch: &Branch| {
            let mut branch = branch.clone();
            branch.steps.push(Arc::clone(&step));
            branch
        };
        Ok(Self { branches: self.branches.iter().map(branch).collect(), schema })
    }

    /// What messages call the table.
    pub(crate) fn name(&self) -> String {
        let Some(first) = self.branches.first() else { unreachable!("a plan has a branch") };
        match first.steps.is_empty() {
            true => first.base.name(),
            false => format!("the table made of {}", first.base.name()),
        }
    }

    /// That these columns are there and can be had.
    ///
    /// # Errors
    /// A column that is not there, or on which the files disagree.
    pub(crate) fn check(&self, columns: &[PlSmallStr]) -> Result<(), FrameError> {
        known(columns.iter(), &self.schema, &self.name())?;
        let columns: Names = columns.iter().cloned().collect();
        self.branches.iter().try_for_each(|branch| branch.check(columns.clone()))
    }

    pub(crate) fn npartitions(&self) -> usize {
        self.branches.iter().map(|branch| branch.base.npartitions()).sum()
    }

    /// Bytes of each partition before the steps, as far as they are known.
    pub(crate) fn bytes(&self) -> Vec<u64> {
        self.branches.iter().flat_map(|branch| branch.base.bytes()).collect()
    }

    /// What requests on these rows depend on.
    pub(crate) fn dependencies(&self) -> Vec<AnyDelayed> {
        let mut all = Vec::new();
        for Branch { base, steps } in self.branches.iter() {
            if let Base::Parts(parts) = base {
                all.push(parts.tables.erase());
            }
            all.extend(variants::dependencies(steps));
        }
        all
    }

    /// Why the first of these columns that is text is so, where a cell of a file made it so.
    pub(crate) fn why_text(&self, columns: &[PlSmallStr]) -> Option<String> {
        self.branches.iter().find_map(|branch| match &branch.base {
            Base::Source(source)
                if branch.steps.iter().all(|step| columns.iter().all(|name| step.passes(name))) =>
            {
                source.why_text(columns)
            }
            _ => None,
        })
    }
}
