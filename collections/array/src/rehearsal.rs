//! The order in which workers run tasks, and what is in memory meanwhile, without running any.
//!
//! In: tasks, each with what it reads, and a number of workers. Out: [`Held`]: the most memory at once. Tasks run as the runtime's threads run them: a worker goes on with what has become ready by what
//! it did last, the earliest place first, then with a root that it has claimed, some at once, and then with what it can take from others; of roots whose outputs wait for what comes from other
//! roots it claims one, and none while four for each worker wait.
//!
//! ```text
//! worker 0   claims roots 0..12    0 -> what waits for 0 alone -> 1 -> ...
//! worker 1   claims roots 12..23   12 -> ...       what waits for both 11 and 12 runs where the later one of them is made
//! ```
//! How long tasks take is not known, and with several workers what waits for what depends on it: so they run several times, each time by another [`Clock`], and the most counts.
//!
//! - `R1` A task's place is its number: those that it reads have lower ones.
//!
//! Not here: which tasks there are and what each takes (`lower`), and what a plan says (`plan`).

use crate::expr::Effort;
use crate::lower::PlannedBlock;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet, VecDeque};
use std::ops::Range;
use taskweave_runtime::__private::ahead::{
    HELD_MAX, HELPED_MAX, ROOTS_MAX, ROOTS_SHARE, TIED_DEPENDENCIES_MAX, TIED_MAX, TIED_STEPS_MAX,
};

/// The most that is taken from another worker at once.
const STOLEN_MAX: usize = 32;
/// What a task takes besides going through its bytes, as bytes that it could have gone through.
const BEGINNING: u128 = 4 << 10;

/// The most memory that blocks take at once.
pub(crate) struct Held {
    pub(crate) peak: u128,
    /// By each group, when most is in use.
    pub(crate) by_group: Vec<u128>,
    /// The most blocks at once.
    pub(crate) blocks: usize,
}

impl Held {
    /// Adds what the first task of a group makes for all others. That is when little else is there.
    pub(crate) fn share(&mut self, group: usize, effort: Effort) {
        let (keeps, works) = (effort.keeps as u128, effort.works as u128);
        let more = works.saturating_sub(self.peak) + keeps;
        self.peak += more;
        self.by_group[group] += more;
    }
}

/// The result, which is there from the beginning.
#[derive(Clone, Copy)]
pub(crate) struct Kept {
    /// None, if its chunks are gone when they are written.
    pub(crate) bytes: u64,
    /// Whether tasks of the first group write to it, and make no blocks.
    pub(crate) is_in_place: bool,
}

struct Task {
    group: usize,
    bytes: u128,
    works: u128,
    reads: Vec<u32>,
    /// What it only comes after.
    after: Vec<u32>,
}

/// How long tasks take.
#[derive(Clone, Copy)]
enum Clock {
    /// As long as each other.
    Even,
    /// As long as there are bytes in what they read and make.
    Bytes,
    /// As long as there are bytes in what they make: of a block that is read, a small part may be looked at.
    Made,
    /// What reads blocks takes once, or up to 512 times, as long as its bytes say, as what sorts does: others by each number.
    Joins(u64),
    /// Some take much longer, as where a thread has to wait for a disk or the system: others by each number.
    Uneven(u64),
}

/// The tasks run once by each of these, and by others of the last two kinds.
const CLOCKS: [Clock; 3] = [Clock::Even, Clock::Bytes, Clock::Made];
/// So many of each of the last two kinds, as long as fewer tasks than this are gone through by one of them; where there are many, a run meets much of what may come together.
const KIND_TASKS: usize = 20_000;
const KIND_MIN: u64 = 3;
const KIND_MAX: u64 = 24;

impl Clock {
    fn takes(self, place: usize, made: u128, read: u128, reads: usize) -> u128 {
        let bytes = made + read;
        match self {
            Clock::Even => 1,
            Clock::Bytes => BEGINNING + bytes,
            Clock::Made => BEGINNING + made,
            Clock::Joins(number) if reads > 0 => {
                (BEGINNING + bytes) << ((mixed(place, number) >> 62) * 3)
            }
            Clock::Joins(_) => BEGINNING + bytes,
            // One in sixteen.
            Clock::Uneven(number) => {
                let mixed = mixed(place, number) >> 60;
                (BEGINNING + bytes) * if mixed == 0 { 256 } else { 1 }
            }
        }
    }
}

