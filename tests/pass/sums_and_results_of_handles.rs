//! What is collected or summed may hold handles, where its type is one for that; and of plain functions it is what it always is.

use std::iter::Sum;
use taskweave::prelude::*;

#[delayed]
fn load(n: u32) -> Result<f64, String> {
    Ok(f64::from(n))
}
#[delayed]
fn total(values: Vec<f64>) -> f64 {
    values.iter().sum()
}
fn plain(n: u32) -> Result<f64, String> {
    Ok(f64::from(n))
}

struct Own<'g, 'env>(Vec<Delayed<'g, 'env, f64>>);

impl<'g, 'env> Sum<Delayed<'g, 'env, f64>> for Own<'g, 'env> {
    fn sum<I: Iterator<Item = Delayed<'g, 'env, f64>>>(handles: I) -> Self {
        Own(handles.collect())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let graph = graph!({
        let handles: Result<Vec<_>, String> = (0..4).map(|n| Ok(load(n)?)).collect();
        total(handles?)
    });
    assert_eq!(graph.compute()?, 6.0);

    let graph = graph!({
        let handles = (0..4).map(|n| Some(load(n)?)).collect::<Option<Vec<_>>>();
        total(handles.unwrap_or_default())
    });
    assert_eq!(graph.compute()?, 6.0);

    let graph = graph!({
        let own: Own = (0..4).map(|n| load(n)?).sum();
        let other = (0..4).map(|n| load(n)?).sum::<Own>();
        total(own.0) + total(other.0)
    });
    assert_eq!(graph.compute()?, 12.0);

    let graph = graph!({
        let values: Result<Vec<_>, _> = (0..4).map(|n| plain(n)).collect();
        let sum: f64 = (0..4).flat_map(|n| plain(n)).sum();
        let product: f64 = [1.0, 2.0].into_iter().map(|x| f64::sqrt(x)).product();
        let all = (0..4).map(|n| plain(n)).collect::<Result<Vec<_>, _>>()?;
        total(values?) + sum + product * 0.0 + total(all)
    });
    assert_eq!(graph.compute()?, 18.0);
    Ok(())
}
