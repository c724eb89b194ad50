//! Expressions: trees of elementwise operations and views over sources and stages.
//!
//! An expression holds no data, knows no chunks (any region of it can be evaluated), and costs O(1) to
//! extend. It is evaluated by being compiled, together
//! with all others of a pass, into a [tile program](crate::tile).

mod view;

use std::sync::Arc;

use lazuli_core::Delayed;

pub(crate) use view::{Behind, View};

use crate::chunks::Axes;
use crate::error::ArrayError;
use crate::source::AnySource;
use crate::stage::Stage;
use crate::tile::{AnyScalar, Joining, ProgramBuilder, RegId};

pub(crate) type ExprRef = Arc<Expr>;

/// One operation of an expression, and what it is applied to.
pub(crate) struct Expr {
    /// What it does; or why it cannot, which is reported when it is computed.
    pub(crate) kind: Result<Kind, ArrayError>,
    pub(crate) inputs: Vec<ExprRef>,
}

/// What an expression is.
pub(crate) enum Kind {
    /// Elements of a source.
    Source(Arc<dyn AnySource>),
    /// Elements of an array whose blocks are computed before.
    Stage(Arc<Stage>),
    /// Elements of the inputs, which have these lengths along an axis and lie one behind the other.
    Joined { axis: usize, lens: Vec<usize>, shape: Axes, joining: Arc<dyn Joining> },
    /// Elements of the one input, at other indices.
    View(View),
    /// Elements made of those at the same index of the inputs, which have the same shape.
    Elementwise(Box<dyn Operation>),
}

/// An elementwise operation.
pub(crate) trait Operation: Send + Sync {
    /// Adds what it does to a program; its inputs are in these registers. The register of its result.
    fn compile(&self, inputs: &[RegId], program: &mut ProgramBuilder) -> RegId;

    /// A delayed number that it takes for all elements.
    fn scalar(&self) -> Option<&Delayed<AnyScalar>> {
        None
    }
}

impl Expr {
    /// An expression that has no inputs.
    pub(crate) fn leaf(kind: Kind) -> ExprRef {
        Arc::new(Self { kind: Ok(kind), inputs: Vec::new() })
    }

    /// An array of other arrays.
    pub(crate) fn joined(kind: Kind, inputs: Vec<ExprRef>) -> ExprRef {
        Arc::new(Self { kind: Ok(kind), inputs })
    }

    pub(crate) fn elementwise(
        operation: impl Operation + 'static,
        inputs: Vec<ExprRef>,
    ) -> ExprRef {
        Arc::new(Self { kind: Ok(Kind::Elementwise(Box::new(operation))), inputs })
    }

    pub(crate) fn view(view: View, of: &ExprRef) -> ExprRef {
        Arc::new(Self { kind: Ok(Kind::View(view)), inputs: vec![Arc::clone(of)] })
    }

    pub(crate) fn invalid(error: ArrayError) -> ExprRef {
        Arc::new(Self { kind: Err(error), inputs: Vec::new() })
    }
}

/// Every operation below an expression, inputs before what is made of them, each once.
pub(crate) fn walk<'a>(root: &'a ExprRef, mut visit: impl FnMut(&'a ExprRef)) {
    let mut seen = std::collections::HashSet::new();
    let mut stack = vec![(root, false)];
    while let Some((expr, inputs_done)) = stack.pop() {
        if inputs_done {
            visit(expr);
        } else if seen.insert(Arc::as_ptr(expr)) {
            stack.push((expr, true));
            stack.extend(expr.inputs.iter().rev().map(|input| (input, false)));
        }
    }
}

/// Drops what is below in a loop: a long chain of operations would overflow the stack otherwise.
impl Drop for Expr {
    fn drop(&mut self) {
        let mut orphans = std::mem::take(&mut self.inputs);
        while let Some(orphan) = orphans.pop() {
            if let Some(mut expr) = Arc::into_inner(orphan) {
                orphans.append(&mut expr.inputs);
            }
        }
    }
}
