//! A driver: places the nodes of a cut plan on copies of the program, one at a time on each, moves the bytes
//! between them, and replaces a copy that is gone.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use lazuli_core::Executor;

use crate::copy::Copy;
use crate::graphs::{AnyCut, Program};

/// What is driven, and what befalls it.
pub(crate) struct Drive<'a> {
    pub(crate) program: &'a Program,
    /// What copies are told instead: as if they were given other parameters.
    pub(crate) told: &'a Program,
    pub(crate) copies: usize,
    /// The first copy is killed while it is busy with the node of this number of its own. Until then, the
    /// others wait, so that it comes to that.
    pub(crate) kill_at: Option<usize>,
}

/// What came of it.
pub(crate) struct Driven {
    pub(crate) answer: Vec<u8>,
    pub(crate) replaced: usize,
    /// How many nodes each copy ran.
    pub(crate) ran: Vec<usize>,
}

struct Board {
    ready: BTreeSet<usize>,
    /// How many values each node waits for.
    waits: Vec<usize>,
    values: HashMap<String, Vec<u8>>,
    left: usize,
    replaced: usize,
    ran: Vec<usize>,
    /// Whether a copy is still to be killed.
    to_be_killed: bool,
    failed: Option<String>,
}

struct Shared<'a> {
    drive: &'a Drive<'a>,
    cut: &'a dyn AnyCut,
    /// Of each value, the nodes that need it.
    users: HashMap<&'a str, Vec<usize>>,
    board: Mutex<Board>,
    changed: Condvar,
}

impl Drive<'_> {
    pub(crate) fn run(&self) -> Result<Driven, String> {
        let cut = self.program.cut(&Executor::sync());
        let nodes = cut.nodes();
        let mut users: HashMap<&str, Vec<usize>> = HashMap::new();
        for (place, node) in nodes.iter().enumerate() {
            node.dependencies().iter().for_each(|id| users.entry(id).or_default().push(place));
        }
        let waits: Vec<usize> = nodes.iter().map(|node| node.dependencies().len()).collect();
        let board = Board {
            ready: (0..nodes.len()).filter(|&place| waits[place] == 0).collect(),
            waits,
            values: HashMap::new(),
            left: nodes.len(),
            replaced: 0,
            ran: vec![0; self.copies],
            to_be_killed: self.kill_at.is_some(),
            failed: None,
        };
        let board = Mutex::new(board);
        let shared = Shared { drive: self, cut: &*cut, users, board, changed: Condvar::new() };
        thread::scope(|scope| {
            let shared = &shared;
            (0..self.copies).for_each(|copy| _ = scope.spawn(move || shared.serve(copy)));
        });
        let board = shared.board.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(failed) = board.failed {
            return Err(failed);
        }
        let outputs: Vec<_> =
            cut.outputs().iter().map(|id| (id.clone(), board.values[id].clone())).collect();
        let answer = cut.receive(&outputs).map_err(|error| error.to_string())?;
        Ok(Driven { answer, replaced: board.replaced, ran: board.ran })
    }
}

impl Shared<'_> {
    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fail(&self, why: String) {
        self.board().failed.get_or_insert(why);
        self.changed.notify_all();
    }

    /// Has one copy run nodes until none is left.
    fn serve(&self, number: usize) {
        let start = || match Copy::start(self.drive.told, self.cut.fingerprint()) {
            Ok(started) => started,
            Err(error) => Err(format!("a copy cannot be started: {error}")),
        };
        let mut copy = match start() {
            Ok(copy) => copy,
            Err(why) => return self.fail(why),
        };
        let mut asked = 0;
        while let Some(place) = self.next(number) {
            asked += 1;
            let killed = number == 0 && self.drive.kill_at == Some(asked);
            match self.have_run(&mut copy, place, killed) {
                Ok(Ok(values)) => self.done(number, place, values),
                Ok(Err(why)) => return self.fail(why),
                // The copy is gone: another one takes its place, and its node is anybody's.
                Err(_) => {
                    let mut board = self.board();
                    board.ready.insert(place);
                    board.replaced += 1;
                    drop(board);
                    self.changed.notify_all();
                    match start() {
                        Ok(another) => copy = another,
                        Err(why) => return self.fail(why),
                    }
                }
            }
        }
    }

    /// The next node that has all it needs; none when all are done.
    fn next(&self, number: usize) -> Option<usize> {
        let mut board = self.board();
        loop {
            if board.left == 0 || board.failed.is_some() {
                return None;
            }
            let waits = board.to_be_killed && number > 0;
            if !waits && let Some(place) = board.ready.pop_first() {
                return Some(place);
            }
            board = self.changed.wait(board).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn have_run(
        &self,
        copy: &mut Copy,
        place: usize,
        killed: bool,
    ) -> io::Result<Result<Vec<Vec<u8>>, String>> {
        let node = &self.cut.nodes()[place];
        let board = self.board();
        let needed = node.dependencies().iter().map(|id| (id.clone(), board.values[id].clone()));
        let inputs = needed.collect();
        drop(board);
        copy.ask(node.id(), inputs, killed)?;
        if killed {
            copy.kill()?;
            self.board().to_be_killed = false;
        }
        copy.answer()
    }

    fn done(&self, number: usize, place: usize, values: Vec<Vec<u8>>) {
        let mut board = self.board();
        for (id, value) in self.cut.nodes()[place].values().iter().zip(values) {
            board.values.insert(id.clone(), value);
            for &user in self.users.get(&id[..]).into_iter().flatten() {
                board.waits[user] -= 1;
                if board.waits[user] == 0 {
                    board.ready.insert(user);
                }
            }
        }
        board.left -= 1;
        board.ran[number] += 1;
        self.changed.notify_all();
    }
}