/// A number that seems to be of no order, for each place: a step of SplitMix64.
fn mixed(place: usize, number: u64) -> u64 {
    let mixed = (place as u64 + 1 + (number << 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9)
}

/// Tasks in the order of their places, and what follows.
pub(crate) struct Rehearsal {
    tasks: Vec<Task>,
    /// Who waits for each, in the order of places.
    waiting: Vec<Vec<u32>>,
    roots: Vec<u32>,
    readers: Vec<u32>,
    is_tied: Vec<bool>,
    groups: usize,
}

impl Rehearsal {
    /// Of the blocks of each group, of which the first one's are the output. Those of the groups that are `late` are made when all else is there that their first reader reads.
    pub(crate) fn new(blocks: &[Vec<Option<PlannedBlock>>], late: &[bool]) -> Rehearsal {
        let is_late = |group: usize| late.get(group).copied().unwrap_or(false);
        let mut after: Vec<Vec<Vec<(usize, usize)>>> =
            blocks.iter().map(|group| vec![Vec::new(); group.len()]).collect();
        let mut seen = HashSet::new();
        for block in blocks.iter().flatten().flatten() {
            let (of_late, others): (Vec<_>, Vec<_>) =
                block.reads.iter().partition(|read| is_late(read.0));
            for &(group, at) in of_late {
                if !others.is_empty() && seen.insert((group, at)) {
                    after[group][at].extend(others.iter().copied());
                }
            }
        }
        let mut places: Vec<Vec<Option<u32>>> =
            blocks.iter().map(|group| vec![None; group.len()]).collect();
        let mut tasks: Vec<Task> = Vec::new();
        let outputs = blocks.first().map_or(0, Vec::len);
        let mut steps: Vec<_> = (0..outputs).rev().map(|at| (0, at, false)).collect();
        while let Some((group, at, is_left)) = steps.pop() {
            let Some(block) = &blocks[group][at] else { continue };
            if places[group][at].is_some() {
                continue;
            }
            let after = &after[group][at];
            if !is_left {
                steps.push((group, at, true));
                let inputs = block.reads.iter().chain(after).rev();
                let missing = inputs.filter(|&&(group, at)| places[group][at].is_none());
                steps.extend(missing.map(|&(group, at)| (group, at, false)));
                continue;
            }
            let place_of = |all: &[(usize, usize)]| -> Vec<u32> {
                all.iter().filter_map(|&(group, at)| places[group][at]).collect()
            };
            let (reads, after) = (place_of(&block.reads), place_of(after));
            places[group][at] = Some(tasks.len() as u32);
            tasks.push(Task { group, bytes: block.bytes, works: block.works, reads, after });
        }
        Rehearsal::of(tasks, blocks.len())
    }

    fn of(tasks: Vec<Task>, groups: usize) -> Rehearsal {
        let (mut waiting, mut readers) = (vec![Vec::new(); tasks.len()], vec![0; tasks.len()]);
        let mut is_tied = vec![false; tasks.len()];
        for (place, task) in tasks.iter().enumerate() {
            for &read in task.reads.iter().chain(&task.after) {
                waiting[read as usize].push(place as u32);
            }
            task.reads.iter().for_each(|&read| readers[read as usize] += 1);
            tie(&tasks, place, &readers, &mut is_tied);
        }
        let is_root = |task: &Task| task.reads.is_empty() && task.after.is_empty();
        let roots =
            (0..tasks.len()).filter(|&at| is_root(&tasks[at])).map(|at| at as u32).collect();
        Rehearsal { tasks, waiting, roots, readers, is_tied, groups }
    }

    /// The most memory at once with so many workers.
    pub(crate) fn held(&self, workers: usize, kept: Kept) -> Held {
        let mut clocks = CLOCKS.to_vec();
        let of_kind = (KIND_TASKS / self.tasks.len().max(1)) as u64;
        for number in 0..of_kind.clamp(KIND_MIN, KIND_MAX) {
            clocks.extend([Clock::Joins(number), Clock::Uneven(number)]);
        }
        if workers == 1 {
            // Then the order does not depend on time.
            clocks.truncate(1);
        }
        let runs = clocks.into_iter().map(|clock| Run::new(self, workers, kept, clock).done());
        let most = |a: Held, b: Held| {
            let blocks = a.blocks.max(b.blocks);
            Held { blocks, ..if b.peak > a.peak { b } else { a } }
        };
        runs.reduce(most).expect("there is a clock at least")
    }
}

/// Marks what task `place` reads and a root makes by itself, if the task reads something else too; as the runtime does.
fn tie(tasks: &[Task], place: usize, readers: &[u32], is_tied: &mut [bool]) {
    let count_of = |task: &Task| task.reads.len() + task.after.len();
    let task = &tasks[place];
    if !(2..=TIED_DEPENDENCIES_MAX as usize).contains(&count_of(task)) {
        return;
    }
    let comes_alone = |mut at: usize| {
        for _ in 0..=TIED_STEPS_MAX {
            match (count_of(&tasks[at]), tasks[at].reads.first()) {
                (0, _) => return true,
                (1, Some(&read)) if count_of(&tasks[read as usize]) <= 1 => {
                    if readers[read as usize] != 1 {
                        return false;
                    }
                    at = read as usize;
                }
                _ => return false,
            }
        }
        false
    };
    let alone: Vec<usize> =
        task.reads.iter().map(|&at| at as usize).filter(|&at| comes_alone(at)).collect();
    if (1..=TIED_MAX).contains(&alone.len()) && alone.len() < count_of(task) {
        alone.into_iter().for_each(|at| is_tied[at] = true);
    }
}

/// What a worker has to do next: ready tasks, that to take first last, and roots.
#[derive(Default)]
struct Worker {
    ready: VecDeque<u32>,
    claimed: Range<usize>,
}

/// A run at some time.
struct Run<'a> {
    of: &'a Rehearsal,
    kept: Kept,
    clock: Clock,
    workers: Vec<Worker>,
    /// How many ready tasks, and how many claimed roots, all workers have.
    ready: usize,
    claimed: usize,
    idle: Vec<usize>,
    /// When tasks end, on which worker.
    running: BinaryHeap<Reverse<(u128, usize, u32)>>,
    time: u128,
    next_root: usize,
    missing: Vec<u32>,
    readers: Vec<u32>,
    tied: bool,
    waiting_tied: usize,
    live: u128,
    now: Vec<u128>,
    blocks: usize,
    held: Held,
}

