//! Logic of arrays of `bool`: `&`, `|`, `^` and `!`.

use std::ops::{BitAnd, BitOr, BitXor, Not};
use std::panic::Location;
use std::sync::Arc;

use ndarray::{DimMax, Dimension};

use super::function::pair_at;
use crate::array::ChunkedArray;

macro_rules! operators {
    ($($operator:ident $method:ident),*) => {$(
        impl<D, E> $operator<&ChunkedArray<bool, E>> for &ChunkedArray<bool, D>
        where
            D: Dimension + DimMax<E>,
            E: Dimension,
        {
            type Output = ChunkedArray<bool, <D as DimMax<E>>::Output>;
            #[track_caller]
            fn $method(self, other: &ChunkedArray<bool, E>) -> Self::Output {
                let left = (Arc::clone(&self.expr), Arc::clone(&self.grid));
                let right = (Arc::clone(&other.expr), Arc::clone(&other.grid));
                let (name, site) = (stringify!($method), Location::caller());
                pair_at(name, left, right, site, <bool as $operator>::$method)
            }
        }

        impl<D, E> $operator<ChunkedArray<bool, E>> for ChunkedArray<bool, D>
        where
            D: Dimension + DimMax<E>,
            E: Dimension,
        {
            type Output = ChunkedArray<bool, <D as DimMax<E>>::Output>;
            #[track_caller]
            fn $method(self, other: ChunkedArray<bool, E>) -> Self::Output {
                $operator::$method(&self, &other)
            }
        }
    )*};
}

operators!(BitAnd bitand, BitOr bitor, BitXor bitxor);

impl<D: Dimension> Not for &ChunkedArray<bool, D> {
    type Output = ChunkedArray<bool, D>;
    #[track_caller]
    fn not(self) -> Self::Output {
        self.each(<bool as Not>::not)
    }
}

impl<D: Dimension> Not for ChunkedArray<bool, D> {
    type Output = Self;
    #[track_caller]
    fn not(self) -> Self {
        !&self
    }
}
