//! Which expressions become blocks, and which are computed inside the tasks that read them.
//!
//! In: what is to be computed. Out: a [`Scheme`]: the expressions that have blocks, readers first, each with how its blocks are made. An elementwise expression that is
//! read in one place only is part of the program there, and so are views, constants and what follows from an index. What is read in several
//! places is computed once, unless computing it is as quick as reading it.
//!
//! ```text
//! x ──> x + 1 ──> sin ──> * 2 ──> sum        one program, in the tasks of `sum`
//! r = random() ──> r - m, r.mean() = m       `r` has blocks: it is read by two
//! x ──> t ──> dot                            no task for `t`: a block seen the other way round
//! ```
//! - `F1` A place is the expression whose tasks read, and the map through which they see what they read.

use crate::expr::{Expr, ExprRef, Kind, Source, readers_first};
use crate::map::Map;
use crate::program::Program;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What has blocks.
pub(crate) struct Scheme {
    /// Readers first.
    pub(crate) groups: Vec<Group>,
    /// The place of an expression in `groups`.
    pub(crate) group_of: HashMap<*const Expr, usize>,
}

/// An expression that has blocks.
pub(crate) struct Group {
    pub(crate) expr: ExprRef,
    pub(crate) how: How,
}

/// How blocks are made.
pub(crate) enum How {
    /// By running a program over a chunk of the expression.
    Program(Arc<Program>),
    /// By running a program over chunks of the reduction's input.
    Reduce(Arc<Program>),
    /// By the expression's own way, from blocks of its inputs, seen through views.
    Custom,
}

/// Who reads, and where it looks (`F1`).
type Place = (Reader, Map);

#[derive(Clone, PartialEq)]
enum Reader {
    /// The tasks of an expression.
    Tasks(*const Expr),
    /// A pass over all of what is read, which all reductions of these axes share; see `lower`.
    Pass { over: *const Expr, axes: Vec<bool>, asks_where: bool },
}

/// At most so many places are told apart; what is read in more is surely read in two.
const PLACES_MAX: usize = 8;

impl Scheme {
    /// Decides what has blocks, so that the roots have.
    pub(crate) fn new(roots: &[ExprRef]) -> Scheme {
        let order = readers_first(roots);
        let is_block = blocks(&order, roots);
        let mut groups = Vec::new();
        let mut group_of = HashMap::new();
        for expr in order {
            if !is_block.contains(&Arc::as_ptr(&expr)) {
                continue;
            }
            let is_block = |expr: &ExprRef| is_block.contains(&Arc::as_ptr(expr));
            let how = match &expr.kind {
                Kind::Reduce { input, .. } => {
                    How::Reduce(Arc::new(Program::new(input, &is_block, true)))
                }
                Kind::Custom { .. } => How::Custom,
                _ => How::Program(Arc::new(Program::new(&expr, &is_block, false))),
            };
            group_of.insert(Arc::as_ptr(&expr), groups.len());
            groups.push(Group { expr, how });
        }
        Scheme { groups, group_of }
    }
}

/// The expressions that have blocks; `order` is readers first.
fn blocks(order: &[ExprRef], roots: &[ExprRef]) -> HashSet<*const Expr> {
    let mut is_block: HashSet<*const Expr> = roots.iter().map(Arc::as_ptr).collect();
    let mut places: HashMap<*const Expr, Vec<Place>> = HashMap::new();
    for expr in order {
        let me = Arc::as_ptr(expr);
        let mine = places.remove(&me).unwrap_or_default();
        let must = matches!(expr.kind, Kind::Reduce { .. } | Kind::Custom { .. });
        if must || mine.len() > 1 && !is_cheap(expr) {
            is_block.insert(me);
        }
        // What reads the inputs, and where.
        let readers = match is_block.contains(&me) {
            true => vec![(Reader::Tasks(me), Map::identity(expr.shape.len()))],
            false => mine,
        };
        let readers = match &expr.kind {
            Kind::Reduce { reduction, axes, input } => {
                let (over, asks_where) = (Arc::as_ptr(input), reduction.asks_where());
                let reader = Reader::Pass { over, axes: axes.clone(), asks_where };
                vec![(reader, Map::identity(input.shape.len()))]
            }
            _ => readers,
        };
        let mut read = |input: &ExprRef, to_input: &dyn Fn(&Map) -> Map| {
            let of_input = places.entry(Arc::as_ptr(input)).or_default();
            for (reader, map) in &readers {
                let place = (reader.clone(), to_input(map));
                if of_input.len() < PLACES_MAX && !of_input.contains(&place) {
                    of_input.push(place);
                }
            }
        };
        match &expr.kind {
            Kind::Source(_) => {}
            Kind::View { input, map } => read(input, &|to_me| to_me.after(map)),
            Kind::Elementwise { inputs, .. } => {
                for (input, map) in inputs {
                    read(input, &|to_me| to_me.after(map));
                }
            }
            Kind::Reduce { input, .. } => read(input, &|to_input| to_input.clone()),
            Kind::Custom { inputs, .. } => {
                for input in inputs {
                    // Views of blocks are seen through; all else it reads as blocks.
                    let mut below = input;
                    while let (Kind::View { input, .. }, false) =
                        (&below.kind, is_block.contains(&Arc::as_ptr(below)))
                    {
                        below = input;
                    }
                    is_block.insert(Arc::as_ptr(below));
                }
            }
        }
    }
    is_block
}

/// Whether computing it again is as quick as reading it.
fn is_cheap(expr: &ExprRef) -> bool {
    match &expr.kind {
        Kind::View { .. } => true,
        Kind::Source(Source::Generated { is_cheap, .. }) => *is_cheap,
        Kind::Source(_) => true,
        _ => false,
    }
}
