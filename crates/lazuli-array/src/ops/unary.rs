//! Operations on one array: sign, absolute value, power, square root.

use std::any::TypeId;
use std::marker::PhantomData;
use std::ops::Neg;
use std::sync::Arc;

use ndarray::Dimension;

use crate::array::ChunkedArray;
use crate::expr::Operation;
use crate::kernels::elementwise::{UnaryOp, sqrt};
use crate::kernels::{Float, Scalar};
use crate::tile::{ProgramBuilder, RegId, Registers, Step};

struct Unary<A> {
    operation: UnaryOp,
    element: PhantomData<fn() -> A>,
}

impl<A: Scalar + Default> Operation for Unary<A> {
    fn compile(&self, inputs: &[RegId], program: &mut ProgramBuilder) -> RegId {
        let (operation, input) = (self.operation, inputs[0]);
        let key = (TypeId::of::<Self>(), format!("{operation:?}"));
        program.step::<A, _>(Some(key), inputs, |output| UnaryStep::<A> {
            operation,
            input,
            output,
            element: PhantomData,
        })
    }
}

struct UnaryStep<A> {
    operation: UnaryOp,
    input: RegId,
    output: RegId,
    element: PhantomData<fn() -> A>,
}

impl<A: Scalar + Default> Step for UnaryStep<A> {
    fn run(&self, registers: &mut Registers) {
        registers.set::<A>(self.output, |registers, output| {
            self.operation.slice(registers.get(self.input), output);
        });
    }
}

struct SquareRoot<A>(PhantomData<fn() -> A>);

impl<A: Float + Default> Operation for SquareRoot<A> {
    fn compile(&self, inputs: &[RegId], program: &mut ProgramBuilder) -> RegId {
        let input = inputs[0];
        program.step::<A, _>(Some((TypeId::of::<Self>(), String::new())), inputs, |output| {
            SquareRootStep::<A> { input, output, element: PhantomData }
        })
    }
}

struct SquareRootStep<A> {
    input: RegId,
    output: RegId,
    element: PhantomData<fn() -> A>,
}

impl<A: Float + Default> Step for SquareRootStep<A> {
    fn run(&self, registers: &mut Registers) {
        registers.set::<A>(self.output, |registers, output| {
            sqrt(registers.get(self.input), output);
        });
    }
}

impl<A: Scalar + Default, D: Dimension> ChunkedArray<A, D> {
    #[track_caller]
    fn unary(&self, operation: UnaryOp) -> Self {
        self.derive(Unary::<A> { operation, element: PhantomData }, vec![Arc::clone(&self.expr)])
    }

    /// The absolute value of each element. The least signed integer, having none, stays itself.
    #[track_caller]
    #[must_use]
    pub fn abs(&self) -> Self {
        self.unary(UnaryOp::Abs)
    }

    /// Each element to a whole power, by repeated squaring. A negative power is the reciprocal of the
    /// positive one; of integers that is their quotient.
    #[track_caller]
    #[must_use]
    pub fn powi(&self, power: i32) -> Self {
        self.unary(UnaryOp::Powi(power))
    }
}

impl<A: Float + Default, D: Dimension> ChunkedArray<A, D> {
    /// The square root of each element; NaN below zero.
    #[track_caller]
    #[must_use]
    pub fn sqrt(&self) -> Self {
        self.derive(SquareRoot::<A>(PhantomData), vec![Arc::clone(&self.expr)])
    }
}

/// Integers wrap, as in NumPy.
impl<A: Scalar + Default, D: Dimension> Neg for &ChunkedArray<A, D> {
    type Output = ChunkedArray<A, D>;
    #[track_caller]
    fn neg(self) -> ChunkedArray<A, D> {
        self.unary(UnaryOp::Neg)
    }
}

impl<A: Scalar + Default, D: Dimension> Neg for ChunkedArray<A, D> {
    type Output = Self;
    #[track_caller]
    fn neg(self) -> Self {
        self.unary(UnaryOp::Neg)
    }
}
