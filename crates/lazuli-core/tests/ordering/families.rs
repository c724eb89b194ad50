//! The graphs that are hard to order well: those that Dask's own tests of its order describe, rebuilt in
//! any size. What plans of them may hold is in `limits`.

use crate::graph::Graph;

/// Two or more outputs over one load, one over another: a branch is finished before the next begins.
pub(crate) fn brokers(branches: &[usize]) -> Graph {
    let mut graph = Graph::default();
    for &outputs in branches {
        let load = graph.load();
        for _ in 0..outputs {
            graph.task([load]);
        }
    }
    graph
}

/// A join of a short and a long chain, with side branches above each.
pub(crate) fn upward_branching(side: usize, twins: usize) -> Graph {
    let mut graph = Graph::default();
    let (short, long) = (graph.load(), graph.load());
    let (short, long) = (graph.chain(short, 1), graph.chain(long, 2));
    let join = graph.task([short, long]);
    graph.chain(join, 2);
    if side > 0 {
        graph.chain(short, side);
    }
    let branch = graph.task([long]);
    for _ in 0..twins {
        graph.task([branch]);
    }
    graph
}

/// Each step of a chain takes one more branch of a common load.
pub(crate) fn base_of_reduce(steps: usize) -> Graph {
    let mut graph = Graph::default();
    let load = graph.load();
    let branches: Vec<_> = (0..steps).map(|_| graph.task([load])).collect();
    let first = graph.task([branches[0]]);
    branches[1..].iter().fold(first, |below, &branch| graph.task([below, branch]));
    graph
}

/// The same with two loads and a branch of each at every step.
pub(crate) fn all_dependents(steps: usize) -> Graph {
    let mut graph = Graph::default();
    let loads = [(); 3].map(|()| graph.load());
    let first = graph.task(loads);
    (1..steps).fold(first, |below, _| {
        let (left, right) = (graph.task([loads[1]]), graph.task([loads[2]]));
        graph.task([below, left, right])
    });
    graph
}

/// Pairs of neighbours are joined and stored, in halves that only meet at the end.
pub(crate) fn two_halves(pieces: usize) -> Graph {
    let mut graph = Graph::default();
    let mut stores = Vec::new();
    for _ in 0..2 {
        let loads: Vec<_> = (0..pieces).map(|_| graph.load()).collect();
        for pair in loads.windows(2) {
            let join = graph.task(pair.iter().copied());
            stores.push(graph.task([join]));
        }
    }
    graph.task(stores);
    graph
}

/// Reads in pieces of 100 and 10 rows, combined to 100 rows each, and stored, for some columns.
pub(crate) fn read_combine_store(arrays: usize, columns: usize) -> Graph {
    let mut graph = Graph::default();
    for _ in 0..columns {
        let mut pieces = Vec::new();
        for array in 0..arrays {
            pieces.extend([(array * 110, 100), (array * 110 + 100, 10)]);
        }
        let loads: Vec<_> = pieces.iter().map(|_| graph.load()).collect();
        for start in (0..arrays * 110).step_by(100) {
            let mut cuts = Vec::new();
            for (&(from, len), &load) in pieces.iter().zip(&loads) {
                if from < start + 100 && start < from + len {
                    cuts.push(graph.task([load]));
                }
            }
            let combined = graph.task(cuts);
            graph.task([combined]);
        }
    }
    graph
}

/// Every new block is put together from a cut of every old one.
pub(crate) fn rechunk(from: usize, to: usize) -> Graph {
    let mut graph = Graph::default();
    let loads: Vec<_> = (0..from).map(|_| graph.load()).collect();
    for _ in 0..to {
        let cuts: Vec<_> = loads.iter().map(|&load| graph.task([load])).collect();
        graph.task(cuts);
    }
    graph
}

/// Each output takes so many loads in a row; those at the end fewer.
pub(crate) fn windows(loads: usize, width: usize) -> Graph {
    let mut graph = Graph::default();
    let all: Vec<_> = (0..loads).map(|_| graph.load()).collect();
    for at in 0..loads {
        graph.task(all[at..loads.min(at + width)].iter().copied());
    }
    graph
}

