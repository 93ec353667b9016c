//! Which expressions become blocks, and which are computed inside the tasks that read them.
//!
//! In: what is to be computed. Out: a [`Scheme`]: the expressions that have blocks, readers first, each with how its blocks are made. An elementwise expression that is
//! read in one place only is part of the program there, and so are views, constants and what follows from an index. What is read in several
//! places, or several times in one, is computed once, unless computing it is as quick as reading it; so are random numbers that are read across their order.
//!
//! ```text
//! x ──> x + 1 ──> sin ──> * 2 ──> sum        one program, in the tasks of `sum`
//! r = random() ──> r - m, r.mean() = m       `r` has blocks: it is read by two
//! x ──> t ──> dot                            no task for `t`: a block seen the other way round
//! x - row.exp()                              `row.exp()` has blocks: each of its elements is read for each row of `x`
//! ```
//! What can be made again for little, because it lies in a file, has blocks of its own for each reader, and for each time that this one reads it: then no block
//! waits for a reader that comes much later.
//!
//! - `F1` A place is the expression whose tasks read, and the map through which they see what they read.

use crate::expr::{Expr, ExprRef, Kind, Source, readers_first};
use crate::map::Map;
use crate::program::{Program, below_views};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What has blocks.
pub(crate) struct Scheme {
    /// Readers first.
    pub(crate) groups: Vec<Group>,
    /// The place of an expression in `groups`.
    group_of: HashMap<*const Expr, usize>,
    /// Of what is made again for each reader, the place of its own one, by the place of the reader and the number of what it reads.
    own: HashMap<(usize, usize), usize>,
}

/// An expression that has blocks.
pub(crate) struct Group {
    pub(crate) expr: ExprRef,
    pub(crate) how: How,
}

/// How blocks are made.
#[derive(Clone)]
pub(crate) enum How {
    /// By running a program over a chunk of the expression.
    Program(Arc<Program>),
    /// By running a program over chunks of the reduction's input.
    Reduce(Arc<Program>),
    /// By the expression's own way, from blocks of its inputs, seen through views.
    Custom,
}

/// Who reads, and where it looks (`F1`).
#[derive(PartialEq)]
struct Place {
    reader: Reader,
    map: Map,
    /// How many elements are computed there.
    elements: usize,
}

impl Place {
    /// Whether elements of `expr` are read more than once, as those of a row that is broadcast.
    fn repeats(&self, expr: &Expr) -> bool {
        self.elements > elements(expr)
    }

    /// Whether neighbours are read one after the other; those that are left out don't matter.
    fn is_in_order(&self) -> bool {
        let axes = || self.map.0.iter().filter_map(|along| along.of);
        axes().zip(axes().skip(1)).all(|(outer, inner)| outer < inner)
            && self.map.0.iter().all(|along| along.step >= 0)
    }
}

fn elements(expr: &Expr) -> usize {
    expr.shape.iter().fold(1, |all, &len| all.saturating_mul(len))
}

#[derive(Clone, PartialEq)]
enum Reader {
    /// The tasks of an expression.
    Tasks(*const Expr),
    /// A pass over all of what is read, which all reductions of these axes share; see `lower`.
    Pass { over: *const Expr, axes: Vec<bool>, asks_where: bool, together: usize },
}

/// At most so many places are told apart; what is read in more is surely read in two.
const PLACES_MAX: usize = 8;

