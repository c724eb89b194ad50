//! What the command takes: its subcommands, arguments and flags.
//!
//! An argument becomes a typed value here or the call ends here, with 2. Every flag that a subcommand
//! lists does something in that subcommand.

mod bad;
mod csv;
mod order;
mod run;
mod sql;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub(crate) use bad::BadCells;
pub(crate) use csv::Source;
pub(crate) use order::{Arrange, Order};
pub(crate) use run::{Answer, Run, Threads};
pub(crate) use sql::{Aggregates, Filter, Keys};

/// Aggregates many table files and large array files, on all cores.
#[derive(Debug, Parser)]
#[command(name = "lazuli", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Demo(Demo),
    Agg(Agg),
    Describe(Describe),
    Stats(Stats),
    Head(Head),
    Schema(Schema),
}

/// Write sample data, compute on it, and show answers and times.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Write the sample data here and keep it [default: a folder that is removed]
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) run: Run,
}

/// Aggregate files as one table.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  lazuli agg 'data/*.csv' -e 'max(duration_ms), avg(tempo) AS tempo'
  lazuli agg 'data/*.csv' -e 'count(*)' --by artists --where 'popularity > 50'
  lazuli agg 'data/*.csv' -e 'median(tempo)' --by artists --sort 'median(tempo) desc' --limit 10
  lazuli agg 'data/*.parquet' -e 'max(duration_ms)' --by-file -o longest.json")]
pub(crate) struct Agg {
    /// SQL aggregates, separated by commas: min, max, sum, avg, count, stddev, variance, median, quantile_cont ..
    #[arg(short, long = "expr", value_name = "AGGREGATES", required = true)]
    pub(crate) expressions: Vec<Aggregates>,
    /// Answer for each group of rows that have the same values in these columns
    #[arg(long, value_name = "COLUMNS")]
    pub(crate) by: Option<Keys>,
    /// Answer for each file
    #[arg(long)]
    pub(crate) by_file: bool,
    /// Only rows for which this SQL condition holds
    #[arg(long = "where", value_name = "CONDITION")]
    pub(crate) condition: Option<Filter>,
    #[command(flatten)]
    pub(crate) arrange: Arrange,
    #[command(flatten)]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) bad: BadCells,
    #[command(flatten)]
    pub(crate) answer: Answer,
    #[command(flatten)]
    pub(crate) run: Run,
}

/// Describe the columns of files: a row of statistics for each, with exact quantiles.
#[derive(Debug, Args)]
pub(crate) struct Describe {
    /// Only rows for which this SQL condition holds
    #[arg(long = "where", value_name = "CONDITION")]
    pub(crate) condition: Option<Filter>,
    #[command(flatten)]
    pub(crate) arrange: Arrange,
    #[command(flatten)]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) bad: BadCells,
    #[command(flatten)]
    pub(crate) answer: Answer,
    #[command(flatten)]
    pub(crate) run: Run,
}

/// Describe the values of an array: count, mean, variance, skewness, kurtosis, extremes, in one pass.
#[derive(Debug, Args)]
pub(crate) struct Stats {
    /// A NumPy .npy file
    pub(crate) file: PathBuf,
    /// Divide by the number of values less this, for var and std
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) ddof: u64,
    #[command(flatten)]
    pub(crate) answer: Answer,
    #[command(flatten)]
    pub(crate) run: Run,
}

/// Show the first rows of files.
#[derive(Debug, Args)]
pub(crate) struct Head {
    /// How many rows
    #[arg(short = 'n', long = "rows", value_name = "N", default_value_t = 10)]
    pub(crate) rows: usize,
    /// The first in the order of these columns, each with `desc` behind it or not, instead of that of the files
    #[arg(long, value_name = "COLUMNS")]
    pub(crate) sort: Option<Order>,
    #[command(flatten)]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) answer: Answer,
    #[command(flatten)]
    pub(crate) run: Run,
}

/// Show the columns of files and their dtypes.
#[derive(Debug, Args)]
pub(crate) struct Schema {
    #[command(flatten)]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) answer: Answer,
    #[command(flatten)]
    pub(crate) threads: Threads,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }
}
