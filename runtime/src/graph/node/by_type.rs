//! What a node's type decides: how it is made, run, skipped and dropped.
//!
//! In: sources, a step, an output type, as type parameters. Out: a [`Kind`], static, with a function for each thing that can be done to such a node
//! when only its address is known. Cites the invariants of [`super`].

use super::super::extras::Cloner;
use super::{
    Capture, Failure, HAS_VALUE, Header, Kind, Node, NodeRef, Output, Repeat, SPENT, TIED,
    TaskName, Trial, WithInput,
};
use crate::graph::links::Successors;
use crate::scheduler::Context;
use crate::sync::atomic::AtomicU32;
use crate::task::source::{Cloners, Inputs, Source};
use crate::task::step::Step;
use std::cell::Cell;
use std::marker::PhantomData;
use std::mem::{ManuallyDrop, offset_of};
use std::panic::{AssertUnwindSafe, Location, catch_unwind};

struct KindOf<I, S, F, T>(PhantomData<(I, S, F, T)>);

impl<I, S, F, T> KindOf<I, S, F, T>
where
    I: TaskName,
    S: Source,
    F: Step<S::Value, T>,
{
    const KIND: Kind = Kind {
        name: I::NAME,
        role: I::ROLE,
        catches: I::CATCHES,
        bytes: size_of::<Node<S, F, T>>(),
        output_bytes: if std::mem::needs_drop::<T>() { None } else { Some(size_of::<T>()) },
        place_offset: offset_of!(Node<S, F, T>, output),
        run: run::<S, F, T>,
        skip: skip::<S, F, T>,
        visit: visit::<S, F, T>,
        drop_capture: drop_capture::<S, F, T>,
        again: if F::AGAIN {
            Some(Repeat {
                can: can_repeat::<S, F, T>,
                run: run_again::<S, F, T>,
                skip: skip_again::<S, F, T>,
            })
        } else {
            None
        },
        tries: match F::TRIES {
            Some(can) => Some(Trial { can, run: run_tried::<S, F, T> }),
            None => None,
        },
        input: if F::IS_INPUT { Some(with_input::<S, F, T>) } else { None },
        drop_output: if std::mem::needs_drop::<T>() { Some(drop_output::<T>) } else { None },
    };
}

/// Puts a task into the arena; the only place where nodes come into being.
#[inline]
pub(crate) fn new_node<I, S, F, T>(
    arena: &crate::graph::arena::Arena,
    location: &'static Location<'static>,
    sources: S,
    body: F,
) -> NodeRef
where
    I: TaskName,
    S: Source,
    F: Step<S::Value, T>,
    T: Send,
{
    let at = arena.alloc(std::alloc::Layout::new::<Node<S, F, T>>()).cast::<Node<S, F, T>>();
    let node = Node {
        header: Header {
            kind: const { &KindOf::<I, S, F, T>::KIND },
            location,
            successors: Cell::new(Successors::NONE),
            pending: AtomicU32::new(0),
            readers: AtomicU32::new(0),
        },
        output: Output { place: 0 },
        capture: Capture { sources: ManuallyDrop::new(sources), body: ManuallyDrop::new(body) },
    };
    // SAFETY: A1; fresh memory of this layout.
    unsafe { at.write(node) };
    NodeRef(at.cast())
}

/// Where the output of a node with outputs of type `T` stands: after the header, aligned for `T`.
#[inline]
pub(super) fn output_of<T>(node: NodeRef) -> *mut T {
    // In a `repr(C)` node the output's offset depends on the header and on `Output<T>` alone.
    let offset = offset_of!(Node<(), (), T>, output);
    node.0.as_ptr().cast::<u8>().wrapping_add(offset).cast()
}

/// The tasks whose values are the members of a node's source ([`Source::members`]).
pub(crate) type MembersOf = unsafe fn(NodeRef) -> Option<Vec<NodeRef>>;

/// # Safety
/// N2 with `S`, `F` and `T`; the capture is alive.
pub(crate) unsafe fn members<S: Source, F, T>(node: NodeRef) -> Option<Vec<NodeRef>> {
    // SAFETY: N2.
    unsafe { (*capture_of::<S, F, T>(node)).sources.members() }
}

fn capture_of<S, F, T>(node: NodeRef) -> *mut Capture<S, F> {
    let offset = offset_of!(Node<S, F, T>, capture);
    node.0.as_ptr().cast::<u8>().wrapping_add(offset).cast()
}

