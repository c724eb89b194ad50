//! The order of rows, and how many of them.

use std::str::FromStr;

use clap::Args;
use lazuli::frame::Frame;
use lazuli::frame::polars::prelude::{DataFrame, SortMultipleOptions};

/// Columns, each in either direction: `carrier, delay desc`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Order(Vec<(String, bool)>);

impl FromStr for Order {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let key = |part: &str| {
            let part = part.trim();
            let direction = |word: &str| {
                let (name, last) = part.rsplit_once(char::is_whitespace)?;
                last.eq_ignore_ascii_case(word).then(|| name.trim_end())
            };
            let (name, descending) = match (direction("desc"), direction("asc")) {
                (Some(name), _) => (name, true),
                (_, Some(name)) => (name, false),
                _ => (part, false),
            };
            let name =
                name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name);
            match name {
                "" => Err("a column is missing".to_owned()),
                name => Ok((name.to_owned(), descending)),
            }
        };
        text.split(',').map(key).collect::<Result<_, _>>().map(Self)
    }
}

impl Order {
    /// The columns.
    pub(crate) fn columns(&self) -> Vec<&str> {
        self.0.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// Their directions; missing values come last.
    pub(crate) fn options(&self) -> SortMultipleOptions {
        SortMultipleOptions::default()
            .with_order_descending_multi(self.0.iter().map(|(_, descending)| *descending))
            .with_nulls_last(true)
    }
}

/// How the rows of an answer are arranged.
#[derive(Debug, Args)]
pub(crate) struct Arrange {
    /// Sort the rows of the answer by these of its columns, each with `desc` behind it or not
    #[arg(long, value_name = "COLUMNS")]
    sort: Option<Order>,
    /// No more rows than these
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

impl Arrange {
    /// The rows in their order, as many as are wanted.
    pub(crate) fn table(&self, table: DataFrame) -> lazuli::Result<DataFrame> {
        let table = match &self.sort {
            Some(order) => {
                Frame::from_dataframe(&table, 1).sort(order.columns(), order.options()).compute()?
            }
            None => table,
        };
        Ok(match self.limit {
            Some(limit) => table.head(Some(limit)),
            None => table,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_directions() {
        let order: Order = r#"carrier, max(delay) DESC , "a b" asc,desc"#.parse().unwrap();
        assert_eq!(order.columns(), ["carrier", "max(delay)", "a b", "desc"]);
        assert_eq!(order.options().descending, [false, true, false, false]);
        assert!("a,,b".parse::<Order>().is_err() && "".parse::<Order>().is_err());
    }
}
