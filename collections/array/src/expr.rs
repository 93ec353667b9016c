//! What an array is before it is computed: a graph of expressions, shared where it is used twice.
//!
//! In: operations, as they are called. Out: [`Expr`]s, each with its shape, grid and element type. Nothing here computes; `fuse` decides which expressions
//! become blocks and which are part of the tasks of others, `lower` makes the tasks.
//!
//! ```text
//! Source       no input: constants, the user's memory, files, what follows from an element's index
//! Elementwise  each element from the elements at its index of the inputs, each seen through a map
//! View         the elements of the input, seen through a map
//! Reduce       elements along axes become one
//! Custom       anything else: says which chunks of its inputs it needs, and makes blocks of them
//! ```
//! - `E1` An elementwise expression's maps, and a view's, lead within the input, and each chunk's elements lie in one chunk of it.

use crate::block::Block;
use crate::element::DType;
use crate::error::Error;
use crate::grid::{Dims, Grid};
use crate::kernels::Kernel;
use crate::map::Map;
use crate::reduce::AnyReduction;
use crate::tile::{Generated, Type};
use std::any::Any;
use std::ops::Range;
use std::panic::Location;
use std::sync::Arc;
use taskweave_runtime::{Builder, Delayed};

/// One operation on arrays.
pub(crate) struct Expr {
    pub(crate) kind: Kind,
    /// What it is called in pictures and plans: `sum`, `add`.
    pub(crate) name: &'static str,
    pub(crate) dtype: DType,
    pub(crate) of: &'static dyn Type,
    pub(crate) shape: Dims,
    pub(crate) grid: Grid,
    /// Where it stands in the user's source.
    pub(crate) location: &'static Location<'static>,
}

pub(crate) type ExprRef = Arc<Expr>;

pub(crate) enum Kind {
    Source(Source),
    Elementwise {
        kernel: Arc<dyn Kernel>,
        inputs: Vec<(ExprRef, Map)>,
    },
    View {
        input: ExprRef,
        map: Map,
    },
    /// So many chunks, one after the other, go into one block of states.
    Reduce {
        reduction: Arc<dyn AnyReduction>,
        input: ExprRef,
        axes: Vec<bool>,
        together: usize,
    },
    Custom {
        make: Arc<dyn Custom>,
        inputs: Vec<ExprRef>,
    },
}

pub(crate) enum Source {
    /// The same everywhere. `with` boxes one, for a program's constants.
    Constant(Arc<dyn Constant>),
    /// The user's memory, whole.
    Memory(Block),
    /// What follows from an element's index. It is computed once, if that is not as quick as reading it.
    Generated { make: Arc<dyn Generated>, is_cheap: bool },
    /// What lies in a file. It is read where it is needed, again in each place: to keep it until the last one would keep all of it.
    Stored(Arc<dyn Stored>),
}

/// Elements that are read when a task needs them.
pub(crate) trait Stored: Send + Sync {
    /// The elements of the region, which has a range for each axis.
    fn read(&self, region: &[Range<usize>]) -> Result<Block, Error>;
    /// Whether any box of elements is read from one file, at the cost of reading what is in it.
    fn is_one_file(&self) -> bool {
        true
    }
    /// In which chunks it lies, if reading across these means to put it together.
    fn grid(&self) -> Option<&Grid> {
        None
    }
    /// The same elements in C order in another shape, if they can be read so.
    fn reshaped(&self, _shape: &[usize]) -> Option<Arc<dyn Stored>> {
        None
    }
}

/// A number, whatever its type.
pub(crate) trait Constant: Send + Sync {
    fn boxed(&self) -> Box<dyn Any + Send + Sync>;
}
impl<S: Copy + Send + Sync + 'static> Constant for S {
    fn boxed(&self) -> Box<dyn Any + Send + Sync> {
        Box::new(*self)
    }
}

/// How the blocks of an expression of its own kind are made.
pub(crate) trait Custom: Send + Sync {
    /// Calls `need(input, chunk)` for the chunks, by their numbers, that chunk `at` of `expr` is made of, in the order in which [`Custom::make`] gets them.
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize));
    /// Makes the block of chunk `at`.
    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error>;
    /// The same elements to be read in any chunks, if they are in memory.
    fn stored(&self, _expr: &Expr) -> Option<Arc<dyn Stored>> {
        None
    }
    /// Along which axis it puts its inputs one after the other, if that is all that it does.
    fn joins(&self) -> Option<usize> {
        None
    }
    /// Adds tasks of its own kind that make the block; none, if it is to be made by [`Custom::make`].
    fn add<'g, 'env>(
        &self,
        _expr: &ExprRef,
        _at: &[usize],
        _builder: &'g Builder<'env>,
    ) -> Option<Delayed<'g, 'env, Block>> {
        None
    }
    /// What making the block of chunk `at` takes besides the blocks that it is made of.
    fn effort(&self, _expr: &Expr, _at: &[usize]) -> Effort {
        Effort::default()
    }
    /// Whether the blocks of an input are read as they lie, whatever their strides: then none is copied.
    fn reads_as_it_lies(&self, _expr: &Expr, _input: usize) -> bool {
        false
    }
    /// Whether whoever reads it makes its blocks anew, so that none is kept from one reader to the next.
    fn is_made_again(&self) -> bool {
        false
    }
    /// The expression of the same elements in other chunks, if it is nothing else than that.
    fn rechunked<'a>(&'a self, _expr: &'a Expr) -> Option<&'a ExprRef> {
        None
    }
}