/// # Safety
/// N2 with `S, F, T`; N3: called once, by the worker that took the task, when all its inputs are there.
unsafe fn run<S, F, T>(node: NodeRef, context: &Context<'_>) -> Result<(), Failure>
where
    S: Source,
    F: Step<S::Value, T>,
{
    // SAFETY: N2, N3.
    let (sources, body) = unsafe { take_capture::<S, F, T>(node) };
    let mut body = Some(body);
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: N3: all inputs have run; a source that panics lets go of the rest by itself.
        let values = unsafe { sources.fetch(context) };
        let body = body.take().expect("taken once");
        body.once(values).map(|value| {
            // SAFETY: N2, N3: the slot holds the place only, which is no longer needed.
            unsafe { output_of::<T>(node).write(value) };
        })
    }));
    match outcome {
        Ok(Ok(())) => {
            node.set_alone(SPENT | HAS_VALUE);
            if std::mem::needs_drop::<T>() && node.has(TIED) && !context.grows() {
                context.holds_one_more();
            }
            Ok(())
        }
        Ok(Err(error)) => {
            node.set_alone(SPENT);
            Err(Failure::Failed(error))
        }
        Err(payload) => {
            node.set_alone(SPENT);
            // Still there if a clone panicked in `fetch`.
            context.drop_quietly(body);
            Err(Failure::Panicked(payload))
        }
    }
}

/// # Safety
/// As [`run`], but inputs may be missing: nothing is fetched.
unsafe fn skip<S, F, T>(node: NodeRef, context: &Context<'_>)
where
    S: Source,
    F: Step<S::Value, T>,
{
    // SAFETY: N2, N3.
    let (sources, body) = unsafe { take_capture::<S, F, T>(node) };
    node.set_alone(SPENT);
    context.drop_quietly(body);
    sources.abandon(context);
}

/// # Safety
/// N2; nothing runs.
unsafe fn can_repeat<S: Source, F: Step<S::Value, T>, T>(node: NodeRef) -> bool {
    // SAFETY: N2.
    unsafe { (*capture_of::<S, F, T>(node)).sources.is_repeatable(F::CLONERS, 0) }
}

/// # Safety
/// As [`run`], of a node that [can be repeated](can_repeat).
unsafe fn run_again<S, F, T>(node: NodeRef, context: &Context<'_>) -> Result<(), Failure>
where
    S: Source,
    F: Step<S::Value, T>,
{
    // SAFETY: N2, N3: only this worker looks at it.
    let capture = unsafe { &*capture_of::<S, F, T>(node) };
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: N3, S3: all inputs have run; a source that panics lets go of the rest by itself.
        let values = unsafe { capture.sources.fetch_again(context, F::CLONERS, 0) };
        capture.body.again(values).map(|value| {
            // SAFETY: N2, N3: the slot holds the place only, which is no longer needed.
            unsafe { output_of::<T>(node).write(value) };
        })
    }));
    match outcome {
        // Nobody asks for the mark of a value that need not be dropped.
        Ok(Ok(())) if !std::mem::needs_drop::<T>() && context.in_sequence() => Ok(()),
        Ok(Ok(())) => {
            node.set_alone(HAS_VALUE);
            if std::mem::needs_drop::<T>() && node.has(TIED) {
                context.holds_one_more();
            }
            Ok(())
        }
        Ok(Err(error)) => Err(Failure::Failed(error)),
        Err(payload) => Err(Failure::Panicked(payload)),
    }
}

/// [`Source::fetch`] for tasks with options: not inlined, so that it is compiled once for all functions of such sources.
///
/// # Safety
/// As that.
#[inline(never)]
unsafe fn fetched<S: Source>(sources: S, context: &Context<'_>) -> S::Value {
    // SAFETY: promised by the caller.
    unsafe { sources.fetch(context) }
}

/// As [`fetched`], of [`Source::fetch_again`].
///
/// # Safety
/// As that.
#[inline(never)]
unsafe fn fetched_again<S: Source>(sources: &S, context: &Context<'_>, by: Cloners) -> S::Value {
    // SAFETY: promised by the caller.
    unsafe { sources.fetch_again(context, by, 0) }
}

