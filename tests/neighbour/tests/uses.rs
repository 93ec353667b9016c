//! Delayed functions of another crate, in edition 2024: by plain, glob and renamed import, by path, through `crate = path`.
include!("../../edition2021/tests/uses.rs");
