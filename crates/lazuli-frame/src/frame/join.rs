//! Joins of two frames.

use std::panic::Location;
use std::sync::Arc;

use lazuli_core::{Delayed, task};
use polars::prelude::{DataFrame, PlSmallStr, Schema};

use super::Frame;
use crate::ask::{IntoNames, tables_then};
use crate::exchange::{buckets, exchange};
use crate::join::{JoinType, Joined, Lookup, join_parts};
use crate::plan::{Attach, Misfit, Plan, Step};
use crate::table::{Table, stack};

/// Bytes of a right table that is held whole by every pass over the left one.
const BROADCAST: u64 = 64 << 20;

impl Frame {
    /// The rows of this table and of `right` that have equal values in these columns: see
    /// [`join_on`](Self::join_on).
    ///
    /// ```
    /// # use lazuli_core::compute;
    /// # use lazuli_frame::{Frame, JoinType, polars::prelude::*};
    /// let flights = Frame::from_dataframe(&df!("origin" => ["JFK", "EWR", "JFK"], "n" => [1, 2, 3])?, 2);
    /// let airports = Frame::from_dataframe(&df!("origin" => ["JFK"], "town" => ["New York"])?, 1);
    /// let joined = compute(flights.join(&airports, "origin", JoinType::Inner))?;
    /// assert_eq!(joined, df!(
    ///     "origin" => ["JFK", "JFK"], "n" => [1, 3], "town" => ["New York", "New York"]
    /// )?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn join(&self, right: &Self, on: impl IntoNames, how: JoinType) -> Self {
        let on = on.into_names();
        self.joined(right, on.clone(), on, how, Location::caller())
    }

    /// The rows of this table and of `right` whose keys are equal: columns of this one, and as many of the other. The
    /// columns of this table come first, then those of `right` without its keys; one whose name is taken is called
    /// `name_right`. A missing value equals nothing; NaN equals NaN.
    ///
    /// A `right` table that is known to be small (64 MiB of files) is held whole, and its rows are found as this
    /// table is read: partitions and order are this table's, and what is asked of the joined rows shares the read
    /// with all that is asked of this table. Else both are brought together by their keys, and there is a
    /// partition for each bucket of keys, in which this table's rows keep their order.
    #[track_caller]
    #[must_use]
    pub fn join_on(
        &self,
        right: &Self,
        left_on: impl IntoNames,
        right_on: impl IntoNames,
        how: JoinType,
    ) -> Self {
        let (left_on, right_on) = (left_on.into_names(), right_on.into_names());
        self.joined(right, left_on, right_on, how, Location::caller())
    }

    fn joined(
        &self,
        right: &Self,
        left_on: Vec<PlSmallStr>,
        right_on: Vec<PlSmallStr>,
        how: JoinType,
        site: &'static Location<'static>,
    ) -> Self {
        let prepared = self.plan().and_then(|left| {
            let other = right.plan()?;
            let joined = Joined::new(how, left_on, right_on, &left.schema, &other.schema);
            let (joined, schema) = joined.map_err(|error| Misfit::at("join", site, error))?;
            Ok((left, other, joined, schema))
        });
        let (left, other, joined, schema) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => return Self { plan: Err(error) },
        };
        let bytes: u64 = other.bytes().iter().sum();
        let row_by_row = how != JoinType::Full;
        if how == JoinType::Cross || row_by_row && (1..=BROADCAST).contains(&bytes) {
            let attach = Attach::new(right.lookup(&joined, site), joined, schema);
            return self.apply("join", site, |plan| plan.then(Step::Attach(attach)));
        }
        let mut sizes = left.bytes();
        sizes.extend(other.bytes());
        let count = buckets(&sizes);
        let left = self.buckets(&left, &joined.left_on, count, site);
        let right = right.buckets(&other, &joined.right_on, count, site);
        let parts = join_parts(left, right, Arc::new(joined), Arc::new(schema.clone()), site);
        Self::of_parts("join", parts, schema)
    }

    /// The table by its keys, to be held whole.
    fn lookup(&self, joined: &Joined, site: &'static Location<'static>) -> Delayed<Arc<Lookup>> {
        let added = joined.added.iter().map(|(name, _)| name);
        let mut columns: Vec<PlSmallStr> = joined.right_on.iter().chain(added).cloned().collect();
        columns.sort();
        columns.dedup();
        let keys = joined.right_on.clone();
        let rows: Delayed<DataFrame> = self.select(columns).to_dataframe();
        task("build lookup")
            .site(site)
            .try_call(rows, move |rows| Lookup::new(rows, &keys).map(Arc::new))
    }

    /// The rows brought together by these keys.
    fn buckets(
        &self,
        plan: &Plan,
        keys: &[PlSmallStr],
        count: usize,
        site: &'static Location<'static>,
    ) -> lazuli_core::Parted<Table> {
        let (bytes, keys) = (plan.bytes(), keys.to_vec());
        let schema: Arc<Schema> = Arc::clone(&plan.schema);
        tables_then("exchange", self, count, move |tables| {
            let pieces = exchange(tables, &bytes, &keys, count, site);
            let together = pieces.into_iter().enumerate().map(|(bucket, pieces)| {
                let schema = Arc::clone(&schema);
                let bucket = task("bucket").site(site).part(bucket.to_string());
                bucket.portable::<Table>().try_call(pieces, move |pieces: Vec<Table>| {
                    let pieces = pieces.into_iter().map(|Table(piece)| piece).collect();
                    stack(pieces, &schema).map(Table)
                })
            });
            together.collect()
        })
    }
}
