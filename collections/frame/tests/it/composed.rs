//! Steps at random, one behind the other, over random partitions: the result is that of the same steps, each computed before the next one, over
//! one partition.
//!
//! What is fused, pruned and shared is not in the other one: there each step is computed with all its columns, by one thread.

use crate::support::{Random, assert_same, computed, framed, names, table};
use taskweave_frame::prelude::*;
use taskweave_runtime::InThread;

/// A step that frames with the columns of [`table`], or some of them, may take; `None` if this one may not.
fn step(random: &mut Random, frame: &Frame) -> Frame {
    let has = |name: &str| frame.columns().iter().any(|own| own == name);
    let of = |wanted: &str, step: &dyn Fn(&Frame) -> Frame| {
        if has(wanted) { step(frame) } else { frame.clone() }
    };
    match random.below(19) {
        0 => of("i", &|f| f.filter(col("i").gt(-2))),
        1 => of("g", &|f| f.with_columns([(col("g") * 2).alias("g")])),
        2 => of("k", &|f| f.with_columns([lit(3).alias("k")])),
        3 => of("n", &|f| f.with_columns([(col("n") + 1).alias("more")])),
        4 => of("i", &|f| f.with_columns([col("i").shift(2).alias("i")])),
        5 => of("g", &|f| {
            f.with_columns([col("g")
                .rolling_mean(RollingOptions::from(4).min_periods(1))
                .alias("mean")])
        }),
        6 => of("s", &|f| f.drop_nulls("s")),
        7 => of("i", &|f| f.fill_null(0)),
        8 if frame.schema().get("l").is_some_and(DataType::is_list) => frame.explode("l"),
        9 => of("n", &|f| f.with_columns([col("n").cum_sum().alias("sum")])),
        10 => of("s", &|f| f.sort("s")),
        11 => of("i", &|f| f.repartition(3)),
        12 => of("s", &|f| f.unique("s")),
        13 => of("i", &|f| Frame::concat([f, &f.filter(col("i").eq(0))])),
        14 => of("k", &|f| {
            f.join(&f.group_by("k").agg([len().alias("rows of k")]), "k", JoinType::Inner)
                .drop("rows of k")
        }),
        15 => of("s", &|f| f.forward_fill(Some(1))),
        16 => of("t", &|f| f.map_partitions(|part| part)),
        17 => of("n", &|f| f.drop("n")),
        _ if frame.schema().get("b").is_some_and(DataType::is_bool) => {
            let text = when(col("b")).then("yes").otherwise(lit("no"));
            frame.with_columns([text.alias("b")]).drop_nulls(ALL)
        }
        _ => frame.clone(),
    }
}

#[test]
fn steps_do_the_same_whatever_is_fused_pruned_and_shared() {
    for seed in 0..120 {
        let random = &mut Random::new(5_000 + seed);
        let rows = table(random, 25);
        let mut frame = framed(random, &rows);
        let mut plain = Frame::from_polars(rows, 1);
        let mut done = Vec::new();
        for _ in 0..1 + random.below(6) {
            // The same step twice.
            let at = random.below(1 << 40) as u64;
            let next = step(&mut Random::new(at), &frame);
            next.check().unwrap_or_else(|error| panic!("seed {seed}, {done:?}: {error}"));
            let other = step(&mut Random::new(at), &plain).compute_on(&InThread).unwrap();
            plain = Frame::from_polars(other, 1);
            frame = next;
            done.push(at);
        }
        let expected = plain.compute_on(&InThread).unwrap();
        let what = || format!("seed {seed}:\n{}", frame.explain().unwrap());
        assert_same(&computed(&frame).unwrap(), &expected, &what());
        let all = names(&expected);
        let some: Vec<&String> = all.iter().filter(|_| random.once_in(3)).collect();
        if !some.is_empty() {
            let some_expected = expected.select(some.iter().map(|name| name.as_str())).unwrap();
            assert_same(
                &computed(&frame.select(some.clone().into_iter().cloned().collect::<Vec<_>>()))
                    .unwrap(),
                &some_expected,
                &what(),
            );
        }
        let count = computed(&frame.agg([len()])).unwrap();
        assert_eq!(count, df!("len" => [expected.height() as u32]).unwrap(), "{}", what());
    }
}