/// Blocks with edges of their neighbours, an inner task each, and outputs that take three of these.
pub(crate) fn map_overlap(blocks: usize) -> Graph {
    let mut graph = Graph::default();
    let blocks: Vec<_> = (0..blocks)
        .map(|at| {
            let load = graph.load();
            graph.chain(load, (at + 1) % 2)
        })
        .collect();
    let around =
        |all: &[usize], at: usize| all[at.saturating_sub(1)..all.len().min(at + 2)].to_vec();
    let inner: Vec<_> = (0..blocks.len())
        .map(|at| match at % 2 {
            0 => graph.task([blocks[at]]),
            _ => graph.task(around(&blocks, at)),
        })
        .collect();
    for at in (0..inner.len()).step_by(2) {
        graph.task(around(&inner, at));
    }
    graph
}

/// Loads with three dependents each, one of which is shared with the next.
pub(crate) fn nearest_neighbours(loads: usize) -> Graph {
    let mut graph = Graph::default();
    let loads: Vec<_> = (0..loads).map(|_| graph.load()).collect();
    graph.task([loads[0]]);
    for (at, &load) in loads.iter().enumerate() {
        graph.task([load]);
        graph.task([load].into_iter().chain(loads.get(at + 1).copied()));
    }
    graph
}

/// The means of u², v² and u v over blocks of u and v.
pub(crate) fn quadratic_means(blocks: usize, joined: bool) -> Graph {
    let mut graph = Graph::default();
    let mut parts = [const { Vec::new() }; 3];
    for _ in 0..blocks {
        let (u, v) = (graph.load(), graph.load());
        for (part, inputs) in parts.iter_mut().zip([vec![u], vec![v], vec![u, v]]) {
            let product = graph.task(inputs);
            part.push(graph.task([product]));
        }
    }
    let means = parts.map(|part| graph.tree(part, 4));
    if joined {
        graph.task(means);
    }
    graph
}

/// Every left with every right, and two chains of outputs above each pair.
pub(crate) fn equal_dependents(sides: usize, lengths: [usize; 2]) -> Graph {
    let mut graph = Graph::default();
    let sides: Vec<_> = (0..sides)
        .map(|_| {
            let load = graph.load();
            let next = graph.task([load]);
            (graph.task([load]), graph.task([next]))
        })
        .collect();
    for &(left, _) in &sides {
        for &(_, right) in &sides {
            let pair = graph.task([left, right]);
            let pair = graph.task([pair]);
            for len in lengths {
                graph.chain(pair, len);
            }
        }
    }
    graph
}

/// Each load less the mean of its group, and the mean of these.
pub(crate) fn anomaly_means(loads: usize, groups: usize) -> Graph {
    let mut graph = Graph::default();
    let loads: Vec<_> = (0..loads).map(|_| graph.load()).collect();
    let mut means = Vec::new();
    for group in 0..groups {
        let members: Vec<_> = loads.iter().skip(group).step_by(groups).copied().collect();
        let parts = members.iter().map(|&load| graph.chain(load, 2)).collect();
        let mean = graph.tree(parts, 8);
        means.push(graph.task([mean]));
    }
    let mut parts = Vec::new();
    for (at, &load) in loads.iter().enumerate() {
        let of_group = graph.task([means[at % groups]]);
        let anomaly = graph.task([load, of_group]);
        parts.push(graph.task([anomaly]));
    }
    graph.tree(parts, 4);
    graph
}

/// Running sums of blocks and of their squares: every output takes all blocks so far.
pub(crate) fn running_sums(blocks: usize) -> Graph {
    let mut graph = Graph::default();
    let mut before: Option<[usize; 3]> = None;
    for _ in 0..blocks {
        let load = graph.load();
        let own = graph.task([load]);
        let running = graph.task([own].into_iter().chain(before.map(|[sum, ..]| sum)));
        let square = graph.task([running]);
        let squares = graph.task([square].into_iter().chain(before.map(|[_, squares, _]| squares)));
        let twice = graph.task([running].into_iter().chain(before.map(|[.., twice]| twice)));
        let weighed = graph.task([squares, twice]);
        graph.task([weighed]);
        before = Some([running, squares, twice]);
    }
    graph
}

