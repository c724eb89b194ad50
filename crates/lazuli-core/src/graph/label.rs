//! Who a task is: its name and place in the program, and what was asked of it beyond running once.

use std::any::{Any, TypeId};
use std::hash::{Hash, Hasher};
use std::panic::Location;

use crate::base::codec::Codec;
use crate::base::failure::TaskName;
use crate::base::lane::Lane;
use crate::base::retry::Retry;

/// Who a task is: for messages, plans, events and pictures.
pub(crate) struct Label {
    pub(crate) name: &'static str,
    pub(crate) site: &'static Location<'static>,
    /// What few tasks have: a node without it is small.
    pub(crate) extra: Option<Box<Extra>>,
}

/// What was asked of a task beyond running once on the pool.
#[derive(Default)]
pub(crate) struct Extra {
    pub(crate) lane: Lane,
    /// The block, file or partition that the task works on.
    pub(crate) part: Option<Box<str>>,
    /// By what equal tasks know each other.
    pub(crate) pure: Option<Box<dyn PureKey>>,
    /// The type of its value: tasks that yield others are not equal.
    pub(crate) yields: Option<TypeId>,
    /// How its value is written and read, where that is known.
    pub(crate) codec: Option<Codec>,
    /// How often it runs again when it fails.
    pub(crate) retry: Option<Retry>,
    /// Bytes of its result.
    pub(crate) output_bytes: u64,
    /// Bytes that it needs beside that while it runs.
    pub(crate) working_bytes: u64,
}

impl Label {
    #[track_caller]
    pub(crate) fn here(name: &'static str) -> Self {
        Self { name, site: Location::caller(), extra: None }
    }

    pub(crate) fn extra_mut(&mut self) -> &mut Extra {
        self.extra.get_or_insert_default()
    }

    /// Who the task is, for its error.
    pub(crate) fn task_name(&self) -> TaskName {
        TaskName { name: self.name, part: self.part().map(Box::from), site: self.site }
    }

    pub(crate) fn lane(&self) -> Lane {
        self.extra.as_ref().map_or(Lane::Cpu, |extra| extra.lane)
    }

    pub(crate) fn part(&self) -> Option<&str> {
        self.extra.as_ref()?.part.as_deref()
    }

    pub(crate) fn retry(&self) -> Option<Retry> {
        self.extra.as_ref()?.retry
    }

    /// How its value is written and read. A task with many outputs has none: they have.
    pub(crate) fn codec(&self) -> Option<&Codec> {
        self.extra.as_ref()?.codec.as_ref()
    }

    /// Bytes of its result, and bytes needed beside that while it runs.
    pub(crate) fn bytes(&self) -> (u64, u64) {
        self.extra.as_ref().map_or((0, 0), |extra| (extra.output_bytes, extra.working_bytes))
    }

    /// Who a value is that a task has brought: it does not run, so nothing is asked of it.
    pub(crate) fn of_result(&self) -> Self {
        let mut label = self.stand_in();
        if let Some(extra) = &mut label.extra {
            (extra.lane, extra.retry, extra.output_bytes, extra.working_bytes) =
                (Lane::Cpu, None, 0, 0);
        }
        label
    }

    /// The same task under the same name, for a node that stands in for it.
    pub(crate) fn stand_in(&self) -> Self {
        let extra = self.extra.as_ref().map(|extra| {
            Box::new(Extra {
                lane: extra.lane,
                part: extra.part.clone(),
                pure: None,
                yields: None,
                codec: extra.codec.clone(),
                retry: extra.retry,
                output_bytes: extra.output_bytes,
                working_bytes: extra.working_bytes,
            })
        });
        Self { name: self.name, site: self.site, extra }
    }
}

/// A key of any type: equal when type and value are.
pub(crate) trait PureKey: Any + Send + Sync {
    fn hash(&self, hasher: &mut dyn Hasher);
    fn equals(&self, other: &dyn PureKey) -> bool;
}

impl<K: Hash + Eq + Send + Sync + 'static> PureKey for K {
    fn hash(&self, mut hasher: &mut dyn Hasher) {
        Hash::hash(&TypeId::of::<K>(), &mut hasher);
        Hash::hash(self, &mut hasher);
    }

    fn equals(&self, other: &dyn PureKey) -> bool {
        (other as &dyn Any).downcast_ref::<K>().is_some_and(|other| self == other)
    }
}
