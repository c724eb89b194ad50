//! One schema for many files, or which of them disagree.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};

use polars::prelude::{DataType, PlSmallStr, Schema};

use super::infer::{FileSchema, Witness};

/// Files that are no one table.
///
/// Its text is one line that names the columns and the files.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct SchemaError(Disagreement);

/// On what files disagree, see [`SchemaError::kind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SchemaErrorKind {
    /// There are no files.
    NoFiles,
    /// Some files lack columns that others have.
    Columns,
    /// A column has dtypes that no single one holds.
    Dtypes,
}

impl SchemaError {
    /// On what the files disagree.
    pub fn kind(&self) -> SchemaErrorKind {
        match self.0 {
            Disagreement::NoFiles => SchemaErrorKind::NoFiles,
            Disagreement::Columns(_) => SchemaErrorKind::Columns,
            Disagreement::Dtypes(_) => SchemaErrorKind::Dtypes,
        }
    }

    /// The columns on which they disagree.
    pub fn columns(&self) -> Vec<&str> {
        match &self.0 {
            Disagreement::NoFiles => Vec::new(),
            Disagreement::Columns(partial) => partial.iter().map(|column| &*column.name).collect(),
            Disagreement::Dtypes(mixed) => mixed.iter().map(|column| &*column.name).collect(),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Disagreement {
    NoFiles,
    Columns(Vec<Partial>),
    Dtypes(Vec<Mixed>),
}

/// A column that some files lack.
#[derive(Clone, Debug, PartialEq)]
struct Partial {
    name: PlSmallStr,
    present: Vec<PathBuf>,
    absent: Vec<PathBuf>,
}

/// A column of several dtypes, each with the files where it has it.
#[derive(Clone, Debug, PartialEq)]
struct Mixed {
    name: PlSmallStr,
    dtypes: Vec<(DataType, Vec<PathBuf>)>,
    /// The first file in which a cell made it text, and that cell.
    witness: Option<(PathBuf, Witness)>,
}

/// What the files are together.
#[derive(Clone, Debug, PartialEq)]
pub struct Reconciled {
    /// Its columns. One on which the files disagree is there with the first dtype that it has.
    pub schema: Schema,
    /// On which columns they disagree, and how.
    conflicts: HashMap<PlSmallStr, Disagreement>,
}

impl Reconciled {
    /// Why a column cannot be asked for, if the files disagree on it.
    pub fn conflict(&self, column: &PlSmallStr) -> Option<SchemaError> {
        self.conflicts.get(column).cloned().map(SchemaError)
    }
}

/// The schema of the table that the files are together: the columns in the order of their first appearance,
/// which may be another in some files. Integers and floats are `f64` together, and a column without values
/// (`Null`) has the dtype of the others; that is `Null` if no file says more.
///
/// That a column is in some files but not in others, or has dtypes in them that cannot be reconciled, is no
/// matter until it is asked for.
///
/// # Errors
///
/// If there are no files.
pub fn reconcile(files: &[(PathBuf, FileSchema)]) -> Result<Reconciled, SchemaError> {
    if files.is_empty() {
        return Err(SchemaError(Disagreement::NoFiles));
    }
    let columns = gather(files);
    let mut schema = Schema::with_capacity(columns.len());
    let mut conflicts = HashMap::new();
    for column in columns {
        let dtype = column.dtype();
        if let Some(partial) = column.partial(files) {
            conflicts.insert(column.name.clone(), Disagreement::Columns(vec![partial]));
        } else if dtype.is_none() {
            let mixed = Disagreement::Dtypes(vec![column.mixed(files)]);
            conflicts.insert(column.name.clone(), mixed);
        }
        let first = column.dtypes.iter().map(|(dtype, _)| dtype).find(|dtype| !dtype.is_null());
        let dtype = dtype.or_else(|| first.cloned()).unwrap_or(DataType::Null);
        schema.with_column(column.name, dtype);
    }
    Ok(Reconciled { schema, conflicts })
}

/// What all files say of one column.
struct Gathered {
    name: PlSmallStr,
    /// The dtypes it has, each with the files (by place) where it has it.
    dtypes: Vec<(DataType, Vec<usize>)>,
}

/// The columns of all files, in the order of their first appearance.
fn gather(files: &[(PathBuf, FileSchema)]) -> Vec<Gathered> {
    let mut columns: Vec<Gathered> = Vec::new();
    let mut places: HashMap<&PlSmallStr, usize> = HashMap::new();
    for (file, (_, schema)) in files.iter().enumerate() {
        for (name, dtype) in schema.columns().iter() {
            let place = *places.entry(name).or_insert(columns.len());
            if place == columns.len() {
                columns.push(Gathered { name: name.clone(), dtypes: Vec::new() });
            }
            let dtypes = &mut columns[place].dtypes;
            match dtypes.iter_mut().find(|(other, _)| other == dtype) {
                Some((_, files)) => files.push(file),
                None => dtypes.push((dtype.clone(), vec![file])),
            }
        }
    }
    columns
}

impl Gathered {
    /// The one dtype that holds all.
    fn dtype(&self) -> Option<DataType> {
        let mut dtypes = self.dtypes.iter().map(|(dtype, _)| dtype);
        let joined = dtypes.try_fold(&DataType::Null, |joined, dtype| match (joined, dtype) {
            (DataType::Null, dtype) | (dtype, DataType::Null) => Some(dtype),
            (DataType::Int64, DataType::Float64) | (DataType::Float64, DataType::Int64) => {
                Some(&DataType::Float64)
            }
            (joined, dtype) => (joined == dtype).then_some(joined),
        })?;
        Some(joined.clone())
    }

    fn partial(&self, files: &[(PathBuf, FileSchema)]) -> Option<Partial> {
        let present: usize = self.dtypes.iter().map(|(_, files)| files.len()).sum();
        if present == files.len() {
            return None;
        }
        let (present, absent) = files
            .iter()
            .partition::<Vec<_>, _>(|(_, schema)| schema.columns().contains(&self.name));
        let paths = |files: Vec<&(PathBuf, FileSchema)>| {
            files.iter().map(|(path, _)| path.clone()).collect()
        };
        Some(Partial { name: self.name.clone(), present: paths(present), absent: paths(absent) })
    }

    fn mixed(&self, files: &[(PathBuf, FileSchema)]) -> Mixed {
        let valued = self.dtypes.iter().filter(|(dtype, _)| *dtype != DataType::Null);
        let witness = files.iter().find_map(|(path, schema)| {
            let witness = schema.witness(&self.name)?;
            Some((path.clone(), witness.clone()))
        });
        Mixed {
            witness,
            name: self.name.clone(),
            dtypes: valued
                .map(|(dtype, places)| {
                    let paths = places.iter().map(|&place| files[place].0.clone());
                    (dtype.clone(), paths.collect())
                })
                .collect(),
        }
    }
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFiles => f.write_str("there are no files to read"),
            Self::Columns(partial) => {
                f.write_str("the files do not have the same columns: ")?;
                list(f, partial, 5, "; ", |f, column| {
                    let (says, files, others) = if column.present.len() < column.absent.len() {
                        ("is only in", &column.present, &column.absent)
                    } else {
                        ("is missing from", &column.absent, &column.present)
                    };
                    write!(f, "{:?} {says} ", column.name.as_str())?;
                    list_paths(f, files)?;
                    match others.first() {
                        Some(other) => write!(f, ", unlike {}", other.display()),
                        None => Ok(()),
                    }
                })
            }
            Self::Dtypes(mixed) => {
                f.write_str("the files disagree on dtypes: ")?;
                list(f, mixed, 5, "; ", |f, column| {
                    write!(f, "{:?} is ", column.name.as_str())?;
                    list(f, &column.dtypes, usize::MAX, ", ", |f, (dtype, files)| {
                        write!(f, "{dtype} in ")?;
                        list_paths(f, files)
                    })?;
                    let Some((path, witness)) = &column.witness else { return Ok(()) };
                    write!(f, " ({:?} in {}", witness.text, path.display())?;
                    match witness.line(path) {
                        Some(line) => write!(f, ", line {line})"),
                        None => f.write_str(")"),
                    }
                })
            }
        }
    }
}

fn list_paths(f: &mut fmt::Formatter<'_>, paths: &[PathBuf]) -> fmt::Result {
    list(f, paths, 3, ", ", |f, path: &PathBuf| write!(f, "{}", Path::display(path)))
}

/// Writes the first `most` items, and how many more there are.
fn list<T>(
    f: &mut fmt::Formatter<'_>,
    items: &[T],
    most: usize,
    between: &str,
    mut write: impl FnMut(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    for (at, item) in items.iter().take(most).enumerate() {
        if at > 0 {
            f.write_str(between)?;
        }
        write(f, item)?;
    }
    match items.len().saturating_sub(most) {
        0 => Ok(()),
        more => write!(f, " and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reconciled(files: &[&[(&str, DataType)]]) -> Result<Vec<(String, DataType)>, SchemaError> {
        let files: Vec<(PathBuf, FileSchema)> = files
            .iter()
            .enumerate()
            .map(|(at, columns)| {
                let columns = columns.iter().map(|(name, dtype)| ((*name).into(), dtype.clone()));
                let path = PathBuf::from(format!("{at}.csv"));
                (path, FileSchema::for_tests(columns.collect()))
            })
            .collect();
        let reconciled = reconcile(&files)?;
        for name in reconciled.schema.iter_names() {
            if let Some(conflict) = reconciled.conflict(name) {
                return Err(conflict);
            }
        }
        let schema = reconciled.schema;
        Ok(schema.into_iter().map(|(name, dtype)| (name.to_string(), dtype)).collect())
    }

    fn joined(dtypes: &[DataType]) -> Result<DataType, SchemaError> {
        let files: Vec<[(&str, DataType); 1]> =
            dtypes.iter().map(|dtype| [("a", dtype.clone())]).collect();
        let files: Vec<&[(&str, DataType)]> = files.iter().map(|file| &file[..]).collect();
        Ok(reconciled(&files)?.remove(0).1)
    }

    #[test]
    fn dtypes_that_one_holds_are_reconciled() {
        use DataType::{Boolean, Float64, Int64, Null, String};
        assert_eq!(joined(&[Int64]), Ok(Int64));
        assert_eq!(joined(&[Int64, Null, Float64, Int64]), Ok(Float64));
        assert_eq!(joined(&[Null, Boolean]), Ok(Boolean));
        assert_eq!(joined(&[Null, Null]), Ok(Null));
        assert_eq!(joined(&[String, Null]), Ok(String));
        assert_eq!(joined(&[DataType::UInt32, Null]), Ok(DataType::UInt32));
    }

    #[test]
    fn the_order_is_that_of_the_first_file() {
        let one = [("b", DataType::Int64), ("a", DataType::String)];
        let two = [("a", DataType::String), ("b", DataType::Float64)];
        let expected = [("b".to_owned(), DataType::Float64), ("a".to_owned(), DataType::String)];
        assert_eq!(reconciled(&[&one, &two]).unwrap(), expected);
    }

    #[test]
    fn files_that_disagree_are_named() {
        use DataType::{Boolean, Float64, Int64, Null, String};
        let error = joined(&[Int64, String, Null, Float64, Int64, Int64, Int64]).unwrap_err();
        assert_eq!(error.kind(), SchemaErrorKind::Dtypes);
        assert_eq!(error.columns(), ["a"]);
        assert_eq!(
            error.to_string(),
            "the files disagree on dtypes: \"a\" is i64 in 0.csv, 4.csv, 5.csv and 1 more, \
             str in 1.csv, f64 in 3.csv"
        );
        assert!(joined(&[Boolean, Int64]).is_err());

        let (a, b, c) = (("a", Int64), ("b", Int64), ("c", Int64));
        let files: [&[_]; 4] = [
            &[a.clone(), b.clone()],
            &[b.clone(), a.clone(), c],
            std::slice::from_ref(&b),
            &[b.clone(), a],
        ];
        let error = reconciled(&files).unwrap_err();
        assert_eq!(error.kind(), SchemaErrorKind::Columns);
        assert_eq!(error.columns(), ["a"]);
        assert_eq!(
            error.to_string(),
            "the files do not have the same columns: \"a\" is missing from 2.csv, unlike 0.csv"
        );
        let error = reconciled(&[files[2], files[2], files[3]]).unwrap_err();
        assert!(error.to_string().ends_with("\"a\" is only in 2.csv, unlike 0.csv"), "{error}");
        assert_eq!(reconciled(&[]).unwrap_err().kind(), SchemaErrorKind::NoFiles);
    }
}
