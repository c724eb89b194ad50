//! From cells to typed columns: the one place where CSV becomes polars.

use std::mem;
use std::ops::Range;
use std::sync::Arc;

use polars::prelude::{
    BooleanChunkedBuilder, ChunkedArray, ChunkedBuilder, Column, DataType, Float32Type,
    Float64Type, Int32Type, Int64Type, IntoColumn, PlSmallStr, PolarsNumericType,
    StringChunkedBuilder, TimeUnit, UInt32Type, UInt64Type,
};

use super::block::at_best;
use super::cell::{CellReader, Value};
use super::dictionary::{Dictionary, NotUtf8};
use super::dtype::Kind;
use super::error::excerpt;
use super::number::Number;

const DATE: DataType = DataType::Date;
const TIME: DataType = DataType::Time;
const DATETIME: DataType = DataType::Datetime(TimeUnit::Microseconds, None);

/// A column that grows by a cell for each record, and is taken batch by batch.
pub(super) struct ColumnBuilder {
    name: PlSmallStr,
    cells: Cells,
}

enum Cells {
    Int32(Numbers<Int32Type>),
    Int64(Numbers<Int64Type>),
    UInt32(Numbers<UInt32Type>),
    UInt64(Numbers<UInt64Type>),
    Float32(Numbers<Float32Type>),
    Float64(Numbers<Float64Type>),
    Date(Numbers<Int32Type>),
    Time(Numbers<Int64Type>),
    Datetime(Numbers<Int64Type>),
    Boolean(BooleanChunkedBuilder),
    String(StringChunkedBuilder),
    /// Nothing but missing values yet, and how many: the first other cell says what the column is.
    Untyped(usize),
}

struct Numbers<T: PolarsNumericType> {
    values: Vec<T::Native>,
    /// Which are not missing, from the first missing one on.
    valid: Option<Vec<bool>>,
}

/// A column of texts as numbers of a dictionary's entries.
pub(super) struct CodeBuilder {
    pub(super) name: PlSmallStr,
    pub(super) dictionary: Arc<Dictionary>,
    pub(super) codes: Vec<u32>,
}

/// A cell of a column that is no value of its dtype. There is a missing value in its place.
pub(super) struct Rejected {
    /// Which of the column's cells it is.
    pub(super) record: usize,
    /// Where its bytes begin.
    pub(super) start: usize,
    /// What it says.
    pub(super) text: String,
    /// The dtype; none, where the text is not UTF-8.
    pub(super) dtype: Option<DataType>,
}

impl Cells {
    /// None if there is no reading cells as `dtype`.
    fn new(name: &PlSmallStr, dtype: &DataType) -> Option<Self> {
        Some(match dtype {
            DataType::Int32 => Self::Int32(Numbers::new()),
            DataType::Int64 => Self::Int64(Numbers::new()),
            DataType::UInt32 => Self::UInt32(Numbers::new()),
            DataType::UInt64 => Self::UInt64(Numbers::new()),
            DataType::Float32 => Self::Float32(Numbers::new()),
            DataType::Float64 => Self::Float64(Numbers::new()),
            DataType::Date => Self::Date(Numbers::new()),
            DataType::Time => Self::Time(Numbers::new()),
            DataType::Datetime(TimeUnit::Microseconds, None) => Self::Datetime(Numbers::new()),
            DataType::Boolean => Self::Boolean(BooleanChunkedBuilder::new(name.clone(), 0)),
            DataType::String => Self::String(StringChunkedBuilder::new(name.clone(), 0)),
            DataType::Null => Self::Untyped(0),
            _ => return None,
        })
    }
}

impl ColumnBuilder {
    /// An empty column; `None` if there is no reading cells as `dtype`. That of the dtype `Null` is typed by its
    /// first value.
    pub(super) fn new(name: PlSmallStr, dtype: &DataType) -> Option<Self> {
        let cells = Cells::new(&name, dtype)?;
        Some(Self { name, cells })
    }

