//! The array itself: its blocks are computed in the pass, each written once into its place.

use std::any::{Any, TypeId};
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::{Arc, Mutex, PoisonError};

use lazuli_core::collection::{Answers, Outputs};
use lazuli_core::reduce::{Joint, JointAnswers};
use lazuli_core::{AnyDelayed, Collection, Delayed, TryReduction, task};
use ndarray::{Array, ArrayD, Dimension, IxDyn};

use super::query::place_of;
use crate::array::{ChunkedArray, Element};
use crate::chunks::Grid;
use crate::error::ArrayError;
use crate::lower::{Query, request};
use crate::sink::{Claim, Gathering};
use crate::tile::{AnyScalar, ProgramBuilder, RegId, Registers};

/// Gathers the elements of a register into an array, which has been allocated before the pass.
struct Materialize<A> {
    register: RegId,
    /// The place of the [`Gathering`] among the scalars.
    gathering: usize,
    grid: Arc<Grid>,
    users: usize,
    element: PhantomData<fn() -> A>,
}

impl<A: Element> TryReduction<Registers> for Materialize<A> {
    type State = Option<Claim<A>>;
    type Output = Arc<Shared<A>>;
    type Error = ArrayError;

    fn identity(&self) -> Self::State {
        None
    }

    fn update(&self, claim: &mut Self::State, registers: &Registers) -> Result<(), ArrayError> {
        if claim.is_none() {
            let gathering: &Arc<Gathering<A>> = registers.scalar(self.gathering);
            *claim = gathering.claim(registers.region());
        }
        let claim = claim.as_mut().expect("each block of a pass is computed once");
        registers.get(self.register).iter().for_each(|row| claim.write(row));
        Ok(())
    }

    fn combine(&self, claim: &mut Self::State, following: Self::State) -> Result<(), ArrayError> {
        *claim = claim.take().or(following);
        Ok(())
    }

    fn finish(&self, claim: Self::State) -> Result<Arc<Shared<A>>, ArrayError> {
        let array = match claim {
            Some(claim) => claim.gathering().finish().expect("every block has been written"),
            None => ArrayD::from_elem(IxDyn(self.grid.shape()), A::default()),
        };
        Ok(Arc::new(Shared(Mutex::new((Some(array), self.users)))))
    }
}

/// An array that so many users will take: the last of them takes the array, the others a copy.
struct Shared<A>(Mutex<(Option<ArrayD<A>>, usize)>);

impl<A: Element> Shared<A> {
    /// The copy is made under the lock, so that the last user finds the others done with the array.
    fn take(&self) -> Option<ArrayD<A>> {
        let mut shared = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (array, users) = &mut *shared;
        *users = users.saturating_sub(1);
        if *users == 0 { array.take() } else { array.clone() }
    }
}

struct Whole<A> {
    grid: Arc<Grid>,
    element: PhantomData<fn() -> A>,
}

impl<A: Element> Query for Whole<A> {
    fn kind(&self) -> Option<TypeId> {
        Some(TypeId::of::<Materialize<A>>())
    }

    fn need(&self) -> u8 {
        0
    }

    fn add(
        &self,
        joint: &mut Joint<Registers>,
        register: RegId,
        program: &mut ProgramBuilder,
        users: usize,
    ) -> Result<Box<dyn Any>, ArrayError> {
        let bytes = bytes::<A>(&self.grid)?;
        let grid = Arc::clone(&self.grid);
        let allocated = task("allocate").output_bytes(bytes).try_call((), move |()| {
            let gathering = Arc::new(Gathering::<A>::new(Arc::clone(&grid))?);
            Ok::<_, ArrayError>(AnyScalar(Arc::new(gathering)))
        });
        let gathering = program.scalar(allocated);
        let grid = Arc::clone(&self.grid);
        let reduction = Materialize::<A> { register, gathering, grid, users, element: PhantomData };
        Ok(Box::new(joint.add(reduction)))
    }

    fn answer(
        &self,
        answers: &JointAnswers,
        place: &dyn Any,
        _: &'static Location<'static>,
    ) -> AnyDelayed {
        answers.get(place_of::<Arc<Shared<A>>>(place)).erase()
    }
}

/// How many bytes the whole array has, which must fit memory.
fn bytes<A>(grid: &Grid) -> Result<u64, ArrayError> {
    let elements: usize = grid.shape().iter().product();
    let bytes =
        elements.checked_mul(size_of::<A>()).filter(|&bytes| isize::try_from(bytes).is_ok());
    let bytes = bytes.ok_or_else(|| ArrayError::TooManyBytes { shape: grid.shape().to_vec() })?;
    Ok(bytes as u64)
}

impl<A: Element, D: Dimension + 'static> ChunkedArray<A, D> {
    /// The array in memory, as a delayed value.
    #[track_caller]
    pub fn to_array(&self) -> Delayed<Array<A, D>> {
        self.materialize(Location::caller())
    }

    fn materialize(&self, site: &'static Location<'static>) -> Delayed<Array<A, D>> {
        let query = Whole::<A> { grid: Arc::clone(&self.grid), element: PhantomData };
        let whole: Delayed<Arc<Shared<A>>> =
            request("to_array", &self.expr, &self.grid, query, site);
        let bytes = bytes::<A>(&self.grid).unwrap_or(u64::MAX);
        task("to_array").site(site).output_bytes(bytes).call(whole, |shared: Arc<Shared<A>>| {
            let array = shared.take().expect("each user takes the array once");
            array.into_dimensionality::<D>().expect("a grid has as many axes as its array")
        })
    }
}

/// Computing an array makes it one of `ndarray`, in memory.
impl<A: Element, D: Dimension + 'static> Collection for ChunkedArray<A, D> {
    type Output = Array<A, D>;

    fn request(&self, outputs: &mut Outputs) {
        self.materialize(self.site).request(outputs);
    }

    fn receive(&self, answers: &mut Answers<'_, '_>) -> Array<A, D> {
        answers.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_user_takes_the_array_itself() {
        let array = ArrayD::from_elem(IxDyn(&[3]), 1.0);
        let place = array.as_ptr();
        let shared = Shared(Mutex::new((Some(array), 2)));
        let first = shared.take().expect("a copy");
        assert_ne!(first.as_ptr(), place);
        assert_eq!(shared.take().expect("the array").as_ptr(), place);
        assert!(shared.take().is_none());
    }
}
