//! What the subscripts of an Einstein sum say: pure data.
//!
//! In: a text such as `"ij,jk->ik"`, and the shapes of the operands. Out: a [`Sum`]: for each axis of each operand, and of the result, its label, and how long what has a label is.
//!
//! A letter is a label. `...` stands for the axes that have no letter, aligned at their ends as axes are broadcast; they have labels of their own, counted from the last one. Without `->` the
//! result has the axes of `...`, and then those letters that occur once, in alphabetical order.

use crate::error::{Error, ErrorKind, counted};
use std::collections::BTreeMap;

/// What an axis is called: a letter, or an axis of `...`, counted from the last one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Label {
    Unnamed(usize),
    Letter(char),
}

/// A sum of products, as its subscripts say it.
#[derive(Debug)]
pub(crate) struct Sum {
    /// The labels of the axes of each operand.
    pub(crate) operands: Vec<Vec<Label>>,
    /// The labels of the axes of the result, each once.
    pub(crate) result: Vec<Label>,
    /// How long an axis with this label is.
    pub(crate) lengths: BTreeMap<Label, usize>,
}

/// The letters of a term, and where `...` stands among them.
fn term(text: &str) -> Result<(Vec<char>, Option<usize>), String> {
    let (before, after) = match text.split_once("...") {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    };
    let letters: Vec<char> = before.chars().chain(after.unwrap_or_default().chars()).collect();
    match letters.iter().find(|letter| !letter.is_ascii_alphabetic()) {
        Some(other) => {
            Err(format!("`{other}` is no subscript: these are letters, and `...` once in a term"))
        }
        None => Ok((letters, after.map(|_| before.chars().count()))),
    }
}

/// The labels of a term that has so many unnamed axes.
fn labels(letters: &[char], place: Option<usize>, unnamed: usize) -> Vec<Label> {
    let mut labels: Vec<Label> = letters.iter().copied().map(Label::Letter).collect();
    if let Some(place) = place {
        labels.splice(place..place, (0..unnamed).rev().map(Label::Unnamed));
    }
    labels
}

impl Sum {
    /// What `text` says of operands of these shapes.
    pub(crate) fn new(text: &str, shapes: &[&[usize]]) -> Result<Sum, Error> {
        let wrong = |(kind, what): (ErrorKind, String)| {
            Error::new(kind, format!("einsum \"{text}\" of shapes {shapes:?}: {what}"))
        };
        Sum::parsed(text, shapes).map_err(wrong)
    }

    fn parsed(text: &str, shapes: &[&[usize]]) -> Result<Sum, (ErrorKind, String)> {
        let value = |what: String| (ErrorKind::Value, what);
        let bare: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let (inputs, output) = match bare.split_once("->") {
            Some((inputs, output)) => (inputs, Some(output)),
            None => (&bare[..], None),
        };
        let terms: Vec<_> = inputs.split(',').map(term).collect::<Result<_, _>>().map_err(value)?;
        if terms.len() != shapes.len() {
            let what = format!(
                "{} for {}; give one for each, with commas between them",
                counted(terms.len(), "term"),
                counted(shapes.len(), "operand")
            );
            return Err(value(what));
        }
        let (mut operands, mut most) = (Vec::new(), 0);
        for (at, ((letters, place), shape)) in terms.iter().zip(shapes).enumerate() {
            let unnamed = shape.len().checked_sub(letters.len());
            let Some(unnamed) = unnamed.filter(|&unnamed| unnamed == 0 || place.is_some()) else {
                let what = format!(
                    "{} for operand {at}, which has {}; give one for each, or `...` for those without",
                    counted(letters.len(), "letter"),
                    counted(shape.len(), "axis")
                );
                return Err((ErrorKind::Shape, what));
            };
            most = most.max(unnamed);
            operands.push(labels(letters, *place, unnamed));
        }
        let lengths = lengths(&operands, shapes)?;
        let result = match output {
            None => implicit(&operands, most),
            Some(output) => explicit(output, most, &lengths).map_err(value)?,
        };
        Ok(Sum { operands, result, lengths })
    }
}

