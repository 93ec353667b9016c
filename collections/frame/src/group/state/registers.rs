//! A HyperLogLog: what is kept of many hashes so that it is known about how many different ones there are.
//!
//! In: hashes, registers of other ones. Out: about how many. The first bits of a hash choose a register, which keeps how many zeros follow
//! these at most.
//!
//! Sources: P. Flajolet, É. Fusy, O. Gandouet, F. Meunier, "HyperLogLog: the analysis of a near-optimal cardinality estimation algorithm",
//! 2007; hashes of 64 bits as S. Heule, M. Nunkesser, A. Hall, "HyperLogLog in practice", 2013; the estimate is the improved raw one of
//! O. Ertl, "New cardinality estimation algorithms for HyperLogLog sketches", arXiv:1702.01284, 2017, algorithm 6, which needs no tables of
//! corrections. Its standard error is `1.04 / √m`, with `m` registers 1.15 %. No function is called that rounds differently elsewhere.
//!
//! Not here: when hashes go into registers (`estimate`), hashes (`keys`).

/// Bits of a hash that choose its register.
const BITS: u32 = 13;

/// `m`: 8 KiB.
const COUNT: usize = 1 << BITS;

/// The most that a register keeps: no bit of the rest is 1.
const MOST: usize = (64 - BITS + 1) as usize;

#[derive(Clone)]
pub(super) struct Registers(Box<[u8]>);

impl Registers {
    /// Of nothing.
    pub(super) fn new() -> Registers {
        Registers(vec![0; COUNT].into())
    }

    #[inline]
    pub(super) fn insert(&mut self, hash: u64) {
        let register = &mut self.0[(hash >> (64 - BITS)) as usize];
        let place = (hash << BITS).leading_zeros().min(64 - BITS) + 1;
        *register = (*register).max(place as u8);
    }

    /// Adds what other registers are of.
    pub(super) fn absorb(&mut self, later: &Registers) {
        for (register, later) in self.0.iter_mut().zip(&later.0) {
            *register = (*register).max(*later);
        }
    }

    /// About how many different hashes there were.
    pub(super) fn estimate(&self) -> u64 {
        let mut counts = [0.0; MOST + 1];
        for &register in &self.0 {
            counts[usize::from(register)] += 1.0;
        }
        let m = COUNT as f64;
        let mut sum = m * tau(1.0 - counts[MOST] / m);
        for count in counts[1..MOST].iter().rev() {
            sum = 0.5 * (sum + count);
        }
        sum += m * sigma(counts[0] / m);
        (m * m / (2.0 * std::f64::consts::LN_2) / sum).round() as u64
    }

    pub(super) fn bytes(&self) -> usize {
        self.0.len()
    }
}

/// `x + Σ x^(2^k) 2^(k-1)`, of the part of registers that are 0.
fn sigma(mut x: f64) -> f64 {
    if x == 1.0 {
        return f64::INFINITY;
    }
    let (mut factor, mut sum) = (1.0, x);
    loop {
        x *= x;
        let before = sum;
        sum += x * factor;
        factor += factor;
        if sum == before {
            return sum;
        }
    }
}

/// `(1 - x - Σ (1 - x^(2^-k))² 2^-k) / 3`, of the part of registers that are not full.
fn tau(mut x: f64) -> f64 {
    if x == 0.0 || x == 1.0 {
        return 0.0;
    }
    let (mut factor, mut sum) = (1.0, 1.0 - x);
    loop {
        x = x.sqrt();
        let before = sum;
        factor *= 0.5;
        sum -= (1.0 - x) * (1.0 - x) * factor;
        if sum == before {
            return sum / 3.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::slots::hash_word;
    use super::*;

    #[test]
    fn estimates_are_near_for_any_number() {
        assert_eq!(Registers::new().estimate(), 0);
        let mut registers = Registers::new();
        let mut at = 0_u64;
        for count in [1, 10, 1_000, 10_000, 20_000, 50_000, 300_000] {
            while at < count {
                registers.insert(hash_word(hash_word(at)));
                at += 1;
            }
            let found = registers.estimate() as f64;
            // Three and a half standard errors.
            assert!((found / count as f64 - 1.0).abs() <= 0.04, "{count}: {found}");
        }
        let mut twice = Registers::new();
        twice.absorb(&registers);
        twice.absorb(&registers);
        assert_eq!(twice.estimate(), registers.estimate());
    }
}
