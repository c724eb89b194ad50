//! Aggregates, keys and conditions, parsed from their SQL text as arguments are.

use std::str::FromStr;

use lazuli::frame::polars::prelude::Expr;
use lazuli::frame::sql::{self, SqlError};

/// What one `-e` asks for.
#[derive(Clone, Debug)]
pub(crate) struct Aggregates(pub(crate) Vec<Expr>);

/// What `--by` groups by.
#[derive(Clone, Debug)]
pub(crate) struct Keys(pub(crate) Vec<Expr>);

/// What `--where` keeps.
#[derive(Clone, Debug)]
pub(crate) struct Filter(pub(crate) Expr);

impl FromStr for Aggregates {
    type Err = SqlError;

    fn from_str(text: &str) -> Result<Self, SqlError> {
        sql::parse_aggregates(text).map(Self)
    }
}

impl FromStr for Keys {
    type Err = SqlError;

    fn from_str(text: &str) -> Result<Self, SqlError> {
        sql::parse_keys(text).map(Self)
    }
}

impl FromStr for Filter {
    type Err = SqlError;

    fn from_str(text: &str) -> Result<Self, SqlError> {
        sql::parse_filter(text).map(Self)
    }
}
