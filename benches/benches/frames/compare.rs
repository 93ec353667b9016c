//! Whether two results are the same: the same keys, and for each the same numbers but for rounding.
//!
//! In: two files of tab-separated lines in any order, keys first, each key once, nothing where a value is missing. Out: how many lines, or the
//! first difference.

use std::collections::HashMap;
use std::path::Path;

/// How far numbers may be apart, as a part of the larger one.
pub const WITHIN: f64 = 1e-9;

/// Compares two files, of which the first columns are the key.
pub fn same(ours: &Path, theirs: &Path, keys: usize) -> Result<usize, String> {
    let read = |path: &Path| {
        std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
    };
    let (ours, theirs) = (read(ours)?, read(theirs)?);
    let (ours, theirs) = (ours.lines(), theirs.lines());
    let count = ours.clone().count();
    let mut waiting: HashMap<&str, &str> = theirs.map(|line| split(line, keys)).collect();
    if waiting.len() != count {
        return Err(format!("{count} rows here, {} there", waiting.len()));
    }
    for (key, ours) in ours.map(|line| split(line, keys)) {
        // Taken out, so that a key that comes twice here finds none.
        let theirs = waiting.remove(key).ok_or_else(|| format!("{key:?} is here only"))?;
        if !are_same(ours, theirs) {
            return Err(format!("{key:?} has {ours:?} here, {theirs:?} there"));
        }
    }
    Ok(count)
}

/// The key, and the numbers behind it.
fn split(line: &str, keys: usize) -> (&str, &str) {
    match keys.checked_sub(1) {
        None => ("", line),
        Some(last) => match line.match_indices('\t').nth(last) {
            Some((at, _)) => (&line[..at], &line[at + 1..]),
            None => (line, ""),
        },
    }
}

fn are_same(ours: &str, theirs: &str) -> bool {
    let (mut ours, mut theirs) = (ours.split('\t'), theirs.split('\t'));
    loop {
        match (ours.next(), theirs.next()) {
            (None, None) => return true,
            (ours, theirs) if !is_near(ours, theirs) => return false,
            _ => {}
        }
    }
}

fn is_near(a: Option<&str>, b: Option<&str>) -> bool {
    let (Some(a), Some(b)) = (a, b) else { return false };
    let near = |a: f64, b: f64| (a - b).abs() <= WITHIN * a.abs().max(b.abs());
    // What is missing is no number, and equal to itself only.
    a == b || matches!((a.parse(), b.parse()), (Ok(a), Ok(b)) if near(a, b))
}
