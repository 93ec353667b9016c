//! Reductions that share a pass over what they read.
//!
//! In: the expressions that have blocks. Out: bundles of reductions, and who reads for which.
//!
//! Not here: their tasks (the module above).

use crate::expr::{Expr, ExprRef, Kind};
use crate::fuse::{How, Scheme};
use crate::program::Program;
use crate::reduce::AnyReduction;
use std::collections::HashMap;
use std::panic::Location;
use std::sync::Arc;

/// Reductions of the same axes of the same input, which share one pass over it.
pub(super) struct Bundle {
    pub(super) reductions: Vec<Arc<dyn AnyReduction>>,
    pub(super) program: Arc<Program>,
    pub(super) input: ExprRef,
    pub(super) axes: Vec<bool>,
    /// Where all of them stand, if that is one place.
    pub(super) location: Option<&'static Location<'static>>,
}

/// The bundle of each group that is a reduction, and its place there.
pub(super) fn bundles(scheme: &Scheme) -> Vec<Option<(usize, usize)>> {
    let mut members: HashMap<(*const Expr, &[bool], bool), (usize, usize)> = HashMap::new();
    let mut places = Vec::with_capacity(scheme.groups.len());
    for group in &scheme.groups {
        let Kind::Reduce { reduction, input, axes } = &group.expr.kind else {
            places.push(None);
            continue;
        };
        let next = members.len();
        // What asks where elements are goes another way through them, in which sums would have other bits.
        let key = (Arc::as_ptr(input), &axes[..], reduction.asks_where());
        let (bundle, size) = members.entry(key).or_insert((next, 0));
        places.push(Some((*bundle, *size)));
        *size += 1;
    }
    places
}

/// For each group, as which it reads: of a reduction, the first one of its bundle.
pub(super) fn readers(bundle_of: &[Option<(usize, usize)>]) -> Vec<usize> {
    let mut first = Vec::new();
    let reader = |(number, place): (usize, &Option<(usize, usize)>)| match place {
        None => number,
        Some((bundle, _)) => {
            // Bundles are numbered as their first groups come.
            if *bundle == first.len() {
                first.push(number);
            }
            first[*bundle]
        }
    };
    bundle_of.iter().enumerate().map(reader).collect()
}

/// The bundles, as [`bundles`] numbers them.
pub(super) fn bundled(scheme: &Scheme, bundle_of: &[Option<(usize, usize)>]) -> Vec<Bundle> {
    let mut bundles: Vec<Bundle> = Vec::new();
    for (group, place) in scheme.groups.iter().zip(bundle_of) {
        let (Kind::Reduce { reduction, input, axes }, How::Reduce(program), Some((bundle, _))) =
            (&group.expr.kind, &group.how, place)
        else {
            continue;
        };
        if *bundle == bundles.len() {
            let (program, input, axes) = (program.clone(), input.clone(), axes.clone());
            let location = Some(group.expr.location);
            bundles.push(Bundle { reductions: Vec::new(), program, input, axes, location });
        }
        let bundle = &mut bundles[*bundle];
        bundle.location = bundle.location.filter(|place| *place == group.expr.location);
        bundle.reductions.push(reduction.clone());
    }
    bundles
}