impl<'a> Run<'a> {
    fn new(of: &'a Rehearsal, workers: usize, kept: Kept, clock: Clock) -> Run<'a> {
        let count = |task: &Task| (task.reads.len() + task.after.len()) as u32;
        let mut now = vec![0; of.groups];
        if let Some(result) = now.first_mut() {
            *result = u128::from(kept.bytes);
        }
        let held = Held { peak: u128::from(kept.bytes), by_group: now.clone(), blocks: 0 };
        // More than there are tasks have nothing to do.
        let workers = workers.min(of.tasks.len()).max(1);
        Run {
            of,
            kept,
            clock,
            workers: (0..workers).map(|_| Worker::default()).collect(),
            ready: 0,
            claimed: 0,
            idle: (0..workers).rev().collect(),
            running: BinaryHeap::new(),
            time: 0,
            next_root: 0,
            missing: of.tasks.iter().map(count).collect(),
            readers: of.readers.clone(),
            tied: of.is_tied.contains(&true),
            waiting_tied: 0,
            live: u128::from(kept.bytes),
            now,
            blocks: 0,
            held,
        }
    }

    fn done(mut self) -> Held {
        loop {
            // Whoever has just become idle goes on first. What there is not for one, there is for nobody.
            while let Some(&worker) = self.idle.last()
                && self.is_something_left()
                && let Some(task) = self.next(worker)
            {
                self.idle.pop();
                self.begin(worker, task as usize);
            }
            let Some(Reverse((time, worker, task))) = self.running.pop() else { return self.held };
            self.time = time;
            self.end(worker, task as usize);
            self.idle.push(worker);
        }
    }

    fn is_something_left(&self) -> bool {
        self.next_root < self.of.roots.len() || self.ready + self.claimed > 0
    }

    fn next(&mut self, worker: usize) -> Option<u32> {
        if let Some(task) = self.workers[worker].ready.pop_back() {
            self.ready -= 1;
            return Some(task);
        }
        let count = self.workers.len();
        let others = || (1..count).map(|at| (worker + at) % count);
        // One task, before more is made that may wait for it.
        if self.tied
            && self.ready > 0
            && let Some(task) =
                others().take(HELPED_MAX).find_map(|other| self.workers[other].ready.pop_front())
        {
            self.ready -= 1;
            return Some(task);
        }
        if let Some(root) = self.root(worker) {
            return Some(root);
        }
        if self.ready + self.claimed == 0 {
            return None;
        }
        for other in others() {
            let of_other = &mut self.workers[other];
            let stolen = of_other.ready.len().div_ceil(2).min(STOLEN_MAX);
            let mut stolen: VecDeque<u32> = of_other.ready.drain(..stolen).collect();
            if let Some(task) = stolen.pop_front() {
                self.workers[worker].ready = stolen;
                self.ready -= 1;
                return Some(task);
            }
            if let Some(root) = of_other.claimed.next_back() {
                self.claimed -= 1;
                return Some(self.of.roots[root]);
            }
        }
        None
    }

    fn root(&mut self, worker: usize) -> Option<u32> {
        let (count, all) = (self.workers.len(), self.of.roots.len());
        if self.workers[worker].claimed.is_empty() {
            let is_held_back = self.tied && self.waiting_tied >= HELD_MAX * count;
            if self.next_root == all || is_held_back && !self.running.is_empty() {
                return None;
            }
            let max = if self.tied { 1 } else { ROOTS_MAX };
            let claimed = match count {
                1 => all - self.next_root,
                _ => ((all - self.next_root) / (ROOTS_SHARE * count)).clamp(1, max),
            };
            self.workers[worker].claimed = self.next_root..self.next_root + claimed;
            self.next_root += claimed;
            self.claimed += claimed;
        }
        let root = self.workers[worker].claimed.next()?;
        self.claimed -= 1;
        Some(self.of.roots[root])
    }

    /// What the task's own block takes.
    fn own(&self, task: &Task) -> u128 {
        if task.group == 0 && self.kept.is_in_place { 0 } else { task.bytes }
    }

    fn begin(&mut self, worker: usize, place: usize) {
        let of = self.of;
        let task = &of.tasks[place];
        let own = self.own(task);
        self.live += own + task.works;
        self.now[task.group] += own + task.works;
        self.blocks += 1;
        self.held.blocks = self.held.blocks.max(self.blocks);
        if self.live > self.held.peak {
            self.held.peak = self.live;
            self.held.by_group.clone_from(&self.now);
        }
        let read: u128 = task.reads.iter().map(|&at| of.tasks[at as usize].bytes).sum();
        let takes = self.clock.takes(place, task.bytes + task.works, read, task.reads.len());
        self.running.push(Reverse((self.time + takes, worker, place as u32)));
    }

    fn end(&mut self, worker: usize, place: usize) {
        let of = self.of;
        let task = &of.tasks[place];
        self.live -= task.works;
        self.now[task.group] -= task.works;
        self.waiting_tied += usize::from(of.is_tied[place]);
        if self.readers[place] == 0 {
            self.gone(place);
        }
        for &read in &task.reads {
            self.readers[read as usize] -= 1;
            if self.readers[read as usize] == 0 {
                self.gone(read as usize);
            }
        }
        for &next in of.waiting[place].iter().rev() {
            self.missing[next as usize] -= 1;
            if self.missing[next as usize] == 0 {
                self.workers[worker].ready.push_back(next);
                self.ready += 1;
            }
        }
    }

    /// Nobody reads it any more.
    fn gone(&mut self, place: usize) {
        let task = &self.of.tasks[place];
        let own = self.own(task);
        self.live -= own;
        self.now[task.group] -= own;
        self.blocks -= 1;
        self.waiting_tied -= usize::from(self.of.is_tied[place]);
    }
}
