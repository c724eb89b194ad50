//! What plans of the families hold: against Dask, against depth-first walks, and for any list of outputs.

use crate::families::{
    all_dependents, anomaly_means, base_of_reduce, brokers, cohorts, double_difference,
    equal_dependents, map_overlap, nearest_neighbours, pieces_of_all, quadratic_means,
    read_combine_store, rechunk, running_sums, shared_reducers, stacked_rasters, thick_branches,
    two_halves, upward_branching, windows,
};
use crate::graph::{Dice, Graph, Held, held, held_by};

/// A graph, and what Dask's order holds on it (version 2026.8): all results, and without outputs.
struct Family {
    name: &'static str,
    graph: Graph,
    dask: [usize; 2],
}

fn families() -> Vec<Family> {
    let family = |name, graph, dask| Family { name, graph, dask };
    vec![
        family("brokers", brokers(&[1, 2]), [4, 2]),
        family("brokers", brokers(&[3, 1, 4, 1, 5]), [15, 2]),
        family("upward branching", upward_branching(0, 0), [4, 3]),
        family("upward branching, with twins", upward_branching(2, 2), [5, 4]),
        family("base of reduce", base_of_reduce(8), [4, 4]),
        family("all dependents", all_dependents(10), [6, 6]),
        family("two halves", two_halves(3), [6, 6]),
        family("two halves", two_halves(20), [40, 40]),
        family("read, combine, store", read_combine_store(4, 2), [14, 8]),
        family("read, combine, store", read_combine_store(30, 3), [103, 22]),
        family("rechunk", rechunk(4, 4), [11, 9]),
        family("rechunk", rechunk(12, 5), [28, 25]),
        family("windows", windows(10, 3), [13, 4]),
        family("windows", windows(100, 5), [105, 6]),
        family("map overlap", map_overlap(5), [6, 5]),
        family("map overlap", map_overlap(41), [24, 5]),
        family("nearest neighbours", nearest_neighbours(4), [10, 3]),
        family("nearest neighbours", nearest_neighbours(50), [102, 3]),
        family("quadratic means", quadratic_means(5, false), [12, 12]),
        family("quadratic means", quadratic_means(200, false), [36, 36]),
        family("quadratic means, joined", quadratic_means(200, true), [39, 39]),
        family("equal dependents", equal_dependents(4, [2, 2]), [33, 11]),
        family("equal dependents", equal_dependents(4, [1, 3]), [33, 11]),
        family("equal dependents", equal_dependents(8, [1, 1]), [129, 18]),
        family("anomaly means", anomaly_means(5, 2), [8, 8]),
        family("anomaly means", anomaly_means(60, 5), [57, 57]),
        family("running sums", running_sums(20), [24, 5]),
        family("running sums", running_sums(100), [104, 5]),
        family("shared reducers", shared_reducers(4, 2), [9, 7]),
        family("shared reducers", shared_reducers(7, 5), [18, 13]),
        family("stacked rasters", stacked_rasters(4), [10, 10]),
        family("pieces of all", pieces_of_all(3), [10, 10]),
        family("pieces of all", pieces_of_all(20), [61, 61]),
        family("cohorts", cohorts(2), [11, 6]),
        family("cohorts", cohorts(10), [35, 6]),
        family("thick branches", thick_branches(&[4, 4, 2]), [9, 9]),
        family("thick branches", thick_branches(&[8, 8, 8, 8]), [13, 13]),
        family("double difference", double_difference(3), [12, 12]),
        family("double difference", double_difference(8), [67, 67]),
    ]
}
#[test]
fn no_more_is_held_than_by_dask() {
    for Family { name, graph, dask } in families() {
        let Held { all, inner } = held_by(&graph.plan(&graph.ends()));
        assert!(all <= dask[0] && inner <= dask[1], "{name}: {all}, {inner} for {dask:?}");
    }
}

/// The best of forty depth-first walks that take outputs and inputs in any order.
#[test]
fn little_more_is_held_than_by_the_best_walk() {
    let mut dice = Dice(1);
    for Family { name, graph, .. } in families() {
        let mut outputs = graph.ends();
        let ours = held_by(&graph.plan(&outputs));
        let mut best = Held { all: usize::MAX, inner: usize::MAX };
        let mut shuffled = graph.clone();
        for _ in 0..40 {
            dice.shuffle(&mut outputs);
            shuffled.inputs.iter_mut().for_each(|inputs| dice.shuffle(inputs));
            let walk = held(&graph, &outputs, &shuffled.walk(&outputs));
            best = Held { all: best.all.min(walk.all), inner: best.inner.min(walk.inner) };
        }
        let enough = |ours: usize, best: usize| ours * 4 <= best * 5;
        assert!(
            enough(ours.all, best.all) && enough(ours.inner, best.inner),
            "{name}: {ours:?} for {best:?}"
        );
    }
}

#[test]
fn which_output_is_listed_first_has_no_say() {
    let mut dice = Dice(2);
    for Family { name, graph, .. } in families() {
        let mut outputs = graph.ends();
        let first = held_by(&graph.plan(&outputs));
        outputs.reverse();
        for _ in 0..10 {
            assert_eq!(held_by(&graph.plan(&outputs)), first, "{name}: {outputs:?}");
            dice.shuffle(&mut outputs);
        }
    }
}
