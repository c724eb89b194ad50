//! Groups of tasks: those of one name, defined at one place, on one lane.
//!
//! A run numbers its groups. Whoever sees a task asks for its group by the addresses of its name and place,
//! which costs a comparison; the texts are compared only where these are new.

use std::collections::HashMap;
use std::panic::Location;

use lazuli_core::Lane;

/// The number of a group in its run.
pub(crate) type GroupId = u16;

/// More groups than this are counted as one, which has the last number.
pub(crate) const MOST_GROUPS: usize = 256;

/// What the tasks of a group have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) site: String,
    pub(crate) lane: Lane,
}

/// The groups of a run.
#[derive(Default)]
pub(crate) struct Groups {
    pub(crate) all: Vec<Group>,
    numbers: HashMap<(String, String, Lane), GroupId>,
}

impl Groups {
    pub(crate) fn number(&mut self, name: &str, site: &Location<'_>, lane: Lane) -> GroupId {
        let key = (super::short(name), site.to_string(), lane);
        if let Some(number) = self.numbers.get(&key) {
            return *number;
        }
        let last = self.all.len() + 1 >= MOST_GROUPS;
        let number = self.all.len().min(MOST_GROUPS - 1) as GroupId;
        if self.all.len() < MOST_GROUPS {
            let (name, site) = if last {
                ("other tasks".to_owned(), String::new())
            } else {
                (key.0.clone(), key.1.clone())
            };
            self.all.push(Group { name, site, lane });
        }
        // What is counted with others is not remembered, so that names that are made up take no memory.
        if !last {
            self.numbers.insert(key, number);
        }
        number
    }
}

/// Numbers of groups by addresses: those that were asked for often stand in front.
#[derive(Default)]
pub(crate) struct Known(Vec<(Addresses, GroupId)>);

/// Where the name, and where the place of definition are, and how long the name is: equal addresses are equal
/// texts, since both live as long as the program.
type Addresses = (usize, usize, usize, Lane);

/// More are not remembered: they are asked for again.
const MOST_KNOWN: usize = 64;

impl Known {
    pub(crate) fn number(
        &mut self,
        name: &'static str,
        site: &'static Location<'static>,
        lane: Lane,
        ask: impl FnOnce() -> GroupId,
    ) -> GroupId {
        let key = (name.as_ptr().addr(), name.len(), std::ptr::from_ref(site).addr(), lane);
        if let Some(place) = self.0.iter().position(|(known, _)| *known == key) {
            let number = self.0[place].1;
            if place > 1 {
                self.0.swap(place, place / 2);
            }
            return number;
        }
        let number = ask();
        if self.0.len() == MOST_KNOWN {
            self.0.pop();
        }
        self.0.push((key, number));
        number
    }
}
