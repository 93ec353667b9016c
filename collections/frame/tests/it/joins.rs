//! Joins, against a loop over all pairs of rows.

use crate::support::{Random, assert_same, computed, cut, framed, names, table, taken, ticks};
use taskweave_frame::polars_core::prelude::{IdxCa, IntoColumn, NewChunkedArray};
use taskweave_frame::prelude::*;

/// Which rows have equal keys, none of them null: for each row of the left those of the right.
fn partners(left: &DataFrame, right: &DataFrame, on: &[(&str, &str)]) -> Vec<Vec<usize>> {
    let key = |table: &DataFrame, name: &str, row: usize| {
        let value = table.column(name).unwrap().get(row).unwrap().into_static();
        if value.is_null() { None } else { Some(value) }
    };
    let is_equal = |l: usize, r: usize| {
        on.iter().all(|(a, b)| match (key(left, a, l), key(right, b, r)) {
            (Some(a), Some(b)) => a == b,
            _ => false,
        })
    };
    (0..left.height()).map(|l| (0..right.height()).filter(|r| is_equal(l, *r)).collect()).collect()
}

/// The join, by the definition.
fn expected(left: &DataFrame, right: &DataFrame, on: &[(&str, &str)], how: &JoinType) -> DataFrame {
    let partners = partners(left, right, on);
    let rows = |keeps: &dyn Fn(&Vec<usize>) -> bool| -> Vec<usize> {
        (0..left.height()).filter(|row| keeps(&partners[*row])).collect()
    };
    let pairs: Vec<(usize, Option<u32>)> = match how {
        JoinType::Semi => return taken(left, &rows(&|of| !of.is_empty())),
        JoinType::Anti => return taken(left, &rows(&|of| of.is_empty())),
        JoinType::Inner => partners
            .iter()
            .enumerate()
            .flat_map(|(l, of)| of.iter().map(move |r| (l, Some(*r as u32))))
            .collect(),
        _ => partners
            .iter()
            .enumerate()
            .flat_map(|(l, of)| match of.is_empty() {
                true => vec![(l, None)],
                false => of.iter().map(|r| (l, Some(*r as u32))).collect(),
            })
            .collect(),
    };
    let lefts: Vec<usize> = pairs.iter().map(|(l, _)| *l).collect();
    let rights = IdxCa::from_iter_options("".into(), pairs.iter().map(|(_, r)| *r));
    let mut joined = taken(left, &lefts);
    let lefts_names = joined.get_column_names_owned();
    for column in right.columns() {
        if on.iter().any(|(_, key)| column.name() == *key) {
            continue;
        }
        let values = column.as_materialized_series().take(&rights).unwrap();
        let name = match lefts_names.contains(column.name()) {
            true => format!("{}_right", column.name()),
            false => column.name().to_string(),
        };
        joined.with_column(values.with_name(name.into()).into_column()).unwrap();
    }
    joined
}

const KINDS: [JoinType; 4] = [JoinType::Inner, JoinType::Left, JoinType::Semi, JoinType::Anti];

#[track_caller]
fn check(on: &[(&str, &str)], right_names: &[&str]) {
    for seed in 0..6 {
        let random = &mut Random::new(seed);
        let left = table(random, 40);
        let height = random.below(25);
        let right = table(random, height).select(right_names.iter().copied()).unwrap();
        let (left_on, right_on): (Vec<&str>, Vec<&str>) = on.iter().copied().unzip();
        let (lefts, rights) = (framed(random, &left), framed(random, &right));
        for how in &KINDS {
            let joined = match left_on == right_on {
                true => lefts.join(&rights, &left_on[..], how.clone()),
                false => lefts.join_on(&rights, &left_on[..], &right_on[..], how.clone()),
            };
            let wanted = expected(&left, &right, on, how);
            let what = format!("seed {seed}, {how}");
            assert_same(&computed(&joined).unwrap(), &wanted, &what);
            for name in &names(&wanted) {
                let alone = joined.select(name).compute().unwrap();
                assert_same(
                    &alone,
                    &wanted.select([name.as_str()]).unwrap(),
                    &format!("{what}: `{name}` alone"),
                );
            }
        }
    }
}

#[test]
fn rows_are_joined_with_their_partners() {
    check(&[("s", "s")], &["s", "n", "g"]);
    check(&[("i", "i")], &["i", "t", "b"]);
}

#[test]
fn several_keys_have_to_be_equal() {
    check(&[("s", "s"), ("k", "k")], &["n", "k", "s"]);
}

#[test]
fn keys_may_be_called_differently() {
    check(&[("i", "n")], &["n", "i", "t"]);
    check(&[("n", "i")], &["i", "s"]);
}

#[test]
fn long_texts_and_dates_are_keys() {
    check(&[("t", "t")], &["t", "n"]);
    check(&[("d", "d")], &["d", "n"]);
}

#[test]
fn a_frame_is_joined_with_itself() {
    let random = &mut Random::new(3);
    let own = table(random, 30).select(["n", "i", "s"]).unwrap();
    let frame = framed(random, &own);
    for how in KINDS {
        let joined = computed(&frame.join(&frame, "n", how.clone())).unwrap();
        assert_same(&joined, &expected(&own, &own, &[("n", "n")], &how), &how.to_string());
    }
    // With what is made of it.
    let means = frame.group_by("s").agg([col("i").max().alias("most")]);
    let joined = computed(&frame.join(&means, "s", JoinType::Inner)).unwrap();
    assert_eq!(
        joined.height(),
        own.column("s").unwrap().len() - own.column("s").unwrap().null_count()
    );
}

#[test]
fn sorted_sides_are_joined_by_their_divisions() {
    for seed in 0..10 {
        let random = &mut Random::new(seed);
        let sorted = |random: &mut Random, rows: usize| {
            let mut keys: Vec<i64> = (0..rows).map(|_| random.below(20) as i64).collect();
            keys.sort_unstable();
            df!("key" => keys, "x" => (0..rows as i64).collect::<Vec<_>>()).unwrap()
        };
        let (left, right) = (sorted(random, 30), sorted(random, 25));
        let lefts = Frame::from_partitions(cut(random, &left)).sorted_by("key");
        let rights = Frame::from_partitions(cut(random, &right)).sorted_by("key");
        for how in KINDS {
            let joined = lefts.join(&rights, "key", how.clone());
            assert!(joined.explain().unwrap().contains("aligned by divisions"));
            assert_same(
                &computed(&joined).unwrap(),
                &expected(&left, &right, &[("key", "key")], &how),
                &format!("seed {seed}, {how}"),
            );
            // Divisions are those of the left side still.
            let some = computed(&joined.loc(5..12)).unwrap();
            let whole = expected(&left, &right, &[("key", "key")], &how);
            let keys = ticks(&whole, "key");
            let wanted =
                crate::support::kept(&whole, |row| (Some(5)..Some(12)).contains(&keys[row]));
            assert_same(&some, &wanted, &format!("seed {seed}, {how}: loc"));
        }
    }
}

#[test]
fn a_right_side_without_rows_has_no_partners() {
    let random = &mut Random::new(9);
    let left = table(random, 20);
    let right = table(random, 5).select(["s", "n"]).unwrap().clear();
    let frame = framed(random, &left);
    for how in KINDS {
        let joined =
            computed(&frame.join(&Frame::from_polars(right.clone(), 1), "s", how.clone())).unwrap();
        assert_same(&joined, &expected(&left, &right, &[("s", "s")], &how), &how.to_string());
    }
}