/// What a task takes besides blocks, in bytes.
#[derive(Clone, Copy, Default)]
pub(crate) struct Effort {
    /// Of memory, while it runs.
    pub(crate) works: usize,
    /// Of memory, by the thread that runs it, from then on for all such tasks.
    pub(crate) of_thread: usize,
    /// Of memory, by its block as long as that is there, besides the block's elements.
    pub(crate) keeps: usize,
    /// Written to temporary files.
    pub(crate) written: usize,
    /// Read from temporary files.
    pub(crate) read: usize,
}

impl Expr {
    /// Whether whoever reads it makes its blocks anew: of what lies in a file, all of it would be kept from the first reader to the last.
    pub(crate) fn is_made_again(&self) -> bool {
        match &self.kind {
            Kind::Source(Source::Stored(_)) => true,
            Kind::Custom { make, .. } => make.is_made_again(),
            _ => false,
        }
    }

    /// What it reads.
    pub(crate) fn inputs(&self) -> impl Iterator<Item = &ExprRef> {
        let (many, pairs, one): (&[ExprRef], &[(ExprRef, Map)], Option<&ExprRef>) = match &self.kind
        {
            Kind::Source(_) => (&[], &[], None),
            Kind::Elementwise { inputs, .. } => (&[], inputs, None),
            Kind::View { input, .. } | Kind::Reduce { input, .. } => (&[], &[], Some(input)),
            Kind::Custom { inputs, .. } => (inputs, &[], None),
        };
        many.iter().chain(pairs.iter().map(|(input, _)| input)).chain(one)
    }

    /// Says of it that it stands at `location`, and of what it is made of and nobody else has: what one step makes on the way. Elementwise steps are the user's own, made anew in other chunks.
    pub(crate) fn stands_at(&mut self, location: &'static Location<'static>) {
        let mut left = vec![self];
        while let Some(expr) = left.pop() {
            expr.location = location;
            let inputs: &mut [ExprRef] = match &mut expr.kind {
                Kind::Source(_) | Kind::Elementwise { .. } => &mut [],
                Kind::View { input, .. } | Kind::Reduce { input, .. } => {
                    std::slice::from_mut(input)
                }
                Kind::Custom { inputs, .. } => inputs,
            };
            let own = inputs.iter_mut().filter_map(Arc::get_mut);
            left.extend(own.filter(|expr| !matches!(expr.kind, Kind::Elementwise { .. })));
        }
    }

    fn take_inputs(&mut self, all: &mut Vec<ExprRef>) {
        // What is left in its place has no input, so dropping it goes no deeper.
        let empty = Kind::Source(Source::Constant(Arc::new(())));
        match std::mem::replace(&mut self.kind, empty) {
            Kind::Source(_) => {}
            Kind::Elementwise { inputs, .. } => {
                all.extend(inputs.into_iter().map(|(input, _)| input))
            }
            Kind::View { input, .. } | Kind::Reduce { input, .. } => all.push(input),
            Kind::Custom { inputs, .. } => all.extend(inputs),
        }
    }
}

/// Without recursion: a loop of a million steps makes a chain as long.
impl Drop for Expr {
    fn drop(&mut self) {
        let mut left = Vec::new();
        self.take_inputs(&mut left);
        while let Some(expr) = left.pop() {
            if let Ok(mut expr) = Arc::try_unwrap(expr) {
                expr.take_inputs(&mut left);
            }
        }
    }
}

/// All that the roots are made of, each after everything that reads it.
pub(crate) fn readers_first(roots: &[ExprRef]) -> Vec<ExprRef> {
    enum Visit {
        Enter(ExprRef),
        Leave(ExprRef),
    }
    let mut seen = std::collections::HashSet::new();
    let mut order = Vec::new();
    let mut stack: Vec<Visit> = roots.iter().rev().cloned().map(Visit::Enter).collect();
    while let Some(visit) = stack.pop() {
        match visit {
            Visit::Leave(expr) => order.push(expr),
            Visit::Enter(expr) if seen.insert(Arc::as_ptr(&expr)) => {
                stack.push(Visit::Leave(expr.clone()));
                stack.extend(expr.inputs().cloned().map(Visit::Enter));
            }
            Visit::Enter(_) => {}
        }
    }
    order.reverse();
    order
}
