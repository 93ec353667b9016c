//! Random graphs give the plain evaluation's result, on every driver and any number of workers.
//!
//! The seed of a failing graph is in the message; `TASKWEAVE_TEST_SEED=n` runs that one alone.

use taskweave::prelude::*;

/// SplitMix64 (Steele, Lea & Flood 2014).
struct Random(u64);
impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
}

/// A value with a heap allocation, so that a lost or doubled drop shows.
#[derive(Clone, Debug, PartialEq)]
struct Big(Box<u64>);

#[delayed]
fn leaf(n: u64) -> Big {
    Big(Box::new(n))
}
#[delayed]
fn mix(a: &Big, b: Big, salt: u64) -> Big {
    Big(Box::new(a.0.rotate_left(7) ^ b.0.wrapping_mul(31) ^ salt))
}
#[delayed]
fn fold(values: Vec<Big>) -> Big {
    Big(Box::new(values.iter().fold(1, |sum, value| sum.wrapping_mul(17) ^ *value.0)))
}
#[delayed]
fn checked(value: &Big, salt: u64) -> Result<Big, String> {
    if salt.is_multiple_of(23) { Err(format!("salt {salt}")) } else { Ok(value.clone()) }
}
#[delayed]
fn brittle(value: Big, salt: u64) -> Big {
    assert!(!salt.is_multiple_of(29), "salt {salt}");
    value
}

/// The program of [`graph`], evaluated as it is read, with the same random choices.
fn plain(seed: u64, tasks: usize) -> Big {
    let mut random = Random(seed);
    let mut values = vec![leaf(random.next())];
    for _ in 0..tasks {
        let (i, j) = (random.below(values.len()), random.below(values.len()));
        let salt = random.next();
        let next = match random.below(4) {
            0 => leaf(salt),
            1 => mix(&values[i], values[j].clone(), salt),
            2 => {
                let moved = values.swap_remove(i);
                let lent = mix(&moved, moved.clone(), salt);
                values.push(lent);
                mix(values.last().expect("just pushed"), moved, salt)
            }
            3 => {
                let several =
                    (0..random.below(6)).map(|_| values[random.below(values.len())].clone());
                fold(several.collect::<Vec<_>>())
            }
            _ => unreachable!("no faults"),
        };
        values.push(next);
    }
    fold(values)
}

fn graph(seed: u64, tasks: usize, faults: bool) -> Graph<'static, Big> {
    let mut random = Random(seed);
    graph!({
        let mut values = vec![leaf(random.next())];
        for _ in 0..tasks {
            let (i, j) = (random.below(values.len()), random.below(values.len()));
            let salt = random.next();
            let next = match random.below(if faults { 6 } else { 4 }) {
                0 => leaf(salt),
                1 => mix(&values[i], values[j].clone(), salt),
                2 => {
                    let moved = values.swap_remove(i);
                    let lent = mix(&moved, moved.clone(), salt);
                    values.push(lent);
                    mix(values.last().expect("just pushed"), moved, salt)
                }
                3 => {
                    let several =
                        (0..random.below(6)).map(|_| values[random.below(values.len())].clone());
                    fold(several.collect::<Vec<_>>())
                }
                4 => checked(&values[i], salt)?,
                _ => brittle(values[j].clone(), salt),
            };
            values.push(next);
        }
        fold(values)
    })
}

fn seeds(count: u64) -> Vec<u64> {
    match std::env::var("TASKWEAVE_TEST_SEED") {
        Ok(seed) => vec![seed.parse().expect("TASKWEAVE_TEST_SEED is a number")],
        Err(_) => (0..count).collect(),
    }
}

#[test]
fn random_graphs_give_the_plain_result() {
    let pools: Vec<Threads> = [1, 2, 8].into_iter().map(Threads::new).collect();
    for seed in seeds(300) {
        let tasks = Random(seed ^ 99).below(200);
        let expected = plain(seed, tasks);
        let got = graph(seed, tasks, false).compute_on(&InThread).unwrap();
        assert_eq!(got, expected, "seed {seed}");
        for pool in &pools {
            let got = graph(seed, tasks, false).compute_on(pool).unwrap();
            assert_eq!(got, expected, "seed {seed}, {pool:?}");
        }
    }
}

