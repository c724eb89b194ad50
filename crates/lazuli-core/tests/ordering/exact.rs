//! Against the best of all orders, on small graphs.

use crate::graph::{Dice, Graph, Held, held_by};

/// Up to twelve tasks, with few or many edges; most often the outputs are those that nothing takes.
fn random(dice: &mut Dice) -> (Graph, Vec<usize>) {
    let mut graph = Graph::default();
    let edges = 2 + dice.below(3);
    for task in 0..2 + dice.below(11) {
        let mut inputs = Vec::new();
        for _ in 0..dice.below(edges).min(task) {
            // The same input twice counts once.
            inputs.push(dice.below(task));
        }
        graph.task(inputs);
    }
    let mut outputs = graph.ends();
    if dice.below(3) == 0 {
        outputs.push(dice.below(graph.inputs.len()));
    }
    (graph, outputs)
}

/// The least that any order holds, by going through the sets of tasks that may have run.
fn least(graph: &Graph, outputs: &[usize]) -> usize {
    let tasks = graph.inputs.len();
    let set = |of: &[usize]| of.iter().fold(0_usize, |set, task| set | 1 << task);
    let inputs: Vec<usize> = graph.inputs.iter().map(|inputs| set(inputs)).collect();
    let users = |of: usize| (0..tasks).filter(move |&user| graph.inputs[user].contains(&of));
    let users: Vec<usize> = (0..tasks).map(|of| set(&users(of).collect::<Vec<_>>())).collect();
    let outputs = set(outputs);
    let mut least = vec![usize::MAX; 1 << tasks];
    least[0] = 0;
    for done in 0..1_usize << tasks {
        if least[done] == usize::MAX {
            continue;
        }
        let is_done = |task: &usize| done >> task & 1 == 1;
        let is_held = |&task: &usize| outputs >> task & 1 == 1 || users[task] & !done != 0;
        let held = (0..tasks).filter(is_done).filter(is_held).count();
        for task in (0..tasks).filter(|task| !is_done(task) && inputs[*task] & !done == 0) {
            let most = least[done].max(held + 1);
            let then = &mut least[done | 1 << task];
            *then = most.min(*then);
        }
    }
    least[(1 << tasks) - 1]
}

#[test]
fn small_graphs_hold_little_more_than_the_least() {
    const GRAPHS: usize = 4_000;
    let mut dice = Dice(0x6c61_7a75);
    let (mut sum, mut worst) = (0.0, (0.0, None));
    for _ in 0..GRAPHS {
        let (graph, mut outputs) = random(&mut dice);
        let ours = held_by(&graph.plan(&outputs));
        let ratio = ours.all as f64 / least(&graph, &outputs) as f64;
        assert!(ratio >= 1.0, "{graph:?} {outputs:?} cannot hold {ours:?}");
        sum += ratio;
        if ratio > worst.0 {
            worst = (ratio, Some((graph.clone(), outputs.clone())));
        }
        dice.shuffle(&mut outputs);
        let shuffled: Held = held_by(&graph.plan(&outputs));
        assert_eq!(shuffled, ours, "{graph:?} {outputs:?}");
    }
    let average = sum / GRAPHS as f64;
    println!("{average:.3} times the least on average; the worst: {:.2}, {:?}", worst.0, worst.1);
    assert!(average <= 1.05 && worst.0 <= 2.0, "{average}, {worst:?}");
}