/// Reducers over parts that all take some common loads.
pub(crate) fn shared_reducers(reducers: usize, common: usize) -> Graph {
    let mut graph = Graph::default();
    let common: Vec<_> = (0..common).map(|_| graph.load()).collect();
    for _ in 0..reducers {
        let mut parts = Vec::new();
        for _ in 0..reducers {
            let part = graph.task(common.iter().copied());
            parts.push(graph.task([part]));
        }
        graph.task(parts);
    }
    graph
}

/// Rasters below one table, each cut in two for two merges, one of which takes both cuts together.
pub(crate) fn stacked_rasters(rasters: usize) -> Graph {
    let mut graph = Graph::default();
    let data = graph.load();
    let table = graph.task([data]);
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for _ in 0..rasters {
        let raster = graph.task([table]);
        let whole = graph.chain(raster, 2);
        first.push(graph.chain(whole, 2));
        let edge = graph.chain(raster, 2);
        let rest = graph.task([whole]);
        let both = graph.task([edge, rest]);
        second.push(graph.task([both]));
    }
    for merged in [first, second] {
        let merged = graph.task(merged);
        graph.task([merged]);
    }
    graph
}

/// Blocks that fall in three pieces, and outputs that take one piece of each block.
pub(crate) fn pieces_of_all(blocks: usize) -> Graph {
    let mut graph = Graph::default();
    let mut pieces = Vec::new();
    for _ in 0..blocks {
        let (left, right) = (graph.load(), graph.load());
        let parts = [graph.task([left]), graph.task([left, right]), graph.task([right])];
        pieces.push(parts.map(|part| graph.task([part])));
    }
    for at in 0..3 {
        graph.task(pieces.iter().map(|pieces| pieces[at]));
    }
    graph
}

/// Cohorts of a grouped reduction, which share one load and are two loads each.
pub(crate) fn cohorts(cohorts: usize) -> Graph {
    let mut graph = Graph::default();
    let labels = graph.load();
    for _ in 0..cohorts {
        let loads = [graph.load(), graph.load()];
        let parts = loads.map(|load| graph.chain(load, 2));
        let means = parts.map(|part| graph.task([part]));
        let both = graph.task(loads.into_iter().chain(means));
        let both = graph.task([both]);
        for result in [parts[0], parts[1], both] {
            graph.task([labels, result]);
        }
    }
    graph
}

/// Two reductions of different depth over the same loads, in branches of eight loads and of two.
pub(crate) fn thick_branches(branches: &[usize]) -> Graph {
    let mut graph = Graph::default();
    let (mut shallow, mut deep) = (Vec::new(), Vec::new());
    for &loads in branches {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for _ in 0..loads {
            let load = graph.load();
            let load = graph.task([load]);
            left.push(graph.task([load]));
            right.push(graph.chain(load, 2));
        }
        shallow.push(graph.tree(left, 2));
        deep.push(graph.tree(right, 2));
    }
    let sides = [graph.tree(shallow, 2), graph.tree(deep, 2)];
    let sides = sides.map(|side| graph.task([side]));
    graph.task(sides);
    graph
}

/// Differences between a grid and its neighbours, which share their loads four at a time.
pub(crate) fn double_difference(side: usize) -> Graph {
    let mut graph = Graph::default();
    let mut grid = || -> Vec<usize> {
        let loads: Vec<_> = (0..side.div_ceil(2).pow(2)).map(|_| graph.load()).collect();
        let place = |at: usize| (at / side / 2) * side.div_ceil(2) + at % side / 2;
        (0..side * side).map(|at| graph.chain(loads[place(at)], 2)).collect()
    };
    let (left, right) = (grid(), grid());
    let mut ends = Vec::new();
    for (left, right) in left.into_iter().zip(right) {
        let difference = graph.task([left, right]);
        ends.push(graph.task([difference]));
    }
    graph.task(ends);
    graph
}
