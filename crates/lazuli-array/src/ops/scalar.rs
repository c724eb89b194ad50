//! Operations with one number for all elements, known or delayed.

use std::any::TypeId;
use std::marker::PhantomData;
use std::sync::Arc;

use lazuli_core::Delayed;

use crate::array::Element;
use crate::expr::{Expr, ExprRef, Operation};
use crate::kernels::Scalar;
use crate::source::IsOver;
use crate::tile::{AnyScalar, ProgramBuilder, RegId, Registers, Step};

/// One number for all elements.
pub(super) enum Number<A> {
    Known(A),
    Delayed(Delayed<AnyScalar>),
}

impl<A: Element> Number<A> {
    pub(super) fn delayed(number: &Delayed<A>) -> Self {
        Self::Delayed(number.map_named("scalar", |&number| AnyScalar(Arc::new(number))))
    }

    fn as_delayed(&self) -> Option<&Delayed<AnyScalar>> {
        match self {
            Self::Known(_) => None,
            Self::Delayed(delayed) => Some(delayed),
        }
    }

    fn place(&self, program: &mut ProgramBuilder) -> NumberPlace<A> {
        match self {
            Self::Known(number) => NumberPlace::Known(*number),
            Self::Delayed(delayed) => NumberPlace::Scalar(program.scalar(delayed.clone())),
        }
    }
}

impl<A: Scalar> Number<A> {
    /// `Debug` tells all numbers apart but NaNs, and one NaN is as good as another.
    fn key<T: 'static>(&self) -> Option<(TypeId, String)> {
        match self {
            Self::Known(number) => Some((TypeId::of::<T>(), format!("{number:?}"))),
            Self::Delayed(_) => None,
        }
    }
}

enum NumberPlace<A> {
    Known(A),
    Scalar(usize),
}

impl<A: Element> NumberPlace<A> {
    fn of(&self, registers: &Registers) -> A {
        match self {
            Self::Known(number) => *number,
            Self::Scalar(place) => *registers.scalar(*place),
        }
    }
}

struct WithNumber<A, B, F> {
    function: F,
    number: Number<A>,
    output: PhantomData<fn() -> B>,
}

struct WithNumberStep<A, B, F> {
    function: F,
    number: NumberPlace<A>,
    input: RegId,
    output: RegId,
    types: PhantomData<fn() -> B>,
}

/// An operation that fills a slice from one of the same length and a number. Operations of one function
/// type with the same number are equal.
pub(super) fn with_number<A, B, F>(input: &ExprRef, number: Number<A>, function: F) -> ExprRef
where
    A: Scalar + Default,
    B: Element,
    F: Fn(&[A], A, &mut [B]) + Copy + Send + Sync + 'static,
{
    let operation = WithNumber { function, number, output: PhantomData };
    Expr::elementwise(operation, vec![Arc::clone(input)])
}

impl<A, B, F> Operation for WithNumber<A, B, F>
where
    A: Scalar + Default,
    B: Element,
    F: Fn(&[A], A, &mut [B]) + Copy + Send + Sync + 'static,
{
    fn compile(&self, inputs: &[RegId], program: &mut ProgramBuilder) -> RegId {
        let number = self.number.place(program);
        program.step::<B, _>(self.number.key::<Self>(), inputs, |output| WithNumberStep {
            function: self.function,
            number,
            input: inputs[0],
            output,
            types: PhantomData::<fn() -> B>,
        })
    }

    fn scalar(&self) -> Option<&Delayed<AnyScalar>> {
        self.number.as_delayed()
    }
}

impl<A, B, F> Step for WithNumberStep<A, B, F>
where
    A: Scalar + Default,
    B: Element,
    F: Fn(&[A], A, &mut [B]) + Send + Sync,
{
    fn run(&self, registers: &mut Registers, _: IsOver<'_>) {
        let number = self.number.of(registers);
        registers.set(self.output, |registers, output| {
            let input = registers.get(self.input);
            if let Some(input) = input.as_slice() {
                return (self.function)(input, number, output);
            }
            for (input, output) in input.iter().zip(output.chunks_mut(input.row_len())) {
                (self.function)(input, number, output);
            }
        });
    }
}

/// The number itself, for every element.
struct Constant<A>(Number<A>);

struct ConstantStep<A> {
    number: NumberPlace<A>,
    output: RegId,
}

/// An expression of any shape whose elements are all this number.
pub(super) fn constant<A: Scalar + Default>(number: Number<A>) -> ExprRef {
    Expr::elementwise(Constant(number), Vec::new())
}

impl<A: Scalar + Default> Operation for Constant<A> {
    fn compile(&self, inputs: &[RegId], program: &mut ProgramBuilder) -> RegId {
        let number = self.0.place(program);
        let key = self.0.key::<Self>();
        program.step::<A, _>(key, inputs, |output| ConstantStep { number, output })
    }

    fn scalar(&self) -> Option<&Delayed<AnyScalar>> {
        self.0.as_delayed()
    }
}

impl<A: Scalar + Default> Step for ConstantStep<A> {
    fn run(&self, registers: &mut Registers, _: IsOver<'_>) {
        let number = self.number.of(registers);
        registers.set(self.output, |_, output| output.fill(number));
    }
}