/// # Safety
/// As [`run`], or, if it `stays`, as [`run_again`].
unsafe fn run_tried<S, F, T>(
    node: NodeRef,
    context: &Context<'_>,
    stays: bool,
) -> Result<(), Failure>
where
    S: Source,
    F: Step<S::Value, T>,
{
    // SAFETY: N2, N3: as in `run_again`, or as in `run`.
    let (kept, taken) = unsafe {
        match stays {
            true => (Some(&*capture_of::<S, F, T>(node)), None),
            false => (None, Some(take_capture::<S, F, T>(node))),
        }
    };
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let value = match (kept, taken) {
            (Some(capture), _) => {
                // SAFETY: N3, S3.
                let values = unsafe { fetched_again::<S>(&capture.sources, context, F::CLONERS) };
                capture.body.tried(values, context.tries())
            }
            (None, Some((sources, body))) => {
                // SAFETY: N3.
                let values = unsafe { fetched(sources, context) };
                body.tried(values, context.tries())
            }
            (None, None) => unreachable!("it stays or not"),
        };
        value.map(|value| {
            // SAFETY: N2, N3: the slot holds the place only, which is no longer needed.
            unsafe { output_of::<T>(node).write(value) };
        })
    }));
    let spent = if stays { 0 } else { SPENT };
    match outcome {
        Ok(Ok(())) => {
            node.set_alone(spent | HAS_VALUE);
            if std::mem::needs_drop::<T>() && node.has(TIED) && !context.grows() {
                context.holds_one_more();
            }
            Ok(())
        }
        Ok(Err(error)) => {
            node.set_alone(spent);
            Err(Failure::Failed(error))
        }
        Err(payload) => {
            node.set_alone(spent);
            Err(Failure::Panicked(payload))
        }
    }
}

/// # Safety
/// As [`run_again`], but inputs may be missing: nothing is fetched.
unsafe fn skip_again<S: Source, F, T>(node: NodeRef, context: &Context<'_>) {
    // SAFETY: N2, N3.
    crate::task::source::let_go(unsafe { &*(*capture_of::<S, F, T>(node)).sources }, context);
}

/// # Safety
/// N2; nothing runs, and nobody else looks at the node.
unsafe fn with_input<S: Source, F: Step<S::Value, T>, T>(
    node: NodeRef,
    with: &mut WithInput<'_>,
) -> Result<(), &'static str> {
    // SAFETY: N2, and the caller's promise.
    let body = unsafe { &mut *(*capture_of::<S, F, T>(node)).body };
    match body.input() {
        Some((ty, name, slot)) => with(ty, name, slot),
        None => Ok(()),
    }
}

/// # Safety
/// N2, N3; called once.
unsafe fn take_capture<S, F, T>(node: NodeRef) -> (S, F) {
    let capture = capture_of::<S, F, T>(node);
    // SAFETY: N2, N3: read once; SPENT, set by the caller, tells the graph not to drop it again.
    let capture = unsafe { capture.read() };
    (ManuallyDrop::into_inner(capture.sources), ManuallyDrop::into_inner(capture.body))
}

/// # Safety
/// N2; the capture is alive, and nobody runs the task meanwhile.
unsafe fn visit<S: Source, F, T>(node: NodeRef, inputs: &mut Inputs) {
    // SAFETY: N2.
    unsafe { (*capture_of::<S, F, T>(node)).sources.visit(inputs) }
}

/// # Safety
/// N2; the task neither ran nor was skipped, and the graph is being dropped.
unsafe fn drop_capture<S, F, T>(node: NodeRef) {
    let capture = capture_of::<S, F, T>(node);
    // SAFETY: N2; called once.
    unsafe {
        ManuallyDrop::drop(&mut (*capture).body);
        ManuallyDrop::drop(&mut (*capture).sources);
    }
}

/// # Safety
/// N2; the output is there and no reader is left (N4).
unsafe fn drop_output<T>(node: NodeRef) {
    // SAFETY: N2, N4.
    unsafe { output_of::<T>(node).drop_in_place() }
}

/// # Safety
/// The cloner is of `T`, and there is a value.
pub(super) unsafe fn cloned<T>(cloner: Cloner, value: *const T) -> T {
    let mut room = std::mem::MaybeUninit::<T>::uninit();
    // SAFETY: promised by the caller; it writes `room` or panics.
    unsafe { cloner(value.cast(), room.as_mut_ptr().cast()) };
    // SAFETY: just written.
    unsafe { room.assume_init() }
}
