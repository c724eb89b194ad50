//! Built-in statistics by label, as requests.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

use lazuli_core::Answer;
use lazuli_core::reduce::{JointAnswers, Places};

use super::fields::OverLabels;
use super::labels::Codes;
use crate::array::Element;
use crate::chunks::{Grid, Region};
use crate::error::ArrayError;
use crate::kernels::Field;
use crate::lower::{Pass, Query, Scope};
use crate::reductions::accumulator::Accumulator;
use crate::reductions::portable::Shared;
use crate::reductions::query::Statistic;
use crate::stage::{AnyBlock, block_task};
use crate::tile::RegId;

/// A built-in statistic by label along an axis.
pub(super) struct StatisticByLabel<A, S, T> {
    pub(super) statistic: Statistic<A, S, T>,
    pub(super) axis: usize,
    pub(super) codes: Arc<Codes>,
    pub(super) split_every: usize,
    /// How the result is cut: along the axis it is one block.
    pub(super) output: Arc<Grid>,
}

/// Fields by group.
type Fields<F> = Shared<BTreeMap<usize, F>>;

impl<A: Element, S: Accumulator<A>, T: Element> Query for StatisticByLabel<A, S, T> {
    fn kind(&self) -> Option<TypeId> {
        Some(TypeId::of::<(A, S)>())
    }

    fn scope(&self) -> Scope {
        Scope::Along {
            axes: [self.axis].into_iter().collect(),
            split_every: self.split_every,
            by: Some(Arc::clone(&self.codes)),
        }
    }

    fn need(&self) -> u8 {
        self.statistic.need
    }

    fn state_bytes(&self, block: &Region) -> u64 {
        let len = block.shape[self.axis];
        let cells = block.len() / len.max(1);
        let groups = self.codes.groups_within(block.start[self.axis], len);
        (cells as u64).saturating_mul((groups * size_of::<S>()) as u64)
    }

    fn add(
        &self,
        pass: &mut Pass<'_>,
        register: RegId,
        _: usize,
    ) -> Result<Box<dyn Any>, ArrayError> {
        let groups = pass.groups(&self.scope());
        let reduction = OverLabels::<A, S> {
            register,
            start: self.statistic.start.clone(),
            axis: self.axis,
            codes: Arc::clone(&self.codes),
            element: PhantomData,
        };
        Ok(Box::new(pass.joint.add_to(groups, reduction)))
    }

    fn answer(
        &self,
        answers: &JointAnswers,
        places: &dyn Any,
        site: &'static Location<'static>,
    ) -> Answer {
        let places = places.downcast_ref::<Places<Fields<S::Field>>>();
        let places = places.expect("a place is read by the kind of query that added it");
        let axis = self.axis;
        let blocks = answers.each(places).zip(self.output.regions()).map(|(shared, region)| {
            let (finish, start) =
                (Arc::clone(&self.statistic.finish), self.statistic.start.clone());
            let block = block_task::<T>(self.statistic.name, &region, site);
            block.try_call(&shared, move |fields: &Fields<S::Field>| {
                let behind: usize = region.shape[axis + 1..].iter().product();
                let before: usize = region.shape[..axis].iter().product();
                let mut values = Vec::with_capacity(region.len());
                for first in (0..before).map(|number| number * behind) {
                    for group in 0..region.shape[axis] {
                        let field = fields.0.get(&group);
                        for cell in first..first + behind {
                            values.push(match field {
                                Some(field) => finish(&field.state(cell))?,
                                None => finish(&start)?,
                            });
                        }
                    }
                }
                Ok::<_, ArrayError>(AnyBlock::new(region.shape.clone(), values))
            })
        });
        Answer::parts(blocks)
    }
}