impl Scheme {
    /// Decides what has blocks, so that the roots have.
    pub(crate) fn new(roots: &[ExprRef]) -> Scheme {
        let order = readers_first(roots);
        let is_block = blocks(&order, roots);
        let mut scheme =
            Scheme { groups: Vec::new(), group_of: HashMap::new(), own: HashMap::new() };
        let is_root: HashSet<*const Expr> = roots.iter().map(Arc::as_ptr).collect();
        // Who reads what is made again, and as which of what he reads.
        let mut readers: HashMap<*const Expr, Vec<(usize, usize)>> = HashMap::new();
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
            let me = Arc::as_ptr(&expr);
            let own = readers.remove(&me).unwrap_or_default();
            scheme.group_of.insert(me, scheme.groups.len());
            let of_all = (own.is_empty() || is_root.contains(&me)).then_some(None);
            for reader in of_all.into_iter().chain(own.into_iter().map(Some)) {
                let number = scheme.groups.len();
                if let Some(reader) = reader {
                    scheme.own.insert(reader, number);
                }
                for (slot, read) in reads(&expr, &how, &is_block).into_iter().enumerate() {
                    if read.is_made_again() {
                        readers.entry(Arc::as_ptr(read)).or_default().push((number, slot));
                    }
                }
                scheme.groups.push(Group { expr: expr.clone(), how: how.clone() });
            }
        }
        scheme
    }

    /// The place of what is to be computed.
    pub(crate) fn place_of(&self, root: &ExprRef) -> usize {
        self.group_of[&Arc::as_ptr(root)]
    }

    /// The place of `read`, whose blocks the tasks of group `reader` read as number `slot` of what they read.
    pub(crate) fn read_by(&self, reader: usize, slot: usize, read: &ExprRef) -> usize {
        let own = match self.own.is_empty() {
            true => None,
            false => self.own.get(&(reader, slot)),
        };
        own.copied().unwrap_or_else(|| self.group_of[&Arc::as_ptr(read)])
    }

    /// Whether an expression has blocks.
    pub(crate) fn has(&self, expr: &ExprRef) -> bool {
        self.group_of.contains_key(&Arc::as_ptr(expr))
    }
}

/// The expressions whose blocks the tasks of a group read, as they are numbered for [`Scheme::read_by`].
fn reads<'a>(
    expr: &'a ExprRef,
    how: &'a How,
    is_block: &dyn Fn(&ExprRef) -> bool,
) -> Vec<&'a ExprRef> {
    match how {
        How::Program(program) | How::Reduce(program) => {
            program.blocks().map(|(read, _)| read).collect()
        }
        How::Custom => expr
            .inputs()
            .map(|input| below_views(input, Map::identity(input.shape.len()), is_block).0)
            .collect(),
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
        let repeats = mine.iter().any(|place| place.repeats(expr));
        let is_torn = goes_by_stretches(expr) && !mine.iter().all(Place::is_in_order);
        let takes_longer = is_torn || repeats && (!is_cheap(expr) || goes_by_stretches(expr));
        if must || takes_longer || mine.len() > 1 && !is_cheap(expr) {
            is_block.insert(me);
        }
        // What reads the inputs, and where.
        let readers = match is_block.contains(&me) {
            true => vec![Place {
                reader: Reader::Tasks(me),
                map: Map::identity(expr.shape.len()),
                elements: elements(expr),
            }],
            false => mine,
        };
        let readers = match &expr.kind {
            Kind::Reduce { reduction, axes, input, together } => {
                let (over, asks_where) = (Arc::as_ptr(input), reduction.asks_where());
                let (axes, together) = (axes.clone(), *together);
                let reader = Reader::Pass { over, axes, asks_where, together };
                let map = Map::identity(input.shape.len());
                vec![Place { reader, map, elements: elements(input) }]
            }
            _ => readers,
        };
        let mut read = |input: &ExprRef, to_input: &dyn Fn(&Map) -> Map| {
            let of_input = places.entry(Arc::as_ptr(input)).or_default();
            for Place { reader, map, elements } in &readers {
                let (reader, map) = (reader.clone(), to_input(map));
                let place = Place { reader, map, elements: *elements };
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

/// Whether its neighbours are made together.
fn goes_by_stretches(expr: &ExprRef) -> bool {
    matches!(&expr.kind, Kind::Source(Source::Generated { make, .. }) if make.goes_by_stretches())
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
