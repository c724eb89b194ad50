//! `+ - * /` between arrays, with numbers and delayed numbers on either side.

use std::any::TypeId;
use std::marker::PhantomData;
use std::ops::{Add, Div, Mul, Sub};
use std::sync::Arc;

use lazuli_core::Delayed;
use ndarray::Dimension;

use crate::array::ChunkedArray;
use crate::error::ArrayError;
use crate::expr::{Expr, ExprRef, Operation};
use crate::kernels::Scalar;
use crate::kernels::elementwise::BinaryOp;
use crate::tile::{AnyScalar, ProgramBuilder, RegId, Registers, Step};

/// What stands beside an array in an operation: another array of its shape, a number, or a delayed
/// number.
pub trait IntoOperand<A: Scalar, D> {
    /// The operand.
    fn into_operand(self) -> Operand<A, D>;
}

/// One side of an operation: see [`IntoOperand`].
pub enum Operand<A, D> {
    /// An array, element by element.
    Array(ChunkedArray<A, D>),
    /// The same number for all elements.
    Number(A),
    /// The same number for all elements, computed before.
    Delayed(Delayed<A>),
}

impl<A: Scalar, D> IntoOperand<A, D> for ChunkedArray<A, D> {
    fn into_operand(self) -> Operand<A, D> {
        Operand::Array(self)
    }
}

impl<A: Scalar, D> IntoOperand<A, D> for &ChunkedArray<A, D> {
    fn into_operand(self) -> Operand<A, D> {
        Operand::Array(self.clone())
    }
}

impl<A: Scalar, D> IntoOperand<A, D> for A {
    fn into_operand(self) -> Operand<A, D> {
        Operand::Number(self)
    }
}

impl<A: Scalar, D> IntoOperand<A, D> for Delayed<A> {
    fn into_operand(self) -> Operand<A, D> {
        Operand::Delayed(self)
    }
}

impl<A: Scalar, D> IntoOperand<A, D> for &Delayed<A> {
    fn into_operand(self) -> Operand<A, D> {
        Operand::Delayed(self.clone())
    }
}

/// `array op array`.
struct Pairwise<A> {
    operation: BinaryOp,
    element: PhantomData<fn() -> A>,
}

/// `array op number`, or `number op array` where `number_first`.
struct WithNumber<A> {
    operation: BinaryOp,
    number: Number<A>,
    number_first: bool,
}

enum Number<A> {
    Known(A),
    Delayed(Delayed<AnyScalar>),
}

impl<A: Scalar + Default> Operation for Pairwise<A> {
    fn compile(&self, inputs: &[RegId], program: &mut ProgramBuilder) -> RegId {
        let (left, right, operation) = (inputs[0], inputs[1], self.operation);
        let key = (TypeId::of::<Self>(), format!("{operation:?}"));
        program.step::<A, _>(Some(key), inputs, |output| PairwiseStep::<A> {
            operation,
            left,
            right,
            output,
            element: PhantomData,
        })
    }
}

struct PairwiseStep<A> {
    operation: BinaryOp,
    left: RegId,
    right: RegId,
    output: RegId,
    element: PhantomData<fn() -> A>,
}

impl<A: Scalar + Default> Step for PairwiseStep<A> {
    fn run(&self, registers: &mut Registers) {
        registers.set::<A>(self.output, |registers, output| {
            self.operation.slices(registers.get(self.left), registers.get(self.right), output);
        });
    }
}

impl<A: Scalar + Default> Operation for WithNumber<A> {
    fn compile(&self, inputs: &[RegId], program: &mut ProgramBuilder) -> RegId {
        let place = match &self.number {
            Number::Known(number) => NumberPlace::Known(*number),
            Number::Delayed(delayed) => NumberPlace::Scalar(program.scalar(delayed.clone())),
        };
        let (input, operation, number_first) = (inputs[0], self.operation, self.number_first);
        let key = match &self.number {
            Number::Known(number) => {
                // `Debug` tells all numbers apart but NaNs, and one NaN is as good as another.
                Some((TypeId::of::<Self>(), format!("{operation:?} {number:?} {number_first}")))
            }
            Number::Delayed(_) => None,
        };
        program.step::<A, _>(key, inputs, |output| WithNumberStep {
            operation,
            number: place,
            number_first,
            input,
            output,
        })
    }

    fn scalar(&self) -> Option<&Delayed<AnyScalar>> {
        match &self.number {
            Number::Known(_) => None,
            Number::Delayed(delayed) => Some(delayed),
        }
    }
}

