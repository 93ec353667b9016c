//! Types that can be cloned without anybody saying so: numbers, text, and small compositions of them.
//!
//! In: a type. Out: how to clone it, if it is one of these. A task of a plan that has such plain arguments can be called again; for others
//! `#[delayed]` says how, where it knows.

use crate::graph::extras::{Cloner, cloner_of};

/// The cloner of a type that everybody knows. All of it is decided when a type is compiled.
#[inline]
pub(super) fn known_cloner<T>() -> Option<Cloner> {
    macro_rules! known {
        ($($Known:ty,)*) => {
            $(if typeid::of::<T>() == typeid::of::<$Known>() {
                // The same type, but perhaps for the lifetime of a `&str`, which is copied.
                return Some(cloner_of::<$Known>());
            })*
        };
    }
    known!(
        f64,
        f32,
        u64,
        i64,
        usize,
        u32,
        i32,
        isize,
        u8,
        i8,
        u16,
        i16,
        u128,
        i128,
        bool,
        char,
        (),
        String,
        &'static str,
        std::path::PathBuf,
        std::time::Duration,
        Vec<f64>,
        Vec<f32>,
        Vec<u64>,
        Vec<i64>,
        Vec<usize>,
        Vec<u32>,
        Vec<i32>,
        Vec<u8>,
        Vec<bool>,
        Vec<String>,
        Option<f64>,
        Option<u64>,
        Option<i64>,
        Option<usize>,
        Option<String>,
        (f64, f64),
        (f64, f64, f64),
        (f32, f32),
        (u64, u64),
        (i64, i64),
        (usize, usize),
        (u32, u32),
        (i32, i32),
        (usize, f64),
        (String, String),
        (String, f64),
        [f64; 2],
        [f64; 3],
    );
    None
}
