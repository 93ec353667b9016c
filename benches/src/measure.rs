//! Pairs, medians and their intervals, and what a process has used.

use crate::Times;
use std::time::Duration;

/// A median with the interval that holds it with 95 % confidence.
#[derive(Clone, Copy, Debug)]
pub struct Median {
    /// The median.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Median {
    /// Of at least six values.
    pub fn of(mut values: Vec<f64>) -> Median {
        values.sort_by(f64::total_cmp);
        let n = values.len();
        // How often k of n values lie below the median is binomial(n, 1/2): the k-th from both ends with 2.5 % beyond it.
        let (mut beyond, mut term, mut k) = (0.0, 0.5_f64.powi(n as i32), 0);
        while k < n / 2 && beyond + term <= 0.025 {
            beyond += term;
            term *= (n - k) as f64 / (k + 1) as f64;
            k += 1;
        }
        let at = k.saturating_sub(1);
        Median { value: middle(&values), low: values[at], high: values[n - 1 - at] }
    }
}

fn middle(sorted: &[f64]) -> f64 {
    let n = sorted.len();
    if n % 2 == 1 { sorted[n / 2] } else { f64::midpoint(sorted[n / 2 - 1], sorted[n / 2]) }
}

impl std::fmt::Display for Median {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.2} ({:.2}–{:.2})", self.value, self.low, self.high)
    }
}

/// Runs two contenders in turn, and checks that they agree on the result; how many times longer `b` takes.
pub fn paired(
    pairs: usize,
    mut a: impl FnMut() -> Times,
    mut b: impl FnMut() -> Times,
) -> (Median, Median, Median) {
    let (mut ratios, mut ours, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    // The first pair is a warm-up.
    for pair in 0..=pairs {
        // The one that comes first changes, in case the order matters.
        let (a, b) = if pair % 2 == 0 {
            let a = a();
            (a, b())
        } else {
            let b = b();
            (a(), b)
        };
        assert_eq!(a.value, b.value, "contenders disagree on the result");
        if pair > 0 {
            let (a, b) = (a.total().as_secs_f64(), b.total().as_secs_f64());
            ratios.push(b / a);
            ours.push(a);
            theirs.push(b);
        }
    }
    (Median::of(ratios), Median::of(ours), Median::of(theirs))
}

/// Median of the construct, execute and free times, in ns for each of `tasks`.
pub fn median_times(tasks: u64, times: &[Times]) -> [f64; 3] {
    let ns = |part: fn(&Times) -> Duration| {
        let mut all: Vec<f64> =
            times.iter().map(|t| part(t).as_secs_f64() * 1e9 / tasks as f64).collect();
        all.sort_by(f64::total_cmp);
        middle(&all)
    };
    [ns(|t| t.construct), ns(|t| t.execute), ns(|t| t.free)]
}

/// A line of `/proc/self/status` in KiB; `None` where there is none.
pub fn status_kib(name: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(name))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
