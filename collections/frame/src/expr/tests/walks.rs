//! What an expression reads and is, and what is left of it without its aggregations.

use super::*;
use std::collections::BTreeSet;

#[test]
fn columns_and_names() {
    let expr = when(col("a").gt(0)).then(col("b") + 1).otherwise(col("c").mean());
    let mut columns = BTreeSet::new();
    expr.columns(&mut columns);
    assert_eq!(columns.iter().map(|c| c.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    for (expr, name) in [
        (expr, "b"),
        (col("a") + col("b"), "a"),
        (1 + col("b"), "literal"),
        (col("a").alias("x").sum() / len(), "x"),
        (len(), "len"),
        (col("a").str().to_lowercase(), "a"),
        (col("a").rolling_mean("3d").alias("m"), "m"),
    ] {
        assert_eq!(expr.output_name(), name, "{expr}");
    }
    let mut columns = BTreeSet::new();
    col("x").rolling_mean(RollingOptions::from("3d").by("time")).columns(&mut columns);
    assert_eq!(columns.iter().map(|c| c.as_str()).collect::<Vec<_>>(), ["time", "x"]);
}

#[test]
fn shapes_name_the_part_that_makes_them() {
    let sum = r#"col("a").sum()"#.to_owned();
    for (expr, shape) in [
        (lit(1) + 2, Shape::Constant),
        (col("a") + 1, Shape::RowWise),
        (col("a").sum() / len() + 1, Shape::Aggregated { part: sum.clone() }),
        (col("a").diff(1) + col("b"), Shape::Ordered { part: r#"col("a").diff(1)"#.into() }),
        (col("a").diff(1).mean(), Shape::Aggregated { part: r#"col("a").diff(1).mean()"#.into() }),
        (
            col("a").sum() + col("b"),
            Shape::Mixed { aggregate: sum.clone(), rows: r#"col("b")"#.into() },
        ),
        (
            col("b") + col("a").sum(),
            Shape::Mixed { aggregate: sum.clone(), rows: r#"col("b")"#.into() },
        ),
        (
            col("a").sum().mean(),
            Shape::Nested { outer: r#"col("a").sum().mean()"#.into(), inner: sum.clone() },
        ),
        (
            col("a").sum().shift(1) + 1,
            Shape::Nested { outer: r#"col("a").sum().shift(1)"#.into(), inner: sum.clone() },
        ),
    ] {
        assert_eq!(expr.shape(), shape, "{expr}");
    }
}

#[test]
fn aggregations_are_taken_out_once() {
    let mut leaves = Vec::new();
    let mean = ((col("a") * 2).sum() / len()).split_aggregations(&mut leaves);
    let again = (col("a") * 2).sum().alias("again").split_aggregations(&mut leaves);
    let shown: Vec<_> = leaves.iter().map(|leaf| (leaf.name.as_str(), leaf.kind.clone())).collect();
    assert_eq!(shown, [(r#"(col("a") * 2).sum()"#, AggKind::Sum), ("len()", AggKind::Len)]);
    assert_eq!(leaves[0].input.as_ref().unwrap().to_string(), r#"col("a") * 2"#);
    assert!(leaves[1].input.is_none());
    let groups = DataFrame::new(
        2,
        vec![
            Column::new(leaves[0].name.clone(), [10i64, 9]),
            Column::new(leaves[1].name.clone(), [4u32, 2]),
        ],
    );
    let groups = groups.unwrap();
    let mean = run(mean, &groups);
    assert_eq!((mean.name().as_str(), mean.f64().unwrap().get(1)), ("a", Some(4.5)));
    let again = run(again, &groups);
    assert_eq!((again.name().as_str(), again.i64().unwrap().get(0)), ("again", Some(10)));
}

#[test]
fn ordered_functions_are_taken_out_the_inner_ones_first() {
    let mut leaves = Vec::new();
    let left =
        (col("a").rolling_mean(3).diff(1) + col("a").rolling_mean(3)).split_ordered(&mut leaves);
    let names: Vec<_> = leaves.iter().map(|leaf| leaf.name.as_str()).collect();
    assert_eq!(names, [r#"col("a").rolling_mean(3)"#, r#"col("a").rolling_mean(3).diff(1)"#]);
    assert_eq!(leaves[1].input.as_column().unwrap(), names[0]);
    assert_eq!(left.shape(), Shape::RowWise);
    assert_eq!(left.output_name(), "a");
}

#[test]
fn conditions_one_by_one() {
    let expr = col("a").gt(1).and(lit(2).lt_eq(col("b"))).and(col("c").is_null() | col("d"));
    let parts: Vec<_> = expr.conjuncts().into_iter().map(Expr::to_string).collect();
    assert_eq!(parts, [r#"col("a") > 1"#, r#"2 <= col("b")"#, r#"col("c").is_null() | col("d")"#]);
    let compared: Vec<_> = expr.conjuncts().into_iter().map(Expr::as_comparison).collect();
    assert_eq!(compared[0], Some((&"a".into(), BinaryOp::Gt, &Literal::Int(1))));
    assert_eq!(compared[1], Some((&"b".into(), BinaryOp::GtEq, &Literal::Int(2))));
    assert_eq!(compared[2], None);
    let between = col("x").is_between(1, 5);
    assert!(between.conjuncts().into_iter().all(|part| part.as_comparison().is_some()));
}

#[test]
fn expressions_are_shown_as_they_were_written() {
    for (expr, shown) in [
        (-(col("a") + 1) * 2, r#"-(col("a") + 1) * 2"#),
        (!col("a").is_null(), r#"!col("a").is_null()"#),
        (col("a").fill_null(0).alias("b"), r#"col("a").fill_null(0).alias("b")"#),
        (col("a").cast(DataType::Float64), r#"col("a").cast(Float64)"#),
        (col("a").str().slice(1, Some(2)), r#"col("a").str().slice(1, Some(2))"#),
        (col("a").str().slice(1, None), r#"col("a").str().slice(1, None)"#),
        (col("a").str().strip(), r#"col("a").str().strip()"#),
        (col("a").str().strip_chars("x"), r#"col("a").str().strip_chars("x")"#),
        (col("a").str().contains(", true)"), r#"col("a").str().contains(", true)")"#),
        (col("a").str().to_date_or_null("%Y"), r#"col("a").str().to_date_or_null("%Y")"#),
        (col("a").dt().truncate("1w"), r#"col("a").dt().truncate("1w")"#),
        (col("a").dt().replace_time_zone(None), r#"col("a").dt().replace_time_zone(None)"#),
        (col("a").is_in(0..9), r#"col("a").is_in([0, 1, 2, 3, 4, …])"#),
        (col("a").quantile(0.5), r#"col("a").quantile(0.5)"#),
        (col("a").approx_quantile(0.5), r#"col("a").approx_quantile(0.5)"#),
        (col("a").approx_median(), r#"col("a").approx_median()"#),
        (col("a").forward_fill(None), r#"col("a").forward_fill(None)"#),
        (col("a").rolling_quantile(0.5, 3), r#"col("a").rolling_quantile(0.5, 3)"#),
        (len() * 2, "len() * 2"),
    ] {
        assert_eq!(expr.to_string(), shown);
    }
}

#[test]
fn expressions_go_between_threads() {
    fn goes<T: Send + Sync + 'static>(_: T) {}
    goes(col("a").is_in([1, 2]).mean());
    goes(when(col("a").gt(0)).then(1));
}

#[test]
fn a_choice_without_an_end_is_an_expression() {
    let choice = when(col("a").gt(0)).then(col("b"));
    assert_eq!(
        choice.mean().to_string(),
        r#"when(col("a") > 0).then(col("b")).otherwise(null).mean()"#
    );
    assert_eq!(choice.alias("c").output_name(), "c");
    assert_eq!((choice, "x").into_exprs().len(), 2);
}
