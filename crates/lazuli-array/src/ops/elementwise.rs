//! Elementwise operations over slices of one, two or three inputs, as steps of a tile program.

use std::any::TypeId;
use std::marker::PhantomData;
use std::sync::Arc;

use super::pace::{Pace, for_pieces};
use crate::array::Element;
use crate::expr::{Expr, ExprRef, Operation};
use crate::kernels::Rows;
use crate::source::IsOver;
use crate::tile::{ProgramBuilder, RegId, Registers, Step};

/// What tells operations of one type apart: their parameters as text. None for functions of a user's
/// own, each of which is an operation of its own.
pub(super) type Parameters = Option<String>;

struct One<A, B, F> {
    function: Arc<F>,
    parameters: Parameters,
    types: PhantomData<fn(A) -> B>,
}

struct OneStep<A, B, F> {
    function: Arc<F>,
    pace: Option<Pace>,
    input: RegId,
    output: RegId,
    types: PhantomData<fn(A) -> B>,
}

/// An operation that fills a slice from one of the same length.
pub(super) fn one<A: Element, B: Element>(
    parameters: Parameters,
    input: &ExprRef,
    function: impl Fn(&[A], &mut [B]) + Send + Sync + 'static,
) -> ExprRef {
    let one = One { function: Arc::new(function), parameters, types: PhantomData };
    Expr::elementwise(one, vec![Arc::clone(input)])
}

/// An operation of this crate takes no time to speak of; a user's function may.
fn pace(parameters: &Parameters) -> Option<Pace> {
    parameters.is_none().then(Pace::new)
}

impl<A: Element, B: Element, F> Operation for One<A, B, F>
where
    F: Fn(&[A], &mut [B]) + Send + Sync + 'static,
{
    fn compile(&self, inputs: &[RegId], program: &mut ProgramBuilder) -> RegId {
        let key = self.parameters.clone().map(|text| (TypeId::of::<Self>(), text));
        program.step::<B, _>(key, inputs, |output| OneStep {
            function: Arc::clone(&self.function),
            pace: pace(&self.parameters),
            input: inputs[0],
            output,
            types: PhantomData,
        })
    }
}

impl<A: Element, B: Element, F: Fn(&[A], &mut [B]) + Send + Sync> Step for OneStep<A, B, F> {
    fn run(&self, registers: &mut Registers, is_over: IsOver<'_>) {
        registers.set(self.output, |registers, output| {
            let input: Rows<'_, A> = registers.get(self.input);
            let (pace, rows) = (self.pace.as_ref(), [row_len(input)]);
            for_pieces(output.len(), &rows, pace, is_over, |from, len| {
                (self.function)(part(input, from, len), &mut output[from..from + len]);
            });
        });
    }
}

struct Two<A, B, C, F> {
    function: Arc<F>,
    parameters: Parameters,
    types: PhantomData<fn(A, B) -> C>,
}

struct TwoStep<A, B, C, F> {
    function: Arc<F>,
    pace: Option<Pace>,
    inputs: [RegId; 2],
    output: RegId,
    types: PhantomData<fn(A, B) -> C>,
}

/// An operation that fills a slice from two of the same length.
pub(super) fn two<A: Element, B: Element, C: Element>(
    parameters: Parameters,
    inputs: [ExprRef; 2],
    function: impl Fn(&[A], &[B], &mut [C]) + Send + Sync + 'static,
) -> ExprRef {
    let two = Two { function: Arc::new(function), parameters, types: PhantomData };
    Expr::elementwise(two, inputs.into())
}

impl<A: Element, B: Element, C: Element, F> Operation for Two<A, B, C, F>
where
    F: Fn(&[A], &[B], &mut [C]) + Send + Sync + 'static,
{
    fn compile(&self, inputs: &[RegId], program: &mut ProgramBuilder) -> RegId {
        let key = self.parameters.clone().map(|text| (TypeId::of::<Self>(), text));
        program.step::<C, _>(key, inputs, |output| TwoStep {
            function: Arc::clone(&self.function),
            pace: pace(&self.parameters),
            inputs: [inputs[0], inputs[1]],
            output,
            types: PhantomData,
        })
    }
}

impl<A: Element, B: Element, C: Element, F> Step for TwoStep<A, B, C, F>
where
    F: Fn(&[A], &[B], &mut [C]) + Send + Sync,
{
    fn run(&self, registers: &mut Registers, is_over: IsOver<'_>) {
        registers.set(self.output, |registers, output| {
            let left: Rows<'_, A> = registers.get(self.inputs[0]);
            let right: Rows<'_, B> = registers.get(self.inputs[1]);
            let rows = [row_len(left), row_len(right)];
            for_pieces(output.len(), &rows, self.pace.as_ref(), is_over, |from, len| {
                let output = &mut output[from..from + len];
                (self.function)(part(left, from, len), part(right, from, len), output);
            });
        });
    }
}

struct Three<A, B, C, R, F> {
    function: Arc<F>,
    types: PhantomData<fn(A, B, C) -> R>,
}

struct ThreeStep<A, B, C, R, F> {
    function: Arc<F>,
    inputs: [RegId; 3],
    output: RegId,
    types: PhantomData<fn(A, B, C) -> R>,
}

/// An operation of this crate, without parameters, that fills a slice from three of the same length.
pub(super) fn three<A: Element, B: Element, C: Element, R: Element>(
    inputs: [ExprRef; 3],
    function: impl Fn(&[A], &[B], &[C], &mut [R]) + Send + Sync + 'static,
) -> ExprRef {
    let three = Three { function: Arc::new(function), types: PhantomData };
    Expr::elementwise(three, inputs.into())
}

impl<A: Element, B: Element, C: Element, R: Element, F> Operation for Three<A, B, C, R, F>
where
    F: Fn(&[A], &[B], &[C], &mut [R]) + Send + Sync + 'static,
{
    fn compile(&self, inputs: &[RegId], program: &mut ProgramBuilder) -> RegId {
        let key = Some((TypeId::of::<Self>(), String::new()));
        program.step::<R, _>(key, inputs, |output| ThreeStep {
            function: Arc::clone(&self.function),
            inputs: [inputs[0], inputs[1], inputs[2]],
            output,
            types: PhantomData,
        })
    }
}

impl<A: Element, B: Element, C: Element, R: Element, F> Step for ThreeStep<A, B, C, R, F>
where
    F: Fn(&[A], &[B], &[C], &mut [R]) + Send + Sync,
{
    fn run(&self, registers: &mut Registers, is_over: IsOver<'_>) {
        registers.set(self.output, |registers, output| {
            let first: Rows<'_, A> = registers.get(self.inputs[0]);
            let second: Rows<'_, B> = registers.get(self.inputs[1]);
            let third: Rows<'_, C> = registers.get(self.inputs[2]);
            let rows = [row_len(first), row_len(second), row_len(third)];
            for_pieces(output.len(), &rows, None, is_over, |from, len| {
                (self.function)(
                    part(first, from, len),
                    part(second, from, len),
                    part(third, from, len),
                    &mut output[from..from + len],
                );
            });
        });
    }
}

/// How many elements of a tile lie side by side: all of them, or a row.
fn row_len<A: Copy>(rows: Rows<'_, A>) -> usize {
    if rows.as_slice().is_some() { usize::MAX } else { rows.row_len() }
}

/// Elements of a tile that lie side by side.
fn part<A: Copy>(rows: Rows<'_, A>, from: usize, len: usize) -> &[A] {
    match rows.as_slice() {
        Some(elements) => &elements[from..from + len],
        None => &rows.row(from / rows.row_len())[from % rows.row_len()..][..len],
    }
}
