//! Random graphs of everything that can go wrong.
//!
//! In: a seed. Out: a graph whose outcome depends on the seed alone, whichever driver computes it. Values are counted, so that one that is left behind or dropped
//! twice shows.

use std::sync::atomic::AtomicIsize;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;
use taskweave::prelude::*;
use taskweave::{Limit, TaskOptions, cancelled};

/// SplitMix64 (Steele, Lea & Flood 2014).
pub struct Random(pub u64);
impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
}

/// How many values there are: made and not dropped.
static ALIVE: AtomicIsize = AtomicIsize::new(0);

pub fn alive() -> isize {
    ALIVE.load(SeqCst)
}

/// A value on the heap, which is counted; a spiky one panics when it is dropped.
#[derive(Debug)]
pub struct Value {
    number: Box<u64>,
    spiky: bool,
}

impl Value {
    fn new(number: u64) -> Value {
        ALIVE.fetch_add(1, SeqCst);
        Value { number: Box::new(number), spiky: false }
    }
    fn number(&self) -> u64 {
        *self.number
    }
}
impl Clone for Value {
    fn clone(&self) -> Value {
        ALIVE.fetch_add(1, SeqCst);
        Value { number: self.number.clone(), spiky: self.spiky }
    }
}
impl Drop for Value {
    fn drop(&mut self) {
        ALIVE.fetch_sub(1, SeqCst);
        // What is read after it is freed is not what it was.
        let number = std::mem::replace(&mut *self.number, 0xdead);
        assert!(number != 0xdead, "dropped twice");
        if self.spiky && !std::thread::panicking() {
            panic!("spiky {number}");
        }
    }
}

#[delayed]
fn leaf(seed: Value) -> Value {
    Value::new(seed.number() ^ 7)
}
#[delayed]
fn mix(a: &Value, b: Value) -> Value {
    let number = a.number().rotate_left(7) ^ b.number().wrapping_mul(31);
    // Before there is something to return, which rustc would leak if this panicked at the end (rust-lang/rust#47949).
    drop(b);
    Value::new(number)
}
#[delayed]
fn fold(values: Vec<Value>) -> Value {
    let fold = |sum: u64, value: &Value| sum.wrapping_mul(17) ^ value.number();
    let number = values.iter().fold(1, fold);
    drop(values);
    Value::new(number)
}
#[delayed]
fn checked(value: &Value, salt: Value) -> Result<Value, String> {
    match salt.number() % 5 {
        0 => Err(format!("salt {}", salt.number())),
        _ => Ok(value.clone()),
    }
}
#[delayed]
fn brittle(value: Value, salt: Value) -> Value {
    assert!(!salt.number().is_multiple_of(6), "salt {}", salt.number());
    value
}
/// Fails in its first attempts, or in all: which, its argument alone decides.
#[delayed(retries = 2)]
fn flaky(value: Value, fails: u64, attempts: std::sync::Arc<AtomicIsize>) -> Result<Value, String> {
    let attempt = attempts.fetch_add(1, SeqCst) as u64;
    if attempt >= fails {
        return Ok(value);
    }
    let fails_quietly = value.number().is_multiple_of(2);
    // As in `mix`.
    drop(value);
    if fails_quietly { Err(format!("attempt {attempt}")) } else { panic!("attempt {attempt}") }
}
/// Takes too long, unless it is told.
#[delayed(timeout = Duration::from_micros(200))]
fn slow(value: &Value) -> Value {
    while !cancelled() {
        std::thread::yield_now();
    }
    value.clone()
}
#[delayed]
fn spike(value: Value) -> Value {
    let mut value = value;
    value.spiky = true;
    value
}
#[delayed]
fn plain(value: &Value) -> u64 {
    value.number()
}

static THREE: Limit = Limit::new(3);

/// A graph of some tasks, of which some fail.
pub fn build(seed: u64) -> Graph<'static, u64> {
    let mut random = Random(seed);
    let tasks = random.below(120);
    // A third of all graphs has none of what is rare, so that they take the plain way.
    let kinds = [6, 8, 13][random.below(3)];
    let faults = random.below(4) > 0;
    graph!({
        let mut values = vec![leaf(Value::new(random.next()))];
        for _ in 0..tasks {
            let (i, j) = (random.below(values.len()), random.below(values.len()));
            let salt = Value::new(random.next());
            let rare = faults && random.below(6) == 0;
            let next = match random.below(kinds) {
                0 => leaf(salt),
                1 | 2 => mix(&values[i], values[j].clone()),
                3 => {
                    let several =
                        (0..random.below(6)).map(|_| values[random.below(values.len())].clone());
                    fold(several.collect::<Vec<_>>())
                }
                4 if rare => checked(&values[i], salt)?,
                5 if rare => brittle(values[j].clone(), salt),
                4 | 5 => {
                    let moved = values.swap_remove(i);
                    let lent = mix(&moved, moved.clone());
                    values.push(lent);
                    mix(values.last().expect("just pushed"), moved)
                }
                6 if rare => spike(values[i].clone()),
                6 | 7 => brittle(values[j].clone(), salt).catch(|_| Value::new(3)),
                8 => flaky(values[i].clone(), random.next() % 3, std::sync::Arc::default())?,
                9 if rare => flaky(values[i].clone(), 9, std::sync::Arc::default())?,
                9 => {
                    mix(&values[i], salt).with(TaskOptions::new().priority(random.below(7) as i32))
                }
                10 if rare && random.below(8) == 0 => slow(&values[i]),
                10 | 11 => mix(&values[i], salt).with(TaskOptions::new().within(&THREE)),
                _ => checked(&values[j], salt)?.catch(|_| Value::new(5)),
            };
            values.push(next);
        }
        plain(&fold(values))
    })
}

#[delayed]
fn number(n: u64) -> u64 {
    n
}
#[delayed]
fn sum(values: Vec<u64>) -> u64 {
    values.iter().sum()
}

/// A graph in which all goes well.
pub fn good(seed: u64) -> Graph<'static, u64> {
    graph!({
        let values: Vec<_> = (0..100).map(|n| number((n + seed) % 100)).collect();
        sum(values)
    })
}