/// How long what has a label is: where operands differ, all but one of the lengths are 1.
fn lengths(
    operands: &[Vec<Label>],
    shapes: &[&[usize]],
) -> Result<BTreeMap<Label, usize>, (ErrorKind, String)> {
    let mut lengths = BTreeMap::new();
    for (labels, shape) in operands.iter().zip(shapes) {
        for (at, (&label, &len)) in labels.iter().zip(*shape).enumerate() {
            let first = labels.iter().position(|&other| other == label).unwrap_or(at);
            let known = lengths.entry(label).or_insert(len);
            if *known == 1 {
                *known = len;
            }
            if shape[first] != len || len != 1 && *known != len {
                let what = match label {
                    Label::Letter(letter) => format!("axes `{letter}`"),
                    Label::Unnamed(place) => format!("axes of `...`, number {place} from the end,"),
                };
                let other = if shape[first] != len { shape[first] } else { *known };
                return Err((
                    ErrorKind::Shape,
                    format!("{what} have lengths {other} and {len}, which have to be equal"),
                ));
            }
        }
    }
    Ok(lengths)
}

fn implicit(operands: &[Vec<Label>], unnamed: usize) -> Vec<Label> {
    let mut result: Vec<Label> = (0..unnamed).rev().map(Label::Unnamed).collect();
    let mut letters: Vec<Label> = operands.concat();
    letters.retain(|label| matches!(label, Label::Letter(_)));
    letters.sort_unstable();
    let once =
        letters.iter().filter(|label| letters.iter().filter(|other| other == label).count() == 1);
    result.extend(once);
    result
}

fn explicit(
    output: &str,
    unnamed: usize,
    lengths: &BTreeMap<Label, usize>,
) -> Result<Vec<Label>, String> {
    let (letters, place) = term(output)?;
    if unnamed > 0 && place.is_none() {
        return Err(
            "the result has no `...` for the axes that have no letter; they are not summed over"
                .to_owned(),
        );
    }
    let result = labels(&letters, place, unnamed);
    for (at, label) in result.iter().enumerate() {
        if let Label::Letter(letter) = label {
            if !lengths.contains_key(label) {
                return Err(format!("`{letter}` of the result is no axis of an operand"));
            }
            if result[..at].contains(label) {
                return Err(format!("`{letter}` stands twice in the result"));
            }
        }
    }
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(labels: &[Label]) -> String {
        let one = |label: &Label| match label {
            Label::Letter(letter) => letter.to_string(),
            Label::Unnamed(place) => place.to_string(),
        };
        labels.iter().map(one).collect()
    }

    #[track_caller]
    fn check(subscripts: &str, shapes: &[&[usize]], want: &str) {
        let got = match Sum::new(subscripts, shapes) {
            Ok(sum) => {
                let operands: Vec<String> =
                    sum.operands.iter().map(|labels| text(labels)).collect();
                format!("{}->{}", operands.join(","), text(&sum.result))
            }
            Err(error) => error.to_string(),
        };
        assert!(got.contains(want), "{subscripts}: {got}");
    }

    #[test]
    fn letters_dots_and_what_is_left_out() {
        check("ij,jk->ik", &[&[2, 3], &[3, 4]], "ij,jk->ik");
        check(" i j , j k ", &[&[2, 3], &[3, 4]], "ij,jk->ik");
        check("ba", &[&[2, 3]], "ba->ab");
        check("ii", &[&[3, 3]], "ii->");
        check("...ij,...jk", &[&[5, 2, 3], &[7, 5, 3, 4]], "0ij,10jk->10ik");
        check("i...->...", &[&[5, 2, 3]], "i10->10");
        check("a...,...a", &[&[5], &[5]], "a,a->");
        check(",", &[&[], &[]], ",->");
    }

    #[test]
    fn what_is_wrong_is_said() {
        check("ij,jk", &[&[2, 3]], "2 terms for 1 operand;");
        check("ij", &[&[2]], "2 letters for operand 0, which has 1 axis;");
        check("i", &[&[2, 2]], "1 letter for operand 0, which has 2 axes");
        check("i1", &[&[2, 2]], "`1` is no subscript");
        check("i......", &[&[2, 2]], "`.` is no subscript");
        check("i->j", &[&[2]], "`j` of the result is no axis of an operand");
        check("i->ii", &[&[2]], "`i` stands twice in the result");
        check("i...->i", &[&[2, 2]], "the result has no `...`");
        check("ij,jk", &[&[2, 3], &[4, 5]], "axes `j` have lengths 3 and 4");
        check("ii", &[&[1, 3]], "axes `i` have lengths 1 and 3");
        check("...,...", &[&[2], &[3]], "number 0 from the end, have lengths 2 and 3");
    }
}
