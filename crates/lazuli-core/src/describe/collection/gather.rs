//! A collection of delayed values as one delayed value.

use std::panic::Location;

use super::{Answers, Collection, requests};
use crate::base::failure::Failure;
use crate::base::site;
use crate::base::value::Value;
use crate::graph::{AnyDelayed, Body, Delayed, Label, Role, Run, TaskContext};

impl<T: Send + Sync + 'static> Delayed<T> {
    /// A collection of delayed values (a vector, a tuple, a map, one of your own) as one delayed value.
    ///
    /// ```
    /// # use lazuli_core::{Delayed, compute};
    /// let (low, high) = (Delayed::value(1), Delayed::value(9));
    /// let range = Delayed::gather((low, high)).map(|(low, high)| high - low);
    /// assert_eq!(compute(range)?, 8);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    pub fn gather<C>(collection: C) -> Self
    where
        C: Collection<Output = T> + Send + Sync + 'static,
    {
        gather("gather", collection)
    }
}

/// A task that puts a collection together from its results.
#[track_caller]
pub(crate) fn gather<C>(name: &'static str, collection: C) -> Delayed<C::Output>
where
    C: Collection<Output: Send + Sync + 'static> + Send + Sync + 'static,
{
    let inputs: Box<[_]> = requests(&collection).into();
    let site = site::of_program(Location::caller(), |visit| {
        inputs.iter().for_each(|input| visit(input.node().label.site));
    });
    let label = Label { name, site, extra: None };
    Delayed::from_node(AnyDelayed::new(label, Gather { inputs, collection }))
}

struct Gather<C> {
    inputs: Box<[AnyDelayed]>,
    collection: C,
}

impl<C> Run for Gather<C>
where
    C: Collection<Output: Send + Sync + 'static> + Send + Sync,
{
    fn run(&self, context: &mut TaskContext<'_>) -> Result<Value, Failure> {
        Ok(Value::new(self.collection.receive(&mut Answers::of_run(context))))
    }
}

impl<C> Body for Gather<C>
where
    Self: Run,
    C: Send + Sync,
{
    fn role(&self) -> Role<'_> {
        Role::Task(self)
    }

    fn inputs<'a>(&'a self, visit: &mut dyn FnMut(&'a AnyDelayed)) {
        self.inputs.iter().for_each(visit);
    }
}
