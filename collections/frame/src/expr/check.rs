//! Columns that are not there.
//!
//! In: a name and a schema. Out: the error that says what name is near.
//!
//! Not here: columns of ordered functions and groups, which are checked where they are made.

use crate::{Error, ErrorKind};
use polars_core::prelude::Schema;

/// So many names are shown of a schema.
const SHOWN: usize = 8;

/// That a schema has no such column.
pub(crate) fn missing(name: &str, schema: &Schema) -> Error {
    let names = schema.iter_names().map(|name| name.as_str()).collect::<Vec<_>>();
    let near = near(name, names.iter().copied());
    let near = near.map_or(String::new(), |near| format!(": did you mean `{near}`?"));
    let shown = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect::<Vec<_>>();
    let all = match names.len() {
        0 => String::from("there are no columns"),
        n if n > SHOWN => format!("the columns are {}, … ({n} in all)", shown.join(", ")),
        _ => format!("the columns are {}", shown.join(", ")),
    };
    let stop = if near.is_empty() { "; " } else { " " };
    let all = if near.is_empty() { all } else { capital(&all) };
    Error::new(ErrorKind::Column, format!("there is no column `{name}`{near}{stop}{all}"))
}

fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// Shorter texts are parts of too many names.
const PART_MIN: usize = 3;

/// The name that is nearest, if one is near: the same but for case, spaces and underscores, or a few letters away; else one that has the text in
/// it.
pub(crate) fn near<'a>(
    name: &str,
    names: impl Iterator<Item = &'a str> + Clone,
) -> Option<&'a str> {
    let bare = |name: &str| {
        name.chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect::<Vec<_>>()
    };
    let own = bare(name);
    let far = (own.len() / 3).max(1);
    let near =
        names.clone().map(|name| (distance(&own, &bare(name)), name)).min_by_key(|(far, _)| *far);
    let near = near.filter(|(away, _)| *away <= far && !own.is_empty()).map(|(_, name)| name);
    // `delay` for `dep_delay`.
    let is_part = |name: &&str| bare(name).windows(own.len()).any(|part| part == own);
    near.or_else(|| names.clone().find(|name| own.len() >= PART_MIN && is_part(name)))
}

/// How many letters are to be put in, taken out or exchanged to make one of the other (Levenshtein 1966).
fn distance(left: &[char], right: &[char]) -> usize {
    let mut row = (0..=right.len()).collect::<Vec<_>>();
    for (i, l) in left.iter().enumerate() {
        let mut corner = i;
        row[0] = i + 1;
        for (j, r) in right.iter().enumerate() {
            let cost = corner + usize::from(l != r);
            corner = row[j + 1];
            row[j + 1] = cost.min(corner + 1).min(row[j] + 1);
        }
    }
    row[right.len()]
}