    /// Appends what `reader` makes of `cells`, ranges of `bytes`, to the `before` that the batch has already. What it
    /// cannot read is missing, and added to `bad`.
    pub(super) fn extend(
        &mut self,
        before: usize,
        bytes: &[u8],
        mut cells: impl Iterator<Item = Range<usize>>,
        reader: &CellReader,
        bad: &mut Vec<Rejected>,
    ) {
        if let Cells::Untyped(missing) = &mut self.cells {
            let first = cells.find(|cell| {
                let kind = Kind::of(&bytes[cell.clone()], reader);
                *missing += usize::from(kind == Kind::Missing);
                kind != Kind::Missing
            });
            let Some(first) = first else { return };
            let dtype = Kind::of(&bytes[first.clone()], reader).dtype();
            let missing = *missing;
            let typed = Cells::new(&self.name, &dtype).unwrap_or(Cells::Untyped(0));
            self.cells = typed;
            let nothing = std::iter::repeat_n(0..0, missing);
            self.extend_typed(0, bytes, nothing.chain([first]), reader, bad);
            return self.extend_typed(missing + 1, bytes, cells, reader, bad);
        }
        self.extend_typed(before, bytes, cells, reader, bad);
    }

    fn extend_typed(
        &mut self,
        before: usize,
        bytes: &[u8],
        cells: impl Iterator<Item = Range<usize>>,
        reader: &CellReader,
        bad: &mut Vec<Rejected>,
    ) {
        match &mut self.cells {
            Cells::Int32(numbers) => numbers.extend(bytes, cells, reader, bad),
            Cells::Int64(numbers) => numbers.extend(bytes, cells, reader, bad),
            Cells::UInt32(numbers) => numbers.extend(bytes, cells, reader, bad),
            Cells::UInt64(numbers) => numbers.extend(bytes, cells, reader, bad),
            Cells::Float32(numbers) => numbers.extend(bytes, cells, reader, bad),
            Cells::Float64(numbers) => numbers.extend(bytes, cells, reader, bad),
            Cells::Date(dates) => {
                dates.extend_by(bytes, cells, reader, bad, DATE, |cell| reader.date(cell))
            }
            Cells::Time(times) => {
                times.extend_by(bytes, cells, reader, bad, TIME, |cell| reader.time(cell))
            }
            Cells::Datetime(moments) => {
                moments.extend_by(bytes, cells, reader, bad, DATETIME, |cell| reader.datetime(cell))
            }
            Cells::Boolean(builder) => booleans(builder, before, bytes, cells, reader, bad),
            Cells::String(builder) => texts(builder, before, bytes, cells, reader, bad),
            Cells::Untyped(missing) => *missing += cells.count(),
        }
    }

    /// The cells so far as a column; it then is empty again, and of the same dtype.
    pub(super) fn take(&mut self) -> Column {
        let name = self.name.clone();
        match &mut self.cells {
            Cells::Int32(numbers) => numbers.take(name).into_column(),
            Cells::Int64(numbers) => numbers.take(name).into_column(),
            Cells::UInt32(numbers) => numbers.take(name).into_column(),
            Cells::UInt64(numbers) => numbers.take(name).into_column(),
            Cells::Float32(numbers) => numbers.take(name).into_column(),
            Cells::Float64(numbers) => numbers.take(name).into_column(),
            Cells::Date(dates) => dates.take(name).into_date().into_column(),
            Cells::Time(times) => times.take(name).into_time().into_column(),
            Cells::Datetime(moments) => {
                moments.take(name).into_datetime(TimeUnit::Microseconds, None).into_column()
            }
            Cells::Boolean(builder) => {
                mem::replace(builder, BooleanChunkedBuilder::new(name, 0)).finish().into_column()
            }
            Cells::String(builder) => {
                mem::replace(builder, StringChunkedBuilder::new(name, 0)).finish().into_column()
            }
            Cells::Untyped(missing) => Column::full_null(name, mem::take(missing), &DataType::Null),
        }
    }
}

