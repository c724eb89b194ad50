//! Operations on whole partitions.

use std::error::Error as StdError;
use std::panic::Location;
use std::sync::Arc;

use lazuli_core::{Delayed, task};
use polars::prelude::{BooleanChunked, DataFrame, NewChunkedArray, PlSmallStr, Schema};

use super::Frame;
use super::tables::fitted;
use crate::ask::{tables_of, tables_then, tables_to};
use crate::error::FrameError;
use crate::exchange::mix;
use crate::plan::Misfit;
use crate::table::{Table, stack};

impl Frame {
    /// The partitions, in order: a delayed table for each.
    #[track_caller]
    #[must_use]
    pub fn partitions(&self) -> Vec<Delayed<DataFrame>> {
        let site = Location::caller();
        let tables = tables_of("partitions", self);
        let each = tables.parts().enumerate().map(|(part, table)| {
            let partition = task("partition").site(site).part(part.to_string());
            partition.call(table, |Table(table)| table)
        });
        each.collect()
    }

    /// What `function` makes of each partition. To learn its columns and their dtypes, it is called once here, with an
    /// empty table; see [`map_partitions_as`](Self::map_partitions_as) for a function that cannot take one.
    ///
    /// ```
    /// # use lazuli_core::compute;
    /// # use lazuli_frame::{Frame, polars::prelude::*};
    /// let frame = Frame::from_dataframe(&df!("n" => [1, 2, 3, 4])?, 2);
    /// let last = frame.map_partitions(|rows| Ok::<_, PolarsError>(rows.tail(Some(1))));
    /// assert_eq!(compute(last)?, df!("n" => [2, 4])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn map_partitions<F, E>(&self, function: F) -> Self
    where
        F: Fn(DataFrame) -> Result<DataFrame, E> + Send + Sync + 'static,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        let site = Location::caller();
        let schema = self.plan().and_then(|plan| {
            let empty = function(DataFrame::empty_with_schema(&plan.schema));
            let empty = empty.map_err(|error| FrameError::User(error.into()));
            empty.map_err(|error| Misfit::at("map_partitions", site, error))
        });
        match schema {
            Ok(empty) => self.map_partitions_as(empty.schema().as_ref().clone(), function),
            Err(error) => Self { plan: Err(error) },
        }
    }

    /// What `function` makes of each partition: tables with these columns and dtypes.
    #[track_caller]
    #[must_use]
    pub fn map_partitions_as<F, E>(&self, schema: Schema, function: F) -> Self
    where
        F: Fn(DataFrame) -> Result<DataFrame, E> + Send + Sync + 'static,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        let (name, site) = ("map_partitions", Location::caller());
        let (function, made) = (Arc::new(function), schema.clone());
        let parts = tables_then(name, self, self.npartitions(), move |tables| {
            let each = tables.into_iter().enumerate().map(|(part, table)| {
                let (function, schema) = (Arc::clone(&function), made.clone());
                let map = task(name).site(site).part(part.to_string()).portable::<Table>();
                map.try_call(table, move |Table(table)| {
                    let made = function(table).map_err(|error| FrameError::User(error.into()))?;
                    fitted(&made, &schema).map(Table)
                })
            });
            each.collect()
        });
        Self::of_parts(name, parts, schema)
    }

    /// Calls `function` with the number and the rows of each partition, for what it does beside.
    #[track_caller]
    pub fn for_each_partition<F, E>(&self, function: F) -> Delayed<()>
    where
        F: Fn(usize, &DataFrame) -> Result<(), E> + Send + Sync + 'static,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        let (name, site) = ("for_each_partition", Location::caller());
        let function = Arc::new(function);
        tables_to(name, self, move |tables| {
            let each = tables.into_iter().enumerate().map(|(part, table)| {
                let function = Arc::clone(&function);
                let call = task(name).site(site).part(part.to_string());
                call.try_call(&table, move |Table(table)| {
                    function(part, table).map_err(|error| FrameError::User(error.into()))
                })
            });
            let each: Vec<Delayed<()>> = each.collect();
            task(name).site(site).call(&each, |_: Vec<&()>| ())
        })
    }

    /// The same rows in another number of partitions, in the same order. Neighbours are put together, or each
    /// partition is cut into pieces of one size: so no more than one partition's rows are moved at a time, and
    /// partitions that differ much in size stay different.
    #[track_caller]
    #[must_use]
    pub fn repartition(&self, partitions: usize) -> Self {
        let (name, site) = ("repartition", Location::caller());
        let plan = match self.plan() {
            Ok(_) if partitions == 0 => {
                let reason = FrameError::Argument("a table has at least one partition".to_owned());
                return Self { plan: Err(Misfit::at(name, site, reason)) };
            }
            Ok(plan) => plan,
            Err(error) => return Self { plan: Err(error) },
        };
        let before = plan.npartitions();
        let schema = Arc::clone(&plan.schema);
        let parts = tables_then(name, self, partitions, move |tables| {
            let share = |of: usize, into: usize, at: usize| of / into * at + (of % into).min(at);
            if partitions <= before {
                let mut tables = tables.into_iter();
                let together = (0..partitions).map(|part| {
                    let schema = Arc::clone(&schema);
                    let count =
                        share(before, partitions, part + 1) - share(before, partitions, part);
                    let group: Vec<Delayed<Table>> = tables.by_ref().take(count).collect();
                    let together = task(name).site(site).portable::<Table>();
                    together.try_call(group, move |group: Vec<Table>| {
                        stack(group.into_iter().map(|Table(table)| table).collect(), &schema)
                            .map(Table)
                    })
                });
                return together.collect();
            }
            let cut = tables.into_iter().enumerate().flat_map(|(part, table)| {
                let pieces = share(partitions, before, part + 1) - share(partitions, before, part);
                let cut = task(name).site(site).portable::<Table>();
                cut.call_many(pieces, table, move |Table(table)| {
                    let at = |piece: usize| share(table.height(), pieces, piece);
                    let slice = |piece| table.slice(at(piece) as i64, at(piece + 1) - at(piece));
                    (0..pieces).map(|piece| Table(slice(piece))).collect()
                })
            });
            cut.collect()
        });
        Self::of_parts(name, parts, (*plan.schema).clone())
    }

    /// About this fraction of the rows, chosen by chance: whether a row is taken depends on the seed, the number of
    /// its partition and its place there, so the same rows are taken in every run.
    #[track_caller]
    #[must_use]
    pub fn sample(&self, fraction: f64, seed: u64) -> Self {
        let (name, site) = ("sample", Location::caller());
        let schema = match self.plan() {
            Ok(_) if !(0.0..=1.0).contains(&fraction) => {
                let reason = format!("{fraction} is no fraction between 0 and 1");
                return Self { plan: Err(Misfit::at(name, site, FrameError::Argument(reason))) };
            }
            Ok(plan) => (*plan.schema).clone(),
            Err(error) => return Self { plan: Err(error) },
        };
        let parts = tables_then(name, self, self.npartitions(), move |tables| {
            let each = tables.into_iter().enumerate().map(|(part, table)| {
                let sample = task(name).site(site).part(part.to_string()).portable::<Table>();
                sample.try_call(table, move |Table(table)| {
                    let part = mix(seed ^ mix(part as u64));
                    let taken = (0..table.height() as u64).map(|row| {
                        // The upper 53 bits are a number from 0 to 1, without 1.
                        let chance = (mix(part ^ row) >> 11) as f64 / (1_u64 << 53) as f64;
                        Some(chance < fraction)
                    });
                    let mask = BooleanChunked::from_iter_options(PlSmallStr::EMPTY, taken);
                    table.filter_seq(&mask).map(Table)
                })
            });
            each.collect()
        });
        Self::of_parts(name, parts, schema)
    }
}
