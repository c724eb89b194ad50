//! What is known of one group: a field, and before that its rows as they are.
//!
//! A climatology by day has one row of each group in a block of a year. A state of each element, for one number, would
//! be many times as large as the block, and be written only to be merged. So rows are kept until there are enough of
//! them, and then summed down their columns together.

use std::io::{self, Read, Write};

use lazuli_core::Portable;

use crate::array::Element;
use crate::kernels::{Field, Place, Rows, Words};
use crate::reductions::along::{Patch, show};
use crate::reductions::portable::{read_words, write_words};
use crate::stage::AnyBlock;

/// A group keeps fewer rows than this, and a block with more of a group shows them to its field at once.
pub(super) const MANY: usize = 8;

/// The rows of a group, and the field of those that came before them.
pub(super) struct Group<A, F> {
    field: Option<F>,
    /// Whole rows: an element for each cell.
    rows: Vec<A>,
}

impl<A, F> Default for Group<A, F> {
    fn default() -> Self {
        Self { field: None, rows: Vec::new() }
    }
}

impl<A: Element, F: Field<A>> Group<A, F> {
    /// The field, to be shown elements at once; `make` makes it.
    pub(super) fn field(&mut self, make: impl FnOnce() -> F) -> &mut F {
        self.field.get_or_insert_with(make)
    }

    /// Room for so many rows of so many cells.
    pub(super) fn rows(&mut self, count: usize, cells: usize) -> &mut [A] {
        self.rows.resize(count * cells, A::default());
        &mut self.rows
    }

    /// The elements of a block have been shown.
    pub(super) fn end_block(&mut self) {
        if let Some(field) = &mut self.field {
            field.end_block(&|place| place);
        }
    }

    /// Takes in what is known of the rows that follow.
    pub(super) fn merge(&mut self, following: Self, cells: usize, make: impl Fn() -> F) {
        if let Some(others) = following.field {
            self.settle(cells, &make);
            match &mut self.field {
                Some(field) => field.merge(&others),
                none => *none = Some(others),
            }
        }
        if self.rows.is_empty() {
            self.rows = following.rows;
        } else {
            self.rows.extend(following.rows);
        }
        if self.rows.len() >= MANY * cells {
            self.settle(cells, &make);
        }
    }

    /// Shows the rows to the field.
    pub(super) fn settle(&mut self, cells: usize, make: impl Fn() -> F) {
        let rows = std::mem::take(&mut self.rows);
        if rows.is_empty() {
            return;
        }
        let field = self.field.get_or_insert_with(make);
        let rows = Rows::new(&rows, 0, cells as isize, cells, rows.len() / cells);
        let patch = Patch { first_cell: 0, rows, place: Place::default(), by_column: true };
        show(field, &patch, &mut Vec::new());
        field.end_block(&|place| place);
    }

    /// The field of all.
    pub(super) fn into_field(mut self, cells: usize, make: impl Fn() -> F) -> F {
        self.settle(cells, &make);
        self.field.unwrap_or_else(make)
    }
}

/// Rows are of an element type whose blocks are written too.
impl<A: Element, F: Words> Portable for Group<A, F> {
    fn write(&self, to: &mut dyn Write) -> io::Result<()> {
        write_words(&self.field, to)?;
        let shape = [self.rows.len()].into_iter().collect();
        AnyBlock::new(shape, self.rows.clone()).write(to)
    }

    fn read(from: &mut dyn Read) -> io::Result<Self> {
        let field = read_words(from)?;
        let rows = AnyBlock::read(from)?;
        if rows.is::<A>().is_none() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(Self { field, rows: rows.into_elements() })
    }
}