impl<T: PolarsNumericType> Numbers<T>
where
    T::Native: Number,
{
    fn new() -> Self {
        Self { values: Vec::new(), valid: None }
    }

    fn extend(
        &mut self,
        bytes: &[u8],
        cells: impl Iterator<Item = Range<usize>>,
        reader: &CellReader,
        bad: &mut Vec<Rejected>,
    ) {
        at_best(
            #[inline(always)]
            || self.extend_each(bytes, cells, reader, bad),
        );
    }

    #[inline(always)]
    fn extend_each(
        &mut self,
        bytes: &[u8],
        cells: impl Iterator<Item = Range<usize>>,
        reader: &CellReader,
        bad: &mut Vec<Rejected>,
    ) {
        for cell in cells {
            match reader.number_at::<T::Native>(bytes, cell.clone()) {
                Value::Present(value) => self.push(value),
                Value::Missing => self.push_missing(),
                Value::Bad => {
                    bad.push(rejected(
                        self.values.len(),
                        bytes,
                        cell,
                        reader,
                        T::get_static_dtype(),
                    ));
                    self.push_missing();
                }
            }
        }
    }

    /// Appends what `parse` makes of the cells of a column of this dtype.
    fn extend_by(
        &mut self,
        bytes: &[u8],
        cells: impl Iterator<Item = Range<usize>>,
        reader: &CellReader,
        bad: &mut Vec<Rejected>,
        dtype: DataType,
        parse: impl Fn(&[u8]) -> Value<T::Native>,
    ) {
        for cell in cells {
            match parse(&bytes[cell.clone()]) {
                Value::Present(value) => self.push(value),
                Value::Missing => self.push_missing(),
                Value::Bad => {
                    bad.push(rejected(self.values.len(), bytes, cell, reader, dtype.clone()));
                    self.push_missing();
                }
            }
        }
    }

    #[inline(always)]
    fn push(&mut self, value: T::Native) {
        self.values.push(value);
        if let Some(valid) = &mut self.valid {
            valid.push(true);
        }
    }

    fn push_missing(&mut self) {
        let before = self.values.len();
        self.valid.get_or_insert_with(|| vec![true; before]).push(false);
        self.values.push(T::Native::default());
    }

    fn take(&mut self, name: PlSmallStr) -> ChunkedArray<T> {
        let next = Vec::with_capacity(self.values.len());
        let values = mem::replace(&mut self.values, next);
        let valid = self.valid.take().map(|valid| valid.into_iter().collect());
        ChunkedArray::from_vec_validity(name, values, valid)
    }
}

impl CodeBuilder {
    pub(super) fn new(name: PlSmallStr) -> Self {
        Self { name, dictionary: Arc::new(Dictionary::new()), codes: Vec::new() }
    }

    /// Appends the numbers of the texts in `cells`. What is not UTF-8 is missing, and added to `bad`.
    pub(super) fn extend(
        &mut self,
        bytes: &[u8],
        mut cells: impl Iterator<Item = Range<usize>>,
        reader: &CellReader,
        bad: &mut Vec<Rejected>,
    ) {
        let dictionary = Arc::make_mut(&mut self.dictionary);
        let codes = &mut self.codes;
        loop {
            let extended = at_best(
                #[inline(always)]
                || dictionary.extend(bytes, cells.by_ref(), reader, codes),
            );
            let Err((NotUtf8, cell)) = extended else { return };
            bad.push(not_utf8(codes.len(), cell.start, &reader.text(&bytes[cell])));
            codes.push(dictionary.missing(reader));
        }
    }
}

fn booleans(
    builder: &mut BooleanChunkedBuilder,
    before: usize,
    bytes: &[u8],
    cells: impl Iterator<Item = Range<usize>>,
    reader: &CellReader,
    bad: &mut Vec<Rejected>,
) {
    for (record, cell) in (before..).zip(cells) {
        match reader.boolean(&bytes[cell.clone()]) {
            Value::Present(value) => builder.append_value(value),
            Value::Missing => builder.append_null(),
            Value::Bad => {
                bad.push(rejected(record, bytes, cell, reader, DataType::Boolean));
                builder.append_null();
            }
        }
    }
}

fn texts(
    builder: &mut StringChunkedBuilder,
    before: usize,
    bytes: &[u8],
    cells: impl Iterator<Item = Range<usize>>,
    reader: &CellReader,
    bad: &mut Vec<Rejected>,
) {
    for (record, cell) in (before..).zip(cells) {
        let start = cell.start;
        let Some(text) = reader.optional_text(&bytes[cell]) else {
            builder.append_null();
            continue;
        };
        match simdutf8::basic::from_utf8(&text) {
            Ok(text) => builder.append_value(text),
            Err(_) => {
                bad.push(not_utf8(record, start, &text));
                builder.append_null();
            }
        }
    }
}

#[cold]
fn rejected(
    record: usize,
    bytes: &[u8],
    cell: Range<usize>,
    reader: &CellReader,
    dtype: DataType,
) -> Rejected {
    let start = cell.start;
    Rejected { record, start, text: excerpt(&reader.text(&bytes[cell])), dtype: Some(dtype) }
}

#[cold]
fn not_utf8(record: usize, start: usize, text: &[u8]) -> Rejected {
    Rejected { record, start, text: excerpt(text), dtype: None }
}
