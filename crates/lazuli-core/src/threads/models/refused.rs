//! Models of a thread that waits inside rayon, where the scheduler does not see it: what rayon puts on top of it
//! is refused, and a spare thread works instead.

use std::collections::VecDeque;
use std::sync::Arc;

use loom::thread::{self, JoinHandle};

use super::{check, spawn};
use crate::base::sync::Mutex;
use crate::threads::Slice;
use crate::threads::latch::Latch;
use crate::threads::scheduler::{Need, Scheduler, Seat, Work};

/// Work that is done when its latch is open.
#[derive(Default)]
struct Opens(Latch);

impl Work for Opens {
    fn work(self: Arc<Self>, _: &Slice) {
        self.0.open();
    }

    fn is_within(&self, _: u64) -> bool {
        false
    }
}

/// A pool of one thread: what is sent to it is kept, since it waits.
#[derive(Clone)]
struct World {
    scheduler: Arc<Scheduler>,
    sent: Arc<Mutex<VecDeque<Need>>>,
    spares: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

impl World {
    fn new() -> Self {
        let scheduler = Arc::new(Scheduler::new(1));
        Self { scheduler, sent: Arc::default(), spares: Arc::default() }
    }

    fn queue(&self, work: &Arc<Opens>) {
        self.meet(self.scheduler.queue(Arc::clone(work) as _));
    }

    fn meet(&self, need: Need) {
        match need {
            Need::Nothing => {}
            Need::Worker | Need::Look => self.sent.lock().push_back(need),
            Need::Spare => {
                let world = self.clone();
                let spare = spawn(move || world.work_as_spare());
                self.spares.lock().push(spare);
            }
        }
    }

    fn work_as_spare(&self) {
        let slice = Slice::new(&self.scheduler);
        if let Some(work) = self.scheduler.first_for_spare() {
            work.work(&slice);
        }
        let need = loop {
            match self.scheduler.next_for_spare() {
                Ok(work) => work.work(&slice),
                Err(need) => break need,
            }
        };
        self.meet(need);
    }

    /// The thread waits for this inside rayon, which puts on top of it what is sent.
    fn wait_in_rayon(&self, work: &Opens, has_place: bool) {
        while !work.0.is_open() {
            let sent = self.sent.lock().pop_front();
            match sent {
                Some(Need::Worker) => match self.scheduler.refuse() {
                    Ok(need) | Err(need) => self.meet(need),
                },
                Some(_) => {
                    let (need, again) = self.scheduler.looked(has_place);
                    self.meet(need);
                    if again {
                        self.meet(Need::Look);
                    }
                    if need == Need::Spare {
                        // One is enough for this, so no further looks are needed.
                        work.0.wait();
                    }
                }
                None => {}
            }
            thread::yield_now();
        }
    }

    /// A worker comes to the thread, and begins.
    fn come(&self) {
        assert_eq!(self.sent.lock().pop_front(), Some(Need::Worker));
        assert!(self.scheduler.come());
        assert!(self.scheduler.next().is_ok());
    }

    /// Nobody is left with a place, and nothing undone.
    fn end(self) {
        loop {
            let spare = self.spares.lock().pop();
            let Some(spare) = spare else { break };
            spare.join().unwrap();
        }
        while let Some(sent) = { self.sent.lock().pop_front() } {
            match sent {
                Need::Worker => assert!(!self.scheduler.come(), "it comes for nothing"),
                _ => assert_eq!(self.scheduler.looked(false), (Need::Nothing, false)),
            }
        }
        assert!(self.scheduler.is_at_rest());
    }
}

/// The thread has a place, and waits for what others queue: a spare thread works beyond the one place.
#[test]
fn a_spare_thread_does_what_a_stuck_one_waits_for() {
    check(2, || {
        let world = World::new();
        let works = [(); 3].map(|()| Arc::new(Opens::default()));
        world.queue(&works[0]);
        world.come();
        let queues = spawn({
            let (world, works) = (world.clone(), works.clone());
            move || works[1..].iter().for_each(|work| world.queue(work))
        });
        works[1..].iter().for_each(|work| world.wait_in_rayon(work, true));
        queues.join().unwrap();
        match world.scheduler.next() {
            Ok(_) => unreachable!("all is done"),
            Err(need) => world.meet(need),
        }
        world.end();
    });
}

/// The thread has given up its place, and the worker that is sent for comes to it again.
#[test]
fn a_spare_thread_comes_for_a_worker_that_is_refused() {
    check(3, || {
        let world = World::new();
        let work = Arc::new(Opens::default());
        assert!(world.scheduler.try_take_place());
        let queues = spawn({
            let (world, work) = (world.clone(), Arc::clone(&work));
            move || world.queue(&work)
        });
        world.meet(world.scheduler.leave_place(Seat::Own));
        world.wait_in_rayon(&work, false);
        world.scheduler.return_to_place(Seat::Own, super::NAP, || ());
        world.meet(world.scheduler.give_place());
        queues.join().unwrap();
        world.end();
    });
}
