//! A tile as rows: equally long pieces of memory at equal distances.
//!
//! A block that is part of a larger array in memory is read where it lies, row by row. What a kernel
//! makes of a tile depends on how many rows it has and how long they are, never on their distance: a
//! tile gives the same bits wherever it lies.

/// The elements of a tile, in rows of equal length.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a, A> {
    data: &'a [A],
    /// Where the first row starts in `data`.
    first: usize,
    /// From the start of a row to the next, backward if negative.
    stride: isize,
    row_len: usize,
    count: usize,
}

impl<'a, A> Rows<'a, A> {
    /// One row: all of a slice.
    pub fn one(data: &'a [A]) -> Self {
        Self { data, first: 0, stride: 0, row_len: data.len(), count: 1 }
    }

    /// `count` rows of `row_len` elements, the first at `first`, the next at a distance of `stride`.
    ///
    /// # Panics
    /// [`row`](Self::row) panics for a row that does not lie inside `data`.
    pub fn new(data: &'a [A], first: usize, stride: isize, row_len: usize, count: usize) -> Self {
        Self { data, first, stride, row_len, count }
    }

    /// The number of rows.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The number of elements in each row.
    pub fn row_len(&self) -> usize {
        self.row_len
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        self.row_len * self.count
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The row with this number.
    ///
    /// # Panics
    /// If there is none.
    #[inline(always)]
    pub fn row(&self, index: usize) -> &'a [A] {
        let start = self.first.wrapping_add_signed(self.stride.wrapping_mul(index as isize));
        &self.data[start..][..self.row_len]
    }

    /// The rows in order.
    #[inline(always)]
    pub fn iter(&self) -> impl Iterator<Item = &'a [A]> + use<'a, A> {
        let rows = Rows { ..*self };
        (0..rows.count).map(move |index| rows.row(index))
    }

    /// `count` neighbouring lines of `len` elements, from the element with the number `from` on, row after
    /// row. Where rows lie apart, a line is a row.
    ///
    /// # Panics
    /// Where rows lie apart and a line is none.
    #[inline]
    pub fn lines(&self, from: usize, len: usize, count: usize) -> Rows<'a, A> {
        if self.count <= 1 {
            return Rows::new(self.data, self.first + from, len as isize, len, count);
        }
        let row = from.checked_div(self.row_len).unwrap_or(0);
        assert!(len == self.row_len && row * len == from, "a line is a row");
        let first = self.first.wrapping_add_signed(self.stride.wrapping_mul(row as isize));
        Rows::new(self.data, first, self.stride, len, count)
    }

    /// All elements, where the rows lie one behind the other.
    #[inline]
    pub fn as_slice(&self) -> Option<&'a [A]> {
        let dense = self.count <= 1 || self.stride == self.row_len as isize;
        dense.then(|| &self.data[self.first..][..self.len()])
    }
}

impl<A: Copy> Rows<'_, A> {
    /// The element with this number, row after row.
    ///
    /// # Panics
    /// If there is none.
    pub fn element(&self, index: usize) -> A {
        if self.count == 1 {
            return self.row(0)[index];
        }
        self.row(index / self.row_len)[index % self.row_len]
    }

    /// The elements, row after row.
    pub fn elements(&self) -> impl Iterator<Item = A> + '_ {
        self.iter().flatten().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_lie_where_they_are_said_to() {
        let data: Vec<i32> = (0..20).collect();
        let forward = Rows::new(&data, 1, 7, 3, 3);
        assert!(forward.elements().eq([1, 2, 3, 8, 9, 10, 15, 16, 17]));
        assert_eq!((forward.element(4), forward.len(), forward.as_slice()), (9, 9, None));
        let backward = Rows::new(&data, 16, -8, 2, 3);
        assert!(backward.elements().eq([16, 17, 8, 9, 0, 1]));
        let dense = Rows::new(&data, 4, 2, 2, 3);
        assert_eq!(dense.as_slice(), Some(&data[4..10]));
        assert_eq!(Rows::one(&data[..0]).len(), 0);
    }
}
