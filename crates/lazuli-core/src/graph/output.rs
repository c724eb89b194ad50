//! One output of a task that has many.
//!
//! In a plan it is numbered like a task, so that its value has uses of its own and is moved or dropped on its
//! own. It does not run: when its task ends, the value is there.

use crate::base::codec::Codec;
use crate::graph::{AnyDelayed, Body, Role};

pub(crate) struct Output {
    task: AnyDelayed,
    index: u32,
}

impl Output {
    /// The nodes of the outputs of a task, one for each of these: how it is written and read.
    pub(crate) fn of(
        task: &AnyDelayed,
        codecs: Vec<Option<Codec>>,
    ) -> impl Iterator<Item = AnyDelayed> + '_ {
        let count = codecs.len();
        codecs.into_iter().zip(0_u32..).map(move |(codec, index)| {
            let whole = &task.node().label;
            let mut label = whole.of_result();
            label.name = "output";
            let extra = label.extra_mut();
            // Handles of one output are one output.
            extra.pure = Some(Box::new(index));
            extra.codec = codec;
            let (bytes, count) = (whole.bytes().0, count as u64);
            extra.output_bytes = bytes / count + u64::from(u64::from(index) < bytes % count);
            AnyDelayed::new(label, Self { task: task.clone(), index })
        })
    }
}

impl Body for Output {
    fn role(&self) -> Role<'_> {
        Role::Output(self.index)
    }

    fn inputs<'a>(&'a self, visit: &mut dyn FnMut(&'a AnyDelayed)) {
        visit(&self.task);
    }
}
