//! Functions of your own, applied to each element.

use std::marker::PhantomData;
use std::sync::Arc;

use ndarray::Dimension;

use super::arithmetic::check_shapes;
use crate::array::{ChunkedArray, Element};
use crate::expr::Operation;
use crate::kernels::elementwise::{map, zip_map};
use crate::tile::{ProgramBuilder, RegId, Registers, Step};

struct Map<A, B, F> {
    function: Arc<F>,
    types: PhantomData<fn(A) -> B>,
}

impl<A: Element, B: Element, F> Operation for Map<A, B, F>
where
    F: Fn(A) -> B + Send + Sync + 'static,
{
    fn compile(&self, inputs: &[RegId], program: &mut ProgramBuilder) -> RegId {
        program.step::<B, _>(None, inputs, |output| MapStep {
            function: Arc::clone(&self.function),
            input: inputs[0],
            output,
            types: PhantomData,
        })
    }
}

struct MapStep<A, B, F> {
    function: Arc<F>,
    input: RegId,
    output: RegId,
    types: PhantomData<fn(A) -> B>,
}

impl<A: Element, B: Element, F: Fn(A) -> B + Send + Sync> Step for MapStep<A, B, F> {
    fn run(&self, registers: &mut Registers) {
        registers.set(self.output, |registers, output| {
            map(registers.get(self.input), output, &*self.function);
        });
    }
}

struct Zip<A, B, C, F> {
    function: Arc<F>,
    types: PhantomData<fn(A, B) -> C>,
}

impl<A: Element, B: Element, C: Element, F> Operation for Zip<A, B, C, F>
where
    F: Fn(A, B) -> C + Send + Sync + 'static,
{
    fn compile(&self, inputs: &[RegId], program: &mut ProgramBuilder) -> RegId {
        program.step::<C, _>(None, inputs, |output| ZipStep {
            function: Arc::clone(&self.function),
            left: inputs[0],
            right: inputs[1],
            output,
            types: PhantomData,
        })
    }
}

struct ZipStep<A, B, C, F> {
    function: Arc<F>,
    left: RegId,
    right: RegId,
    output: RegId,
    types: PhantomData<fn(A, B) -> C>,
}

impl<A: Element, B: Element, C: Element, F> Step for ZipStep<A, B, C, F>
where
    F: Fn(A, B) -> C + Send + Sync,
{
    fn run(&self, registers: &mut Registers) {
        registers.set(self.output, |registers, output| {
            zip_map(registers.get(self.left), registers.get(self.right), output, &*self.function);
        });
    }
}

impl<A: Element, D: Dimension> ChunkedArray<A, D> {
    /// Applies a function to each element. Keeps shape and chunks.
    ///
    /// ```
    /// use lazuli_array::ChunkedArray;
    /// let x = ChunkedArray::from_fn([100], [10], |[i]| i as i64);
    /// let even = x.map(|value| u8::from(value % 2 == 0));
    /// assert_eq!(lazuli_core::compute(even.sum())?, 50);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn map<B: Element>(
        &self,
        function: impl Fn(A) -> B + Send + Sync + 'static,
    ) -> ChunkedArray<B, D> {
        let operation = Map { function: Arc::new(function), types: PhantomData };
        self.derive(operation, vec![Arc::clone(&self.expr)])
    }

    /// Applies a function to each element and the one at its place in an array of the same shape.
    /// Keeps shape and chunks.
    #[track_caller]
    #[must_use]
    pub fn zip_with<B: Element, C: Element>(
        &self,
        other: &ChunkedArray<B, D>,
        function: impl Fn(A, B) -> C + Send + Sync + 'static,
    ) -> ChunkedArray<C, D> {
        if let Some(mismatch) = check_shapes("zip_with", self, other) {
            return ChunkedArray::from_parts(mismatch, Arc::clone(&self.grid));
        }
        let operation = Zip { function: Arc::new(function), types: PhantomData };
        self.derive(operation, vec![Arc::clone(&self.expr), Arc::clone(&other.expr)])
    }
}
