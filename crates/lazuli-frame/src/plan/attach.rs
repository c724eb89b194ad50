//! A join as a step: the rows of a table that is held whole are found for each batch as it is read.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use lazuli_core::Delayed;
use polars::prelude::{DataFrame, Schema};

use super::step::Names;
use crate::error::FrameError;
use crate::join::{Joined, Lookup};

/// The table that is attached, and how. Clones are one step.
#[derive(Clone)]
pub(crate) struct Attach(Arc<Inner>);

struct Inner {
    table: Delayed<Arc<Lookup>>,
    joined: Joined,
    schema: Schema,
}

impl Attach {
    /// Attaches the rows of `table`, so that `schema` comes of it.
    pub(crate) fn new(table: Delayed<Arc<Lookup>>, joined: Joined, schema: Schema) -> Self {
        Self(Arc::new(Inner { table, joined, schema }))
    }

    /// The table, which tasks that have this step take.
    pub(crate) fn table(&self) -> &Delayed<Arc<Lookup>> {
        &self.0.table
    }

    /// The schema behind the step.
    pub(crate) fn schema(&self) -> Schema {
        self.0.schema.clone()
    }

    pub(crate) fn needs(&self, behind: &Names) -> Names {
        let joined = &self.0.joined;
        let added = |name| joined.added.iter().any(|(_, shown)| shown == name);
        let mut needs: Names = behind.iter().filter(|name| !added(*name)).cloned().collect();
        needs.extend(joined.left_on.iter().cloned());
        needs
    }

    pub(crate) fn apply(
        &self,
        rows: &DataFrame,
        side: &Lookup,
        wanted: &Names,
    ) -> Result<DataFrame, FrameError> {
        Ok(side.join(rows, &self.0.joined, wanted)?)
    }
}

impl PartialEq for Attach {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Attach {}

impl Hash for Attach {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Equal ones share the inner value; its keys tell most others apart, in the same way in every run.
        self.0.joined.hash(state);
    }
}

impl std::fmt::Debug for Attach {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.joined.fmt(formatter)
    }
}
