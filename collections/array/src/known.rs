//! What has been made of expressions in other chunks: who asks again gets the same one, which is computed once, and over which reductions share a pass.
//!
//! In: an expression, and chunks. Out: the same expression each time, as long as somebody has it. Nothing is kept alive from here; each thread knows what it has made.
//!
//! Not here: what is made (`thin`, `elementwise`).

use crate::expr::{Expr, ExprRef};
use crate::grid::Grid;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Weak};

/// As many are known without a look at whether somebody still has them.
const KNOWN_MIN: usize = 32;

/// What has been made in other chunks, and of what, by the address of that.
struct Known {
    made: HashMap<*const Expr, Vec<[Weak<Expr>; 2]>>,
    /// When there are so many, those that nobody has are forgotten.
    full: usize,
}

thread_local! {
    static KNOWN: RefCell<Known> = RefCell::new(Known { made: HashMap::new(), full: KNOWN_MIN });
}

impl Known {
    /// What has been made of `input`. As long as it is known here, no other expression has its address.
    fn of(&self, input: &ExprRef) -> Vec<ExprRef> {
        let made = self.made.get(&Arc::as_ptr(input));
        made.into_iter().flatten().filter_map(|[_, to]| to.upgrade()).collect()
    }

    fn insert(&mut self, input: &ExprRef, made: &ExprRef) {
        if self.made.len() >= self.full {
            self.made.retain(|_, all| {
                all.retain(|both| both.iter().all(|expr| expr.strong_count() > 0));
                !all.is_empty()
            });
            self.full = (2 * self.made.len()).max(KNOWN_MIN);
        }
        let all = self.made.entry(Arc::as_ptr(input)).or_default();
        all.retain(|[_, to]| to.strong_count() > 0);
        all.push([Arc::downgrade(input), Arc::downgrade(made)]);
    }
}

/// The expression in the chunks of `grid`, the same one each time.
pub(crate) fn once(
    input: &ExprRef,
    grid: &Grid,
    make: impl FnOnce() -> Option<ExprRef>,
) -> Option<ExprRef> {
    // None is dropped while they are borrowed: a function of the user's in it may make arrays when it is dropped. There is no memory where a thread ends.
    let known = KNOWN.try_with(|known| known.borrow().of(input)).unwrap_or_default();
    if let Some(found) = known.into_iter().find(|expr| expr.grid == *grid) {
        return Some(found);
    }
    let made = make()?;
    let _ = KNOWN.try_with(|known| known.borrow_mut().insert(input, &made));
    Some(made)
}
