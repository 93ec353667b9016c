//! How far threads go ahead of what is needed next: limits that decide how many outputs are in memory at once.
//!
//! In: nothing. Out: constants, for those who claim roots ([`crate::drivers`]), those who tie outputs to their readers ([`crate::scheduler`]), and who foretells what will be in memory without running anything:
//! the collections' plans.
//!
//! Not here: who keeps to them.

/// The most roots a worker claims at once.
pub const ROOTS_MAX: usize = 64;
/// A worker claims one of so many equal parts of what is left, for each worker.
pub const ROOTS_SHARE: usize = 4;
/// At so many other deques a thread looks before it claims a root of a tied run. Each deque is looked at by so many threads.
pub const HELPED_MAX: usize = 4;
/// How many outputs for each thread may wait for a reader that waits for something else, before threads rather wait than make
/// more: a fold would otherwise load all it folds at once.
pub const HELD_MAX: usize = 4;
/// The most outputs of roots that one task reads and that can still be tied: a task that reads more of them needs them all at
/// once, so nothing is saved by making them later.
pub const TIED_MAX: usize = 4;
/// The most dependencies of a task whose inputs are tied: each is looked at, and has a bit in a word.
pub const TIED_DEPENDENCIES_MAX: u32 = 32;
/// The most tasks between a root and what is tied, which are looked at for each input.
pub const TIED_STEPS_MAX: usize = 8;
