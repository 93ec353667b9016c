//! Elements as the bytes of a file.
//!
//! In: slices of elements. Out: their bytes, in the machine's order, without a copy; and elements of bytes that are read into their place. Bytes of a `bool` may be
//! anything in a file, so they are looked at one by one: what is not 0 is true, as NumPy has it.

use bytemuck::allocation::try_zeroed_vec;
use num_complex::Complex;

/// So many bytes of `bool`s are read at once.
const BOOLS: usize = 4096;

/// The machine's byte order, as NumPy writes it.
pub(crate) const NATIVE: char = if cfg!(target_endian = "little") { '<' } else { '>' };

/// Elements that files hold.
pub trait AsBytes: Sized {
    /// NumPy's letter of the kind of number.
    #[doc(hidden)]
    const KIND: char;
    /// So many zeros that nobody has touched, if the allocator has such; none, if there is no memory for them.
    #[doc(hidden)]
    fn zeros(len: usize) -> Option<Vec<Self>>;
    /// The elements' bytes.
    #[doc(hidden)]
    fn as_bytes(elements: &[Self]) -> &[u8];
    /// Fills the elements by calls of `read(bytes, at)` for consecutive stretches of them; `at` is where the stretch begins, in bytes.
    #[doc(hidden)]
    fn fill<E>(
        elements: &mut [Self],
        read: impl FnMut(&mut [u8], usize) -> Result<(), E>,
    ) -> Result<(), E>;
}

macro_rules! as_bytes {
    ($($A:ty, $kind:literal;)*) => {$(
        impl AsBytes for $A {
            const KIND: char = $kind;
            fn zeros(len: usize) -> Option<Vec<$A>> {
                try_zeroed_vec(len).ok()
            }
            fn as_bytes(elements: &[$A]) -> &[u8] {
                bytemuck::cast_slice(elements)
            }
            fn fill<E>(
                elements: &mut [$A],
                mut read: impl FnMut(&mut [u8], usize) -> Result<(), E>,
            ) -> Result<(), E> {
                read(bytemuck::cast_slice_mut(elements), 0)
            }
        }
    )*};
}
as_bytes! {
    i8, 'i'; i16, 'i'; i32, 'i'; i64, 'i';
    u8, 'u'; u16, 'u'; u32, 'u'; u64, 'u';
    f32, 'f'; f64, 'f'; Complex<f32>, 'c'; Complex<f64>, 'c';
}

impl AsBytes for bool {
    const KIND: char = 'b';
    fn zeros(len: usize) -> Option<Vec<bool>> {
        try_zeroed_vec(len).ok()
    }
    fn as_bytes(elements: &[bool]) -> &[u8] {
        bytemuck::cast_slice(elements)
    }
    fn fill<E>(
        elements: &mut [bool],
        mut read: impl FnMut(&mut [u8], usize) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut bytes = [0; BOOLS];
        for (number, elements) in elements.chunks_mut(BOOLS).enumerate() {
            let bytes = &mut bytes[..elements.len()];
            read(bytes, number * BOOLS)?;
            for (element, byte) in elements.iter_mut().zip(bytes) {
                *element = *byte != 0;
            }
        }
        Ok(())
    }
}
