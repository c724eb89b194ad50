//! One delayed value that is moved to whoever computes it, for types that cannot be cloned.

use std::panic::resume_unwind;

use super::{Answers, Collection, Outputs, Source};
use crate::base::error::Error;
use crate::graph::Delayed;

/// A delayed value whose result is moved out of its compute: its type need not be `Clone`.
///
/// That goes wrong, with an error of the kind [`Held`](crate::ErrorKind::Held), where something else holds the
/// value as well: its handle (of a value that was there from the start, or is kept), or another output of the
/// same compute.
///
/// ```
/// use lazuli_core::{compute, task};
///
/// struct Model(Vec<f64>); // no `Clone`
///
/// let model = task("train").call((), |()| Model(vec![1.0, 2.0]));
/// let size = model.map(|model| model.0.len());
/// let (model, size) = compute((model.moved(), size))?;
/// assert_eq!(model.0.len(), size);
/// # Ok::<(), lazuli_core::Error>(())
/// ```
#[must_use = "it does nothing until it is computed"]
pub struct Moved<T>(Delayed<T>);

impl<T> Delayed<T> {
    /// The same value, to be moved to whoever computes it: see [`Moved`].
    pub fn moved(&self) -> Moved<T> {
        Moved(self.clone())
    }
}

impl<T: Send + Sync + 'static> Collection for Moved<T> {
    type Output = T;

    fn request(&self, outputs: &mut Outputs) {
        outputs.0.push(self.0.erase());
    }

    fn receive(&self, answers: &mut Answers<'_, '_>) -> T {
        // Whoever has a collection received catches what is thrown, and this is an error already.
        answers.take_only().unwrap_or_else(|| resume_unwind(Box::new(Error::held::<T>())))
    }
}

impl Answers<'_, '_> {
    /// The next result, if nobody else holds it.
    fn take_only<T: Send + Sync + 'static>(&mut self) -> Option<T> {
        let index = self.next;
        self.next += 1;
        match &mut self.source {
            Source::Run(context) => context.take_sole(index as u32),
            Source::Kept(outputs) => {
                let output =
                    outputs.pop().expect("no more results are taken than values were named");
                output.into_sole()
            }
        }
    }
}
