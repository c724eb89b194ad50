//! The sync executor: the calling thread runs every task, whatever its lane, in plan order.

use std::sync::Arc;

use super::Mode;
use super::state::{Initial, Ready, State};
use super::step::run_task;
use crate::error::Result;
use crate::observer::Observer;

pub(super) fn run(
    state: &State,
    initial: Initial,
    observer: Option<Arc<dyn Observer>>,
) -> Result<Ready> {
    let mut ready: Vec<Option<Ready>> = Vec::new();
    ready.resize_with(state.plan().len() + 1, || None);
    let keep = |ready: &mut Vec<Option<Ready>>, token: Ready| {
        let place = token.task().0 as usize;
        ready[place] = Some(token);
    };
    for token in initial.waiting {
        keep(&mut ready, token);
    }
    while state.leaves_left() > 0 {
        for token in state.claim_leaves(1) {
            keep(&mut ready, token);
        }
    }
    Mode::Sync.scope(|| {
        for task in 0..state.plan().len() {
            let token = ready[task].take().expect("inputs come before their dependents");
            let (context, value) =
                run_task(state, token, observer.as_deref()).map_err(|failed| failed.error)?;
            state.finish(context, value, |token| keep(&mut ready, token));
        }
        Ok(ready.pop().flatten().expect("the answer waits for tasks of the plan only"))
    })
}
