//! A figure over time in bounded room.

/// More points than this become half as many, each of twice the time.
const POINTS: usize = 1024;

/// The largest values of a figure in pieces of time of equal length.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    /// A piece is 2^shift ns long.
    shift: u32,
    /// The number of a piece, and the largest and the last value in it.
    pieces: Vec<(u64, u64, u64)>,
    most: u64,
}

impl Default for Series {
    fn default() -> Self {
        Self { shift: 14, pieces: Vec::new(), most: 0 }
    }
}

impl Series {
    /// The figure has this value from `time` on, in ns. Times that come late count where they stand.
    pub(crate) fn add(&mut self, time: u64, value: u64) {
        self.most = self.most.max(value);
        let piece = time >> self.shift;
        match self.pieces.last_mut() {
            Some((last, most, latest)) if piece <= *last => {
                *most = value.max(*most);
                *latest = value;
            }
            _ => self.pieces.push((piece, value, value)),
        }
        while self.pieces.len() > POINTS {
            self.halve();
        }
    }

    /// Pairs of a time in ns and a value, in order.
    pub(crate) fn points(&self) -> Vec<(u64, u64)> {
        let mut points = Vec::with_capacity(self.pieces.len() * 2);
        for &(piece, most, latest) in &self.pieces {
            points.push((piece << self.shift, most));
            if latest != most {
                points.push((((piece << 1) + 1) << (self.shift - 1), latest));
            }
        }
        points
    }

    /// The largest value of all.
    pub(crate) fn most(&self) -> u64 {
        self.most
    }

    fn halve(&mut self) {
        self.shift += 1;
        let mut halved: Vec<(u64, u64, u64)> = Vec::with_capacity(POINTS);
        for &(piece, most, latest) in &self.pieces {
            match halved.last_mut() {
                Some(last) if last.0 == piece >> 1 => *last = (last.0, last.1.max(most), latest),
                _ => halved.push((piece >> 1, most, latest)),
            }
        }
        self.pieces = halved;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_value_is_kept_however_many_come() {
        let mut series = Series::default();
        for time in 0..1_000_000_u64 {
            series.add(time * 50_000, if time == 777_777 { 1_000 } else { time % 100 });
        }
        let points = series.points();
        assert!(points.len() <= 2 * POINTS, "{}", points.len());
        assert!(points.is_sorted_by_key(|point| point.0));
        assert_eq!(points.iter().map(|point| point.1).max(), Some(1_000));
        assert_eq!(series.most(), 1_000);
        assert_eq!(points.last().map(|point| point.1), Some(99));
    }
}