struct WithNumberStep<A> {
    operation: BinaryOp,
    number: NumberPlace<A>,
    number_first: bool,
    input: RegId,
    output: RegId,
}

enum NumberPlace<A> {
    Known(A),
    Scalar(usize),
}

impl<A: Scalar + Default> Step for WithNumberStep<A> {
    fn run(&self, registers: &mut Registers) {
        let number = match self.number {
            NumberPlace::Known(number) => number,
            NumberPlace::Scalar(place) => registers.scalar(place),
        };
        registers.set(self.output, |registers, output| {
            let elements = registers.get(self.input);
            if self.number_first {
                self.operation.scalar_slice(number, elements, output);
            } else {
                self.operation.slice_scalar(elements, number, output);
            }
        });
    }
}

/// Arrays of different shapes make an array that says so when it is computed.
pub(super) fn check_shapes<A, B, D>(
    operation: &'static str,
    left: &ChunkedArray<A, D>,
    right: &ChunkedArray<B, D>,
) -> Option<ExprRef> {
    let (left, right) = (left.grid.shape(), right.grid.shape());
    (left != right).then(|| {
        Expr::invalid(ArrayError::ShapeMismatch {
            operation,
            left: left.to_vec(),
            right: right.to_vec(),
        })
    })
}

#[track_caller]
fn combine<A: Scalar + Default, D: Dimension>(
    operation: BinaryOp,
    name: &'static str,
    array: &ChunkedArray<A, D>,
    operand: Operand<A, D>,
    operand_first: bool,
) -> ChunkedArray<A, D> {
    let number = match operand {
        Operand::Array(other) => {
            if let Some(mismatch) = check_shapes(name, array, &other) {
                return ChunkedArray::from_parts(mismatch, Arc::clone(&array.grid));
            }
            let inputs = vec![Arc::clone(&array.expr), other.expr];
            return array.derive(Pairwise::<A> { operation, element: PhantomData }, inputs);
        }
        Operand::Number(number) => Number::Known(number),
        Operand::Delayed(delayed) => {
            Number::Delayed(delayed.map_named("scalar", |&number| AnyScalar(Arc::new(number))))
        }
    };
    let operation = WithNumber { operation, number, number_first: operand_first };
    array.derive(operation, vec![Arc::clone(&array.expr)])
}

macro_rules! operators {
    ($($operator:ident $method:ident),*) => {$(
        impl<A, D, O> $operator<O> for &ChunkedArray<A, D>
        where
            A: Scalar + Default,
            D: Dimension,
            O: IntoOperand<A, D>,
        {
            type Output = ChunkedArray<A, D>;
            #[track_caller]
            fn $method(self, other: O) -> ChunkedArray<A, D> {
                let other = other.into_operand();
                combine(BinaryOp::$operator, stringify!($method), self, other, false)
            }
        }

        impl<A, D, O> $operator<O> for ChunkedArray<A, D>
        where
            A: Scalar + Default,
            D: Dimension,
            O: IntoOperand<A, D>,
        {
            type Output = ChunkedArray<A, D>;
            #[track_caller]
            fn $method(self, other: O) -> ChunkedArray<A, D> {
                $operator::$method(&self, other)
            }
        }
    )*};
}

operators!(Add add, Sub sub, Mul mul, Div div);

/// A number on the left. The traits are foreign, so each number type needs its own.
macro_rules! reflected {
    ($number:ty: $($operator:ident $method:ident),*) => {$(
        impl<D: Dimension> $operator<&ChunkedArray<$number, D>> for $number {
            type Output = ChunkedArray<$number, D>;
            #[track_caller]
            fn $method(self, array: &ChunkedArray<$number, D>) -> ChunkedArray<$number, D> {
                let number = Operand::Number(self);
                combine(BinaryOp::$operator, stringify!($method), array, number, true)
            }
        }

        impl<D: Dimension> $operator<ChunkedArray<$number, D>> for $number {
            type Output = ChunkedArray<$number, D>;
            #[track_caller]
            fn $method(self, array: ChunkedArray<$number, D>) -> ChunkedArray<$number, D> {
                $operator::$method(self, &array)
            }
        }
    )*};
}

macro_rules! reflected_for {
    ($($number:ty),*) => {
        $(reflected!($number: Add add, Sub sub, Mul mul, Div div);)*
    };
}

reflected_for!(i8, i16, i32, i64, u8, u16, u32, u64, f32, f64);
