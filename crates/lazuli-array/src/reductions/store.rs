//! Writing an array to a sink: its blocks are written in the pass that computes them.

use std::any::{Any, TypeId};
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

use lazuli_core::reduce::{JointAnswers, Place};
use lazuli_core::{Answer, Delayed, TryReduction, task};
use ndarray::Dimension;

use crate::array::{ChunkedArray, Element};
use crate::chunks::Grid;
use crate::error::ArrayError;
use crate::lower::{Pass, Query, request};
use crate::sink::Sink;
use crate::tile::{AnyScalar, RegId, Registers};

/// Writes the elements of a register to a sink, which has been opened before the pass.
struct Writing<A, S> {
    register: RegId,
    /// The place of what is open among the scalars.
    open: usize,
    sink: Arc<S>,
    element: PhantomData<fn() -> A>,
}

/// A block that is being written, and what it is part of. None before its first tile, and once it has
/// ended.
struct Block<A, S: Sink<A>>(Option<(Arc<S::Open>, S::Block)>);

impl<A: Element, S: Sink<A>> TryReduction<Registers> for Writing<A, S> {
    type State = Block<A, S>;
    type Output = ();
    type Error = S::Error;

    fn identity(&self) -> Self::State {
        Block(None)
    }

    fn update(&self, block: &mut Self::State, registers: &Registers) -> Result<(), S::Error> {
        let (open, block) = match &mut block.0 {
            Some(block) => block,
            none => {
                let open: &Arc<S::Open> = registers.scalar(self.open);
                let region = registers.region();
                let begun = self.sink.begin(open, &region.start, &region.shape)?;
                none.insert((Arc::clone(open), begun))
            }
        };
        let tile = registers.get(self.register);
        match tile.as_slice() {
            Some(elements) => self.sink.write(open, block, elements),
            None => tile.iter().try_for_each(|row| self.sink.write(open, block, row)),
        }
    }

    fn end_part(&self, block: &mut Self::State) -> Result<(), S::Error> {
        let ended = block.0.take();
        ended.map_or(Ok(()), |(open, block)| self.sink.end(&open, block))
    }

    fn combine(&self, _: &mut Self::State, _: Self::State) -> Result<(), S::Error> {
        Ok(())
    }

    fn finish(&self, _: Self::State) -> Result<(), S::Error> {
        Ok(())
    }
}

/// Writing an array to a sink of one's own.
struct Store<A, S> {
    sink: Arc<S>,
    grid: Arc<Grid>,
    site: &'static Location<'static>,
    element: PhantomData<fn() -> A>,
}

/// When all blocks are written, and what they are written to.
type Written = (Place<()>, Delayed<AnyScalar>);

impl<A: Element, S: Sink<A>> Query for Store<A, S> {
    fn kind(&self) -> Option<TypeId> {
        None
    }

    fn need(&self) -> u8 {
        0
    }

    fn add(
        &self,
        pass: &mut Pass<'_>,
        register: RegId,
        _: usize,
    ) -> Result<Box<dyn Any>, ArrayError> {
        let (sink, grid) = (Arc::clone(&self.sink), Arc::clone(&self.grid));
        let opened = task("open").site(self.site).try_call((), move |()| {
            let chunks: Vec<Vec<usize>> =
                grid.axes().iter().map(|axis| axis.sizes().collect()).collect();
            let open = sink.open(grid.shape(), &chunks)?;
            Ok::<_, S::Error>(AnyScalar(Arc::new(Arc::new(open))))
        });
        let open = pass.program.scalar(opened.clone());
        let sink = Arc::clone(&self.sink);
        pass.program.holds(move |block_len| sink.working_bytes(block_len));
        let sink = Arc::clone(&self.sink);
        let place = pass.joint.add(Writing::<A, S> { register, open, sink, element: PhantomData });
        Ok(Box::new((place, opened)))
    }

    fn answer(
        &self,
        answers: &JointAnswers,
        place: &dyn Any,
        site: &'static Location<'static>,
    ) -> Answer {
        let (place, opened): &Written =
            place.downcast_ref().expect("a place is read by the kind of query that added it");
        let written = answers.get(place);
        let sink = Arc::clone(&self.sink);
        let commit = move |((), AnyScalar(open)): (&(), &AnyScalar)| {
            let open: &Arc<S::Open> = open.downcast_ref().expect("this sink opened it");
            sink.commit(open)
        };
        task("commit").site(site).try_call((&written, opened), commit).into()
    }
}

impl<A: Element, D: Dimension> ChunkedArray<A, D> {
    /// Writes the array to a [`Sink`] when it is computed, in the same pass as everything else that is asked
    /// of the same data. What the sink makes of it is the answer.
    #[track_caller]
    pub fn store<S: Sink<A>>(&self, sink: S) -> Delayed<S::Output> {
        let site = Location::caller();
        let (sink, grid) = (Arc::new(sink), Arc::clone(&self.grid));
        let query = Store::<A, S> { sink, grid, site, element: PhantomData };
        request("store", &self.expr, &self.grid, query, site)
    }
}
