//! Bargains: tasks that are run out of turn because less is held afterwards, or no more.

use super::Search;

/// The most tasks that are looked at for one bargain: it is to be near at hand, and cheap to find.
const MOST: usize = 8;

impl Search<'_> {
    pub(super) fn next_bargain(&mut self) -> Option<u32> {
        while let Some(task) = self.offers.pop() {
            if !self.state(task).done && self.is_bargain(task) {
                return Some(task);
            }
        }
        None
    }

    /// Whether running the near task, and what it misses, holds no more than now.
    fn is_bargain(&mut self, goal: u32) -> bool {
        if self.state(goal).missing as usize > MOST {
            return false;
        }
        let mut found = std::mem::take(&mut self.scratch);
        found.push(goal);
        let within = self.add_missing(&mut found);
        // Each adds its result and lets go of those that nobody else takes. What two of them take, and
        // nobody else, is left out of account: it would only make the bargain better.
        let adds: usize = found.iter().map(|&task| self.adds(task)).sum();
        let frees: usize = found.iter().map(|&task| self.state(task).frees as usize).sum();
        found.clear();
        self.scratch = found;
        within && frees >= adds
    }

    fn adds(&self, task: u32) -> usize {
        usize::from(!(self.style.eager && self.is_end(task)))
    }

    /// Adds what those that were found miss; false when that is more than one looks at.
    fn add_missing(&self, found: &mut Vec<u32>) -> bool {
        let mut at = 0;
        while at < found.len() {
            for &input in self.graph.inputs(found[at]) {
                if !self.state(input).done && !found.contains(&input) {
                    if found.len() > MOST {
                        return false;
                    }
                    found.push(input);
                }
            }
            at += 1;
        }
        true
    }
}
