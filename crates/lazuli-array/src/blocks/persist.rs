//! Blocks that are computed once and kept.

use std::panic::Location;
use std::sync::Arc;

use lazuli_core::{Parted, Result, persist};
use ndarray::Dimension;

use crate::array::{ChunkedArray, Element};
use crate::chunks::Region;
use crate::expr::Kind;
use crate::stage::{AnyBlock, Assembly, Making, made_of_regions};

impl<A: Element, D: Dimension + 'static> ChunkedArray<A, D> {
    /// Computes the array now and keeps its blocks in memory: what depends on the array that is returned does not
    /// compute them again. Keeps shape and chunks.
    ///
    /// # Errors
    /// The first failure in plan order: see [`compute`](lazuli_core::compute).
    ///
    /// ```
    /// use lazuli_array::ChunkedArray;
    /// let x = ChunkedArray::from_fn([100], [10], |[i]| (i as f64).sqrt()).persist()?;
    /// assert_eq!(lazuli_core::compute(x.max())?, 99_f64.sqrt());
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    pub fn persist(&self) -> Result<Self> {
        let site = Location::caller();
        self.check().map_err(lazuli_core::Error::plan)?;
        let kept = persist(self.blocks(site))?;
        Ok(Self::staged(kept, Arc::clone(&self.grid), site))
    }
}

impl<A: Element, D: Dimension> ChunkedArray<A, D> {
    /// The blocks of this array, which has no errors: its own, where it is a stage.
    pub(crate) fn blocks(&self, site: &'static Location<'static>) -> Parted<AnyBlock> {
        if let Ok(Kind::Stage(stage)) = &self.expr.kind
            && stage.grid == self.grid
        {
            return stage.parts.clone();
        }
        let making = Making {
            name: "blocks",
            assemble: Box::new(|block: &Region| Assembly::one(block.clone())),
            make: Box::new(|buffer: Vec<A>, _, _, _| Ok(buffer)),
            beside: Vec::new(),
        };
        made_of_regions(&self.expr, self.shape(), &self.grid, making, site)
    }
}
