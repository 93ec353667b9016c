//! Types that `#[delayed]` names once: they mean what they mean where the function stands, and so does `Self` in a constant.

#![deny(warnings)]

use std::collections::HashMap;
use taskweave::prelude::*;

const ROWS: usize = 2;

pub struct Row([f64; ROWS]);

pub struct Block<const N: usize>([f64; N]);

#[delayed]
pub fn rows(values: Vec<f64>) -> Result<Vec<Row>, String> {
    Ok(values.into_iter().map(|value| Row([value; ROWS])).collect())
}

#[delayed]
fn by_name(rows: &Vec<Row>, change: Box<dyn Fn(&Row) -> f64 + Send>) -> HashMap<String, f64> {
    rows.iter().enumerate().map(|(at, row)| (at.to_string(), change(row))).collect()
}

#[delayed]
impl Row {
    const LAST: usize = ROWS - 1;

    pub fn twice(&self, by: &[Row]) -> [f64; Self::LAST + 1] {
        by.iter().fold(self.0, |sum, row| [sum[0] + row.0[0], sum[1] + row.0[Self::LAST]])
    }

    fn block(self) -> Block<{ Self::LAST }> {
        Block([self.0[0]])
    }

    fn same(&self, block: &Block<{ Self::LAST }>) -> bool {
        block.0 == [self.0[0]]
    }
}

#[delayed]
fn row(value: f64) -> Row {
    Row([value; ROWS])
}

fn main() -> Result<(), taskweave::Error> {
    #[allow(dead_code)]
    struct Here(f64);

    #[delayed]
    fn here(values: Vec<Here>) -> Option<Here> {
        values.into_iter().next()
    }

    let change: Box<dyn Fn(&Row) -> f64 + Send> = Box::new(|row| row.0[0]);
    let graph = graph!({
        let all = rows(vec![1.0, 2.0])?;
        let one = row(3.0);
        let same = one.same(row(3.0).block());
        (one.twice(&all), by_name(&all, change), same, here(Vec::new()))
    });
    let (sums, names, same, none) = graph.compute()?;
    assert_eq!(sums, [6.0, 6.0]);
    assert_eq!(names["1"], 2.0);
    assert!(same && none.is_none());
    Ok(())
}
