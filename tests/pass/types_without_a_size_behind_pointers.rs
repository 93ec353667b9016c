//! Types without a size where they may stand: behind pointers; and a `Path` of the user's own.
#![deny(warnings)]
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use taskweave::prelude::*;
pub trait Shape: Send + Sync {
    fn area(&self) -> f64;
}
pub struct Square(f64);
impl Shape for Square {
    fn area(&self) -> f64 {
        self.0 * self.0
    }
}
#[derive(Clone)]
pub struct Path(pub Vec<u32>);
#[delayed]
fn area(x: Arc<str>, y: Box<[f64]>, z: Arc<Mutex<dyn Shape>>, w: &(dyn Shape + 'static)) -> f64 {
    x.len() as f64 + y[0] + z.lock().unwrap().area() + w.area()
}
#[delayed]
fn found(
    x: Cow<'static, str>,
    y: &'static [&'static str],
    z: HashMap<Box<str>, Arc<[u8]>>,
    f: fn(&str) -> usize,
) -> Path {
    let _ = (&x, y, &z, f(&x));
    Path(vec![1])
}
#[delayed]
fn named(
    path: Path,
    p: &std::path::Path,
    q: &[Box<dyn Fn(f64) -> f64 + Send + Sync>],
    r: [Option<Box<str>>; 1],
) -> Vec<Box<str>> {
    let _ = (path, p, q, r);
    vec!["a".into()]
}
#[delayed]
fn read(
    x: Option<&'static str>,
    y: std::path::PathBuf,
    z: impl Fn(f64) -> f64 + Send,
) -> Result<Box<str>, Box<dyn std::error::Error + Send + Sync>> {
    let _ = (x, y, z(1.0));
    Ok("".into())
}
fn main() {
    let sq = Square(1.0);
    let fs: Vec<Box<dyn Fn(f64) -> f64 + Send + Sync>> = vec![];
    let g = graph!({
        let m: Arc<Mutex<dyn Shape>> = Arc::new(Mutex::new(Square(1.0)));
        let f: fn(&str) -> usize = str::len;
        let x = area(Arc::<str>::from("x"), vec![1.0].into_boxed_slice(), m, &sq);
        let p = found(Cow::Borrowed("x"), &["a"][..], HashMap::new(), f);
        let q = named(p, std::path::Path::new("x"), &fs, [None::<Box<str>>]);
        let r = read(Some("x"), std::path::PathBuf::new(), |x| x)?;
        (x, q, r)
    });
    assert_eq!(g.compute().unwrap().0, 4.0);
}
