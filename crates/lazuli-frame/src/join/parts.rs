//! The request for a join of two tables that have been exchanged by their keys: bucket by bucket.

use std::panic::Location;
use std::sync::Arc;

use lazuli_core::{Answer, Layer, Lowering, Parted, Result, task};
use polars::prelude::Schema;

use super::{Joined, join_buckets};
use crate::table::Table;

/// Two tables of as many buckets.
struct Buckets {
    left: Parted<Table>,
    right: Parted<Table>,
    joined: Arc<Joined>,
    schema: Arc<Schema>,
    site: &'static Location<'static>,
}

/// The joined rows of each pair of buckets.
pub(crate) fn join_parts(
    left: Parted<Table>,
    right: Parted<Table>,
    joined: Arc<Joined>,
    schema: Arc<Schema>,
    site: &'static Location<'static>,
) -> Parted<Table> {
    let (parts, dependencies) = (left.len(), [left.erase(), right.erase()]);
    let buckets = Buckets { left, right, joined, schema, site };
    Parted::from_layer_at(site, "join", parts, buckets, dependencies)
}

impl Layer for Buckets {
    fn lower(requests: &[&Self], lowering: &Lowering<'_>) -> Result<Vec<Answer>> {
        Ok(requests.iter().map(|request| request.parts(lowering)).collect())
    }
}

impl Buckets {
    fn parts(&self, lowering: &Lowering<'_>) -> Answer {
        let pairs = lowering.parts(&self.left).into_iter().zip(lowering.parts(&self.right));
        Answer::parts(pairs.enumerate().map(|(bucket, (left, right))| {
            let (joined, schema) = (Arc::clone(&self.joined), Arc::clone(&self.schema));
            let join = task("join").site(self.site).part(bucket.to_string()).portable::<Table>();
            join.try_call((&left, right), move |(Table(left), Table(right))| {
                join_buckets(left, right, &joined, &schema).map(Table)
            })
        }))
    }
}
