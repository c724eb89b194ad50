//! The rows of a pass in all the forms that its requests ask for.
//!
//! The steps of all requests on one source are a tree, whose root are the rows as they are read: requests whose
//! steps begin alike share these, so that a filter is applied to a batch once. From the leaves to the root it is
//! worked out which columns each form must have, and so which columns are read.

use std::collections::HashMap;
use std::sync::Arc;

use lazuli_core::{AnyDelayed, Delayed};
use polars::prelude::{DataFrame, DataType, PlSmallStr, Schema};

use super::attach::Attach;
use super::step::{Names, Shared};
use crate::error::FrameError;
use crate::join::Lookup;
use crate::source::csv::{BadCell, Coded};

/// Some rows of a partition.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    pub(crate) rows: DataFrame,
    /// Keys that nobody needs otherwise.
    pub(crate) coded: Vec<Coded>,
    /// Cells of the rows as they were read that could not be: missing values are in their places.
    pub(crate) bad: Vec<BadCell>,
    /// The number of the partition that they are from.
    pub(crate) partition: usize,
    /// The number of the file that they are from.
    pub(crate) file: usize,
    /// Its path; or what else tells the partition apart.
    pub(crate) path: Arc<str>,
}

impl Batch {
    /// Other rows of the same place.
    pub(crate) fn with(&self, rows: DataFrame, coded: Vec<Coded>) -> Self {
        let (partition, file, path) = (self.partition, self.file, Arc::clone(&self.path));
        Self { rows, coded, bad: Vec::new(), partition, file, path }
    }
}

/// A batch in every form.
pub(crate) struct Prepared(Vec<Batch>);

impl Prepared {
    /// The form of this number.
    pub(crate) fn form(&self, form: usize) -> &Batch {
        &self.0[form]
    }
}

/// The forms of a pass.
pub(crate) struct Variants {
    forms: Vec<Form>,
    places: HashMap<(usize, Shared), usize>,
    sides: Vec<Delayed<Arc<Lookup>>>,
}

struct Form {
    /// The form that it is made of, and how; the root is what is read.
    step: Option<(usize, Shared)>,
    /// The attached table that the step takes.
    side: Option<usize>,
    wants: Wants,
}

/// The columns that are needed, as they are and as codes; a column may be needed in both forms.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wants {
    pub(crate) plain: Names,
    pub(crate) coded: Names,
}

impl Variants {
    pub(crate) fn new() -> Self {
        let root = Form { step: None, side: None, wants: Wants::default() };
        Self { forms: vec![root], places: HashMap::new(), sides: Vec::new() }
    }

    /// The number of the form behind these steps.
    pub(crate) fn add(&mut self, steps: &[Shared]) -> usize {
        steps.iter().fold(0, |before, step| {
            if let Some(&known) = self.places.get(&(before, Arc::clone(step))) {
                return known;
            }
            let side = step.attached().map(|attach| {
                self.sides.push(Attach::table(attach).clone());
                self.sides.len() - 1
            });
            let form =
                Form { step: Some((before, Arc::clone(step))), side, wants: Wants::default() };
            self.forms.push(form);
            self.places.insert((before, Arc::clone(step)), self.forms.len() - 1);
            self.forms.len() - 1
        })
    }

    /// Has a form have these columns. The key among them may be coded, if it is text and goes so far.
    pub(crate) fn need(
        &mut self,
        form: usize,
        columns: &[PlSmallStr],
        key: Option<&PlSmallStr>,
        read: &Schema,
    ) {
        let key = key.filter(|key| self.reaches(form, key, read)).cloned();
        let wants = &mut self.forms[form].wants;
        for column in columns {
            match key.as_ref() == Some(column) {
                true => wants.coded.insert(column.clone()),
                false => wants.plain.insert(column.clone()),
            };
        }
    }

    /// Whether a text column that is read gets to this form as it is.
    fn reaches(&self, mut form: usize, key: &PlSmallStr, read: &Schema) -> bool {
        while let Some((before, step)) = &self.forms[form].step {
            if !step.passes(key) {
                return false;
            }
            form = *before;
        }
        read.get(key) == Some(&DataType::String)
    }

    /// What is to be read, the attached tables, and how the forms are made of what is read.
    pub(crate) fn finish(mut self) -> (Wants, Vec<Delayed<Arc<Lookup>>>, Prepare) {
        for form in (1..self.forms.len()).rev() {
            let Form { step, wants, .. } = &self.forms[form];
            let Some((before, step)) = step else { continue };
            let (before, needs, coded) = (*before, step.needs(&wants.plain), wants.coded.clone());
            let wants = &mut self.forms[before].wants;
            wants.plain.extend(needs);
            wants.coded.extend(coded);
        }
        let read = self.forms[0].wants.clone();
        (read, self.sides, Prepare { forms: self.forms })
    }
}

/// Makes every form of a batch.
pub(crate) struct Prepare {
    forms: Vec<Form>,
}

impl Prepare {
    /// The forms of a batch as it was read.
    ///
    /// # Errors
    /// What cannot be computed of these rows.
    pub(crate) fn run(&self, read: Batch, sides: &[&Arc<Lookup>]) -> Result<Prepared, FrameError> {
        let mut batches = Vec::with_capacity(self.forms.len());
        batches.push(read);
        for Form { step, side, wants } in &self.forms[1..] {
            let Some((before, step)) = step else { unreachable!("the root alone is read") };
            let side = side.map(|side| &**sides[side]);
            let batch = step.apply(&batches[*before], &wants.plain, &wants.coded, side)?;
            batches.push(batch);
        }
        Ok(Prepared(batches))
    }
}

/// What requests with these steps depend on.
pub(crate) fn dependencies(steps: &[Shared]) -> impl Iterator<Item = AnyDelayed> + '_ {
    steps.iter().filter_map(|step| step.attached()).map(|attach| attach.table().erase())
}
