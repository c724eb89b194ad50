//! [`Table`]: the rows of a partition as a value that moves between tasks, and how tables are put together.

use std::io::{self, Cursor, Read, Write};

use lazuli_core::Portable;
use polars::prelude::{Column, DataFrame, DataType, PolarsError, PolarsResult, Schema};
use polars_io::ipc::{IpcReader, IpcWriter};
use polars_io::{SerReader, SerWriter};

/// A data frame that can leave the process: into a scratch file, where a compute has a memory limit.
///
/// It is written as Arrow IPC, behind its height and the length of the bytes.
#[derive(Clone, Debug)]
pub(crate) struct Table(pub(crate) DataFrame);

impl Portable for Table {
    fn write(&self, to: &mut dyn Write) -> io::Result<()> {
        let mut bytes = Vec::new();
        if self.0.width() > 0 {
            let mut frame = self.0.clone();
            IpcWriter::new(&mut bytes).with_parallel(false).finish(&mut frame).map_err(broken)?;
        }
        (self.0.height() as u64, bytes.len() as u64).write(to)?;
        to.write_all(&bytes)
    }

    fn read(from: &mut dyn Read) -> io::Result<Self> {
        let (height, length) = <(u64, u64)>::read(from)?;
        let mut bytes = Vec::new();
        // What is claimed is not trusted: memory is taken for what is there.
        from.take(length).read_to_end(&mut bytes)?;
        if bytes.len() as u64 != length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if bytes.is_empty() {
            let height = usize::try_from(height).map_err(io::Error::other)?;
            return DataFrame::new(height, Vec::new()).map(Self).map_err(broken);
        }
        let frame = IpcReader::new(Cursor::new(bytes)).finish().map_err(broken)?;
        if frame.height() as u64 != height {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a table of another height"));
        }
        Ok(Self(frame))
    }
}

/// How tables that are collected of a partition are written and read: one after another.
pub(crate) fn write_tables(tables: &[DataFrame], to: &mut dyn Write) -> io::Result<()> {
    (tables.len() as u64).write(to)?;
    tables.iter().try_for_each(|table| Table(table.clone()).write(to))
}

pub(crate) fn read_tables(from: &mut dyn Read) -> io::Result<Vec<DataFrame>> {
    let count = u64::read(from)?;
    (0..count).map(|_| Ok(Table::read(from)?.0)).collect()
}

fn broken(error: PolarsError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

/// The dtype of a column; none, where there is no such column.
pub(crate) fn dtype_of(schema: &Schema, name: &str) -> DataType {
    schema.get(name).cloned().unwrap_or(DataType::Null)
}

/// The rows of all tables, one after another, in one piece.
///
/// The tables have the columns of `schema` in its order. A column that has no dtype yet in some of them, since
/// none of its values was seen, takes that of the others; of no tables at all the dtypes are those of `schema`.
///
/// # Errors
/// Tables that do not fit together.
pub(crate) fn stack(tables: Vec<DataFrame>, schema: &Schema) -> PolarsResult<DataFrame> {
    let height = tables.iter().map(DataFrame::height).sum();
    let columns = schema.iter().enumerate().map(|(at, (name, dtype))| {
        let pieces = || tables.iter().map(|table| &table.columns()[at]);
        let known = pieces().map(Column::dtype).find(|dtype| !dtype.is_null()).unwrap_or(dtype);
        let mut pieces = pieces().filter(|piece| !piece.is_empty());
        let Some(first) = pieces.next() else {
            return Ok(Column::new_empty(name.clone(), known));
        };
        let mut all = typed(first, known)?;
        for piece in pieces {
            all.append_owned(typed(piece, known)?)?;
        }
        Ok(all.rechunk())
    });
    DataFrame::new(height, columns.collect::<PolarsResult<_>>()?)
}

/// The column; nulls of no dtype as nulls of this one.
fn typed(column: &Column, dtype: &DataType) -> PolarsResult<Column> {
    match column.dtype() {
        DataType::Null => column.cast(dtype),
        _ => Ok(column.clone()),
    }
}

#[cfg(test)]
mod tests {
    use polars::prelude::df;

    use super::*;

    #[test]
    fn a_table_that_has_travelled_is_the_table() {
        let tables = [
            df!("a" => [Some(1_i64), None], "t" => ["x", "ü"], "f" => [0.1, f64::NAN]).unwrap(),
            DataFrame::new(7, Vec::new()).unwrap(),
            df!("a" => Vec::<i64>::new()).unwrap(),
        ];
        for table in tables {
            let mut bytes = Vec::new();
            Table(table.clone()).write(&mut bytes).unwrap();
            let Table(found) = Table::read(&mut &bytes[..]).unwrap();
            assert!(found.equals_missing(&table), "{found} {table}");
            assert_eq!((found.height(), found.schema()), (table.height(), table.schema()));
            for end in 0..bytes.len() {
                assert!(Table::read(&mut &bytes[..end]).is_err());
            }
        }
    }

    #[test]
    fn tables_are_stacked_in_order() {
        let untyped = df!("a" => [1_i64]).unwrap();
        let nulls =
            DataFrame::new(2, vec![Column::full_null("a".into(), 2, &DataType::Null)]).unwrap();
        let schema = Schema::from_iter([("a".into(), DataType::Null)]);
        let stacked = stack(vec![nulls.clone(), untyped.clone(), nulls], &schema).unwrap();
        assert!(
            stacked.equals_missing(&df!("a" => [None, None, Some(1_i64), None, None]).unwrap())
        );
        assert_eq!(stack(Vec::new(), untyped.schema()).unwrap().schema(), untyped.schema());
    }
}