#[test]
fn random_failures_are_those_of_the_in_thread_driver() {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let pools: Vec<Threads> = [1, 2, 8].into_iter().map(Threads::new).collect();
    let mut failed = 0;
    for seed in seeds(300) {
        let tasks = Random(seed ^ 77).below(200);
        let outcome = |scheduler: &dyn Scheduler| {
            graph(seed, tasks, true).compute_on(scheduler).map_err(|error| error.to_string())
        };
        let expected = outcome(&InThread);
        failed += usize::from(expected.is_err());
        for pool in &pools {
            assert_eq!(outcome(pool), expected, "seed {seed}, {pool:?}");
        }
    }
    std::panic::set_hook(hook);
    assert!(failed > 50 || std::env::var("TASKWEAVE_TEST_SEED").is_ok(), "{failed} failed");
}

/// A graph all of whose failures are caught somewhere; `catch` makes values of errors.
fn caught(seed: u64, tasks: usize, catch: fn(Error) -> Big) -> Graph<'static, Big> {
    let mut random = Random(seed);
    graph!({
        let mut values = vec![leaf(random.next())];
        for _ in 0..tasks {
            let (i, j) = (random.below(values.len()), random.below(values.len()));
            let salt = random.next();
            let next = match random.below(6) {
                0 => leaf(salt),
                1 => mix(&values[i], values[j].clone(), salt),
                2 => checked(&values[i], salt % 46)?,
                3 => brittle(values[j].clone(), salt % 58),
                4 => values.swap_remove(i).catch(catch),
                _ => {
                    let several =
                        (0..random.below(4)).map(|_| values[random.below(values.len())].clone());
                    fold(several.collect::<Vec<_>>())
                }
            };
            values.push(next);
        }
        fold(values.into_iter().map(|value| value.catch(catch)).collect::<Vec<_>>())
    })
}

/// What [`caught`] gives if every error becomes `instead`.
fn plainly_caught(seed: u64, tasks: usize, instead: &Big) -> Big {
    let mut random = Random(seed);
    let mut values = vec![Some(leaf(random.next()))];
    for _ in 0..tasks {
        let (i, j) = (random.below(values.len()), random.below(values.len()));
        let salt = random.next();
        let next = match random.below(6) {
            0 => Some(leaf(salt)),
            1 => values[i].clone().zip(values[j].clone()).map(|(a, b)| mix(&a, b, salt)),
            2 => values[i].clone().and_then(|value| checked(&value, salt % 46).ok()),
            3 => values[j].clone().filter(|_| !(salt % 58).is_multiple_of(29)),
            4 => Some(values.swap_remove(i).unwrap_or_else(|| instead.clone())),
            _ => {
                let several =
                    (0..random.below(4)).map(|_| values[random.below(values.len())].clone());
                several.collect::<Vec<_>>().into_iter().collect::<Option<Vec<_>>>().map(fold)
            }
        };
        values.push(next);
    }
    fold(values.into_iter().map(|value| value.unwrap_or_else(|| instead.clone())).collect())
}

#[test]
fn random_failures_are_caught_as_plain_evaluation_would() {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let pools: Vec<Threads> = [1, 2, 8].into_iter().map(Threads::new).collect();
    let zero: fn(Error) -> Big = |_| Big(Box::new(0));
    // Which of several failures is seen is the same everywhere.
    let told: fn(Error) -> Big = |error| {
        Big(Box::new(
            error
                .to_string()
                .bytes()
                .fold(7, |sum: u64, byte| sum.wrapping_mul(31).wrapping_add(byte.into())),
        ))
    };
    for seed in seeds(300) {
        let tasks = Random(seed ^ 55).below(200);
        let expected = plainly_caught(seed, tasks, &Big(Box::new(0)));
        let here = caught(seed, tasks, told).compute_on(&InThread).unwrap();
        assert_eq!(
            caught(seed, tasks, zero).compute_on(&InThread).unwrap(),
            expected,
            "seed {seed}"
        );
        for pool in &pools {
            let got = caught(seed, tasks, zero).compute_on(pool).unwrap();
            assert_eq!(got, expected, "seed {seed}, {pool:?}");
            let got = caught(seed, tasks, told).compute_on(pool).unwrap();
            assert_eq!(got, here, "seed {seed}, {pool:?}");
        }
    }
    std::panic::set_hook(hook);
}
