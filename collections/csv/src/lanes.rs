//! 64 bytes compared with one byte at once.
//!
//! In: a block and a byte. Out: a word whose bit `i` says whether byte `i` of the block is that byte, and the places of a word's bits as
//! numbers. AVX-512 compares in one instruction, AVX2 in two, and words of 8 bytes do it anywhere; all of it is safe code.
//!
//! Not here: what is looked for (`scan`).

/// How many bytes are compared at once.
pub(crate) const BLOCK: usize = 64;

/// An instruction set, as the proof that the processor has it.
pub(crate) trait Lanes: Copy {
    fn equal(self, block: &[u8; BLOCK], byte: u8) -> u64;

    /// Writes `base + i` for each bit `i` of `mask`, in order, to the beginning of `out`; what it writes behind means nothing.
    #[inline(always)]
    fn places(self, base: u32, mut mask: u64, out: &mut [u32; BLOCK]) {
        // Eight at a time, so that most blocks take as many turns.
        for eight in out.chunks_exact_mut(8) {
            if mask == 0 {
                break;
            }
            for place in eight {
                *place = base.wrapping_add(mask.trailing_zeros());
                mask &= mask.wrapping_sub(1);
            }
        }
    }
}

/// Words of eight bytes.
#[derive(Clone, Copy)]
pub(crate) struct Words;

const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
/// Brings bit `8 i` of a word to bit `56 + i`; no two of the products meet, so nothing is carried.
const GATHER: u64 = 0x0102_0408_1020_4080;

impl Lanes for Words {
    #[inline(always)]
    fn equal(self, block: &[u8; BLOCK], byte: u8) -> u64 {
        let wanted = u64::from_ne_bytes([byte; 8]);
        let mut mask = 0;
        for (at, word) in block.chunks_exact(8).enumerate() {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(word);
            let differs = u64::from_le_bytes(bytes) ^ wanted;
            // The highest bit of each byte that is zero: without a carry from byte to byte, hence exact.
            let equal = !(((differs & LOW) + LOW) | differs | LOW);
            mask |= ((equal >> 7).wrapping_mul(GATHER) >> 56) << (8 * at);
        }
        mask
    }
}

#[cfg(target_arch = "x86_64")]
impl Lanes for pulp::x86::V4 {
    #[inline(always)]
    fn equal(self, block: &[u8; BLOCK], byte: u8) -> u64 {
        let wanted = self.avx512f._mm512_set1_epi8(byte as i8);
        self.avx512bw._mm512_cmpeq_epi8_mask(pulp::cast(*block), wanted)
    }

    #[inline(always)]
    fn places(self, base: u32, mask: u64, out: &mut [u32; BLOCK]) {
        const COUNTED: [u32; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
        let mut used = 0;
        for quarter in 0..4 {
            let bits = (mask >> (16 * quarter)) as u16;
            let first = self.avx512f._mm512_set1_epi32(base.wrapping_add(16 * quarter) as i32);
            let all = self.avx512f._mm512_add_epi32(pulp::cast(COUNTED), first);
            let packed = self.avx512f._mm512_maskz_compress_epi32(bits, all);
            let packed: [u32; 16] = pulp::cast(packed);
            out[used..used + 16].copy_from_slice(&packed);
            used += bits.count_ones() as usize;
        }
    }
}

#[cfg(target_arch = "x86_64")]
impl Lanes for pulp::x86::V3 {
    #[inline(always)]
    fn equal(self, block: &[u8; BLOCK], byte: u8) -> u64 {
        let wanted = self.avx._mm256_set1_epi8(byte as i8);
        let [low, high]: [[u8; BLOCK / 2]; 2] = pulp::cast(*block);
        let half = |bytes: [u8; BLOCK / 2]| {
            let equal = self.avx2._mm256_cmpeq_epi8(pulp::cast(bytes), wanted);
            self.avx2._mm256_movemask_epi8(equal) as u32 as u64
        };
        half(low) | (half(high) << 32)
    }
}

/// What is compiled for each instruction set.
pub(crate) trait Walk {
    type Output;
    /// `#[inline(always)]`, or it is compiled for the baseline only.
    fn walk<L: Lanes>(self, lanes: L) -> Self::Output;
}

/// Walks with the best instruction set that the processor has.
pub(crate) fn dispatch<W: Walk>(walk: W) -> W::Output {
    #[cfg(target_arch = "x86_64")]
    {
        struct On<L, W>(L, W);
        impl<L: Lanes, W: Walk> pulp::NullaryFnOnce for On<L, W> {
            type Output = W::Output;
            #[inline(always)]
            fn call(self) -> W::Output {
                self.1.walk(self.0)
            }
        }
        if let Some(lanes) = pulp::x86::V4::try_new() {
            return lanes.vectorize(On(lanes, walk));
        }
        if let Some(lanes) = pulp::x86::V3::try_new() {
            return lanes.vectorize(On(lanes, walk));
        }
    }
    walk.walk(Words)
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, Lanes, Words};

    fn check(lanes: impl Lanes) {
        let mut block = [0; BLOCK];
        let mut state = 1_u64;
        for _ in 0..2000 {
            for byte in &mut block {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                // Few different bytes, among them those that differ in one bit.
                *byte = [0, 1, 0x7f, 0x80, 0x81, 0xff, b',', b'-'][(state >> 61) as usize];
            }
            for byte in [0, 1, 0x7f, 0x80, 0x81, 0xff, b',', b'-', b'"'] {
                let expected =
                    (0..BLOCK).fold(0, |mask, at| mask | u64::from(block[at] == byte) << at);
                assert_eq!(lanes.equal(&block, byte), expected);
            }
            let mask = state & state.rotate_left(17);
            for mask in [mask, !mask, 0, u64::MAX, 1 << 63, mask & 0xffff] {
                let mut places = [0; BLOCK];
                lanes.places(1000, mask, &mut places);
                let bits = (0..64).filter(|at| mask >> at & 1 == 1).map(|at| 1000 + at);
                let expected: Vec<u32> = bits.collect();
                assert_eq!(places[..expected.len()], expected);
            }
        }
    }

    #[test]
    fn every_instruction_set_finds_the_same_bytes() {
        check(Words);
        #[cfg(target_arch = "x86_64")]
        {
            if let Some(lanes) = pulp::x86::V3::try_new() {
                check(lanes);
            }
            if let Some(lanes) = pulp::x86::V4::try_new() {
                check(lanes);
            }
        }
    }
}
